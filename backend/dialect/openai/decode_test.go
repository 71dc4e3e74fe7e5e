package openai

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

func TestWhatCannotBeHonouredIsRefusedWithItsPath(t *testing.T) {
	message := func(m string) string { return `{"model":"m","messages":[{"role":"user","content":"x"},` + m + `]}` }
	parts := func(p string) string {
		return message(`{"role":"user","content":[{"type":"text","text":"x"},` + p + `]}`)
	}
	with := func(members string) string {
		return `{"model":"m","messages":[{"role":"user","content":"x"}],` + members + `}`
	}
	const second, part = "messages[1]", "messages[1].content[1]"
	for _, test := range []struct{ name, body, param, words string }{
		{"empty body", "", "", "empty"},
		{"only spaces", " \n", "", "empty"},
		{"not an object", `[]`, "", "must be an object, not an array"},
		{"malformed", `{"model":"m",}`, "", "not valid JSON"},
		{"position", `{"model":"m",}`, "", "at byte 12"},
		{"cut off", `{"model":"m"`, "", "unexpected EOF"},
		{"more after it", `{"model":"m"} x`, "", "after top-level value"},
		{"no model", `{"messages":[{"role":"user","content":"x"}]}`, "model", "missing"},
		{"null", `null`, "model", "missing"},
		{"no messages", `{"model":"m"}`, "messages", "at least one"},
		{"empty messages", `{"model":"m","messages":[]}`, "messages", "at least one"},
		{"messages an object", `{"model":"m","messages":{}}`, "messages", "must be an array, not an object"},
		{"model a number", `{"model":1}`, "model", "must be a string, not a number"},
		{"role a boolean", message(`{"role":true}`), second + ".role", "must be a string, not a boolean"},
		{"no role", message(`null`), second + ".role", "missing"},
		{"unknown role", message(`{"role":"oracle"}`), second + ".role", "oracle"},
		{"content a number", message(`{"role":"user","content":5}`), second + ".content", "a string or an array of parts"},
		{"content an object", message(`{"role":"user","content":{}}`), second + ".content", "a string or an array of parts"},
		{"part a string", parts(`"x"`), part, "must be an object, not a string"},
		{"part without type", parts(`{"text":"x"}`), part + ".type", "missing"},
		{"unknown part", parts(`{"type":"video"}`), part + ".type", "video"},
		{"audio", parts(`{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}`), part + ".type", "cannot listen"},
		{"no image URL", parts(`{"type":"image_url"}`), part + ".image_url.url", "missing"},
		{"local file", parts(`{"type":"image_url","image_url":{"url":"file:///etc/passwd"}}`), part + ".image_url.url", "http"},
		{"data not base64", parts(`{"type":"image_url","image_url":{"url":"data:image/svg+xml,<svg/>"}}`), part + ".image_url.url", "base64"},
		{"bad base64", parts(`{"type":"image_url","image_url":{"url":"data:image/png;base64,!!!!"}}`), part + ".image_url.url", "base64"},
		{"too much padding", parts(`{"type":"image_url","image_url":{"url":"data:image/png;base64,A==="}}`), part + ".image_url.url", "base64"},
		{"no base64", parts(`{"type":"image_url","image_url":{"url":"data:image/png;base64,"}}`), part + ".image_url.url", "base64"},
		{"image a number", parts(`{"type":"image_url","image_url":5}`), part + ".image_url", "object with a url"},
		{"file id", parts(`{"type":"file","file":{"file_id":"file-1"}}`), part + ".file.file_id", "file_data"},
		{"no file", parts(`{"type":"file","file":{"filename":"x"}}`), part + ".file.file_data", "missing"},
		{"bad file", parts(`{"type":"file","file":{"file_data":"{}"}}`), part + ".file.file_data", "base64"},
		{"two answers", with(`"n":2`), "n", "must be 1"},
		{"max_tokens a string", with(`"max_tokens":"4"`), "max_tokens", "must be a number, not a string"},
		{"max_tokens huge", with(`"max_tokens":1e999`), "max_tokens", "too large"},
		{"stop a number", with(`"stop":1`), "stop", "a string or an array of strings"},
		{"stop of numbers", with(`"stop":[1]`), "stop[0]", "must be a string"},
		{"unknown format", with(`"response_format":{"type":"xml"}`), "response_format.type", "json_schema"},
		{"schema a text", with(`"response_format":{"type":"json_schema","json_schema":{"schema":"x"}}`), "response_format.json_schema.schema", "an object"},
		{"tool without name", with(`"tools":[{"type":"function","function":{}}]`), "tools[0].function.name", "missing"},
		{"flat tool without name", with(`"tools":[{"type":"function"}]`), "tools[0].name", "missing"},
		{"parameters an array", with(`"tools":[{"function":{"name":"f","parameters":[]}}]`), "tools[0].function.parameters", "an object"},
		{"function without name", with(`"functions":[{}]`), "functions[0].name", "missing"},
		{"choice a number", with(`"tool_choice":5`), "tool_choice", "a string or an object"},
		{"unknown mode", with(`"tool_choice":"perhaps"`), "tool_choice", "auto, none, required"},
		{"unknown choice", with(`"tool_choice":{"type":"custom"}`), "tool_choice.type", "function or allowed_tools"},
		{"choice not offered", with(`"tool_choice":{"type":"function","function":{"name":"f"}}`), "tool_choice", `"f"`},
		{"unknown allowed mode", with(`"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"x"}}`), "tool_choice.allowed_tools.mode", "auto"},
		{"function not offered", with(`"functions":[{"name":"g"}],"function_call":{"name":"f"}`), "function_call", `"f"`},
		{"unfolds to gigabytes", message("null" + strings.Repeat(",null", 6_000_000)), "", "more than 500000"},
		{"nested too deep", with(`"metadata":` + strings.Repeat("[", 200) + strings.Repeat("]", 200)), "", "deeper than 200"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := Decode([]byte(test.body), meta())
			var found *fault.Error
			if !errors.As(err, &found) || found.Kind != fault.Invalid {
				t.Fatalf("got %v", err)
			}
			if found.Param != test.param || !strings.Contains(found.Message, test.words) || !strings.HasSuffix(found.Message, ".") {
				t.Errorf("param %q, message %q; want %q and %q", found.Param, found.Message, test.param, test.words)
			}
		})
	}
}

