package responses

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"amq2api/backend/chat"
)

type recording struct {
	Method string
	Path   string
	Body   json.RawMessage
}

func recorded(t testing.TB, path string) recording {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r recording
	if err := json.Unmarshal(content, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func recordings(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/recorded/*.json")
	if err != nil || len(paths) < 8 {
		t.Fatalf("only %d recordings: %v", len(paths), err)
	}
	return paths
}

// TestNothingEssentialOfARecordedRequestIsLost compares what real clients sent, read without our types, with what was decoded.
func TestNothingEssentialOfARecordedRequestIsLost(t *testing.T) {
	for _, path := range recordings(t) {
		call := recorded(t, path)
		if call.Method != "POST" || call.Path != "/v1/responses" {
			t.Errorf("%s is no request to this API", path)
		}
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) { compareRecording(t, call.Body) })
	}
}

func compareRecording(t *testing.T, body []byte) {
	request, rendering, err := new(Dialect).Decode(body, meta())
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
	said := describeRequest(request)
	for _, essential := range append(essentials(sent["input"]), essentials(sent["instructions"])...) {
		if !strings.Contains(said, essential) {
			t.Errorf("lost %.80s", essential)
		}
	}
	compareTools(t, functions("", elements(sent["tools"])), request.Tools)
	if _, err := listen(play(rendering, streaming(calling(), nil))); err != nil {
		t.Errorf("its answer: %v", err)
	}
}

// essentials are the texts of an input, at any depth, that must appear in the description of the request.
func essentials(value any) []string {
	var found []string
	switch v := value.(type) {
	case string:
		quoted, _ := json.Marshal(v)
		return []string{unescaped(strings.Trim(string(quoted), `"`))}
	case []any:
		for _, element := range v {
			found = append(found, essentials(element)...)
		}
	case map[string]any:
		for _, name := range []string{"content", "text", "call_id", "output"} {
			found = append(found, essentials(v[name])...)
		}
		if url, ok := v["image_url"].(string); ok {
			_, payload, _ := strings.Cut(url, ",")
			found = append(found, payload)
		}
		if v["type"] == "function_call" {
			namespace, _ := v["namespace"].(string)
			found = append(found, "use "+v["call_id"].(string)+" of "+qualified(namespace, v["name"].(string))+": "+v["arguments"].(string))
		}
	}
	return found
}

// unescaped undoes what JSON escapes and Go's quoting does not.
func unescaped(text string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(text)
}

type sentTool struct {
	namespace string
	function  map[string]any
}

func functions(namespace string, tools []any) []sentTool {
	var found []sentTool
	for _, tool := range tools {
		switch t := tool.(map[string]any); t["type"] {
		case "function":
			found = append(found, sentTool{namespace, t})
		case "namespace":
			found = append(found, functions(t["name"].(string), elements(t["tools"]))...)
		}
	}
	return found
}

func compareTools(t *testing.T, sent []sentTool, tools []chat.Tool) {
	if len(sent) != len(tools) {
		t.Fatalf("%d tools of %d", len(tools), len(sent))
	}
	for i, tool := range sent {
		var schema any
		if err := json.Unmarshal(tools[i].Schema, &schema); err != nil {
			t.Fatal(err)
		}
		description, _ := tool.function["description"].(string)
		if tools[i].Name != tool.function["name"] || tools[i].Namespace != tool.namespace || !strings.HasPrefix(tools[i].Description, description) ||
			!reflect.DeepEqual(schema, tool.function["parameters"]) {
			t.Errorf("tool %d: %+v", i, tools[i])
		}
	}
}

func elements(value any) []any {
	items, _ := value.([]any)
	return items
}

func TestWhatEachRecordedClientAsksFor(t *testing.T) {
	ask := func(name string) (*chat.Request, *Rendering) {
		request, rendering, err := rememberingDialect().Decode(recorded(t, "testdata/recorded/"+name+".json").Body, meta())
		if err != nil {
			t.Fatal(err)
		}
		return request, rendering
	}
	r, rendering := ask("codex.namespace-call-turn2")
	if len(r.Tools) != 12 || r.Tools[4].Namespace != "multi_agent_v1" || r.System == "" || len(r.Messages) != 4 || rendering.store != nil {
		t.Errorf("Codex: %d tools, %d messages, stored %t", len(r.Tools), len(r.Messages), rendering.store != nil)
	}
	if use, ok := r.Messages[2].Blocks[0].(chat.ToolUse); !ok || use.Namespace != "multi_agent_v1" || use.Name != "close_agent" {
		t.Errorf("Codex's call: %+v", r.Messages[2])
	}
	if want := "00000000-0000-4000-8000-000000000033"; r.Session != want || r.Reasoning.Enabled {
		t.Errorf("Codex's session: %s, reasoning %+v", r.Session, r.Reasoning)
	}
	r, _ = ask("codex.image")
	last := r.Messages[len(r.Messages)-1]
	if image, ok := last.Blocks[1].(chat.Image); !ok || image.MediaType != "image/png" {
		t.Errorf("Codex's image: %+v", last)
	}
	if r, rendering = ask("ai-sdk.openai-responses-object"); r.Format.Kind != chat.FormatSchema || r.Format.Name != "response" || rendering.store == nil {
		t.Errorf("the AI SDK's schema: %+v", r.Format)
	}
	if r, _ = ask("openai-sdk.responses-string"); r.System != "brief" || len(r.Messages) != 1 || r.Stream {
		t.Errorf("the SDK's text: %s", describeRequest(r))
	}
	if r, _ = ask("openai-sdk.responses-tool"); len(r.Tools) != 1 || r.Tools[0].Name != "bash" {
		t.Errorf("the SDK's tool: %s", describeRequest(r))
	}
}
