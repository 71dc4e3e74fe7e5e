package responses

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/sse"
)

func TestEveryStorysFramesSatisfyTheStrictestClient(t *testing.T) {
	paths, _ := filepath.Glob("testdata/*.txtar")
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		frames := section(archive, "frames")
		if _, err := listen(frames); frames != nil && err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A client that puts the frames together must hold what the whole answer says.
func TestFramesFoldedBackAreTheReply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &Rendering{id: "x", created: 7, model: rapid.String().Draw(t, "model"), custom: map[toolName]bool{{"", "free"}: true, {"ns", "free"}: true}}
		events := drawAnswer(t)
		h, err := listen(play(r, streaming(events, nil)))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := chat.Collect(streaming(events, nil))
		if err != nil {
			t.Fatal(err)
		}
		want := wholeFrom(t, r.Reply(reply))
		if len(h.Items) != len(want.Output) || len(h.Items) > 0 && !reflect.DeepEqual(h.Items, want.Output) {
			t.Fatalf("frames say %+v, the reply %+v", h.Items, want.Output)
		}
		if !reflect.DeepEqual(h.Last.members, want.members) {
			t.Fatalf("frames end with %s, the reply is %s", h.Last.members, want.members)
		}
	})
}

func TestWhatIsEmptyDoesNotPartAnItem(t *testing.T) {
	text := func(s string) chat.Event { return chat.Event{Kind: chat.TextDelta, Text: s} }
	thought := func(s string) chat.Event { return chat.Event{Kind: chat.ThinkingDelta, Text: s} }
	events := []chat.Event{thought("a"), text(""), thought("b"), text("c"), {Kind: chat.ThinkingDelta, Signature: "s"}, text("d"), thought(""),
		{Kind: chat.Spent}, {Kind: chat.Stopped, Reason: chat.MaxTokens}}
	reply, err := chat.Collect(streaming(events, nil))
	if err != nil {
		t.Fatal(err)
	}
	r := &Rendering{id: "x"}
	h, err := listen(play(r, streaming(events, nil)))
	if err != nil || len(h.Items) != 2 || (*h.Items[0].Summary)[0].Text != "ab" || (*h.Items[1].Content)[0].Text != "cd" || h.Items[1].Status != "incomplete" {
		t.Fatalf("heard %+v, %v", h.Items, err)
	}
	if want := encode(r.items(reply.Blocks, incomplete)); string(h.Last.members["output"]) != string(want) {
		t.Errorf("streamed %s, whole %s", h.Last.members["output"], want)
	}
}

// A whole reply may have parted what a stream has not: Collect ends a run at an empty delta.
func TestNeighboursOfAKindAreOneItem(t *testing.T) {
	items := (&Rendering{}).items([]chat.Block{chat.Thinking{Text: "a"}, chat.Thinking{Text: "b"}, chat.Text{Text: "c"}, chat.Thinking{Signature: "s"},
		chat.Text{}, chat.Text{Text: "d"}}, completed)
	if len(items) != 2 || items[0].block() != (chat.Thinking{Text: "ab"}) || items[1].block() != (chat.Text{Text: "cd"}) {
		t.Errorf("got %+v", blocks(items))
	}
}

func wholeFrom(t rapid.TB, reply any) *wireWhole {
	var whole wireWhole
	if err := json.Unmarshal(encode(reply), &whole); err != nil {
		t.Fatal(err)
	}
	return &whole
}

// drawAnswer makes a good stream: any runs of text, thinking and calls, in fragments of any size.
func drawAnswer(t *rapid.T) []chat.Event {
	var events []chat.Event
	for range rapid.IntRange(0, 8).Draw(t, "blocks") {
		switch rapid.IntRange(0, 2).Draw(t, "block") {
		case 0:
			for range rapid.IntRange(0, 3).Draw(t, "deltas") {
				events = append(events, chat.Event{Kind: chat.TextDelta, Text: rapid.String().Draw(t, "text")})
			}
		case 1:
			events = append(events, chat.Event{Kind: chat.ThinkingDelta, Text: rapid.String().Draw(t, "thinking")},
				chat.Event{Kind: chat.ThinkingDelta, Signature: "signed"})
		default:
			events = append(events, drawCall(t)...)
		}
	}
	reason := rapid.SampledFrom([]chat.StopReason{chat.EndTurn, chat.CalledTool, chat.MaxTokens, chat.StopSequence, chat.ContextWindow, chat.Filtered})
	cost := rapid.IntRange(0, 200_000)
	return append(events,
		chat.Event{Kind: chat.Spent, Usage: chat.Usage{Input: cost.Draw(t, "in"), Output: cost.Draw(t, "out"), CacheRead: cost.Draw(t, "cached")}},
		chat.Event{Kind: chat.Stopped, Reason: reason.Draw(t, "reason")})
}

