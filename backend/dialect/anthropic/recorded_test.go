package anthropic

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"amq2api/backend/chat"
)

type recording struct {
	Method string
	Path   string
	Body   json.RawMessage
}

// recorded is a request that a real client sent, in testdata/recorded.
func recorded(t testing.TB, name string) recording {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata/recorded", name))
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// TestNothingEssentialOfARecordedRequestIsLost compares what real clients sent, read without our types, with what was decoded.
func TestNothingEssentialOfARecordedRequestIsLost(t *testing.T) {
	paths, err := filepath.Glob("testdata/recorded/*.json")
	if err != nil || len(paths) < 21 {
		t.Fatalf("only %d recordings: %v", len(paths), err)
	}
	for _, path := range paths {
		call := recorded(t, filepath.Base(path))
		if call.Method == "POST" {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) { compareRecording(t, call) })
		}
	}
}

func compareRecording(t *testing.T, call recording) {
	request, rendering, err := Decode(call.Body, meta())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := CountTokens(call.Body); err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal(call.Body, &sent); err != nil {
		t.Fatal(err)
	}
	if request.Model != sent["model"] || request.Stream != (sent["stream"] == true) || len(request.Messages) != len(list(sent["messages"])) {
		t.Errorf("model %q, stream %t, %d messages", request.Model, request.Stream, len(request.Messages))
	}
	if limit, ok := sent["max_tokens"].(float64); ok && request.MaxTokens != int(limit) {
		t.Errorf("max tokens %d", request.MaxTokens)
	}
	if rendering.input == 0 || rendering.input != chat.Estimate(request) {
		t.Errorf("a stream would begin with %d tokens", rendering.input)
	}
	compareSystem(t, sent["system"], request.System)
	for i, message := range list(sent["messages"]) {
		m := message.(map[string]any)
		if request.Messages[i].Role.String() != m["role"] {
			t.Errorf("message %d is %s's", i, request.Messages[i].Role)
		}
		compareContent(t, m["content"], request.Messages[i].Blocks)
	}
	compareTools(t, list(sent["tools"]), request.Tools)
	compareSession(t, sent["metadata"], request.Session)
}

func compareSystem(t *testing.T, sent any, got string) {
	if text, ok := sent.(string); ok && got != text {
		t.Errorf("system %q", got)
	}
	for _, block := range list(sent) {
		text := block.(map[string]any)["text"].(string)
		isBilling := strings.HasPrefix(text, "x-anthropic-billing-header")
		if strings.Contains(got, text) == isBilling {
			t.Errorf("billing header %t, in the system prompt %t: %.60s", isBilling, !isBilling, text)
		}
	}
}

// compareContent wants every block in its place, with everything that means something.
func compareContent(t *testing.T, sent any, blocks []chat.Block) {
	if text, ok := sent.(string); ok {
		sent = []any{map[string]any{"type": "text", "text": text}}
	}
	if len(list(sent)) != len(blocks) {
		t.Fatalf("%d blocks of %d", len(blocks), len(list(sent)))
	}
	for i, block := range list(sent) {
		s := block.(map[string]any)
		var want chat.Block
		switch s["type"] {
		case "text":
			want = chat.Text{Text: s["text"].(string)}
		case "thinking":
			want = chat.Thinking{Text: s["thinking"].(string), Signature: s["signature"].(string)}
		case "image":
			source := s["source"].(map[string]any)
			want = chat.Image{MediaType: source["media_type"].(string), Data: source["data"].(string)}
		case "tool_use":
			use := blocks[i].(chat.ToolUse)
			if use.ID != s["id"] || use.Name != s["name"] || !reflect.DeepEqual(jsonValue(t, use.Input), s["input"]) {
				t.Errorf("block %d: %s", i, describeBlock(use))
			}
			continue
		case "tool_result":
			result := blocks[i].(chat.ToolResult)
			if result.ID != s["tool_use_id"] || result.IsError != (s["is_error"] == true) {
				t.Errorf("block %d: %s", i, describeBlock(result))
			}
			compareContent(t, s["content"], result.Content)
			continue
		}
		if blocks[i] != want {
			t.Errorf("block %d: %.80s", i, describeBlock(blocks[i]))
		}
	}
}

