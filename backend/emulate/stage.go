package emulate

import (
	"context"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// editor goes over the events of one answer and passes on what the client is to see.
type editor interface {
	take(event chat.Event, out *outlet)
}

// stage is a Sender that words the request anew and edits the answer.
type stage struct {
	next    Sender
	prepare func(*chat.Request) *chat.Request // nil leaves the request as it is
	editor  func() editor                     // a new one for each answer
}

func (s stage) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		asked := request
		if s.prepare != nil {
			asked = s.prepare(request)
		}
		out, editor := outlet{yield: yield}, s.editor()
		for event, err := range s.next.Send(ctx, asked, record) {
			if err != nil {
				yield(chat.Event{}, err)
				return
			}
			if editor.take(event, &out); out.left || out.ended {
				break
			}
		}
		out.close(asked)
	}
}

// outlet is where the events of an answer go on to.
type outlet struct {
	yield  func(chat.Event, error) bool
	tokens chat.Tokens // of what was passed on
	left   bool        // nobody listens any more
	ended  bool        // the answer ends here, whatever the upstream would still say
	last   chat.Event  // the Stopped of an answer that ended here
}

// pass passes an event on, unless the answer is over.
func (o *outlet) pass(event chat.Event) {
	if o.left || o.ended {
		return
	}
	o.tokens.AddEvent(event)
	o.left = !o.yield(event, nil)
}

// say passes text on, if there is any.
func (o *outlet) say(kind chat.EventKind, text string) {
	if text != "" {
		o.pass(chat.Event{Kind: kind, Text: text})
	}
}

// end ends the answer: the upstream is left, and then what it spent is estimated. sequence is the stop sequence that matched.
func (o *outlet) end(reason chat.StopReason, sequence string) {
	o.ended = true
	o.last = chat.Event{Kind: chat.Stopped, Reason: reason, Text: sequence}
}

// close says the last words of an answer that ended here.
func (o *outlet) close(request *chat.Request) {
	if o.left || !o.ended {
		return
	}
	spent := chat.Usage{Input: chat.Estimate(request), Output: o.tokens.Count(), Source: chat.Estimated}
	if o.yield(chat.Event{Kind: chat.Spent, Usage: spent}, nil) {
		o.yield(o.last, nil)
	}
}
