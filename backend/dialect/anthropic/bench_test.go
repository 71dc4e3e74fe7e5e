package anthropic

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"amq2api/backend/chat"
	"amq2api/backend/sse"
)

// agentBody is a request like a coding agent's: a long system prompt, 30 tools, and turns with calls and results.
func agentBody(b *testing.B, turns, resultBytes int) []byte {
	prose := func(size int) string {
		return strings.Repeat("func main() {\n\tfmt.Println(\"a line of code or prose, as agents send it\")\n}\n", size/75)
	}
	block := func(members ...any) map[string]any {
		b := map[string]any{}
		for i := 0; i < len(members); i += 2 {
			b[members[i].(string)] = members[i+1]
		}
		return b
	}
	var messages, tools []any
	for i := range turns {
		id := fmt.Sprintf("toolu_%d", i)
		command := block("command", fmt.Sprintf("go test ./pkg%d", i), "description", "runs \"tests\"")
		messages = append(messages,
			block("role", "user", "content", []any{block("type", "text", "text", prose(400))}),
			block("role", "assistant", "content", []any{block("type", "text", "text", "I will run the tests."),
				block("type", "tool_use", "id", id, "name", "bash", "input", command)}),
			block("role", "user", "content", []any{block("type", "tool_result", "tool_use_id", id, "content", prose(resultBytes))}))
	}
	for i := range 30 {
		schema := block("type", "object", "properties", block("path", block("type", "string", "description", prose(200)), "limit", block("type", "integer")))
		tools = append(tools, block("name", fmt.Sprintf("tool_%d", i), "description", prose(1500), "input_schema", schema))
	}
	body, err := json.Marshal(block("model", "claude-sonnet-4-5", "max_tokens", 32000, "stream", true, "messages", messages, "tools", tools,
		"system", []any{block("type", "text", "text", prose(12_000), "cache_control", block("type", "ephemeral"))}))
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func decodeAgain(b *testing.B, body []byte) {
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Decode(body, meta()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode200K(b *testing.B) {
	body := agentBody(b, 20, 5000)
	if len(body) < 180_000 || len(body) > 220_000 {
		b.Fatalf("%d bytes", len(body))
	}
	decodeAgain(b, body)
}

func BenchmarkDecode1K(b *testing.B) {
	const text = `{"model":"claude-sonnet-4-5","max_tokens":1000,"stream":true,"messages":[{"role":"user","content":%q}]}`
	decodeAgain(b, fmt.Appendf(nil, text, strings.Repeat("hello there ", 80)))
}

func textEvents(count int) []chat.Event {
	events := make([]chat.Event, 0, count+2)
	for range count {
		events = append(events, chat.Event{Kind: chat.TextDelta, Text: "forty bytes of text, as deltas are long\n"})
	}
	return append(events, chat.Event{Kind: chat.Spent}, chat.Event{Kind: chat.Stopped})
}

func TestATextDeltaCostsNoAllocation(t *testing.T) {
	const count = 1000
	stream := streaming(textEvents(count), nil)
	wire := make([]byte, 0, 1024)
	allocs := testing.AllocsPerRun(10, func() {
		for frame := range (&Rendering{id: "msg_x", model: "m"}).Frames(stream) {
			wire = frame.Append(wire[:0])
		}
	})
	if allocs > count/10 {
		t.Errorf("%v allocations for %d events", allocs, count)
	}
}

func BenchmarkTextFrames(b *testing.B) {
	stream := streaming(textEvents(1000), nil)
	r := &Rendering{id: "msg_0123456789abcdef", model: "claude-sonnet-4-5"}
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
