package responses

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

// The schema that a tool for free text is given upstream, and the only member of its input.
const (
	freeformMember = "input"
	freeformSchema = `{"type":"object","properties":{"input":{"type":"string","description":"The tool's whole input, as plain text."}},` +
		`"required":["input"],"additionalProperties":false}`
)

// toolName is a tool as the client names it.
type toolName struct{ namespace, name string }

// tools are what the request offers: in its list, and in items that add to it.
func (in *request) tools() ([]chat.Tool, *defect) {
	tools, bad := offered(nil, "tools", in.Tools)
	for i := range in.Input.items {
		if bad == nil && in.Input.items[i].Type == "additional_tools" {
			if tools, bad = offered(tools, "tools", in.Input.items[i].Tools); bad != nil {
				bad = bad.under("input", i)
			}
		}
	}
	return tools, bad
}

// offered adds a list's functions, custom tools, and those in its namespaces. Other tools run on OpenAI's servers, and are left out.
func offered(tools []chat.Tool, list string, wire []tool) ([]chat.Tool, *defect) {
	for i := range wire {
		if wire[i].Type == "namespace" {
			more, bad := wire[i].group(tools)
			if bad != nil {
				return nil, bad.under(list, i)
			}
			tools = more
			continue
		}
		more, bad := wire[i].append(tools, "")
		if bad != nil {
			return nil, bad.under(list, i)
		}
		tools = more
	}
	return tools, nil
}

// missing are the tools of the list that run on OpenAI's servers.
func (in *request) missing() (names []string) {
	for i := range in.Tools {
		switch offered := &in.Tools[i]; offered.Type {
		case "", "function", "custom", "namespace":
		default:
			names = append(names, cmp.Or(offered.Name, offered.Type))
		}
	}
	return names
}

// group adds a namespace's tools. What the namespace is for goes with the first of them, as the upstream knows no groups.
func (t *tool) group(tools []chat.Tool) ([]chat.Tool, *defect) {
	before := len(tools)
	for i := range t.Tools {
		more, bad := t.Tools[i].append(tools, t.Name)
		if bad != nil {
			return nil, bad.under("tools", i)
		}
		tools = more
	}
	if t.Description != "" && len(tools) > before {
		first := &tools[before]
		first.Description = strings.TrimPrefix(first.Description+"\n\nThe tools of "+t.Name+": "+string(t.Description), "\n\n")
	}
	return tools, nil
}

func (t *tool) append(tools []chat.Tool, namespace string) ([]chat.Tool, *defect) {
	body, path := &t.function, ""
	if t.Function != nil {
		body, path = t.Function, "function."
	}
	out := chat.Tool{Name: body.Name, Namespace: namespace, Description: string(body.Description), Strict: body.Strict}
	switch t.Type {
	case "", "function":
		schema, ok := lenient.Object(body.Parameters)
		if !ok {
			return nil, defective(path+"parameters", "must be an object with a JSON schema")
		}
		out.Schema = schema
	case "custom":
		out.Description, out.Schema = t.freeform(), json.RawMessage(freeformSchema)
	default:
		return tools, nil
	}
	if out.Name == "" {
		return nil, defective(path+"name", "is missing")
	}
	return append(tools, out), nil
}

// freeform is a custom tool's description, and the grammar its input must follow, which nobody can enforce here.
func (t *tool) freeform() string {
	if t.Format.Definition == "" {
		return string(t.Description)
	}
	grammar := strings.TrimSpace("The input must follow this " + t.Format.Syntax + " grammar:\n" + string(t.Format.Definition))
	return strings.TrimPrefix(string(t.Description)+"\n\n"+grammar, "\n\n")
}

// customTools are the tools whose calls are rendered with plain text.
func (in *request) customTools() map[toolName]bool {
	custom := make(map[toolName]bool)
	note := func(list []tool) {
		for i := range list {
			if list[i].Type == "custom" {
				custom[toolName{"", list[i].Name}] = true
			}
			for j := range list[i].Tools {
				if list[i].Tools[j].Type == "custom" {
					custom[toolName{list[i].Name, list[i].Tools[j].Name}] = true
				}
			}
		}
	}
	note(in.Tools)
	for i := range in.Input.items {
		note(in.Input.items[i].Tools)
	}
	return custom
}

// chooseTools fills the request's tool choice, and takes tools off its list that allowed_tools leaves out.
func (in *request) chooseTools(out *chat.Request) *defect {
	wish, path := &in.ToolChoice, "tool_choice"
	mode := wish.mode
	switch wish.object.Type {
	case "", "function", "custom":
		if name := wish.name(); name.Name != "" {
			return in.chooseNamed(out, name)
		}
	case "allowed_tools":
		out.Tools = slices.DeleteFunc(out.Tools, func(t chat.Tool) bool {
			return !slices.ContainsFunc(wish.object.Tools, func(n named) bool { return n.names(t) })
		})
		mode, path = wish.object.Mode, path+".mode"
	default:
		return defective(path+".type", "must be function, custom or allowed_tools: tools of other types are not offered to the model")
	}
	choice, ok := modeOf(mode)
	if !ok {
		return defective(path, "must be auto, none, required or a tool that is offered")
	}
	if choice != chat.ChoiceNone {
		out.LeaveOut(in.missing()...)
	}
	if len(out.Tools) > 0 {
		out.ToolChoice = chat.ToolChoice{Mode: choice, Single: in.single()}
	}
	return nil
}

func (in *request) chooseNamed(out *chat.Request, wish named) *defect {
	if !slices.ContainsFunc(out.Tools, wish.names) {
		return defective("tool_choice", "names %.70q, which is not among the tools", wish.Name)
	}
	out.ToolChoice = chat.ToolChoice{Mode: chat.ChoiceNamed, Name: wish.Name, Namespace: wish.Namespace, Single: in.single()}
	return nil
}

// names tells whether it is the tool that is meant. A namespace may be left out.
func (n named) names(t chat.Tool) bool {
	return n.Name == t.Name && (n.Namespace == "" || n.Namespace == t.Namespace)
}

// single tells whether the client takes one call in a turn at most.
func (in *request) single() bool { return in.ParallelToolCalls != nil && !*in.ParallelToolCalls }

func (c *toolChoice) name() named {
	if c.object.Function.Name != "" {
		return c.object.Function
	}
	return c.object.named
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
