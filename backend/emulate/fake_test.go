package emulate_test

import (
	"context"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"amq2api/backend/chat"
	"amq2api/backend/emulate"
	"amq2api/backend/usage"
)

// fake answers with one answer after the other, and remembers what it was asked and whether it was left.
type fake struct {
	answers [][]chat.Event
	failure error // after the events of the last answer
	asked   []*chat.Request
	left    bool
}

func (f *fake) Send(_ context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		events := f.answers[min(len(f.asked), len(f.answers)-1)]
		f.asked = append(f.asked, request)
		record.Attempts = append(record.Attempts, usage.Attempt{})
		for _, event := range events {
			if !yield(event, nil) {
				f.left = true
				return
			}
		}
		if f.failure != nil {
			yield(chat.Event{}, f.failure)
		}
	}
}

var cost = chat.Usage{Input: 10, Output: 3, Source: chat.Measured, Credits: 0.5}

func say(text string) chat.Event   { return chat.Event{Kind: chat.TextDelta, Text: text} }
func think(text string) chat.Event { return chat.Event{Kind: chat.ThinkingDelta, Text: text} }

func call(name, input string) []chat.Event {
	return []chat.Event{
		{Kind: chat.ToolStart, ToolID: "id-" + name, Name: name},
		{Kind: chat.ToolInput, ToolID: "id-" + name, Text: input},
		{Kind: chat.ToolEnd, ToolID: "id-" + name},
	}
}

// whole completes events to a good stream.
func whole(reason chat.StopReason, events ...chat.Event) []chat.Event {
	return append(events, chat.Event{Kind: chat.Spent, Usage: cost}, chat.Event{Kind: chat.Stopped, Reason: reason})
}

func join(parts ...[]chat.Event) []chat.Event {
	var all []chat.Event
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// cut draws other borders of deltas for the same answer.
func cut(t *rapid.T, events []chat.Event) []chat.Event {
	var pieces []chat.Event
	for _, event := range events {
		for event.Kind <= chat.ThinkingDelta && len(event.Text) > 1 {
			n := rapid.IntRange(1, len(event.Text)).Draw(t, "cut")
			piece := event
			piece.Text, event.Text = event.Text[:n], event.Text[n:]
			pieces = append(pieces, piece)
		}
		if event.Kind > chat.ThinkingDelta || event.Text != "" {
			pieces = append(pieces, event)
		}
	}
	return pieces
}

// fold asks for an answer and folds it. A stage that says something after the end, or says it twice, fails the test.
func fold(t rapid.TB, f *fake, options emulate.Options, request *chat.Request) *chat.Reply {
	t.Helper()
	var spent, stopped int
	var record usage.Record
	stream := emulate.New(f, options).Send(context.Background(), request, &record)
	reply, err := chat.Collect(func(yield func(chat.Event, error) bool) {
		for event, err := range stream {
			if stopped > 0 {
				t.Errorf("%+v, %v came after the end", event, err)
			}
			switch event.Kind {
			case chat.Spent:
				spent++
			case chat.Stopped:
				stopped++
			}
			if !yield(event, err) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if spent != 1 || stopped != 1 {
		t.Fatalf("the answer has %d costs and %d ends", spent, stopped)
	}
	return reply
}

// story is an answer and what becomes of it, wherever its deltas are cut.
type story struct {
	name    string
	request chat.Request
	events  []chat.Event
	want    []chat.Block
	reason  chat.StopReason
	stop    string
	left    bool // before its end
}

func tell(t *testing.T, options emulate.Options, stories []story) {
	for _, s := range stories {
		t.Run(s.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				f, before := &fake{answers: [][]chat.Event{cut(t, s.events)}}, s.request
				got := fold(t, f, options, &s.request)
				if !reflect.DeepEqual(got.Blocks, s.want) {
					t.Errorf("got  %q\nwant %q", got.Blocks, s.want)
				}
				if got.Reason != s.reason || got.StopSequence != s.stop || f.left != s.left {
					t.Errorf("reason %d %q, left %v", got.Reason, got.StopSequence, f.left)
				}
				if s.left == (got.Usage == cost) {
					t.Errorf("the cost was %+v", got.Usage)
				}
				if !reflect.DeepEqual(before, s.request) {
					t.Error("the request was changed")
				}
			})
		})
	}
}

func record() *usage.Record { return &usage.Record{} }

// words is a reply's text.
func words(reply *chat.Reply) string {
	var all string
	for _, block := range reply.Blocks {
		if said, ok := block.(chat.Text); ok {
			all += said.Text
		}
	}
	return all
}
