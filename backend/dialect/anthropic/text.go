package anthropic

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// unquote is the text of a valid JSON string; what is not Unicode becomes U+FFFD. Long texts with plain escapes are nearly all there is
// in a request, and the library's way, a character at a time, was measured to take twice as long for them.
func unquote(quoted []byte) string {
	rest := quoted[1 : len(quoted)-1]
	if !utf8.Valid(rest) {
		return unquoteAny(quoted)
	}
	next := bytes.IndexByte(rest, '\\')
	if next < 0 {
		return string(rest)
	}
	var out strings.Builder
	out.Grow(len(rest))
	for ; next >= 0; next = bytes.IndexByte(rest, '\\') {
		plain := unescaped(rest[next+1])
		if plain == 0 {
			return unquoteAny(quoted)
		}
		out.Write(rest[:next])
		out.WriteByte(plain)
		rest = rest[next+2:]
	}
	out.Write(rest)
	return out.String()
}

func unquoteAny(quoted []byte) string {
	plain, _ := jsontext.AppendUnquote(nil, quoted) // its error tells of the U+FFFD
	return string(plain)
}

// unescaped is the character that a letter after a backslash stands for, and 0 for the letter u, which does not stand alone.
func unescaped(letter byte) byte {
	switch letter {
	case 'n':
		return '\n'
	case 't':
		return '\t'
	case 'r':
		return '\r'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'u':
		return 0
	default:
		return letter
	}
}

// object is a raw member that must be an object, or nil if it is missing.
func object(raw jsontext.Value) (json.RawMessage, bool) {
	switch raw.Kind() {
	case jsontext.KindInvalid, jsontext.KindNull:
		return nil, true
	case jsontext.KindBeginObject:
		return wellFormed(raw), true
	default:
		return nil, false
	}
}

// input is a call's input as a JSON object, whatever the client kept of it.
func input(raw jsontext.Value) json.RawMessage {
	whole, ok := object(raw)
	switch {
	case !ok:
		return slices.Concat([]byte(`{"input":`), wellFormed(raw), []byte("}"))
	case whole == nil:
		return json.RawMessage("{}")
	default:
		return whole
	}
}

// wellFormed replaces what is not Unicode (bytes, or escaped surrogates without a partner) in JSON by U+FFFD. Other text is left as it
// is, down to its spaces.
func wellFormed(raw jsontext.Value) json.RawMessage {
	if utf8.Valid(raw) && !bytes.Contains(raw, []byte(`\ud`)) && !bytes.Contains(raw, []byte(`\uD`)) {
		return json.RawMessage(raw)
	}
	clean, err := jsontext.AppendFormat(nil, raw, lenient())
	if err != nil {
		return json.RawMessage("{}")
	}
	return clean
}
