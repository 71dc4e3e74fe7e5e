package emulate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaURL names a client's schema in its own references. It leads nowhere.
const schemaURL = "urn:schema"

// errForeign is what a schema gets that refers to another document.
var errForeign = errors.New("a schema cannot refer to other documents")

// nowhere loads nothing: a client's schema must not make us read files or call anyone.
type nowhere struct{}

func (nowhere) Load(string) (any, error) { return nil, errForeign }

// compile reads a JSON schema. An empty one lets everything pass.
func compile(schema json.RawMessage) (*jsonschema.Schema, error) {
	if len(bytes.TrimSpace(schema)) == 0 {
		schema = json.RawMessage("true")
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(nowhere{})
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return nil, err
	}
	return compiler.Compile(schemaURL)
}

// parse reads text that is one JSON value.
func parse(text string) (any, error) {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("it is not one JSON value: %w", err)
	}
	return value, nil
}

// validate checks a value. A validator that panics, as over numbers beyond all measure, has not checked it: then it passes.
func validate(schema *jsonschema.Schema, value any) (err error) {
	defer func() {
		if recover() != nil {
			err = nil
		}
	}()
	return schema.Validate(value)
}

// complaint is a validator's error for the model, which reads it in a prompt: what is wrong where, in at most maxComplaint bytes.
func complaint(err error) string {
	const maxComplaint = 2000
	text := err.Error()
	var invalid *jsonschema.ValidationError
	if errors.As(err, &invalid) {
		_, text, _ = strings.Cut(text, "\n") // the first line only names the schema
		text = "it is not valid against the schema:\n" + text
	}
	if len(text) > maxComplaint {
		text = strings.ToValidUTF8(text[:maxComplaint], "") + " ..."
	}
	return text
}

// places are the keywords of the schema that an error is about. Unlike the error, they quote nothing of the value.
func places(err error) []string {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return nil
	}
	if len(invalid.Causes) == 0 {
		_, pointer, _ := strings.Cut(invalid.SchemaURL, "#")
		return []string{strings.Join(append([]string{pointer}, invalid.ErrorKind.KeywordPath()...), "/")}
	}
	var found []string
	for _, cause := range invalid.Causes {
		found = append(found, places(cause)...)
	}
	return found
}
