package emulate

import "amq2api/backend/chat"

// single ends an answer before its second tool call, if the client takes one at a time.
func single(next Sender, request *chat.Request) Sender {
	if !request.ToolChoice.Single || len(request.Tools) == 0 {
		return next
	}
	return stage{next: next, editor: func() editor { return &firstCall{} }}
}

// firstCall lets one call pass. The upstream is left only when it begins another one, so that it can say what the answer cost if it
// does not.
type firstCall struct{ whole bool }

func (f *firstCall) take(event chat.Event, out *outlet) {
	switch {
	case event.Kind == chat.ToolStart && f.whole:
		out.end(chat.CalledTool, "")
		return
	case event.Kind == chat.ToolEnd:
		f.whole = true
	}
	out.pass(event)
}
