package emulate

import (
	"log/slog"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"amq2api/backend/chat"
)

// strict checks the calls of tools that want it. A call that does not fit passes all the same, because the model reads the tool's own
// complaint best; the log hears of it.
func (e *emulation) strict(next Sender, request *chat.Request) Sender {
	if e.options.Strict == nil {
		return next
	}
	var checked []chat.Tool
	for _, tool := range request.Tools {
		if e.options.Strict(tool) {
			checked = append(checked, tool)
		}
	}
	if len(checked) == 0 {
		return next
	}
	return stage{next: next, editor: func() editor { return &checking{tools: checked, log: e.options.Log} }}
}

// checking gathers the input of a call, whose events pass meanwhile.
type checking struct {
	tools []chat.Tool
	log   *slog.Logger
	tool  *chat.Tool // of the open call; nil if it is not checked
	input strings.Builder
}

func (c *checking) take(event chat.Event, out *outlet) {
	switch event.Kind {
	case chat.ToolStart:
		c.tool = c.named(event)
		c.input.Reset()
	case chat.ToolInput:
		if c.tool != nil {
			c.input.WriteString(event.Text)
		}
	case chat.ToolEnd:
		c.check()
		c.tool = nil
	}
	out.pass(event)
}

func (c *checking) named(event chat.Event) *chat.Tool {
	for i := range c.tools {
		if tool := &c.tools[i]; tool.Name == event.Name && tool.Namespace == event.Namespace {
			return tool
		}
	}
	return nil
}

func (c *checking) check() {
	if c.tool == nil {
		return
	}
	schema, err := compile(c.tool.Schema)
	if err != nil {
		c.log.Warn("tool schema cannot be checked", "tool", c.tool.Name, "error", err)
		return
	}
	if err := fits(schema, c.input.String()); err != nil {
		c.log.Warn("tool call does not fit its schema", "tool", c.tool.Name, "places", places(err))
	}
}

// fits checks a call's input. No input at all is an empty object.
func fits(schema *jsonschema.Schema, input string) error {
	if strings.TrimSpace(input) == "" {
		input = "{}"
	}
	value, err := parse(input)
	if err != nil {
		return err
	}
	return schema.Validate(value)
}
