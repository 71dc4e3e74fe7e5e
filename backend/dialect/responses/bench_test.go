package responses

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// agentBody is a request like a coding agent's: a long system prompt, 30 tools, and turns with calls and results.
func agentBody(b *testing.B, turns, resultBytes int) []byte {
	prose := func(size int) string { return strings.Repeat("Some \"quoted\" words of prose,\nin lines. ", size/40) }
	items := []any{map[string]any{"type": "message", "role": "developer", "content": []any{map[string]any{"type": "input_text", "text": prose(12_000)}}}}
	for i := range turns {
		id := fmt.Sprintf("call_%d", i)
		arguments := fmt.Sprintf(`{"command":"go test ./pkg%d","description":"runs \"tests\""}`, i)
		items = append(items, map[string]any{"role": "user", "content": prose(400)},
			map[string]any{"type": "function_call", "call_id": id, "name": "bash", "arguments": arguments},
			map[string]any{"type": "function_call_output", "call_id": id, "output": prose(resultBytes)})
	}
	var tools []any
	for i := range 30 {
		schema := map[string]any{"type": "object", "properties": map[string]any{
			"path": map[string]any{"type": "string", "description": prose(200)}, "limit": map[string]any{"type": "integer"}}}
		tools = append(tools, map[string]any{"type": "function", "name": fmt.Sprintf("tool_%d", i), "description": prose(1500), "parameters": schema})
	}
	body, err := json.Marshal(map[string]any{"model": "claude-sonnet-4-5", "stream": true, "input": items, "tools": tools})
	if err != nil {
		b.Fatal(err)
	}
	return body
}

func BenchmarkDecode200K(b *testing.B) {
	body := agentBody(b, 20, 5000)
	if len(body) < 180_000 || len(body) > 220_000 {
		b.Fatalf("%d bytes", len(body))
	}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := new(Dialect).Decode(body, meta()); err != nil {
			b.Fatal(err)
		}
	}
}
