package amazonq

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

const emptySchema = `{"type":"object","properties":{}}`

// objectSchema makes a tool's schema one the service accepts: an object schema with properties, without null or a wrong type where a
// keyword wants a value. A good schema is passed on as it is.
func objectSchema(schema json.RawMessage) []byte {
	trimmed := bytes.TrimSpace(schema)
	switch {
	case isGoodSchema(trimmed):
		return cleanJSON(trimmed)
	case isObject(trimmed):
		return cleanJSON(mendOutermost(trimmed))
	default:
		return []byte(emptySchema)
	}
}

// isGoodSchema recognises nearly every schema that clients send, at the price of a look: its type is among the leading members, as far
// as they are strings, nothing is null, and what is called properties or required starts like it.
func isGoodSchema(schema []byte) bool {
	typed := false
	members(schema, func(name, value []byte) bool {
		typed = string(name) == "type" && string(value) == `"object"`
		return !typed
	})
	return typed && bytes.Contains(schema, []byte(`"properties":{`)) && !bytes.Contains(schema, []byte("null")) &&
		isFollowedBy(schema, `"properties":`, "{") && isFollowedBy(schema, `"required":`, `["`, `[]`)
}

// isFollowedBy reports whether name, wherever it stands in text, is followed by one of starts.
func isFollowedBy(text []byte, name string, starts ...string) bool {
	for {
		_, rest, found := bytes.Cut(text, []byte(name))
		if !found {
			return true
		}
		if !slices.ContainsFunc(starts, func(start string) bool { return bytes.HasPrefix(rest, []byte(start)) }) {
			return false
		}
		text = rest
	}
}

// mendOutermost makes a schema an object's, whatever it was.
func mendOutermost(schema []byte) []byte {
	mended := []member{{`"type"`, []byte(`"object"`)}}
	hasProperties := false
	for _, m := range mendKeywords(schema) {
		if m.name != `"type"` {
			mended = append(mended, m)
			hasProperties = hasProperties || m.name == `"properties"`
		}
	}
	if !hasProperties {
		mended = append(mended, member{`"properties"`, []byte("{}")})
	}
	return appendMembers(nil, mended)
}

// mendSchema mends what stands where a schema should: true and false are schemas, null means any.
func mendSchema(schema jsontext.Value) []byte {
	switch schema.Kind() {
	case jsontext.KindBeginObject:
		return appendMembers(nil, mendKeywords(schema))
	case jsontext.KindNull:
		return []byte("{}")
	default:
		return schema
	}
}

func mendKeywords(schema []byte) []member {
	var mended []member
	for _, m := range readMembers(schema) {
		if value := mendKeyword(m); value != nil {
			mended = append(mended, member{m.name, value})
		}
	}
	return mended
}

// mendKeyword returns the value of a schema's member, mended, or nil if the member has to go.
func mendKeyword(m member) []byte {
	value := jsontext.Value(m.value)
	kind := value.Kind()
	switch m.name {
	case `"default"`, `"const"`, `"example"`:
		return value // null is a value here
	case `"required"`:
		var names []string
		if kind != jsontext.KindBeginArray || unmarshal(value, &names) != nil {
			return nil
		}
	case `"properties"`, `"patternProperties"`, `"$defs"`, `"definitions"`, `"dependentSchemas"`:
		if kind != jsontext.KindBeginObject {
			return nil
		}
		return mendNamed(value)
	case `"items"`, `"additionalProperties"`, `"not"`, `"if"`, `"then"`, `"else"`, `"contains"`, `"propertyNames"`:
		if kind == jsontext.KindBeginObject {
			return mendSchema(value)
		}
	case `"anyOf"`, `"oneOf"`, `"allOf"`, `"prefixItems"`:
		if kind == jsontext.KindBeginArray {
			return mendList(value)
		}
	}
	if kind == jsontext.KindNull {
		return nil
	}
	return value
}

// mendNamed mends an object of named schemas.
func mendNamed(object []byte) []byte {
	named := readMembers(object)
	for i := range named {
		named[i].value = mendSchema(named[i].value)
	}
	return appendMembers(nil, named)
}

// mendList mends an array of schemas.
func mendList(array []byte) []byte {
	mended := []byte{'['}
	for i, schema := range readValues(array) {
		if i > 0 {
			mended = append(mended, ',')
		}
		mended = append(mended, mendSchema(schema)...)
	}
	return append(mended, ']')
}
