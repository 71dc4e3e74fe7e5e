package emulate

import (
	"context"
	"slices"
	"sync"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// remember notes the calls that were cut off on their way, and tells the model about them when the client sends back a result: such a call
// was never whole, so nothing was executed, and asking for the same again would be cut again.
func (e *emulation) remember(next Sender, request *chat.Request) Sender {
	return cutting{next: next, calls: &e.cut}
}

type cutting struct {
	next  Sender
	calls *cutCalls
}

func (c cutting) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		open := ""
		for event, err := range c.next.Send(ctx, c.calls.explained(request), record) {
			switch {
			case err != nil:
				c.calls.add(open)
			case event.Kind == chat.ToolStart:
				open = event.ToolID
			case event.Kind == chat.ToolEnd:
				open = ""
			}
			if !yield(event, err) {
				return
			}
		}
	}
}

// maxCutCalls is how many cut calls are remembered, the latest.
const maxCutCalls = 512

// cutCalls are the ids of calls that were cut off, the oldest first. The zero value is ready to use.
type cutCalls struct {
	mu  sync.Mutex
	ids []string
}

func (c *cutCalls) add(id string) {
	if id == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ids) == maxCutCalls {
		c.ids = slices.Delete(c.ids, 0, 1)
	}
	c.ids = append(c.ids, id)
}

// explained is the request with an explanation in the results of calls that were cut off; the request itself if it has none.
func (c *cutCalls) explained(request *chat.Request) *chat.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.ids) == 0 {
		return request
	}
	return withResults(request, func(result chat.ToolResult) string {
		if slices.Contains(c.ids, result.ID) {
			return callWasCut
		}
		return ""
	})
}

// withResults is a copy of a request in which note has added a paragraph to results; the request itself if it added none.
func withResults(request *chat.Request, note func(chat.ToolResult) string) *chat.Request {
	changed := request
	for i, message := range request.Messages {
		for j, block := range message.Blocks {
			result, ok := block.(chat.ToolResult)
			if !ok {
				continue
			}
			text := note(result)
			if text == "" {
				continue
			}
			if changed == request {
				clone := *request
				clone.Messages = slices.Clone(request.Messages)
				changed = &clone
			}
			if &changed.Messages[i].Blocks[0] == &message.Blocks[0] {
				changed.Messages[i].Blocks = slices.Clone(message.Blocks)
			}
			result.Content = append(slices.Clone(result.Content), chat.Text{Text: text})
			changed.Messages[i].Blocks[j] = result
		}
	}
	return changed
}
