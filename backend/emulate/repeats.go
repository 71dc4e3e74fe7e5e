package emulate

import (
	"bytes"

	"amq2api/backend/chat"
)

// sameCalls is how many identical calls in a row are a model that goes in circles.
const sameCalls = 3

// repeats tells a model, in the result of its last call, that it has made the same call over and over.
func (e *emulation) repeats(next Sender, request *chat.Request) Sender {
	if e.options.BreakRepeats == nil || !e.options.BreakRepeats() {
		return next
	}
	id, circling := circling(request.Messages)
	if !circling {
		return next
	}
	return stage{
		next: next,
		prepare: func(request *chat.Request) *chat.Request {
			return withResults(request, func(result chat.ToolResult) string {
				if result.ID == id {
					return callsRepeat
				}
				return ""
			})
		},
		editor: func() editor { return passing{} },
	}
}

// passing edits nothing.
type passing struct{}

func (passing) take(event chat.Event, out *outlet) { out.pass(event) }

// circling finds the last call of a conversation that ends in as many identical ones as it takes. What the user says in between ends a
// row, for the user may have asked for the repetition.
func circling(messages []chat.Message) (lastID string, found bool) {
	var last chat.ToolUse
	row := 0
	for _, message := range messages {
		for _, block := range message.Blocks {
			switch b := block.(type) {
			case chat.ToolUse:
				if b.Name != last.Name || b.Namespace != last.Namespace || !bytes.Equal(b.Input, last.Input) {
					row = 0
				}
				last, row = b, row+1
			case chat.Text:
				if message.Role == chat.User {
					last, row = chat.ToolUse{}, 0
				}
			}
		}
	}
	return last.ID, row >= sameCalls
}
