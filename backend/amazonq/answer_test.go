package amazonq

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

func testClient() *Client {
	return &Client{now: time.Now, log: slog.New(slog.DiscardHandler), online: func() bool { return true }}
}

// answerTo reads a stream and yields what a consumer would see.
func answerTo(t testing.TB, stream []byte, yield func(chat.Event, error) bool) {
	t.Helper()
	ctx, patience := newPatience(t.Context(), usualSilence)
	defer patience.end()
	request := &chat.Request{Messages: []chat.Message{{Blocks: []chat.Block{chat.Text{Text: "hi"}}}}}
	reply := &answer{client: testClient(), request: request, names: newToolNames(nil), yield: yield}
	if err := reply.read(ctx, bytes.NewReader(stream), patience); err != nil && !errors.Is(err, errLeft) {
		yield(chat.Event{}, err)
	}
}

func eventHeaders(kind string) []byte {
	const name = ":event-type"
	headers := append([]byte{byte(len(name))}, name...)
	return append(append(headers, 7, 0, byte(len(kind))), kind...)
}

// grammar checks that events come in an order a consumer can rely on. It knows nothing of how they are made.
type grammar struct {
	t       testing.TB
	open    string
	input   []byte
	ids     map[string]bool
	spent   bool
	stopped bool
	failed  bool
}

func (g *grammar) yield(e chat.Event, err error) bool {
	if g.failed || g.stopped {
		g.t.Fatalf("after the end came %+v, %v", e, err)
	}
	if err != nil {
		if f := fault.Of(err); f.Kind == fault.Internal || f.Message == "" {
			g.t.Fatalf("the fault is not classified: %v", err)
		}
		g.failed = true
		return true
	}
	if g.spent != (e.Kind == chat.Stopped) {
		g.t.Fatalf("Spent and Stopped are not the last two: %+v", e)
	}
	switch e.Kind {
	case chat.TextDelta, chat.ThinkingDelta:
		if g.open != "" || e.Text+e.Signature == "" {
			g.t.Fatalf("an empty delta, or one inside call %q: %+v", g.open, e)
		}
	case chat.ToolStart:
		if g.open != "" || e.ToolID == "" || e.Name == "" || g.ids[e.ToolID] {
			g.t.Fatalf("a call that may not start here: %+v", e)
		}
		g.open, g.input, g.ids[e.ToolID] = e.ToolID, nil, true
	case chat.ToolInput, chat.ToolEnd:
		if g.open != e.ToolID {
			g.t.Fatalf("a part of another call than %q: %+v", g.open, e)
		}
		g.input = append(g.input, e.Text...)
		if e.Kind == chat.ToolEnd {
			g.open = ""
			if !json.Valid(g.input) || g.input[bytes.IndexFunc(g.input, func(r rune) bool { return r > ' ' })] != '{' {
				g.t.Fatalf("a call ended with the input %q", g.input)
			}
		}
	case chat.Spent:
		g.spent = true
	case chat.Stopped:
		g.stopped = true
	}
	return true
}

func FuzzAnswer(f *testing.F) {
	kinds := []string{"assistantResponseEvent", "toolUseEvent", "reasoningContentEvent", "metadataEvent", "contextUsageEvent", "meteringEvent", "codeEvent", "somethingNew"}
	f.Add([]byte(`0{"content":"Hi"}` + "\n" + `1{"toolUseId":"t1","name":"ls","input":"{\"a\":"}` + "\n" + `1{"toolUseId":"t2","name":"ls"}` + "\n" +
		`1{"toolUseId":"t1","name":"ls","input":"1}","stop":true}` + "\n" + `0{"content":"x"}` + "\n" + `1{"toolUseId":"t2","name":"ls","stop":true}`))
	f.Add([]byte(`2{"text":"a","signature":"b"}` + "\n" + `3{"tokenUsage":{"uncachedInputTokens":1e300,"outputTokens":-1}}` + "\n" + `4{"contextUsagePercentage":1e300}` + "\n" + `5{}` + "\n" + `7?`))
	f.Add([]byte(`1{"toolUseId":"t1","name":"ls","input":{},"stop":true}` + "\n" + `1{"toolUseId":"t1","name":"ls","input":{"a":1}}`))
	f.Add([]byte(`1{"toolUseId":"t1","name":"ls","input":"{\"a\":1} x","stop":true}`))
	f.Fuzz(func(t *testing.T, script []byte) {
		var stream []byte
		for line := range bytes.Lines(script) {
			payload := bytes.TrimSuffix(line, []byte("\n"))
			if len(payload) > 0 {
				stream = append(stream, EncodeMessage(eventHeaders(kinds[int(payload[0])%len(kinds)]), payload[1:])...)
			}
		}
		g := &grammar{t: t, ids: map[string]bool{}}
		answerTo(t, stream, g.yield)
		if !g.failed && !g.stopped {
			t.Error("the stream just stopped")
		}
	})
}

