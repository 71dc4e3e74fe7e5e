package anthropic

import (
	"fmt"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

// offerTools fills in the tools and the choice among them. Tools that only Anthropic's servers can run are left out.
func (in *request) offerTools(out *chat.Request) *defect {
	var missing []string
	for i := range in.Tools {
		offered := &in.Tools[i]
		if offered.isServers() {
			missing = append(missing, offered.Name.text)
			continue
		}
		tool, bad := offered.chat()
		if bad != nil {
			return bad.under(fmt.Sprintf("tools.%d", i))
		}
		out.Tools = append(out.Tools, tool)
	}
	return in.chooseTool(out, missing)
}

// isServers tells a tool that the provider runs itself: it has a type with a date, and no schema.
func (t *tool) isServers() bool {
	return t.Type.text != "" && t.Type.text != "custom" && t.InputSchema.Kind() != jsontext.KindBeginObject
}

func (t *tool) chat() (chat.Tool, *defect) {
	schema, isObject := lenient.Object(t.InputSchema)
	switch {
	case !t.Name.isText():
		return chat.Tool{}, defective("name", "must be a string%s", lenient.ButIs(t.Name.kind))
	case t.Name.text == "":
		return chat.Tool{}, defective("name", "is missing")
	case !t.Description.isText():
		return chat.Tool{}, defective("description", "must be a string%s", lenient.ButIs(t.Description.kind))
	case !isObject:
		return chat.Tool{}, defective("input_schema", "must be an object with a JSON schema")
	default:
		return chat.Tool{Name: t.Name.text, Description: t.Description.text, Schema: schema, Strict: t.Strict}, nil
	}
}

// chooseTool fills in the choice. A tool that is missing cannot be forced; the model is told so, lest it make up what the tool returns.
func (in *request) chooseTool(out *chat.Request, missing []string) *defect {
	mode, bad := in.ToolChoice.mode()
	if bad != nil {
		return bad
	}
	choice := chat.ToolChoice{Mode: mode, Single: in.ToolChoice.DisableParallelToolUse}
	if mode == chat.ChoiceNamed {
		name := in.ToolChoice.Name
		switch {
		case slices.ContainsFunc(out.Tools, func(t chat.Tool) bool { return t.Name == name }):
			choice.Name = name
		case slices.Contains(missing, name):
			choice.Mode = chat.ChoiceAuto
			out.Lack(name)
			missing = nil
		default:
			return defective("tool_choice.name", "is %.70q, which is not among the tools", name)
		}
	}
	if choice.Mode != chat.ChoiceNone {
		out.LeaveOut(missing...)
	}
	if len(out.Tools) > 0 {
		out.ToolChoice = choice
	}
	return nil
}

func (c *toolChoice) mode() (chat.ChoiceMode, *defect) {
	switch c.Type {
	case "", "auto":
		return chat.ChoiceAuto, nil
	case "none":
		return chat.ChoiceNone, nil
	case "any":
		return chat.ChoiceAny, nil
	case "tool":
		return chat.ChoiceNamed, nil
	default:
		return chat.ChoiceAuto, defective("tool_choice.type", "must be auto, any, none or tool")
	}
}
