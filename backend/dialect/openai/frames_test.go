package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
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
		wantsUsage := bytes.Contains(section(archive, "request.json"), []byte(`"include_usage":true`))
		if _, err := listen(frames, wantsUsage); frames != nil && err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A client that puts the frames together must hold what the whole answer says.
func TestFramesFoldedBackAreTheReply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := &Rendering{id: "chatcmpl-x", created: 7, model: rapid.String().Draw(t, "model"),
			includeUsage: rapid.Bool().Draw(t, "usage"), legacy: rapid.Bool().Draw(t, "legacy")}
		events := drawAnswer(t)
		h, err := listen(play(r, streaming(events, nil)), r.includeUsage)
		if err != nil {
			t.Fatal(err)
		}
		reply, err := chat.Collect(streaming(events, nil))
		if err != nil {
			t.Fatal(err)
		}
		want := heardFrom(t, r.Reply(reply))
		if !r.includeUsage {
			want.Usage = ""
		}
		got := heard{Content: h.Content, Reasoning: h.Reasoning, Calls: h.Calls, Legacy: h.Legacy, Finish: h.Finish, Usage: h.Usage}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("frames say %+v, the reply %+v", got, want)
		}
	})
}

// heardFrom reads a whole answer the way a client does.
func heardFrom(t rapid.TB, reply any) heard {
	encoded, err := json.Marshal(reply)
	if err != nil {
		t.Fatal(err)
	}
	var whole struct {
		Choices []struct {
			Message struct {
				Content   *string `json:"content"`
				Reasoning string  `json:"reasoning_content"`
				Calls     []struct {
					ID       string
					Function heardCall
				} `json:"tool_calls"`
				Legacy *heardCall `json:"function_call"`
			}
			Finish string `json:"finish_reason"`
		}
		Usage json.RawMessage
	}
	if err := json.Unmarshal(encoded, &whole); err != nil {
		t.Fatal(err)
	}
	message := whole.Choices[0].Message
	h := heard{Content: text(message.Content), Reasoning: message.Reasoning, Legacy: message.Legacy,
		Finish: whole.Choices[0].Finish, Usage: string(whole.Usage)}
	for _, call := range message.Calls {
		h.Calls = append(h.Calls, heardCall{call.ID, call.Function.Name, call.Function.Arguments})
	}
	if (message.Content == nil) != (h.Content == "" && (len(h.Calls) > 0 || h.Legacy != nil)) {
		t.Fatalf("content must be null if there are only calls, only then: %s", encoded)
	}
	return h
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
	f.Add([]byte("0023456"), "text", true, false)
	f.Add([]byte("2334234056"), "{}", false, true)
	f.Add([]byte("3"), "\xff\u2028", true, true)
	f.Add([]byte("60"), "", false, false)
	f.Fuzz(func(t *testing.T, kinds []byte, text string, usage, legacy bool) {
		var events []chat.Event
		for i, kind := range kinds {
			events = append(events, chat.Event{Kind: chat.EventKind(kind % 8), Text: text, ToolID: text, Name: text, Reason: chat.StopReason(i % 6)})
		}
		var failure error
		if len(kinds)%2 == 1 {
			failure = fault.New(fault.Unavailable, "%s", text)
		}
		r := &Rendering{id: text, model: text, includeUsage: usage, legacy: legacy}
		if _, err := listen(play(r, streaming(events, failure)), usage); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAnErrorEndsTheStreamWithoutDone(t *testing.T) {
	cut := fault.New(fault.Unavailable, "The answer was cut off.")
	h, err := listen(play(&Rendering{}, streaming([]chat.Event{{Kind: chat.TextDelta, Text: "half"}}, cut)), false)
	if err != nil || h.done || h.Finish != "" || h.Failure == nil || h.Failure.Message != cut.Message {
		t.Errorf("heard %+v, %v", h, err)
	}
}

func TestTheCauseOfAFaultStaysInTheLog(t *testing.T) {
	wire := play(&Rendering{}, chat.Fail(fault.Wrap(fault.Unavailable, errors.New("dial 10.0.0.7"), "No connection.")))
	if strings.Contains(string(wire), "10.0.0.7") {
		t.Errorf("the cause is in %s", wire)
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
	events := []chat.Event{{Kind: chat.TextDelta, Text: "a"}, {Kind: chat.ToolStart, ToolID: "i", Name: "n"}, {Kind: chat.ToolEnd},
		{Kind: chat.Spent}, {Kind: chat.Stopped}}
	total := 0
	for range (&Rendering{includeUsage: true}).Frames(streaming(events, nil)) {
		total++
	}
	for stop := 1; stop < total; stop++ {
		seen := 0
		for range (&Rendering{includeUsage: true}).Frames(streaming(events, nil)) {
			if seen++; seen == stop {
				break
			}
		}
		if seen != stop {
			t.Errorf("stopped at frame %d, saw %d", stop, seen)
		}
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
		for frame := range (&Rendering{id: "chatcmpl-x", model: "m"}).Frames(stream) {
			wire = frame.Append(wire[:0])
		}
	})
	if allocs > count/10 {
		t.Errorf("%v allocations for %d events", allocs, count)
	}
}

func BenchmarkTextFrames(b *testing.B) {
	stream := streaming(textEvents(1000), nil)
	r := &Rendering{id: "chatcmpl-0123456789abcdef", model: "claude-sonnet-4-5"}
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

func writeSeed(f *testing.F, add func([]byte)) {
	paths, _ := filepath.Glob("testdata/recorded/*.json")
	for _, path := range paths {
		recorded, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var call struct{ Body json.RawMessage }
		if err := json.Unmarshal(recorded, &call); err != nil {
			f.Fatal(err)
		}
		add(call.Body)
	}
}
