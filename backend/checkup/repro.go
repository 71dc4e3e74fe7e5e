package checkup

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// The bounds of a repro: its bytes, and how many messages of the beginning and the end are shown if it is larger.
const (
	maxRepro  = 48 << 10
	firstKept = 2
	lastKept  = 20
)

// figures are the sizes of what was looked at.
func (l *look) figures(whole int) Figures {
	f := Figures{Bytes: whole, History: len(l.body.State.History), Tools: len(l.tools())}
	for place, m := range l.turns() {
		if m.User == nil {
			continue
		}
		f.Images += len(m.User.Images)
		if size := len(m.User.Content); size > f.LargestMessage {
			f.LargestMessage, f.MessagePlace = size, place
		}
	}
	for place, r := range l.results() {
		if size := r.bytes(); size > f.LargestResult {
			f.LargestResult, f.ResultPlace = size, place
		}
	}
	for i, t := range l.tools() {
		if size := len(t.Description) + len(t.Schema.JSON); size > f.LargestTool {
			f.LargestTool, f.ToolName = size, l.calledByClient(i, t.Name)
		}
	}
	return f
}

// repro is the request without its words: its structure, the names of its tools, and how long each text was. It uses the body up.
func repro(b *body) string {
	for i := range b.State.History {
		b.State.History[i].redact()
	}
	b.State.Current.redact()
	b.State.ID = ""
	if text := encoded(b); len(text) <= maxRepro {
		return text
	}
	if h := b.State.History; len(h) > firstKept+lastKept {
		b.State.History = append(h[:firstKept:firstKept], h[len(h)-lastKept:]...)
	}
	if text := encoded(b); len(text) <= maxRepro {
		return text
	}
	if user := b.State.Current.User; user != nil {
		for i := range user.Context.Tools {
			if spec := user.Context.Tools[i].Spec; spec != nil {
				spec.Schema.JSON = json.RawMessage(`{"type":"object"}`)
			}
		}
	}
	if text := encoded(b); len(text) <= maxRepro {
		return text
	}
	return ""
}

func encoded(b *body) string {
	text, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return ""
	}
	return string(text)
}

// length stands for a text.
func length(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("[%d bytes]", len(text))
}

func (m *message) redact() {
	if user := m.User; user != nil {
		user.Content = length(user.Content)
		for i := range user.Images {
			user.Images[i].Source.Bytes = length(user.Images[i].Source.Bytes)
		}
		for i := range user.Context.Results {
			user.Context.Results[i].redact()
		}
		for i := range user.Context.Tools {
			if spec := user.Context.Tools[i].Spec; spec != nil {
				spec.Description, spec.Schema.JSON = length(spec.Description), shape(spec.Schema.JSON)
			}
		}
	}
	if assistant := m.Assistant; assistant != nil {
		assistant.Content = length(assistant.Content)
		for i := range assistant.Uses {
			assistant.Uses[i].Input = opaque(assistant.Uses[i].Input)
		}
	}
}

func (r *result) redact() {
	for i := range r.Content {
		if text := r.Content[i].Text; text != nil {
			short := length(*text)
			r.Content[i].Text = &short
		}
		r.Content[i].JSON = opaque(r.Content[i].JSON)
	}
}

// opaque stands for a value: an object of the same size class for an object, else its length.
func opaque(raw json.RawMessage) json.RawMessage {
	switch {
	case len(raw) == 0:
		return nil
	case raw[0] == '{':
		return json.RawMessage(fmt.Sprintf(`{"redacted_bytes":%d}`, len(raw)))
	default:
		return json.RawMessage(fmt.Sprintf(`"[%d bytes]"`, len(raw)))
	}
}

// maxSchemaWord bounds the words of a schema that stay.
const maxSchemaWord = 100

// shape is a schema without its texts: the names of properties stay, and the words that say what kind of value is wanted.
func shape(raw json.RawMessage) json.RawMessage {
	var bare bytes.Buffer
	in, out := jsontext.NewDecoder(bytes.NewReader(raw)), jsontext.NewEncoder(&bare)
	var members memberNames
	for {
		container, read := in.StackIndex(in.StackDepth())
		name := members.around(in)
		if holdsWords(members, in) && !(container == jsontext.KindBeginObject && read%2 == 0) {
			value, err := in.ReadValue()
			if err != nil || out.WriteValue(jsontext.Value(opaque(json.RawMessage(value)))) != nil {
				return opaque(raw)
			}
			continue
		}
		token, err := in.ReadToken()
		if errors.Is(err, io.EOF) {
			return bytes.TrimSpace(bare.Bytes())
		}
		if err != nil {
			return opaque(raw)
		}
		if token.Kind() == jsontext.KindString {
			if container == jsontext.KindBeginObject && read%2 == 0 {
				members.enter(in, token.String())
			} else if text := token.String(); !tellsKind(name, text) {
				token = jsontext.String(length(text))
			}
		}
		if err := out.WriteToken(token); err != nil {
			return opaque(raw)
		}
	}
}

// memberNames are the names of the members that a decoder is inside of, by their depth.
type memberNames []string

// enter notes the name that was just read.
func (m *memberNames) enter(in *jsontext.Decoder, name string) {
	depth := in.StackDepth()
	*m = append((*m)[:min(depth, len(*m))], make([]string, max(0, depth-len(*m)))...)
	*m = append(*m, name)
}

// around is the name of the innermost member whose value the decoder is in, or about to read; empty if there is none.
func (m memberNames) around(in *jsontext.Decoder) string {
	for depth := min(in.StackDepth(), len(m)-1); depth > 0; depth-- {
		if kind, _ := in.StackIndex(depth); kind == jsontext.KindBeginObject {
			return m[depth]
		}
	}
	return ""
}

// tellsKind tells the words of a schema that say what kind of value is wanted.
func tellsKind(member, word string) bool {
	if member == "type" {
		return slices.Contains([]string{"string", "number", "integer", "boolean", "object", "array", "null"}, word)
	}
	return slices.Contains([]string{"required", "format", "$ref", "$schema"}, member) && len(word) <= maxSchemaWord
}

// holdsWords tells whether a decoder is about to read the value of a member that holds values, not what kind of value is wanted. In a list of
// properties these are names like any other.
func holdsWords(members memberNames, in *jsontext.Decoder) bool {
	depth := in.StackDepth()
	if kind, _ := in.StackIndex(depth); kind != jsontext.KindBeginObject || depth >= len(members) {
		return false
	}
	if depth > 1 && slices.Contains([]string{"properties", "patternProperties", "$defs", "definitions"}, members[depth-1]) {
		return false
	}
	return slices.Contains([]string{"default", "const", "enum", "example", "examples"}, members[depth])
}
