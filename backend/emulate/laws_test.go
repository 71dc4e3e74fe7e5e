package emulate_test

import (
	"errors"
	"testing"

	"amq2api/backend/chat"
	"amq2api/backend/emulate"
	"amq2api/backend/fault"
)

// everything is a request that needs every stage.
func everything() *chat.Request {
	r := choosing(chat.ChoiceAny, "")
	r.Reasoning.Tags, r.Stop, r.MaxTokens, r.ToolChoice.Single = true, []string{"END"}, 100, true
	r.Format, r.Reasoning.Enabled = chat.Format{Kind: chat.FormatJSON}, true
	return &r
}

func TestAnErrorIsTheLastThingAStageSays(t *testing.T) {
	broken := fault.New(fault.Throttled, "slow down")
	for _, streaming := range []bool{false, true} {
		f := &fake{answers: [][]chat.Event{{say("<thinking>a</thinking>EN")}}, failure: broken}
		request := everything()
		request.Stream = streaming
		var last error
		for event, err := range emulate.New(f, emulate.Options{}).Send(t.Context(), request, record()) {
			if last != nil || err == nil {
				t.Errorf("it said %+v, %v", event, err)
			}
			last = err
		}
		if !errors.Is(last, broken) || len(f.asked) != 1 {
			t.Errorf("got %v after %d calls", last, len(f.asked))
		}
	}
}

func TestNothingIsSentBeforeTheRange(t *testing.T) {
	f := &fake{answers: [][]chat.Event{whole(0)}}
	emulate.New(f, emulate.Options{}).Send(t.Context(), everything(), record())
	if len(f.asked) != 0 {
		t.Error("it was")
	}
}

func TestLeavingTheRangeLeavesTheUpstream(t *testing.T) {
	for _, change := range []func(*chat.Request){
		func(r *chat.Request) { r.Stop = []string{"x"} },
		func(r *chat.Request) { r.MaxTokens = 9 },
		func(r *chat.Request) { r.ToolChoice.Mode = chat.ChoiceAny },
		func(r *chat.Request) { r.ToolChoice.Single = true },
		func(r *chat.Request) { r.Stream, r.Format.Kind = true, chat.FormatJSON },
		func(r *chat.Request) { r.Upstream, r.Reasoning.Enabled = "tagged", true },
	} {
		request := choosing(chat.ChoiceAuto, "")
		change(&request)
		f := &fake{answers: [][]chat.Event{whole(0, join([]chat.Event{say("{a")}, call("a", "{}"))...)}}
		for range emulate.New(f, emulate.Options{}).Send(t.Context(), &request, record()) {
			break
		}
		if !f.left || len(f.asked) != 1 {
			t.Errorf("left %v after %d calls", f.left, len(f.asked))
		}
	}
}

func TestARequestThatNeedsNothingCostsNothing(t *testing.T) {
	plain := &chat.Request{Tools: []chat.Tool{{Name: "a"}}, MaxTokens: 32_000}
	measure := func(deltas int) float64 {
		events := make([]chat.Event, deltas)
		f := &fake{answers: [][]chat.Event{whole(0, events...)}}
		sender, rec := emulate.New(f, emulate.Options{}), record()
		return testing.AllocsPerRun(20, func() {
			f.asked, rec.Attempts = f.asked[:0], rec.Attempts[:0]
			for range sender.Send(t.Context(), plain, rec) {
			}
		})
	}
	if few, many := measure(1), measure(1000); many > few {
		t.Errorf("an event costs %v allocations", (many-few)/999)
	}
	f := &fake{answers: [][]chat.Event{whole(0)}}
	fold(t, f, emulate.Options{}, plain)
	if f.asked[0] != plain {
		t.Error("the request was copied")
	}
}