func drawCall(t *rapid.T) []chat.Event {
	id := rapid.StringMatching(`tooluse_[a-z]{4}`).Draw(t, "id")
	events := []chat.Event{{Kind: chat.ToolStart, ToolID: id, Name: rapid.SampledFrom([]string{"free", "bound"}).Draw(t, "name"),
		Namespace: rapid.SampledFrom([]string{"", "ns"}).Draw(t, "namespace")}}
	input := rapid.SampledFrom([]string{"", "  ", "{}", " {\"a\": 1}", ` { "input": "\u00e9\n" } `, `{"input":5}`, `{"path":"/tmp/日本","lines":[1,2,{"deep":null}]}`}).
		Draw(t, "input")
	for input != "" {
		cut := rapid.IntRange(1, len(input)).Draw(t, "cut")
		for cut < len(input) && input[cut]&0xC0 == 0x80 {
			cut++
		}
		events = append(events, chat.Event{Kind: chat.ToolInput, ToolID: id, Text: input[:cut]})
		input = input[cut:]
	}
	return append(events, chat.Event{Kind: chat.ToolEnd, ToolID: id})
}

func streaming(events []chat.Event, failure error) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		for _, event := range events {
			if !yield(event, nil) {
				return
			}
		}
		if failure != nil {
			yield(chat.Event{}, failure)
		}
	}
}

// FuzzFrames feeds events in any order, also ones no upstream should send.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("0023456"), "text", true)
	f.Add([]byte("2334234056"), "{}", false)
	f.Add([]byte("3"), "\xff\u2028", true)
	f.Add([]byte("60"), "", false)
	f.Add([]byte("02306"), `{"input":"x"}`, true)
	f.Fuzz(func(t *testing.T, kinds []byte, text string, custom bool) {
		text = strings.ToValidUTF8(text, "\uFFFD") // upstream text comes out of JSON
		var events []chat.Event
		for i, kind := range kinds {
			events = append(events, chat.Event{Kind: chat.EventKind(kind % 8), Text: text, ToolID: text, Name: text, Reason: chat.StopReason(i % 6)})
		}
		var failure error
		if len(kinds)%2 == 1 {
			failure = fault.New(fault.Unavailable, "%s", text)
		}
		r := &Rendering{id: "x", model: text, custom: map[toolName]bool{{"", text}: custom}}
		h, err := listen(play(r, streaming(events, failure)))
		if err != nil {
			t.Fatal(err)
		}
		if h.open != nil && h.Last.Status != "failed" {
			t.Fatalf("an open item in a response that is %s", h.Last.Status)
		}
	})
}

func TestACallThatWasNotEndedIsNeverCompleted(t *testing.T) {
	for _, next := range []chat.Event{{Kind: chat.Stopped}, {Kind: chat.TextDelta, Text: "x"}, {Kind: chat.ToolStart, ToolID: "j", Name: "n"}} {
		events := []chat.Event{{Kind: chat.ToolStart, ToolID: "i", Name: "rm"}, {Kind: chat.ToolInput, Text: `{"path":"/`}, next, {Kind: chat.Stopped}}
		h, err := listen(play(&Rendering{}, streaming(events, nil)))
		if err != nil || h.Last.Status != "failed" || len(h.Items) != 0 || len(h.Last.Output) != 0 {
			t.Errorf("before %v: %+v, %v", next, h.Last, err)
		}
	}
}

func TestTheCauseOfAFaultStaysInTheLog(t *testing.T) {
	wire := play(&Rendering{}, chat.Fail(fault.Wrap(fault.Unavailable, errors.New("dial 10.0.0.7"), "No connection.")))
	if strings.Contains(string(wire), "10.0.0.7") {
		t.Errorf("the cause is in %s", wire)
	}
}

