package responses

import (
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"

	"amq2api/backend/chat"
	"amq2api/backend/lenient"
)

// newCall is a call of a function, or of a custom tool. Its input is rendered already.
func (r *Rendering) newCall(index int, use chat.ToolUse, status, input string) outputItem {
	if r.isCustom(use) {
		return &customItem{Type: "custom_tool_call", ID: itemID(customPrefix, r.id, index), Status: status,
			CallID: use.ID, Name: use.Name, Namespace: use.Namespace, Input: input}
	}
	return &callItem{Type: "function_call", ID: itemID(callPrefix, r.id, index), Status: status,
		CallID: use.ID, Name: use.Name, Namespace: use.Namespace, Arguments: input}
}

func (r *Rendering) isCustom(use chat.ToolUse) bool {
	return r.custom[toolName{use.Namespace, use.Name}]
}

// called is a call's input the way its item has it.
func (r *Rendering) called(use chat.ToolUse) string {
	input := strings.TrimLeftFunc(string(use.Input), unicode.IsSpace)
	if input == "" {
		input = "{}"
	}
	if r.isCustom(use) {
		return freeText(input)
	}
	return input
}

// freeText is the text in the input of a custom tool: the model was asked for an object with the text in it. Whatever else it made is
// the text.
func freeText(input string) string {
	var asked struct {
		Input *longText `json:"input"`
	}
	err := json.Unmarshal([]byte(input), &asked, lenient.Options())
	switch {
	case err == nil && asked.Input != nil:
		return string(*asked.Input)
	case strings.TrimSpace(input) == "{}":
		return ""
	default:
		return input
	}
}

func (w *writer) beginCall(e chat.Event) bool {
	w.call = chat.ToolUse{ID: e.ToolID, Name: e.Name, Namespace: e.Namespace}
	w.custom = w.isCustom(w.call)
	prefix := callPrefix
	if w.custom {
		prefix = customPrefix
	}
	w.openItem(openCall, itemID(prefix, w.id, len(w.items)))
	return w.itemEvent("response.output_item.added", w.newCall(len(w.items), w.call, inProgress, ""))
}

// fillCall passes a function's arguments on. The text of a custom tool is wrapped in JSON, and shown when that is whole.
func (w *writer) fillCall(fragment string) bool {
	if w.open == openCall && w.text.Len() == 0 {
		fragment = strings.TrimLeftFunc(fragment, unicode.IsSpace)
	}
	if w.open != openCall || fragment == "" {
		return true
	}
	w.text.WriteString(fragment)
	if w.custom {
		return true
	}
	return w.callDelta("response.function_call_arguments.delta", fragment)
}

func (w *writer) callDelta(name, delta string) bool {
	w.place(name)
	w.member("delta", delta)
	return w.send()
}

func (w *writer) endCall() bool {
	if w.open != openCall {
		return true
	}
	if w.text.Len() == 0 && !w.fillCall("{}") {
		return false
	}
	w.call.Input = []byte(w.text.String())
	input := w.called(w.call)
	if w.custom {
		if input != "" && !w.callDelta("response.custom_tool_call_input.delta", input) {
			return false
		}
		w.place("response.custom_tool_call_input.done")
		w.member("input", input)
	} else {
		w.place("response.function_call_arguments.done")
		w.member("name", w.call.Name)
		w.member("arguments", input)
	}
	return w.send() && w.done(w.newCall(len(w.items), w.call, completed, input))
}
