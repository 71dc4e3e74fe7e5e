package anthropic

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// FuzzDecode: whatever the body, no panic, and either a fault of kind Invalid or a request the upstream client can rely on.
func FuzzDecode(f *testing.F) {
	paths, _ := filepath.Glob("testdata/recorded/*.json")
	for _, path := range paths {
		f.Add([]byte(recorded(f, filepath.Base(path)).Body))
	}
	f.Add([]byte(`{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":"{\"a\":\"\ud800\"}"}]},{"role":"user"}]}`))
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"search_result","source":"u","content":[{"type":"text","text":"x"}]}]}],"system":[null]}`))
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"text/csv","data":"YQ"}}]}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := CountTokens(body); err != nil && fault.Of(err).Kind != fault.Invalid {
			t.Fatalf("counting: %v", err)
		}
		request, rendering, err := Decode(body, meta())
		if err != nil {
			if found := fault.Of(err); found.Kind != fault.Invalid || found.Message == "" {
				t.Fatalf("got %v", err)
			}
			return
		}
		if rendering == nil || request.Model == "" || len(request.Messages) == 0 || request.MaxTokens < 0 {
			t.Fatalf("an incomplete request: %+v", request)
		}
		for _, tool := range request.Tools {
			if tool.Name == "" || tool.Schema != nil && !isObject(tool.Schema) {
				t.Fatalf("a crooked tool: %+v", tool)
			}
		}
		for _, message := range request.Messages {
			checkBlocks(t, message.Blocks)
		}
	})
}

func checkBlocks(t *testing.T, blocks []chat.Block) {
	for _, block := range blocks {
		switch b := block.(type) {
		case chat.Text:
			if b.Text == "" || !utf8.ValidString(b.Text) {
				t.Fatalf("a crooked text: %q", b.Text)
			}
		case chat.ToolUse:
			if b.Name == "" || b.ID == "" || !isObject(b.Input) || !utf8.Valid(b.Input) {
				t.Fatalf("a crooked use: %+v %s", b, b.Input)
			}
		case chat.ToolResult:
			if b.ID == "" {
				t.Fatalf("a result of nothing: %+v", b)
			}
			checkBlocks(t, b.Content)
		case chat.Image:
			if (b.Data == "") == (b.URL == "") {
				t.Fatalf("an image must have data or a URL: %+v", b)
			}
		case chat.Document:
			if b.Data != "" && b.Text != "" || !utf8.ValidString(b.Text) {
				t.Fatalf("a document has data or text: %+v", b)
			}
		case chat.Thinking:
		default:
			t.Fatalf("no such block here: %#v", block)
		}
	}
}

func isObject(raw json.RawMessage) bool {
	return json.Valid(raw) && strings.HasPrefix(strings.TrimSpace(string(raw)), "{")
}
