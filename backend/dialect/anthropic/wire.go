package anthropic

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/lenient"
)

// request is the body of a Messages request, as far as it is honoured. Numbers are floats because some clients write 4096.0.
type request struct {
	Model         string       `json:"model"`
	System        content      `json:"system"`
	Messages      []message    `json:"messages"`
	Tools         []tool       `json:"tools"`
	ToolChoice    toolChoice   `json:"tool_choice"`
	Thinking      thinking     `json:"thinking"`
	OutputConfig  outputConfig `json:"output_config"`
	OutputFormat  outputFormat `json:"output_format"` // what output_config.format was called before
	MaxTokens     float64      `json:"max_tokens"`
	StopSequences []string     `json:"stop_sequences"`
	Stream        bool         `json:"stream"`
	Metadata      metadata     `json:"metadata"`
	MCPServers    []struct{}   `json:"mcp_servers"`
}

type message struct {
	Role    string  `json:"role"`
	Content content `json:"content"`
}

type tool struct {
	Type        loose          `json:"type"`
	Name        loose          `json:"name"`
	Description loose          `json:"description"`
	InputSchema jsontext.Value `json:"input_schema"`
	Strict      bool           `json:"strict"`
}

type toolChoice struct {
	Type                   string `json:"type"`
	Name                   string `json:"name"`
	DisableParallelToolUse bool   `json:"disable_parallel_tool_use"`
}

type thinking struct {
	Type         string  `json:"type"`
	BudgetTokens float64 `json:"budget_tokens"`
}

type outputConfig struct {
	Effort string       `json:"effort"`
	Format outputFormat `json:"format"`
}

type outputFormat struct {
	Type   string         `json:"type"`
	Schema jsontext.Value `json:"schema"`
}

type metadata struct {
	UserID loose `json:"user_id"`
}

// block is a block of any type.
type block struct {
	Type      loose          `json:"type"`
	Text      loose          `json:"text"`
	Source    source         `json:"source"`
	Title     loose          `json:"title"`
	Context   loose          `json:"context"`
	ID        loose          `json:"id"`
	Name      loose          `json:"name"`
	Input     jsontext.Value `json:"input"`
	ToolUseID loose          `json:"tool_use_id"`
	Content   content        `json:"content"`
	IsError   loose          `json:"is_error"`
	Thinking  loose          `json:"thinking"`
	Signature loose          `json:"signature"`
	Data      loose          `json:"data"`
	ToolName  loose          `json:"tool_name"`

	// In what server tools return.
	URL       loose `json:"url"`
	Stdout    loose `json:"stdout"`
	Stderr    loose `json:"stderr"`
	ErrorCode loose `json:"error_code"`

	bad *defect // the first thing that was found wrong
}

// source is where an image or document comes from, or the address of a search result.
type source struct {
	kind    jsontext.Kind
	address string
	sourceObject
}

type sourceObject struct {
	Type      loose   `json:"type"`
	MediaType loose   `json:"media_type"`
	Data      loose   `json:"data"`
	URL       loose   `json:"url"`
	Content   content `json:"content"`
}

func (s *source) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	*s = source{kind: d.PeekKind()}
	if s.kind == jsontext.KindBeginObject {
		return json.UnmarshalDecode(d, &s.sourceObject)
	}
	var address loose
	err := address.UnmarshalJSONFrom(d)
	s.address = address.text
	return err
}

// loose is a member that is text in the blocks and tools we know, and may be anything in those we do not.
type loose struct {
	kind jsontext.Kind // of the value; 0 if the member is missing
	text string
}

func (l *loose) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	value, err := d.ReadValue()
	*l = loose{kind: value.Kind()}
	if err == nil && l.kind == jsontext.KindString {
		l.text = lenient.Unquote(value)
	}
	return err
}

// isText tells whether a member that must be text is, or is missing.
func (l *loose) isText() bool {
	return l.kind == jsontext.KindString || l.kind == jsontext.KindNull || l.kind == jsontext.KindInvalid
}
