package gateway

import (
	"context"
	"net/http"
	"strings"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/sse"
)

// generate answers a request for a model's words. Only what is understood and has a model counts against the key's limits, and nothing
// is sent upstream before they allow it.
func (x *exchange) generate() error {
	key, err := x.identify()
	if err != nil {
		return err
	}
	request, rendering, err := x.decode(key)
	if err != nil {
		return err
	}
	permit, err := x.admit(x.r.Context(), key, ask(key, request))
	if err != nil {
		return err
	}
	defer x.giveBack(permit)
	x.inFlight.Add(1)
	defer x.inFlight.Add(-1)

	ctx, cancel := context.WithCancelCause(x.r.Context())
	defer cancel(nil)
	go cancelIfRevoked(ctx, cancel, permit.Revoked())

	tap := &tap{ctx: ctx, now: x.config.Now, request: request, record: x.record, onFirst: x.noteServed}
	defer tap.settle()
	events := tap.on(x.config.Sender.Send(ctx, request, x.record))
	if request.Stream {
		return x.stream(rendering, tap, events)
	}
	return x.reply(rendering, events)
}

// giveBack runs last, when the record has what the request cost.
func (x *exchange) giveBack(permit Permit) {
	permit.Spend(x.record.Usage)
	permit.Done()
}

// usualAnswer is how many tokens an answer is taken to have before it comes. A client's limit is no better guess: it is seldom reached.
const usualAnswer = 1000

// ask is what a request is going to use. It is estimated for keys that count tokens only.
func ask(key access.Key, request *chat.Request) access.Ask {
	wanted := access.Ask{Model: request.Upstream}
	if !key.CountsTokens() {
		return wanted
	}
	wanted.Estimate = chat.Usage{Input: chat.Estimate(request), Output: usualAnswer, Source: chat.Estimated}
	if request.MaxTokens > 0 {
		wanted.Estimate.Output = min(usualAnswer, request.MaxTokens)
	}
	return wanted
}

// decode reads the request as far as the key may make it.
func (x *exchange) decode(key access.Key) (*chat.Request, Rendering, error) {
	if err := key.AllowsDialect(x.route.dialect.Name); err != nil {
		return nil, nil, err
	}
	body, err := x.body()
	if err != nil {
		return nil, nil, err
	}
	request, rendering, err := x.route.dialect.Decode(body, chat.Meta{
		ID: strings.TrimPrefix(x.record.ID, idPrefix), At: x.record.At, Session: session(x.r.Header), Owner: x.record.KeyID,
		Model: key.DefaultModel,
	})
	if err != nil {
		return nil, nil, err
	}
	x.record.ModelAsked, x.record.Streaming = request.Model, request.Stream
	found, err := x.resolve(key, request.Model)
	if err != nil {
		return nil, nil, err
	}
	request.Upstream, request.Reasoning.Tags, request.Accounts = found.Model, found.ThinkingTags, key.Accounts
	x.record.ModelUsed = found.Model
	return request, rendering, nil
}

func cancelIfRevoked(ctx context.Context, cancel context.CancelCauseFunc, revoked <-chan struct{}) {
	select {
	case <-revoked:
		cancel(fault.New(fault.Unauthenticated, "This key was revoked."))
	case <-ctx.Done():
	}
}

// reply answers in one piece.
func (x *exchange) reply(rendering Rendering, events chat.Stream) error {
	reply, err := chat.Collect(events)
	if err != nil {
		return err
	}
	return x.answer(http.StatusOK, rendering.Reply(reply))
}

// stream answers event by event. A fault before the status was sent is returned, to be answered with a status of its own.
func (x *exchange) stream(rendering Rendering, tap *tap, events chat.Stream) error {
	out := sse.NewWriter(x.w, sse.Options{KeepAliveFrame: rendering.KeepAlive(), OnCommit: x.beginStream})
	defer x.endStream(out)
	tap.withhold = out.Cancel
	for frame := range rendering.Frames(events) {
		if out.Write(frame) != nil {
			break
		}
	}
	if tap.withheld {
		return tap.failure
	}
	x.failure = tap.failure
	return nil
}

// noteServed keeps the name of the account that answers for the headers, which the writer may send from elsewhere.
func (x *exchange) noteServed() {
	if served, ok := x.record.Served(); ok {
		x.served.Store(&served.Account)
	}
}

func (x *exchange) beginStream() {
	header := x.w.Header()
	if account := x.served.Load(); account != nil {
		header.Set("X-Amq2api-Account", headerText(*account))
	}
	header.Set("Content-Type", "text/event-stream; charset=utf-8")
	header.Set("Cache-Control", "no-cache")
	header.Set("X-Accel-Buffering", "no")
}

// endStream runs also when a dialect panics.
func (x *exchange) endStream(out *sse.Writer) {
	committed, err := out.Close()
	if committed {
		x.status = http.StatusOK
	}
	if err != nil && x.failure == nil {
		x.failure = fault.Wrap(fault.Canceled, err, "The client stopped reading.")
	}
}