func compareTools(t *testing.T, sent []any, tools []chat.Tool) {
	for _, tool := range sent {
		s := tool.(map[string]any)
		if s["input_schema"] == nil {
			continue // a server's
		}
		if len(tools) == 0 {
			t.Fatalf("lost the tool %s", s["name"])
		}
		got := tools[0]
		tools = tools[1:]
		if got.Name != s["name"] || got.Description != s["description"] || !reflect.DeepEqual(jsonValue(t, got.Schema), s["input_schema"]) {
			t.Errorf("tool %s: %+v", s["name"], got)
		}
	}
	if len(tools) > 0 {
		t.Errorf("%d tools too many", len(tools))
	}
}

func compareSession(t *testing.T, metadata any, got string) {
	want := meta().Session
	if m, ok := metadata.(map[string]any); ok {
		user := jsonValue(t, []byte(m["user_id"].(string)))
		want = user.(map[string]any)["session_id"].(string)
	}
	if got != want {
		t.Errorf("session %q, want %q", got, want)
	}
}

func jsonValue(t *testing.T, encoded []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(encoded, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func list(value any) []any {
	items, _ := value.([]any)
	return items
}

func TestWhatEachRecordedClientAsksFor(t *testing.T) {
	ask := func(name string) *chat.Request {
		request, _, err := Decode(recorded(t, name+".json").Body, meta())
		if err != nil {
			t.Fatal(err)
		}
		return request
	}
	if r := ask("anthropic-sdk.create-image"); r.System != "brief" || r.Stop[0] != "END" || r.MaxTokens != 64 {
		t.Errorf("the SDK's parameters: %s", describeRequest(r))
	}
	if r := ask("anthropic-sdk.thinking"); r.Reasoning != (chat.Reasoning{Enabled: true, Budget: 1024}) {
		t.Errorf("the SDK's thinking: %+v", r.Reasoning)
	}
	if r := ask("ai-sdk.anthropic-object"); r.Format.Kind != chat.FormatSchema || !strings.Contains(string(r.Format.Schema), "title") {
		t.Errorf("the AI SDK's object: %+v", r.Format)
	}
	if r := ask("claude-code.opus-default.text"); r.Messages[1].Role != chat.System || len(r.Tools) != 25 || r.Reasoning.Effort != "high" {
		t.Errorf("Claude Code's first turn: %s, %d tools, %+v", r.Messages[1].Role, len(r.Tools), r.Reasoning)
	}
	if r := ask("claude-code.tui-title-json-schema"); r.Format.Kind != chat.FormatSchema || r.Reasoning.Enabled {
		t.Errorf("Claude Code's title: %+v, %+v", r.Format, r.Reasoning)
	}
	if r := ask("claude-code.websearch-subrequest"); len(r.Tools) != 0 || r.ToolChoice != (chat.ToolChoice{}) || !strings.HasSuffix(r.System, "The tool web_search is not available here. Say so, and answer from what you know.") {
		t.Errorf("Claude Code's search: %+v, system %q", r.ToolChoice, r.System)
	}
	if r := ask("cline.anthropic.tool-turn2"); len(r.Tools) != 25 || r.Tools[0].Name != "read_files" {
		t.Errorf("Cline's tools: %d", len(r.Tools))
	}
}

func TestModelsAsTheRecordedSDKListsThem(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678, time.FixedZone("CET", 3600))
	if call := recorded(t, "anthropic-sdk.models-list.json"); call.Path != "/v1/models?limit=2" {
		t.Errorf("list from %s", call.Path)
	}
	one := func(id, name string) string {
		return fmt.Sprintf(`{"type":"model","id":%q,"display_name":%q,"created_at":"2026-01-02T02:04:05Z"}`, id, name)
	}
	sonnet, auto := one("claude-sonnet-4.5", "Claude Sonnet 4.5"), one("auto", "Auto")
	for want, value := range map[string]any{
		`{"data":[` + sonnet + `,` + auto + `],"has_more":false,"first_id":"claude-sonnet-4.5","last_id":"auto"}`: Models([]string{"claude-sonnet-4.5", "auto"}, at),
		`{"data":[],"has_more":false,"first_id":null,"last_id":null}`:                                             Models(nil, at),
		sonnet:              Model("claude-sonnet-4.5", at),
		one("é--x", "É  X"): Model("é--x", at),
	} {
		if got, err := json.Marshal(value); err != nil || string(got) != want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}
