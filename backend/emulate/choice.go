package emulate

import (
	"fmt"
	"slices"

	"amq2api/backend/chat"
)

// choose does the client's will about tools. A name that is not offered cannot be forced and is left to the upstream.
func choose(next Sender, request *chat.Request) Sender {
	if len(request.Tools) == 0 {
		return next
	}
	switch request.ToolChoice.Mode {
	case chat.ChoiceNone:
		return offering(next, func(chat.Tool) bool { return false })
	case chat.ChoiceAny:
		return forced{next: next, first: callAny, again: callAnyAgain}
	case chat.ChoiceNamed:
		name, named := request.ToolChoice.Name, request.ToolChoice.Names
		if !slices.ContainsFunc(request.Tools, named) {
			return next
		}
		return forced{
			next:  offering(next, named),
			first: fmt.Sprintf(callNamed, name),
			again: fmt.Sprintf(callNamedAgain, name),
		}
	default:
		return next
	}
}

// offering offers only the tools that are wanted, and drops calls of others: a model can call what it remembers. The calls in the
// history stay as they are.
func offering(next Sender, wanted func(chat.Tool) bool) Sender {
	return stage{
		next: next,
		prepare: func(request *chat.Request) *chat.Request {
			changed := *request
			changed.Tools = nil
			for _, tool := range request.Tools {
				if wanted(tool) {
					changed.Tools = append(changed.Tools, tool)
				}
			}
			return &changed
		},
		editor: func() editor { return &dropping{wanted: wanted} },
	}
}

// dropping leaves out the calls that are not wanted. An answer that has no call left did not stop to make one.
type dropping struct {
	wanted func(chat.Tool) bool
	inside bool // a call that is left out
	called bool
}

func (d *dropping) take(event chat.Event, out *outlet) {
	switch event.Kind {
	case chat.ToolStart:
		d.inside = !d.wanted(chat.Tool{Name: event.Name, Namespace: event.Namespace})
		d.called = d.called || !d.inside
	case chat.ToolEnd:
		if d.inside {
			d.inside = false
			return
		}
	case chat.Stopped:
		if event.Reason == chat.CalledTool && !d.called {
			event.Reason = chat.EndTurn
		}
	}
	if !d.inside {
		out.pass(event)
	}
}
