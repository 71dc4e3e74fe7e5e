// Package emulate gives every dialect what the upstream lacks, as stages around a sender of chat streams.
//
// The upstream knows neither stop sequences nor a limit of tokens, a choice of tools, a format or thinking. Each of them is a stage: it
// may word the request differently on its way in, and goes over the answer's events on their way out. Only the stages that a request
// needs stand in its way. A stage is lazy, leaving its range leaves the upstream, an error ends it, and no request is ever changed: what
// goes on is a copy.
package emulate

import (
	"context"
	"log/slog"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// Sender answers requests. The call is made when the stream is ranged; record belongs to the stream until its range ends.
type Sender interface {
	Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream
}

// Options is what can be chosen. The zero value is ready to use.
type Options struct {
	// BreakRepeats tells whether a model that makes the same call again and again is told so. Nil is never.
	BreakRepeats func() bool
	// Apart does work in a place that may be lost: a client's schema can take all memory there is, or never come to an end. Its error means
	// that the work was lost. Nil does it here.
	Apart func(ctx context.Context, kind string, input []byte) (result []byte, err error)
	// Log hears of calls and schemas that do not fit. Nil is silence.
	Log *slog.Logger
}

// New makes a Sender that sends through next and adds what it lacks.
func New(next Sender, options Options) Sender {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &emulation{next: next, options: options}
}

type emulation struct {
	next    Sender
	options Options
	cut     cutCalls
}

// Send builds the chain a request needs, from the upstream outwards. What became of earlier calls is told first, as every question the
// other stages ask repeats the conversation. Thinking comes out before any other stage takes it for text. What ends an answer early comes
// before what asks twice, so that each of the two answers is bounded.
func (e *emulation) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	next := e.remember(e.next, request)
	next = e.repeats(next, request)
	next = thinking(next, request)
	next = limit(next, request)
	next = stop(next, request)
	next = choose(next, request)
	next = single(next, request)
	next = e.strict(next, request)
	next = e.format(next, request)
	return next.Send(ctx, request, record)
}