func TestATextEventCostsOneAllocation(t *testing.T) {
	event := EncodeMessage(eventHeaders("assistantResponseEvent"), []byte(`{"content":"pack my \"box\" with\nfive 中文 dozen"}`))
	a := &answer{client: testClient(), yield: func(chat.Event, error) bool { return true }}
	allocationsPerEvent(t, a, event, 1)
}

func TestAToolInputEventCostsTwoAllocations(t *testing.T) {
	event := EncodeMessage(eventHeaders("toolUseEvent"), []byte(`{"input":"pack my \\\"box\\\" with","name":"Write","toolUseId":"tooluse_a1"}`))
	a := &answer{client: testClient(), names: newToolNames(nil), yield: func(chat.Event, error) bool { return true }}
	allocationsPerEvent(t, a, event, 2)
}

func allocationsPerEvent(t *testing.T, a *answer, event []byte, most float64) {
	t.Helper()
	source := bytes.NewReader(event)
	messages := newFrames(source)
	got := testing.AllocsPerRun(1000, func() {
		source.Reset(event)
		message, err := messages.next()
		if err != nil {
			t.Fatal(err)
		}
		if err := a.take(message); err != nil {
			t.Fatal(err)
		}
	})
	if got > most {
		t.Errorf("an event costs %v allocations, want at most %v", got, most)
	}
}

func BenchmarkTextEvent(b *testing.B) {
	benchmarkEvent(b, "assistantResponseEvent", `{"content":"pack my box with five dozen liquor \"jugs\" now"}`)
}

func BenchmarkToolInputEvent(b *testing.B) {
	benchmarkEvent(b, "toolUseEvent", `{"input":"pack my box with five dozen liquor","name":"Write","toolUseId":"tooluse_a1"}`)
}

// benchmarkEvent measures one event from bytes to the consumer.
func benchmarkEvent(b *testing.B, kind, payload string) {
	event := EncodeMessage(eventHeaders(kind), []byte(payload))
	source := bytes.NewReader(event)
	messages := newFrames(source)
	a := &answer{client: testClient(), names: newToolNames(nil), yield: func(chat.Event, error) bool { return true }}
	b.ReportAllocs()
	b.SetBytes(int64(len(event)))
	for b.Loop() {
		source.Reset(event)
		message, err := messages.next()
		if err != nil {
			b.Fatal(err)
		}
		if err := a.take(message); err != nil {
			b.Fatal(err)
		}
		if use := a.uses["tooluse_a1"]; use != nil {
			use.input = use.input[:0] // it would grow without end
		}
	}
}

func TestAMessageOfAnUnknownTypeIsIgnored(t *testing.T) {
	headers := append([]byte{13}, ":message-type\x07\x00\x03new"...)
	stream := append(EncodeMessage(headers, []byte("{}")), EncodeMessage(eventHeaders("assistantResponseEvent"), []byte(`{"content":"Hi"}`))...)
	g := &grammar{t: t, ids: map[string]bool{}}
	answerTo(t, stream, g.yield)
	if !g.stopped {
		t.Error("the answer was lost")
	}
}

func TestADamagedMessageEndsTheAnswer(t *testing.T) {
	good := EncodeMessage(eventHeaders("assistantResponseEvent"), []byte(`{"content":"Hi"}`))
	damaged := bytes.Clone(good)
	damaged[len(damaged)-6] ^= 1
	g := &grammar{t: t, ids: map[string]bool{}}
	answerTo(t, append(append(bytes.Clone(good), damaged...), good...), g.yield)
	if !g.failed {
		t.Error("the damage went unnoticed")
	}
}
