package gateway

import (
	"context"
	"errors"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// tap sits on the stream between the sender and the dialect. It makes sure that a stream ends with a stop or a fault, turns a panic of
// the sender into a fault, and notes in the record what came through.
type tap struct {
	ctx      context.Context
	now      func() time.Time
	request  *chat.Request
	record   *usage.Record
	onFirst  func()      // called with the first event, by whoever ranges the stream
	withhold func() bool // asked when a stream fails before its first event: true keeps the fault from the dialect; nil never does

	failure  *fault.Error // what ended the stream
	withheld bool         // failure was not passed on
	begun    bool
	stopped  bool
	spent    bool
	handing  bool // an event is being handed on: a panic now is the consumer's
	output   chat.Tokens
}

func (t *tap) on(stream chat.Stream) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		if t.failure = t.pass(stream, yield); t.failure == nil {
			return
		}
		if t.withheld = !t.begun && t.withhold != nil && t.withhold(); !t.withheld {
			yield(chat.Event{}, t.failure)
		}
	}
}

// pass hands events on until the stream ends or nobody wants more. It returns the fault that ended the stream.
func (t *tap) pass(stream chat.Stream, yield func(chat.Event, error) bool) (failure *fault.Error) {
	defer func() {
		if t.handing {
			return
		}
		if cause := recover(); cause != nil {
			failure = panicked(cause)
		}
	}()
	for event, err := range stream {
		if err != nil {
			return t.classify(err)
		}
		t.note(event)
		t.handing = true
		wanted := yield(event, nil)
		t.handing = false
		if !wanted {
			return nil
		}
	}
	if !t.stopped {
		return t.classify(chat.ErrUnfinished)
	}
	return nil
}

// classify finds the fault in an error. When the request itself was ended, the reason is in its context.
func (t *tap) classify(err error) *fault.Error {
	if t.ctx.Err() != nil {
		return fault.Of(context.Cause(t.ctx))
	}
	if errors.Is(err, chat.ErrUnfinished) {
		return fault.Wrap(fault.Unavailable, err, "Amazon Q's answer broke off before its end. Try again.")
	}
	return fault.Of(err)
}

func (t *tap) note(event chat.Event) {
	if !t.begun {
		t.begun = true
		t.record.FirstEvent = t.now().Sub(t.record.At)
		t.onFirst()
	}
	switch event.Kind {
	case chat.Spent:
		t.spent, t.record.Usage = true, event.Usage
	case chat.Stopped:
		t.stopped = true
	default:
		t.output.AddEvent(event)
	}
}

// settle estimates what an answer cost that did not get as far as saying so.
func (t *tap) settle() {
	if t.begun && !t.spent {
		t.record.Usage = chat.Usage{Input: chat.Estimate(t.request), Output: t.output.Count(), Source: chat.Estimated}
	}
}
