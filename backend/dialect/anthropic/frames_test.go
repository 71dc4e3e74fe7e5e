package anthropic

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

func TestEveryStorysFramesSatisfyTheStrictestClient(t *testing.T) {
	for _, path := range stories(t) {
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
		r := &Rendering{id: "msg_x", model: rapid.String().Draw(t, "model"), thinks: rapid.Bool().Draw(t, "thinks"), input: 7}
		events := drawAnswer(t)
		h, err := listen(play(r, streaming(events, nil)))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := chat.Collect(streaming(events, nil))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := json.Marshal(r.Reply(answer))
		if err != nil {
			t.Fatal(err)
		}
		heard, err := json.Marshal(h.wireMessage)
		if err != nil {
			t.Fatal(err)
		}
		if *h.began.Input != r.input {
			t.Fatalf("message_start counts %d tokens", *h.began.Input)
		}
		if !reflect.DeepEqual(anything(t, heard), anything(t, whole)) {
			t.Fatalf("frames say %s, the reply %s", heard, whole)
		}
	})
}

func anything(t rapid.TB, encoded []byte) any {
	var value any
	if err := json.Unmarshal(encoded, &value); err != nil {
		t.Fatal(err)
	}
	return value
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
				chat.Event{Kind: chat.ThinkingDelta, Signature: rapid.SampledFrom([]string{"", "c2lnbmVk"}).Draw(t, "signature")})
		default:
			events = append(events, drawCall(t)...)
		}
	}
	reason := rapid.SampledFrom([]chat.StopReason{chat.EndTurn, chat.CalledTool, chat.MaxTokens, chat.StopSequence, chat.ContextWindow, chat.Filtered})
	cost := rapid.IntRange(0, 200_000)
	usage := chat.Usage{Input: cost.Draw(t, "in"), Output: cost.Draw(t, "out"), CacheRead: cost.Draw(t, "read"), CacheWrite: cost.Draw(t, "written")}
	return append(events, chat.Event{Kind: chat.Spent, Usage: usage},
		chat.Event{Kind: chat.Stopped, Reason: reason.Draw(t, "reason"), Text: rapid.String().Draw(t, "sequence")})
}

func drawCall(t *rapid.T) []chat.Event {
	id := rapid.StringMatching(`tooluse_[a-z]{4}`).Draw(t, "id")
	events := []chat.Event{{Kind: chat.ToolStart, ToolID: id, Name: rapid.StringMatching(`[a-z_]{1,12}`).Draw(t, "name")}}
	input := rapid.SampledFrom([]string{"", "  ", "{}", " {\"a\": 1}", `{"path":"/tmp/日本","lines":[1,2,{"deep":null}]}`}).Draw(t, "input")
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

// FuzzFrames feeds events in any order, also ones no upstream should send.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("0023456"), "text", true)
	f.Add([]byte("2334234056"), "{}", false)
	f.Add([]byte("3"), "\xff\u2028", true)
	f.Add([]byte("60"), "", false)
	f.Add([]byte("101210"), " ", true)
	f.Fuzz(func(t *testing.T, kinds []byte, text string, thinks bool) {
		var events []chat.Event
		for i, kind := range kinds {
			events = append(events, chat.Event{Kind: chat.EventKind(kind % 8), Text: text, ToolID: text, Name: text, Signature: text[len(text)/2:],
				Reason: chat.StopReason(i % 6)})
		}
		var failure error
		if len(kinds)%2 == 1 {
			failure = fault.New(fault.Unavailable, "%s", text)
		}
		if _, err := listen(play(&Rendering{id: text, model: text, thinks: thinks}, streaming(events, failure))); err != nil {
			t.Fatal(err)
		}
	})
}

func TestACutToolCallIsNeverClosed(t *testing.T) {
	events := []chat.Event{{Kind: chat.ToolStart, ToolID: "t1", Name: "rm"}, {Kind: chat.ToolInput, ToolID: "t1", Text: `{"path":"/tmp`}}
	for name, failure := range map[string]error{"failed": fault.New(fault.Unavailable, "The answer was cut off."), "just ended": nil} {
		h, err := listen(play(&Rendering{}, streaming(events, failure)))
		if err != nil || h.Failure == nil || h.open == nil || h.stopped {
			t.Errorf("%s: heard %+v, %v", name, h, err)
		}
	}
}

func TestAFailureBeforeAnythingIsTheOnlyEvent(t *testing.T) {
	const want = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Busy \\\"now\\\".\"}}\n\n"
	if got := string(play(&Rendering{}, chat.Fail(fault.New(fault.Overloaded, "Busy \"now\".")))); got != want {
		t.Errorf("got %q", got)
	}
}

func TestTheCauseOfAFaultStaysInTheLog(t *testing.T) {
	wire := play(&Rendering{}, chat.Fail(fault.Wrap(fault.Unavailable, errors.New("dial 10.0.0.7"), "No connection.")))
	if strings.Contains(string(wire), "10.0.0.7") {
		t.Errorf("the cause is in %s", wire)
	}
}

// The first block of an answer is its text for everybody who did not ask for thinking.
func TestThinkingThatNobodyAskedForIsNotShown(t *testing.T) {
	events := []chat.Event{{Kind: chat.ThinkingDelta, Text: "hmm", Signature: "s"}, {Kind: chat.TextDelta, Text: "Hello"}, {Kind: chat.Stopped}}
	h, err := listen(play(&Rendering{}, streaming(events, nil)))
	if err != nil || len(*h.Content) != 1 || h.last().Type != "text" {
		t.Errorf("heard %+v, %v", h.Content, err)
	}
}

// Leaving the range at the stop would look like a client that hung up.
func TestAGoodStreamIsRangedToItsEnd(t *testing.T) {
	reached := false
	play(&Rendering{}, func(yield func(chat.Event, error) bool) { reached = yield(chat.Event{Kind: chat.Stopped}, nil) })
	if !reached {
		t.Error("the stream was left at its stop")
	}
}

func TestAClientThatHangsUpEndsTheStreamAtAnyFrame(t *testing.T) {
	events := []chat.Event{{Kind: chat.ThinkingDelta, Text: "t", Signature: "s"}, {Kind: chat.TextDelta, Text: "a"},
		{Kind: chat.ToolStart, ToolID: "i", Name: "n"}, {Kind: chat.ToolEnd}, {Kind: chat.Spent}, {Kind: chat.Stopped}}
	r := &Rendering{thinks: true}
	total := strings.Count(string(play(r, streaming(events, nil))), "event: ")
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

func TestKeepAliveIsAPing(t *testing.T) {
	if got := string((&Rendering{}).KeepAlive().Append(nil)); got != "event: ping\ndata: {\"type\":\"ping\"}\n\n" {
		t.Errorf("got %q", got)
	}
}

func TestAReplyIsNeverWithoutContentAndACallNeverWithoutInput(t *testing.T) {
	if got := string(indented(t, (&Rendering{}).Reply(&chat.Reply{}))); !strings.Contains(got, `"content": []`) {
		t.Errorf("got %s", got)
	}
	calling := &chat.Reply{Blocks: []chat.Block{chat.ToolUse{ID: "i", Name: "n"}}}
	if got := string(indented(t, (&Rendering{}).Reply(calling))); !strings.Contains(got, `"input": {}`) {
		t.Errorf("got %s", got)
	}
}