// The status is committed by the first frame, and a failure before it can still be a real one.
func TestNothingIsSentBeforeTheFirstEvent(t *testing.T) {
	asked := false
	stream := func(yield func(chat.Event, error) bool) {
		asked = true
		yield(chat.Event{Kind: chat.Stopped}, nil)
	}
	for range (&Rendering{}).Frames(stream) {
		if !asked {
			t.Fatal("a frame before the stream was asked")
		}
	}
}

// Leaving the range at the stop would look like a client that hung up.
func TestAGoodStreamIsRangedToItsEnd(t *testing.T) {
	reached := false
	stream := func(yield func(chat.Event, error) bool) {
		reached = yield(chat.Event{Kind: chat.Stopped}, nil)
	}
	play(&Rendering{}, stream)
	if !reached {
		t.Error("the stream was left at its stop")
	}
}

func TestAClientThatHangsUpEndsTheStreamAtAnyFrame(t *testing.T) {
	events := []chat.Event{{Kind: chat.TextDelta, Text: "a"}, {Kind: chat.ThinkingDelta, Text: "b"}, {Kind: chat.ToolStart, ToolID: "i", Name: "n"},
		{Kind: chat.ToolEnd}, {Kind: chat.ToolStart, ToolID: "i", Name: "c"}, {Kind: chat.ToolInput, Text: `{"input":"x"}`}, {Kind: chat.ToolEnd},
		{Kind: chat.Spent}, {Kind: chat.Stopped}}
	r := &Rendering{custom: map[toolName]bool{{"", "c"}: true}}
	total := 0
	for range r.Frames(streaming(events, nil)) {
		total++
	}
	for stop := 1; stop < total; stop++ {
		seen := 0
		for range r.Frames(streaming(events, nil)) {
			if seen++; seen == stop {
				break
			}
		}
		if seen != stop {
			t.Errorf("stopped at frame %d, saw %d", stop, seen)
		}
	}
}

func TestKeepAliveRepeatsTheSecondEvent(t *testing.T) {
	r := &Rendering{id: "x", model: "m"}
	frames := strings.SplitAfter(string(play(r, streaming([]chat.Event{{Kind: chat.Stopped}}, nil))), "\n\n")
	if got := string(r.KeepAlive().Append(nil)); got != frames[1] {
		t.Errorf("got %q, the second frame is %q", got, frames[1])
	}
}

func TestAReplysCallWithoutInputHasAnEmptyObject(t *testing.T) {
	reply := &chat.Reply{Blocks: []chat.Block{chat.ToolUse{ID: "i", Name: "n"}}}
	if got := string(indented(t, (&Rendering{}).Reply(reply))); !strings.Contains(got, `"arguments": "{}"`) {
		t.Errorf("got %s", got)
	}
}

func textEvents(count int) []chat.Event {
	events := make([]chat.Event, 0, count+2)
	for range count {
		events = append(events, chat.Event{Kind: chat.TextDelta, Text: "forty bytes of text, as deltas are long\n"})
	}
	return append(events, chat.Event{Kind: chat.Spent}, chat.Event{Kind: chat.Stopped})
}

func TestATextEventCostsNoAllocation(t *testing.T) {
	const count = 1000
	stream := streaming(textEvents(count), nil)
	wire := make([]byte, 0, 1024)
	allocs := testing.AllocsPerRun(10, func() {
		for frame := range (&Rendering{id: "x", model: "m"}).Frames(stream) {
			wire = frame.Append(wire[:0])
		}
	})
	if allocs > count/5 {
		t.Errorf("%v allocations for %d events", allocs, count)
	}
}

func BenchmarkTextFrames(b *testing.B) {
	stream := streaming(textEvents(1000), nil)
	r := &Rendering{id: "0123456789abcdef", model: "claude-sonnet-4-5"}
	b.ReportAllocs()
	var last sse.Frame
	for b.Loop() {
		for frame := range r.Frames(stream) {
			last = frame
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
	if last.Data == nil {
		b.Fatal("no frames")
	}
}
