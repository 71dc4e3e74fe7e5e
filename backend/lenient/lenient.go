// Package lenient reads what clients send as JSON, tolerating what JavaScript and Python let slip into it: members that come twice, lone
// surrogates, bytes that are no UTF-8. A client must never be wedged by its own history.
package lenient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"unicode/utf8"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// What a request may be made of: how deep its arrays and objects are nested, and how many members and elements they have in all. A body
// of the largest size would otherwise unfold to a hundred times its size in memory.
const (
	maxDepth   = 200
	maxMembers = 500_000
)

// Options are those of a decoder that tolerates all of it.
func Options() jsonv2.Options {
	return jsonv2.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// WellFormed replaces what is not Unicode (bytes, or escaped surrogates without a partner) in JSON by U+FFFD. Other text is left as it
// is, down to its spaces.
func WellFormed(raw jsontext.Value) json.RawMessage {
	if utf8.Valid(raw) && !bytes.Contains(raw, []byte(`\ud`)) && !bytes.Contains(raw, []byte(`\uD`)) {
		return json.RawMessage(raw)
	}
	clean, err := jsontext.AppendFormat(nil, raw, Options())
	if err != nil {
		return json.RawMessage("{}")
	}
	return clean
}

// Object is a raw member that must be an object: nil if it is missing or null, and false if it is something else.
func Object(raw jsontext.Value) (json.RawMessage, bool) {
	switch raw.Kind() {
	case jsontext.KindInvalid, jsontext.KindNull:
		return nil, true
	case jsontext.KindBeginObject:
		return WellFormed(raw), true
	default:
		return nil, false
	}
}

// Excess says in which way JSON text is over the bounds of a request, to follow the text's name in a sentence, and nothing if it is not.
// It looks at punctuation outside strings only, so that it is cheap whatever the text is.
func Excess(text []byte) string {
	depth, members := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = closingQuote(text, i+1)
		case '{', '[':
			depth++
			members++
		case '}', ']':
			depth--
		case ',':
			members++
		}
		if depth > maxDepth {
			return fmt.Sprintf("is nested deeper than %d levels", maxDepth)
		}
	}
	if members > maxMembers {
		return fmt.Sprintf("has more than %d members and elements", maxMembers)
	}
	return ""
}

// closingQuote is the index of the quote that ends the string whose text begins at start, or the text's length.
func closingQuote(text []byte, start int) int {
	for i := start; ; i++ {
		next := bytes.IndexByte(text[i:], '"')
		if next < 0 {
			return len(text)
		}
		i += next
		slashes := 0
		for i-slashes > start && text[i-slashes-1] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
}

// Wanted is what JSON a Go type is read from, in words; nil is a type nobody knows.
func Wanted(t reflect.Type) string {
	if t == nil {
		return "of another type"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "a boolean"
	case reflect.Float64:
		return "a number"
	case reflect.String:
		return "a string"
	case reflect.Slice:
		return "an array"
	default:
		return "an object"
	}
}

// ButIs says what a value is instead, to follow what is wanted; nothing if that is not known.
func ButIs(kind jsontext.Kind) string {
	switch kind {
	case jsontext.KindTrue, jsontext.KindFalse:
		return ", not a boolean"
	case jsontext.KindNumber:
		return ", not a number"
	case jsontext.KindString:
		return ", not a string"
	case jsontext.KindBeginArray:
		return ", not an array"
	case jsontext.KindBeginObject:
		return ", not an object"
	default:
		return ""
	}
}
