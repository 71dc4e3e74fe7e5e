package responses

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/lenient"
)

// request is the body of a Responses request, as far as it is honoured. Numbers are floats because some clients write 4096.0.
type request struct {
	Model              string         `json:"model"`
	Input              input          `json:"input"`
	Instructions       longText       `json:"instructions"`
	PreviousResponseID string         `json:"previous_response_id"`
	Tools              []tool         `json:"tools"`
	ToolChoice         toolChoice     `json:"tool_choice"`
	ParallelToolCalls  *bool          `json:"parallel_tool_calls"`
	Reasoning          reasoning      `json:"reasoning"`
	Text               textWish       `json:"text"`
	MaxOutputTokens    float64        `json:"max_output_tokens"`
	Temperature        *float64       `json:"temperature"`
	TopP               *float64       `json:"top_p"`
	Stream             bool           `json:"stream"`
	Store              *bool          `json:"store"`
	Metadata           jsontext.Value `json:"metadata"`
	PromptCacheKey     string         `json:"prompt_cache_key"`
	Background         bool           `json:"background"`
	Conversation       jsontext.Value `json:"conversation"`
	Prompt             jsontext.Value `json:"prompt"`
}

type reasoning struct {
	Effort  *string `json:"effort"`
	Summary *string `json:"summary"`
}

type textWish struct {
	Format struct {
		Type   string         `json:"type"`
		Name   string         `json:"name"`
		Schema jsontext.Value `json:"schema"`
	} `json:"format"`
}

// input is what the user says, or items.
type input struct {
	text  string
	items []item
}

func (i *input) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return textOr(d, &i.text, &i.items, expected{jsontext.KindBeginArray, "a string or an array of items"})
}

// item is one step of the conversation; its type says which members count.
type item struct {
	Type      string         `json:"type"`
	ID        string         `json:"id"`
	Role      string         `json:"role"`
	Content   content        `json:"content"`
	CallID    string         `json:"call_id"`
	Name      string         `json:"name"`
	Namespace string         `json:"namespace"`
	Arguments arguments      `json:"arguments"`
	Input     arguments      `json:"input"`
	Output    output         `json:"output"`
	Action    jsontext.Value `json:"action"`
	Operation jsontext.Value `json:"operation"`
	Summary   []part         `json:"summary"`
	Tools     []tool         `json:"tools"`
}

// content is a string, null, or parts.
type content struct {
	text  string
	parts []part
}

func (c *content) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return textOr(d, &c.text, &c.parts, expected{jsontext.KindBeginArray, "a string or an array of parts"})
}

type part struct {
	Type     string   `json:"type"`
	Text     longText `json:"text"`
	Refusal  string   `json:"refusal"`
	ImageURL imageURL `json:"image_url"`
	FileID   string   `json:"file_id"`
	FileURL  string   `json:"file_url"`
	FileData longText `json:"file_data"`
	Filename string   `json:"filename"`
}

// imageURL is the URL itself, or, in the habit of Chat Completions, an object with one.
type imageURL struct {
	text   string
	object struct {
		URL longText `json:"url"`
	}
}

func (u *imageURL) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return textOr(d, &u.text, &u.object, expected{jsontext.KindBeginObject, "a string"})
}

// output is what a tool returned: a string, parts, or, from tools that have a form of their own, any JSON, which is kept as text.
type output struct{ content }

func (o *output) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	switch d.PeekKind() {
	case jsontext.KindString, jsontext.KindNull, jsontext.KindInvalid:
		return o.content.UnmarshalJSONFrom(d)
	}
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	o.content = content{}
	if json.Unmarshal(value, &o.parts, lenient.Options()) != nil || !typed(o.parts) {
		o.content = content{text: string(lenient.WellFormed(value))}
	}
	return nil
}

func typed(parts []part) bool {
	for i := range parts {
		if parts[i].Type == "" {
			return false
		}
	}
	return true
}

// tool is flat, as this API has it; a function may be nested, as clients of Chat Completions write it. A namespace holds other tools.
type tool struct {
	Type     string    `json:"type"`
	Function *function `json:"function"`
	function
	Format struct {
		Syntax     string   `json:"syntax"`
		Definition longText `json:"definition"`
	} `json:"format"`
	Tools []tool `json:"tools"`
}

type function struct {
	Name        string         `json:"name"`
	Description longText       `json:"description"`
	Parameters  jsontext.Value `json:"parameters"`
	Strict      bool           `json:"strict"`
}

// toolChoice is a mode or an object that names one tool or several.
type toolChoice struct {
	mode   string
	object struct {
		named
		Type     string  `json:"type"`
		Function named   `json:"function"`
		Mode     string  `json:"mode"`
		Tools    []named `json:"tools"`
	}
}

type named struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

func (c *toolChoice) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return textOr(d, &c.mode, &c.object, expected{jsontext.KindBeginObject, "a string or an object"})
}

// arguments are text, or, from clients that forgot to encode it twice, the JSON itself.
type arguments struct {
	text string
}

func (a *arguments) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == jsontext.KindString {
		return (*longText)(&a.text).UnmarshalJSONFrom(d)
	}
	value, err := d.ReadValue()
	a.text = string(value)
	return err
}

// textOr reads a string into alone, an object or array (as want says) into other, and null into neither.
func textOr[T any](d *jsontext.Decoder, alone *string, other *T, want expected) error {
	var none T
	*alone, *other = "", none
	switch kind := d.PeekKind(); kind {
	case jsontext.KindString:
		return (*longText)(alone).UnmarshalJSONFrom(d)
	case want.open:
		return json.UnmarshalDecode(d, other)
	case jsontext.KindNull, jsontext.KindInvalid:
		return d.SkipValue() // for what is invalid it says why
	default:
		return want
	}
}

// expected is the error of a value of the wrong type.
type expected struct {
	open  jsontext.Kind // how a value that is not text begins
	words string        // what the value should have been
}

func (e expected) Error() string { return "must be " + e.words }
