package emulate

import (
	"context"
	"strings"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// forced demands a tool call. Everything before the first call is held back: if there is none, the model is asked once more, and what
// it says then is the answer, with or without a call.
type forced struct {
	next         Sender
	first, again string
}

func (f forced) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		asked := instructed(request, f.first)
		hold := &holding{}
		if !each(f.next.Send(ctx, asked, record), yield, hold.take) || !hold.refused {
			return
		}
		asked = answered(asked, hold.text(), f.again)
		each(f.next.Send(ctx, asked, record), yield, func(event chat.Event, pass func(chat.Event) bool) bool {
			if event.Kind == chat.Spent {
				event.Usage = sum(hold.usage, event.Usage)
			}
			return pass(event)
		})
	}
}

// each ranges a stream and gives its events to take, until take returns false. It returns false if the stream failed, which the client
// is told.
func each(stream chat.Stream, yield func(chat.Event, error) bool, take func(chat.Event, func(chat.Event) bool) bool) bool {
	pass := func(event chat.Event) bool { return yield(event, nil) }
	for event, err := range stream {
		if err != nil {
			yield(chat.Event{}, err)
			return false
		}
		if !take(event, pass) {
			break
		}
	}
	return true
}

// holding holds an answer back until it is known whether it has a call.
type holding struct {
	held    []chat.Event
	called  bool
	refused bool // the model ended its turn without a call
	usage   chat.Usage
}

func (h *holding) take(event chat.Event, pass func(chat.Event) bool) bool {
	if h.called {
		return pass(event)
	}
	switch event.Kind {
	case chat.ToolStart:
		h.called = true
	case chat.Spent:
		h.usage = event.Usage
	case chat.Stopped:
		if h.refused = event.Reason == chat.EndTurn; h.refused {
			return true
		}
		h.called = true // there will be none: something else ended the answer, and asking again would end the same way
	}
	h.held = append(h.held, event)
	return !h.called || release(&h.held, pass)
}

// text is what the model said instead of calling a tool.
func (h *holding) text() string {
	var text strings.Builder
	for _, event := range h.held {
		if event.Kind == chat.TextDelta {
			text.WriteString(event.Text)
		}
	}
	return text.String()
}

// sum is what two calls cost together. It is known as well as the worse known of the two.
func sum(a, b chat.Usage) chat.Usage {
	return chat.Usage{
		Input:      a.Input + b.Input,
		Output:     a.Output + b.Output,
		CacheRead:  a.CacheRead + b.CacheRead,
		CacheWrite: a.CacheWrite + b.CacheWrite,
		Source:     max(a.Source, b.Source),
		Credits:    a.Credits + b.Credits,
	}
}
