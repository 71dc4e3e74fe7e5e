package responses

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

func decoded(t *testing.T, body string) *chat.Request {
	t.Helper()
	request, _, err := new(Dialect).Decode([]byte(body), meta())
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func TestToolChoiceForms(t *testing.T) {
	const tools = `{"model":"m","input":"x","tools":[{"type":"function","name":"f"},{"type":"custom","name":"c"},` +
		`{"type":"namespace","name":"n","tools":[{"type":"function","name":"g"}]}],`
	for members, want := range map[string]struct {
		choice chat.ToolChoice
		shown  string
	}{
		tools + `"tool_choice":null}`:                                                        {chat.ToolChoice{}, `"auto"`},
		tools + `"tool_choice":"auto"}`:                                                      {chat.ToolChoice{}, `"auto"`},
		tools + `"tool_choice":"none"}`:                                                      {chat.ToolChoice{Mode: chat.ChoiceNone}, `"none"`},
		tools + `"tool_choice":"required"}`:                                                  {chat.ToolChoice{Mode: chat.ChoiceAny}, `"required"`},
		tools + `"tool_choice":{"type":"function","name":"f"}}`:                              {chat.ToolChoice{Mode: chat.ChoiceNamed, Name: "f"}, `{"type":"function","name":"f"}`},
		tools + `"tool_choice":{"type":"function","function":{"name":"f"}}}`:                 {chat.ToolChoice{Mode: chat.ChoiceNamed, Name: "f"}, `{"type":"function","name":"f"}`},
		tools + `"tool_choice":{"type":"custom","name":"c"}}`:                                {chat.ToolChoice{Mode: chat.ChoiceNamed, Name: "c"}, `{"type":"custom","name":"c"}`},
		tools + `"tool_choice":{"type":"function","name":"g","namespace":"n"}}`:              {chat.ToolChoice{Mode: chat.ChoiceNamed, Name: "g", Namespace: "n"}, `{"type":"function","name":"g","namespace":"n"}`},
		tools + `"parallel_tool_calls":false}`:                                               {chat.ToolChoice{Single: true}, `"auto"`},
		`{"model":"m","input":"x","tool_choice":"required"}`:                                 {chat.ToolChoice{}, `"auto"`},
		`{"model":"m","input":"x","tools":[{"type":"web_search"}],"tool_choice":"required"}`: {chat.ToolChoice{}, `"auto"`},
	} {
		request, rendering, err := new(Dialect).Decode([]byte(members), meta())
		if err != nil {
			t.Fatal(err)
		}
		if request.ToolChoice != want.choice || string(rendering.wishes.ToolChoice) != want.shown {
			t.Errorf("%s: %+v, shown as %s", members, request.ToolChoice, rendering.wishes.ToolChoice)
		}
	}
}

func TestLimitsFormatsAndReasoning(t *testing.T) {
	const head = `{"model":"m","input":"x",`
	for members, want := range map[string]int{
		`"max_output_tokens":32000`: 32000, `"max_output_tokens":4096.0`: 4096, `"max_output_tokens":-1`: 0, `"max_output_tokens":null`: 0,
		`"max_output_tokens":1e300`: 1<<31 - 1,
	} {
		if got := decoded(t, head+members+"}").MaxTokens; got != want {
			t.Errorf("%s: %d", members, got)
		}
	}
	for members, want := range map[string]chat.FormatKind{
		`"text":null`: chat.FormatText, `"text":{"verbosity":"low"}`: chat.FormatText, `"text":{"format":{"type":"text"}}`: chat.FormatText,
		`"text":{"format":{"type":"json_object"}}`:                         chat.FormatJSON,
		`"text":{"format":{"type":"json_schema","name":"x"}}`:              chat.FormatJSON,
		`"text":{"format":{"type":"json_schema","name":"x","schema":{}}}`:  chat.FormatSchema,
		`"text":{"format":{"type":"json_schema","schema":null,"name":""}}`: chat.FormatJSON,
	} {
		if got := decoded(t, head+members+"}").Format.Kind; got != want {
			t.Errorf("%s: %d", members, got)
		}
	}
	for members, want := range map[string]chat.Reasoning{
		`null`: {}, `{"summary":"auto"}`: {}, `{"effort":null}`: {}, `{"effort":""}`: {},
		`{"effort":"none"}`: {Effort: "none"}, `{"effort":"low","summary":"detailed"}`: {Enabled: true, Effort: "low"},
	} {
		if got := decoded(t, head+`"reasoning":`+members+"}").Reasoning; got != want {
			t.Errorf("%s: %+v", members, got)
		}
	}
}

func TestASystemMessageWithAPictureStaysAMessage(t *testing.T) {
	r := decoded(t, `{"model":"m","instructions":"i","input":[{"role":"system","content":[{"type":"input_image","image_url":"https://example.com/a.png"}]},{"role":"user"}]}`)
	if r.System != "i" || len(r.Messages) != 2 || r.Messages[0].Role != chat.System {
		t.Errorf("%s", describeRequest(r))
	}
}

func TestTheLastMessageStaysSomethingToAnswer(t *testing.T) {
	r := decoded(t, `{"model":"m","instructions":"i","input":[{"role":"developer","content":"a"},{"role":"developer","content":"b"}]}`)
	if r.System != "i\n\na" || len(r.Messages) != 1 {
		t.Errorf("%s", describeRequest(r))
	}
}

func TestTheSessionInTheBodyWinsOverTheHeaders(t *testing.T) {
	const head = `{"model":"m","input":"x","user":"someone@example.com"`
	for members, want := range map[string]string{
		`}`:                         meta().Session,
		`,"prompt_cache_key":"s1"}`: "s1",
		`,"prompt_cache_key":"` + strings.Repeat("x", 300) + `"}`: meta().Session,
	} {
		if got := decoded(t, head+members).Session; got != want {
			t.Errorf("%.40s: %q", members, got)
		}
	}
}

func TestTheTextOfACustomCall(t *testing.T) {
	for input, want := range map[string]string{
		`{"input":"a\nb"}`: "a\nb", `{"input":""}`: "", `{}`: "", ` { } `: " { } ", `{"input":5}`: `{"input":5}`, `{"code":"x"}`: `{"code":"x"}`,
		`{"input":"a","more":1}`: "a", `plain`: "plain", `["x"]`: `["x"]`, `{"input":null}`: `{"input":null}`, `{"input":"\ud800"}`: "\uFFFD",
	} {
		if got := freeText(input); got != want {
			t.Errorf("%s: %q", input, got)
		}
	}
}

// FuzzDecode: whatever the body, no panic, and either a fault of kind Invalid or a request the upstream client can rely on.
func FuzzDecode(f *testing.F) {
	for _, path := range recordings(f) {
		f.Add([]byte(recorded(f, path).Body))
	}
	f.Add([]byte(`{"model":"m","input":[{"type":"function_call","name":"f","arguments":"{\"a\":\"\\ud800\"}"},{"type":"function_call_output","output":{"a":[1]}}]}`))
	f.Add([]byte(`{"model":"m","input":[{"role":"user","content":[{"type":"input_image","image_url":"data:;base64,AA"}]},{"id":"msg_before_1"}],"tools":[{"type":"custom","name":"f"}]}`))
	f.Add([]byte(`{"model":"m","previous_response_id":"resp_before","input":[{"type":"custom_tool_call","name":"f","input":"x"},{"type":"zzz"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		request, rendering, err := rememberingDialect().Decode(body, meta())
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
		if _, err := listen(play(rendering, streaming(calling(), nil))); err != nil {
			t.Fatalf("its answer: %v", err)
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
			checkBlocks(t, b.Content)
		case chat.Image:
			if (b.Data == "") == (b.URL == "") {
				t.Fatalf("an image must have data or a URL: %+v", b)
			}
		case chat.Thinking, chat.Document:
		default:
			t.Fatalf("no such block here: %#v", block)
		}
	}
}

func isObject(raw json.RawMessage) bool {
	return json.Valid(raw) && strings.HasPrefix(strings.TrimSpace(string(raw)), "{")
}
