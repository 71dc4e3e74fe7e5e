package amazonq

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Payloads of events, as far as they are used. Source: the official CLI's model, and observed replies for what is newer.
type (
	textPayload struct {
		Content string `json:"content"`
	}
	reasoningPayload struct {
		Text      string `json:"text"`
		Signature string `json:"signature"`
	}
	toolUsePayload struct {
		ToolUseID string         `json:"toolUseId"`
		Name      string         `json:"name"`
		Input     jsontext.Value `json:"input"` // a string holding a fragment of JSON, or, from some versions, the object itself
		Stop      bool           `json:"stop"`
	}
	metadataPayload struct {
		TokenUsage *tokenUsage `json:"tokenUsage"`
		StopReason string      `json:"stopReason"`
	}
	tokenUsage struct {
		UncachedInput          float64 `json:"uncachedInputTokens"`
		Output                 float64 `json:"outputTokens"`
		CacheRead              float64 `json:"cacheReadInputTokens"`
		CacheWrite             float64 `json:"cacheWriteInputTokens"`
		ContextUsagePercentage float64 `json:"contextUsagePercentage"`
	}
	contextUsagePayload struct {
		ContextUsagePercentage float64 `json:"contextUsagePercentage"`
	}
	meteringPayload struct {
		Usage float64 `json:"usage"` // in the service's own unit
	}
)

// unmarshal reads JSON the way everything of the service's is read: unknown members are ignored, bad UTF-8 becomes U+FFFD.
func unmarshal(data []byte, into any) error {
	return json.Unmarshal(data, into, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// scratch decodes the payloads that come by the thousand. Each method has a fast path for the plain form the service writes and leaves
// every other form to unmarshal; a fuzz test holds the two together.
type scratch struct{ text []byte }

// content is the text of a text event.
func (s *scratch) content(payload []byte) (string, error) {
	var quoted []byte
	plain := members(payload, func(name, value []byte) bool {
		if string(name) != "content" {
			return isPlain(value)
		}
		first := quoted == nil
		quoted = value
		return first
	})
	if plain && s.unquote(quoted) {
		return string(s.text), nil
	}
	var slow textPayload
	err := unmarshal(payload, &slow)
	return slow.Content, err
}

// toolStep is one event of a tool call. Its slices are valid until the next one.
type toolStep struct {
	id, name []byte
	fragment []byte // of the input's JSON
	whole    bool   // the fragment is all of the input
	stop     bool
}

// toolStep reads a tool event.
func (s *scratch) toolStep(payload []byte) (toolStep, error) {
	var step toolStep
	var quoted []byte
	plain := members(payload, func(name, value []byte) bool {
		switch string(name) {
		case "toolUseId":
			step.id = unquotePlain(value)
			return step.id != nil
		case "name":
			step.name = unquotePlain(value)
			return step.name != nil
		case "input":
			first := quoted == nil
			quoted = value
			return first
		case "stop":
			step.stop = value[0] == 't'
			return value[0] != '"'
		default:
			return isPlain(value)
		}
	})
	if plain && s.unquote(quoted) {
		step.fragment = s.text
		return step, nil
	}
	return slowToolStep(payload)
}

func slowToolStep(payload []byte) (toolStep, error) {
	var slow toolUsePayload
	if err := unmarshal(payload, &slow); err != nil {
		return toolStep{}, err
	}
	step := toolStep{id: []byte(slow.ToolUseID), name: []byte(slow.Name), stop: slow.Stop}
	switch slow.Input.Kind() {
	case jsontext.KindInvalid, jsontext.KindNull:
		return step, nil
	case jsontext.KindString:
		var fragment string
		err := unmarshal(slow.Input, &fragment)
		step.fragment = []byte(fragment)
		return step, err
	default:
		step.fragment, step.whole = slow.Input, true
		return step, nil
	}
}

// unquote decodes a JSON string into the scratch text. Nothing quoted is no text.
func (s *scratch) unquote(quoted []byte) bool {
	s.text = s.text[:0]
	if quoted == nil {
		return true
	}
	var err error
	s.text, err = jsontext.AppendUnquote(s.text, quoted)
	return err == nil
}

// members calls take with each member of an object whose names are plain and whose values are strings, true or false, without any
// white space. It reports whether the whole payload is such an object and take liked every member. Values keep their quotes.
func members(payload []byte, take func(name, value []byte) bool) bool {
	separator := byte('{')
	for len(payload) > 0 && payload[0] == separator {
		name, rest := cutValue(payload[1:])
		if !isPlain(name) || len(rest) == 0 || rest[0] != ':' {
			return false
		}
		value, rest := cutValue(rest[1:])
		if value == nil || !take(name[1:len(name)-1], value) {
			return false
		}
		payload, separator = rest, ','
	}
	return string(payload) == "}" && separator == ','
}

// cutValue splits off a string, with its quotes, or true or false; nil if there is something else. The string is not checked.
func cutValue(text []byte) (value, rest []byte) {
	switch {
	case len(text) >= 5 && string(text[:5]) == "false":
		return text[:5], text[5:]
	case len(text) >= 4 && string(text[:4]) == "true":
		return text[:4], text[4:]
	case len(text) == 0 || text[0] != '"':
		return nil, nil
	}
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return text[:i+1], text[i+1:]
		}
	}
	return nil, nil
}

// isPlain reports whether a value is true, false, or a string that means what it shows: ASCII without escapes.
func isPlain(value []byte) bool {
	for _, b := range value {
		if b < ' ' || b > '~' || b == '\\' {
			return false
		}
	}
	return len(value) > 0
}

// unquotePlain is the text of a plain string, nil for anything else.
func unquotePlain(value []byte) []byte {
	if !isPlain(value) || value[0] != '"' {
		return nil
	}
	return value[1 : len(value)-1]
}
