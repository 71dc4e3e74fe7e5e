package emulate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

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

// question is whether a text is JSON that fits a schema.
type question struct {
	Schema json.RawMessage `json:"schema"`
	Text   string          `json:"text"`
}

// judgement is the answer to a question.
type judgement struct {
	Unchecked string   `json:"unchecked,omitempty"` // why the schema cannot be checked; the text passes
	Wrong     string   `json:"wrong,omitempty"`     // what is wrong with the text, for the model
	Places    []string `json:"places,omitempty"`    // the keywords of the schema that this is about; they quote nothing of the text
}

// Check answers a question. Both are as they go to and come from a process of its own.
func Check(asked []byte) (answer []byte) {
	var q question
	v := judgement{Unchecked: "the question cannot be read"}
	if json.Unmarshal(asked, &q) == nil {
		v = q.judge()
	}
	answer, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return answer
}

// CheckWork is the kind of work that Check is.
const CheckWork = "schema"

// judge never fails: a schema that cannot be read makes any JSON right, because it is the client's to repair. Neither does one whose check
// panics, as over numbers beyond all measure.
func (q question) judge() (found judgement) {
	defer func() {
		if cause := recover(); cause != nil {
			found = judgement{Unchecked: fmt.Sprint("its check panics: ", cause)}
		}
	}()
	value, err := parse(q.Text)
	if err != nil {
		return judgement{Wrong: err.Error()}
	}
	schema, err := compile(q.Schema)
	if err != nil {
		return judgement{Unchecked: err.Error()}
	}
	if err := schema.Validate(value); err != nil {
		return judgement{Wrong: complaint(err), Places: places(err)}
	}
	return judgement{}
}

// harmless tells whether a schema can be checked at once: it is small, repeats nothing of itself and has no patterns, nor escapes that could
// hide such a word. Any other may take more time and memory than there is.
func (q question) harmless() bool {
	const small = 64 << 10
	if len(q.Schema) > small {
		return false
	}
	for _, word := range []string{"$ref", "$dynamicRef", "$recursiveRef", "pattern", "regex", `\u`} {
		if bytes.Contains(q.Schema, []byte(word)) {
			return false
		}
	}
	return true
}

// misfit is what is wrong with JSON that does not fit its schema, in words for the model.
type misfit struct {
	text   string
	places []string
}

func (m *misfit) Error() string { return m.text }

// checker checks texts against schemas, those that may be dangerous apart.
type checker struct {
	apart func(ctx context.Context, kind string, input []byte) ([]byte, error)
	log   *slog.Logger
}

const checkTime = 5 * time.Second

// check returns what is wrong with a text; nil also if that cannot be told. what names the schema in the log.
func (c checker) check(ctx context.Context, what string, q question) *misfit {
	v := c.ask(ctx, q)
	switch {
	case v.Unchecked != "":
		c.log.Warn("a schema cannot be checked", "of", what, "why", v.Unchecked)
		return nil
	case v.Wrong != "":
		return &misfit{v.Wrong, v.Places}
	default:
		return nil
	}
}

func (c checker) ask(ctx context.Context, q question) judgement {
	if c.apart == nil || q.harmless() {
		return q.judge()
	}
	asked, err := json.Marshal(q)
	if err != nil {
		return judgement{Unchecked: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	var v judgement
	answer, err := c.apart(ctx, CheckWork, asked)
	if err != nil || json.Unmarshal(answer, &v) != nil {
		return judgement{Unchecked: "it takes more than there is"}
	}
	return v
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
