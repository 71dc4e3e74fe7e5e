package openai

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// request is the body of a Chat Completions request, as far as it is honoured. Numbers are floats because some clients write 4096.0.
type request struct {
	Model               string         `json:"model"`
	Messages            []message      `json:"messages"`
	Tools               []tool         `json:"tools"`
	ToolChoice          toolChoice     `json:"tool_choice"`
	ParallelToolCalls   *bool          `json:"parallel_tool_calls"`
	Functions           []function     `json:"functions"`
	FunctionCall        toolChoice     `json:"function_call"`
	ResponseFormat      responseFormat `json:"response_format"`
	ReasoningEffort     string         `json:"reasoning_effort"`
	MaxTokens           float64        `json:"max_tokens"`
	MaxCompletionTokens float64        `json:"max_completion_tokens"`
	Stop                stopTexts      `json:"stop"`
	N                   float64        `json:"n"`
	Stream              bool           `json:"stream"`
	StreamOptions       streamOptions  `json:"stream_options"`
	PromptCacheKey      string         `json:"prompt_cache_key"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

type message struct {
	Role             string     `json:"role"`
	Content          content    `json:"content"`
	Refusal          string     `json:"refusal"`
	ReasoningContent string     `json:"reasoning_content"`
	ToolCalls        []toolCall `json:"tool_calls"`
	FunctionCall     *calling   `json:"function_call"`
	ToolCallID       string     `json:"tool_call_id"`
}

type toolCall struct {
	ID       string  `json:"id"`
	Function calling `json:"function"`
	Custom   struct {
		Name  string `json:"name"`
		Input string `json:"input"`
	} `json:"custom"`
}

type calling struct {
	Name      string    `json:"name"`
	Arguments arguments `json:"arguments"`
}

// tool has its function nested, as OpenAI has it, or flat, as clients of the Responses API write it.
type tool struct {
	Type     string    `json:"type"`
	Function *function `json:"function"`
	Custom   named     `json:"custom"`
	function
}

type function struct {
	Name        string         `json:"name"`
	Description longText       `json:"description"`
	Parameters  jsontext.Value `json:"parameters"`
	Strict      bool           `json:"strict"`
}

type named struct {
	Name string `json:"name"`
}

type responseFormat struct {
	Type       string `json:"type"`
	JSONSchema struct {
		Name   string         `json:"name"`
		Schema jsontext.Value `json:"schema"`
	} `json:"json_schema"`
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
	File     struct {
		FileID   string `json:"file_id"`
		Filename string `json:"filename"`
		FileData string `json:"file_data"`
	} `json:"file"`
}

// imageURL is an object with a URL, or, in the habit of some clients, the URL itself.
type imageURL struct {
	text   string
	object struct {
		URL string `json:"url"`
	}
}

func (u *imageURL) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return textOr(d, &u.text, &u.object, expected{jsontext.KindBeginObject, "an object with a url"})
}

// toolChoice is a mode or an object; function_call has the same forms, its object is only a name.
type toolChoice struct {
	mode   string
	object struct {
		named
		Type         string `json:"type"`
		Function     named  `json:"function"`
		AllowedTools struct {
			Mode  string `json:"mode"`
			Tools []struct {
				Function named `json:"function"`
			} `json:"tools"`
		} `json:"allowed_tools"`
	}
}

func (c *toolChoice) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return textOr(d, &c.mode, &c.object, expected{jsontext.KindBeginObject, "a string or an object"})
}

// stopTexts is one stop sequence or several.
type stopTexts struct {
	one  string
	many []string
}

func (s *stopTexts) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	return textOr(d, &s.one, &s.many, expected{jsontext.KindBeginArray, "a string or an array of strings"})
}

// arguments are a string of JSON, or, from clients that forgot to encode it twice, the JSON itself.
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