func TestAnErrorDoesNotRepeatMegabytesOfTheRequest(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	for _, body := range []string{
		`{"model":"m","messages":[{"role":"` + long + `"}]}`,
		`{"model":"m","messages":[{"role":"user","content":[{"type":"` + long + `"}]}]}`,
		`{"model":"m","messages":[{"role":"user"}],"tool_choice":{"function":{"name":"` + long + `"}}}`,
	} {
		if _, _, err := Decode([]byte(body), meta()); err == nil || len(err.Error()) > 300 {
			t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
		}
	}
}

func decoded(t *testing.T, body string) *chat.Request {
	t.Helper()
	request, _, err := Decode([]byte(body), meta())
	if err != nil {
		t.Fatal(err)
	}
	return request
}

func TestToolChoiceForms(t *testing.T) {
	const tools = `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],`
	const functions = `{"model":"m","messages":[{"role":"user","content":"x"}],"functions":[{"name":"f"}],`
	for members, want := range map[string]chat.ToolChoice{
		tools + `"tool_choice":null}`:                                         {},
		tools + `"tool_choice":"auto"}`:                                       {},
		tools + `"tool_choice":"none"}`:                                       {Mode: chat.ChoiceNone},
		tools + `"tool_choice":"required"}`:                                   {Mode: chat.ChoiceAny},
		tools + `"tool_choice":{"type":"function","function":{"name":"f"}}}`:  {Mode: chat.ChoiceNamed, Name: "f"},
		tools + `"tool_choice":{"type":"function","name":"f"}}`:               {Mode: chat.ChoiceNamed, Name: "f"},
		tools + `"parallel_tool_calls":false}`:                                {Single: true},
		functions + `"function_call":"auto"}`:                                 {Single: true},
		functions + `"function_call":"none"}`:                                 {Mode: chat.ChoiceNone, Single: true},
		functions + `"function_call":{"name":"f"}}`:                           {Mode: chat.ChoiceNamed, Name: "f", Single: true},
		`{"model":"m","messages":[{"role":"user"}],"tool_choice":"required"}`: {},
	} {
		if got := decoded(t, members).ToolChoice; got != want {
			t.Errorf("%s: %+v", members, got)
		}
	}
}

func TestLimitsFormatsAndReasoning(t *testing.T) {
	const head = `{"model":"m","messages":[{"role":"user"}],`
	for members, want := range map[string]int{
		`"max_tokens":32000`: 32000, `"max_tokens":4096.0`: 4096, `"max_tokens":-1`: 0, `"max_tokens":null`: 0, `"max_tokens":1e300`: 1<<31 - 1,
		`"max_tokens":5,"max_completion_tokens":7`: 7,
	} {
		if got := decoded(t, head+members+"}").MaxTokens; got != want {
			t.Errorf("%s: %d", members, got)
		}
	}
	for members, want := range map[string]chat.FormatKind{
		`"response_format":null`: chat.FormatText, `"response_format":{"type":"text"}`: chat.FormatText,
		`"response_format":{"type":"json_object"}`:                               chat.FormatJSON,
		`"response_format":{"type":"json_schema","json_schema":{"name":"x"}}`:    chat.FormatJSON,
		`"response_format":{"type":"json_schema","json_schema":{"schema":{}}}`:   chat.FormatSchema,
		`"response_format":{"type":"json_schema","json_schema":{"schema":null}}`: chat.FormatJSON,
	} {
		if got := decoded(t, head+members+"}").Format.Kind; got != want {
			t.Errorf("%s: %d", members, got)
		}
	}
	for effort, want := range map[string]bool{"": false, "none": false, "low": true, "xhigh": true} {
		if got := decoded(t, head+`"reasoning_effort":"`+effort+`"}`).Reasoning; got.Enabled != want || got.Effort != effort {
			t.Errorf("%s: %+v", effort, got)
		}
	}
	if got := decoded(t, head+`"stop":"END"}`).Stop; len(got) != 1 || got[0] != "END" {
		t.Errorf("stop %q", got)
	}
}

func TestASystemMessageWithAPictureStaysAMessage(t *testing.T) {
	r := decoded(t, `{"model":"m","messages":[{"role":"system","content":[{"type":"image_url","image_url":"https://example.com/a.png"}]},{"role":"user"}]}`)
	if r.System != "" || len(r.Messages) != 2 || r.Messages[0].Role != chat.System {
		t.Errorf("%s", describeRequest(r))
	}
}

func TestTheSessionInTheBodyWinsOverTheHeaders(t *testing.T) {
	const head = `{"model":"m","messages":[{"role":"user"}],"user":"someone@example.com"`
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

// FuzzDecode: whatever the body, no panic, and either a fault of kind Invalid or a request the upstream client can rely on.
func FuzzDecode(f *testing.F) {
	writeSeed(f, func(body []byte) { f.Add(body) })
	f.Add([]byte(`{"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{\"a\":\"\\ud800\"}"}}]},{"role":"tool"}]}`))
	f.Add([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":"data:;base64,AA"}]}],"functions":[{"name":"f"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
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
