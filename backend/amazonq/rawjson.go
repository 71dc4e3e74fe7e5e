package amazonq

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// isObject reports whether a text is a JSON object and nothing else.
func isObject(text []byte) bool {
	value := jsontext.Value(text)
	return value.Kind() == jsontext.KindBeginObject && value.IsValid(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// inputObject makes a past call's input the object the service wants. It is the client's JSON, and an object already, nearly always.
func inputObject(input json.RawMessage) []byte {
	trimmed := bytes.TrimSpace(input)
	switch {
	case len(trimmed) == 0 || string(trimmed) == "null":
		return []byte("{}")
	case trimmed[0] != '{':
		return appendMembers(nil, []member{{`"input"`, cleanJSON(trimmed)}})
	default:
		return cleanJSON(trimmed)
	}
}

// cleanJSON replaces what is no Unicode inside JSON: bad UTF-8 and surrogates without their other half become U+FFFD, as they do in
// text. Other JSON is returned as it is.
func cleanJSON(raw []byte) []byte {
	if utf8.Valid(raw) && !bytes.Contains(raw, []byte(`\ud`)) && !bytes.Contains(raw, []byte(`\uD`)) {
		return raw
	}
	cleaned, err := jsontext.AppendFormat(nil, raw, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return []byte("{}")
	}
	return cleaned
}

// member is one of an object's, the name still quoted.
type member struct {
	name  string
	value []byte
}

func readMembers(object []byte) []member {
	var read []member
	values := readValues(object)
	for i := 0; i+1 < len(values); i += 2 {
		read = append(read, member{string(values[i]), values[i+1]})
	}
	return read
}

// readValues lists what is inside an array, or an object's names and values in turn. The JSON must be valid.
func readValues(container []byte) []jsontext.Value {
	decoder := jsontext.NewDecoder(bytes.NewReader(container), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	_, err := decoder.ReadToken()
	var read []jsontext.Value
	for err == nil {
		var value jsontext.Value
		if value, err = decoder.ReadValue(); err == nil { // else it is the closing bracket
			read = append(read, value.Clone())
		}
	}
	return read
}

func appendMembers(to []byte, members []member) []byte {
	to = append(to, '{')
	for i, m := range members {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(to, m.name...)
		to = append(to, ':')
		to = append(to, m.value...)
	}
	return append(to, '}')
}
