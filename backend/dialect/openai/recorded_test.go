package openai

import (
	"encoding/json"
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
	if err != nil || len(paths) < 13 {
		t.Fatalf("only %d recordings: %v", len(paths), err)
	}
	for _, path := range paths {
		call := recorded(t, filepath.Base(path))
		if call.Method != "POST" {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) { compareRecording(t, call.Body) })
	}
}

func compareRecording(t *testing.T, body []byte) {
	request, rendering, err := Decode(body, meta())
	if err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal(body, &sent); err != nil {
		t.Fatal(err)
	}
	if request.Model != sent["model"] || request.Stream != (sent["stream"] == true) {
		t.Errorf("model %q, stream %t", request.Model, request.Stream)
	}
	if asked := strings.Contains(string(body), `"include_usage": true`); rendering.includeUsage != asked {
		t.Errorf("usage asked for: %t", asked)
	}
	said := describeRequest(request)
	for _, message := range list(sent["messages"]) {
		for _, essential := range essentials(message) {
			if !strings.Contains(said, essential) {
				t.Errorf("lost %.80s", essential)
			}
		}
	}
	compareTools(t, list(sent["tools"]), request.Tools)
}

// essentials are the texts of a message that must appear in the description of the request.
func essentials(message any) []string {
	m := message.(map[string]any)
	var found []string
	add := func(value any) {
		if text, ok := value.(string); ok {
			quoted, _ := json.Marshal(text)
			found = append(found, strings.Trim(string(quoted), `"`))
		}
	}
	add(m["content"])
	add(m["tool_call_id"])
	for _, part := range list(m["content"]) {
		p := part.(map[string]any)
		add(p["text"])
		if image, ok := p["image_url"].(map[string]any); ok {
			_, payload, _ := strings.Cut(image["url"].(string), ",")
			add(payload)
		}
	}
	for _, call := range list(m["tool_calls"]) {
		c := call.(map[string]any)
		function := c["function"].(map[string]any)
		found = append(found, "use "+c["id"].(string)+" of "+function["name"].(string)+": "+function["arguments"].(string))
	}
	return found
}

func compareTools(t *testing.T, sent []any, tools []chat.Tool) {
	if len(sent) != len(tools) {
		t.Fatalf("%d tools of %d", len(tools), len(sent))
	}
	for i, tool := range sent {
		function := tool.(map[string]any)["function"].(map[string]any)
		var schema any
		if err := json.Unmarshal(tools[i].Schema, &schema); err != nil {
			t.Fatal(err)
		}
		if tools[i].Name != function["name"] || tools[i].Description != function["description"] || !reflect.DeepEqual(schema, function["parameters"]) {
			t.Errorf("tool %d: %+v", i, tools[i])
		}
	}
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
	if r := ask("openai-sdk.chat-tools-required"); r.ToolChoice != (chat.ToolChoice{Mode: chat.ChoiceAny, Single: true}) {
		t.Errorf("the SDK's required tool: %+v", r.ToolChoice)
	}
	if r := ask("openai-sdk.chat-json-schema"); r.Format.Kind != chat.FormatSchema || r.Format.Name != "t" || len(r.Format.Schema) == 0 {
		t.Errorf("the SDK's schema: %+v", r.Format)
	}
	if r := ask("ai-sdk.compatible-object"); r.Format.Kind != chat.FormatJSON {
		t.Errorf("the AI SDK's json_object: %+v", r.Format)
	}
	if r := ask("opencode.openai-compatible.title"); r.MaxTokens != 32000 || len(r.Messages) != 2 || r.System == "" {
		t.Errorf("opencode's title: %d messages, %d tokens", len(r.Messages), r.MaxTokens)
	}
	r := ask("openai-sdk.chat-params-image")
	image, ok := r.Messages[0].Blocks[1].(chat.Image)
	if !ok || image.MediaType != "image/png" || r.System != "be brief" || r.MaxTokens != 50 || r.Stop[0] != "END" || r.Reasoning.Effort != "low" {
		t.Errorf("the SDK's parameters: %s", describeRequest(r))
	}
}

func TestModelsAsTheRecordedSDKListsAndRetrievesThem(t *testing.T) {
	at := time.Unix(1700000000, 0)
	if call := recorded(t, "openai-sdk.models-list.json"); call.Path != "/v1/models" {
		t.Errorf("list from %s", call.Path)
	}
	const one = `{"id":"claude-sonnet-4.5","object":"model","created":1700000000,"owned_by":"amazon-q"}`
	for want, value := range map[string]any{
		`{"object":"list","data":[` + one + `]}`: Models([]string{"claude-sonnet-4.5"}, at),
		`{"object":"list","data":[]}`:            Models(nil, at),
		one:                                      Model("claude-sonnet-4.5", at),
	} {
		if got, err := json.Marshal(value); err != nil || string(got) != want {
			t.Errorf("got %s, %v", got, err)
		}
	}
}
