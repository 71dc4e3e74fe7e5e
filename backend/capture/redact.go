package capture

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// redacted stands where a secret was.
const redacted = "[redacted]"

// rule is a form that secrets have. What its groups match, one before the secret and one after it, stays, so that it can be seen what was taken
// out.
type rule struct {
	form *regexp.Regexp
	stay bool // the form has such groups
}

// rules are the forms of secrets that people and tools put into conversations. Source: their makers' documents, and for Amazon's tokens
// observed answers.
var rules = []rule{
	{regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)`), false},
	{regexp.MustCompile(`(?i)((?:proxy-)?authorization\\*["']?\s*[:=]\s*\\*["']?(?:[a-z0-9-]+ +)?)[^\s"'\\,;]{6,}`), true},
	{regexp.MustCompile(`(?i)((?:x-api-key|api[-_]?key|x-amz-security-token)\\*["']?\s*[:=]\s*\\*["']?)[^\s"'\\,;]{8,}`), true},
	{regexp.MustCompile(`(?i)((?:set-)?cookie\\*["']?\s*[:=]\s*\\*["']?)[^\r\n"'\\]{8,}`), true}, // all of them: the first is seldom the secret one
	{regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*://[^\s/:@"'\\]*:)[^\s/"'\\]+(@)`), true},       // who signs in at an address
	{regexp.MustCompile(`(?i)(aws_?(?:secret_?access_?key|session_?token)\\*["']?\s*[:=]\s*\\*["']?|(?:secretAccessKey|sessionToken|(?:refresh|access|id)_?token|client_?secret|password|passwd)\\*["']?\s*[:=]\s*\\*["']?)[^\s"'\\,;]{6,}`), true},
	{regexp.MustCompile(`(?i)\b(bearer\s+)[a-z0-9._~+/=:-]{8,}`), true},
	{regexp.MustCompile(`\bamq-[0-9A-Za-z_-]{8,}`), false},
	{regexp.MustCompile(`\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b`), false},
	{regexp.MustCompile(`\bao[ar][A-Z][0-9A-Za-z+/=_:-]{16,}`), false},
	{regexp.MustCompile(`\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*)?`), false},
	{regexp.MustCompile(`\b(?:sk|rk)-[0-9A-Za-z_-]{20,}|\bgh[pousr]_[0-9A-Za-z]{20,}|\bgithub_pat_[0-9A-Za-z_]{20,}|\bxox[abprs]-[0-9A-Za-z-]{10,}|\bAIza[0-9A-Za-z_-]{30,}`), false},
}

// minKnown is the shortest of the program's own secrets that is looked for: shorter ones are in every text.
const minKnown = 6

// redact takes secrets out of a text: what has the form of one, and the program's own. It tells how many there were.
func redact(text []byte, known []string) (clean []byte, found int) {
	for _, secret := range known {
		if len(secret) >= minKnown {
			found += bytes.Count(text, []byte(secret))
			text = bytes.ReplaceAll(text, []byte(secret), []byte(redacted))
		}
	}
	for _, rule := range rules {
		with := redacted
		if rule.stay {
			with = "${1}" + redacted + "${2}"
		}
		if n := len(rule.form.FindAllIndex(text, -1)); n > 0 {
			found += n
			text = rule.form.ReplaceAll(text, []byte(with))
		}
	}
	return text, found
}

// redactStream is redact for an answer that may be a stream of events. A secret that the model says is spread over several, where no form
// fits; if there is one, what was said stays without the events.
func redactStream(answer []byte, known []string) (clean []byte, found int) {
	clean, found = redact(answer, known)
	if !bytes.Contains(answer, []byte("data:")) {
		return clean, found
	}
	said := saidIn(clean)
	if joined, spread := redact([]byte(said), known); string(joined) != said {
		return joined, found + spread
	}
	return clean, found
}

// frame is what of the dialects' events has parts of what is said.
type frame struct {
	Delta   json.RawMessage `json:"delta"` // a text, or words
	Choices []struct {
		Delta words `json:"delta"`
	} `json:"choices"`
}

// words are the members under which the dialects have parts of texts.
type words struct {
	Text        string `json:"text"`
	Thinking    string `json:"thinking"`
	PartialJSON string `json:"partial_json"`
	Content     string `json:"content"`
	Reasoning   string `json:"reasoning_content"`
	ToolCalls   []struct {
		Function struct {
			Arguments string `json:"arguments"`
		} `json:"function"`
	} `json:"tool_calls"`
}

func (w words) joined() string {
	text := w.Text + w.Thinking + w.PartialJSON + w.Content + w.Reasoning
	for _, call := range w.ToolCalls {
		text += call.Function.Arguments
	}
	return text
}

// saidIn joins what the events of a stream say.
func saidIn(stream []byte) string {
	var said strings.Builder
	for line := range bytes.Lines(stream) {
		text, is := bytes.CutPrefix(line, []byte("data:"))
		var event frame
		if !is || json.Unmarshal(text, &event) != nil {
			continue
		}
		var part string
		var parts words
		if json.Unmarshal(event.Delta, &part) != nil && json.Unmarshal(event.Delta, &parts) == nil {
			part = parts.joined()
		}
		said.WriteString(part)
		for _, choice := range event.Choices {
			said.WriteString(choice.Delta.joined())
		}
	}
	return said.String()
}
