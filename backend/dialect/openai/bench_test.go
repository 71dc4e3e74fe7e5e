package openai

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// agentBody is a request like a coding agent's: a long system prompt, 30 tools, and turns with calls and results.
func agentBody(b *testing.B, turns, resultBytes int) []byte {
	prose := func(size int) string { return strings.Repeat("Some \"quoted\" words of prose,\nin lines. ", size/40) }
	messages := []any{map[string]any{"role": "system", "content": prose(12_000)}}
	for i := range turns {
		id := fmt.Sprintf("call_%d", i)
		arguments := fmt.Sprintf(`{"command":"go test ./pkg%d","description":"runs \"tests\""}`, i)
		call := map[string]any{"id": id, "type": "function", "function": map[string]any{"name": "bash", "arguments": arguments}}
		messages = append(messages, map[string]any{"role": "user", "content": prose(400)},
			map[string]any{"role": "assistant", "content": nil, "tool_calls": []any{call}},
			map[string]any{"role": "tool", "tool_call_id": id, "content": prose(resultBytes)})
	}
	var tools []any
	for i := range 30 {
		schema := map[string]any{"type": "object", "properties": map[string]any{
			"path": map[string]any{"type": "string", "description": prose(200)}, "limit": map[string]any{"type": "integer"}}}
		tools = append(tools, map[string]any{"type": "function",
			"function": map[string]any{"name": fmt.Sprintf("tool_%d", i), "description": prose(1500), "parameters": schema}})
	}
	body, err := json.Marshal(map[string]any{"model": "claude-sonnet-4-5", "stream": true, "messages": messages, "tools": tools})
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
	body := fmt.Sprintf(`{"model":"claude-sonnet-4-5","stream":true,"messages":[{"role":"user","content":%q}]}`, strings.Repeat("hello there ", 80))
	decodeAgain(b, []byte(body))
}
