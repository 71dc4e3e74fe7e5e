package openai

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
	"amq2api/backend/sse"
)

// tools are the functions the request offers, in either form.
func (in *request) tools() ([]chat.Tool, *defect) {
	var tools []chat.Tool
	for i := range in.Tools {
		offered := &in.Tools[i]
		if offered.Type != "" && offered.Type != "function" {
			continue
		}
		body, member := &offered.function, ""
		if offered.Function != nil {
			body, member = offered.Function, "function."
		}
		tool, bad := body.tool()
		if bad != nil {
			bad.path = member + bad.path
			return nil, bad.under("tools", i)
		}
		tools = append(tools, tool)
	}
	if !in.legacy() {
		return tools, nil
	}
	for i := range in.Functions {
		tool, bad := in.Functions[i].tool()
		if bad != nil {
			return nil, bad.under("functions", i)
		}
		tools = append(tools, tool)
	}
	return tools, nil
}

// missing are the tools of other types, which nobody here can run.
func (in *request) missing() (names []string) {
	for i := range in.Tools {
		if offered := &in.Tools[i]; offered.Type != "" && offered.Type != "function" {
			names = append(names, cmp.Or(offered.Name, offered.Custom.Name, offered.Type))
		}
	}
	return names
}

func (f *function) tool() (chat.Tool, *defect) {
	if f.Name == "" {
		return chat.Tool{}, defective("name", "is missing")
	}
	schema, ok := lenient.Object(f.Parameters)
	if !ok {
		return chat.Tool{}, defective("parameters", "must be an object with a JSON schema")
	}
	return chat.Tool{Name: f.Name, Description: string(f.Description), Schema: schema, Strict: f.Strict}, nil
}

// chooseTools fills the request's tool choice, and takes tools off its list that allowed_tools leaves out.
func (in *request) chooseTools(out *chat.Request) *defect {
	wish, path := &in.ToolChoice, "tool_choice"
	if in.legacy() {
		wish, path = &in.FunctionCall, "function_call"
	}
	mode := wish.mode
	switch wish.object.Type {
	case "", "function":
		if name := wish.name(); name != "" {
			return in.chooseNamed(out, path, name)
		}
	case "allowed_tools":
		out.Tools = wish.allowed(out.Tools)
		mode, path = wish.object.AllowedTools.Mode, path+".allowed_tools.mode"
	default:
		return defective(path+".type", "must be function or allowed_tools: tools of other types are not offered to the model")
	}
	choice, ok := modeOf(mode)
	if !ok {
		return defective(path, "must be auto, none, required or a function that is offered")
	}
	if choice != chat.ChoiceNone {
		out.LeaveOut(in.missing()...)
	}
	if len(out.Tools) > 0 {
		out.ToolChoice = chat.ToolChoice{Mode: choice, Single: in.single()}
	}
	return nil
}

func (in *request) chooseNamed(out *chat.Request, path, name string) *defect {
	if !slices.ContainsFunc(out.Tools, func(t chat.Tool) bool { return t.Name == name }) {
		return defective(path, "names %.70q, which is not among the tools", name)
	}
	out.ToolChoice = chat.ToolChoice{Mode: chat.ChoiceNamed, Name: name, Single: in.single()}
	return nil
}

// single tells whether the client takes one call in a turn at most.
func (in *request) single() bool {
	return in.legacy() || in.ParallelToolCalls != nil && !*in.ParallelToolCalls
}

func (c *toolChoice) name() string {
	if c.object.Function.Name != "" {
		return c.object.Function.Name
	}
	return c.object.Name
}

func (c *toolChoice) allowed(tools []chat.Tool) []chat.Tool {
	names := make(map[string]bool)
	for _, tool := range c.object.AllowedTools.Tools {
		names[tool.Function.Name] = true
	}
	return slices.DeleteFunc(tools, func(t chat.Tool) bool { return !names[t.Name] })
}

func modeOf(mode string) (chat.ChoiceMode, bool) {
	switch mode {
	case "", "auto":
		return chat.ChoiceAuto, true
	case "none":
		return chat.ChoiceNone, true
	case "required", "any":
		return chat.ChoiceAny, true
	default:
		return chat.ChoiceAuto, false
	}
}

// input is a call's arguments as a JSON object, whatever the client kept of them.
func (a arguments) input() json.RawMessage {
	text := strings.TrimSpace(a.text)
	raw := jsontext.Value(text)
	switch {
	case text == "" || text == "null":
		return json.RawMessage("{}")
	case lenient.Excess(raw) != "" || !raw.IsValid(lenient.Options()):
		return member("arguments", a.text)
	case raw.Kind() == jsontext.KindBeginObject:
		return lenient.WellFormed(raw)
	default:
		return slices.Concat(json.RawMessage(`{"arguments":`), json.RawMessage(lenient.WellFormed(raw)), json.RawMessage("}"))
	}
}

// member is an object with one text in it.
func member(name, text string) json.RawMessage {
	object := append(sse.AppendString([]byte{'{'}, name), ':')
	return append(sse.AppendString(object, text), '}')
}
