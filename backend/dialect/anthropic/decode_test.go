package anthropic

import (
	"encoding/json"
	"strings"
	"testing"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

func decoded(t *testing.T, body string) *chat.Request {
	t.Helper()
	request, _, err := Decode([]byte(body), meta())
	if err != nil {
		t.Fatal(err)
	}
	return request
}

// A client sends its whole history along: a block that came after us must not end the conversation, whatever it holds.
func TestABlockOfAnUnknownTypeIsNeverRefused(t *testing.T) {
	for block, want := range map[string]string{
		`{"type":"hologram"}`: "(A block of the type hologram was left out.)",
		`{"type":"hologram","text":5,"source":[1],"content":{"type":7},"input":0,"id":[],"is_error":"x"}`: "(A block of the type hologram was left out.)",
		`{"type":"hologram","content":[5,"x",{"type":"image","source":{"type":"file"}}]}`:                 "(A block of the type hologram was left out.)",
		`{"type":"hologram","content":[{"text":"kept"}]}`:                                                 "kept",
		`{"type":"compaction","content":"What happened so far."}`:                                         "What happened so far.",
		`{"type":"container_upload","file_id":"f"}`:                                                       "(A block of the type container_upload was left out.)",
		`{"type":"new_tool_result","tool_use_id":"t"}`:                                                    "(new_tool_result: nothing that can be shown here.)",
		`{"type":"` + strings.Repeat("x", 1000) + `"}`:                                                    "(A block of the type " + strings.Repeat("x", 40) + " was left out.)",
	} {
		r := decoded(t, `{"model":"m","messages":[{"role":"user","content":[`+block+`,null]}]}`)
		if got := r.Messages[0].Blocks; len(got) != 1 || got[0] != (chat.Text{Text: want}) {
			t.Errorf("%s: %v", block, got)
		}
	}
}

func TestToolChoiceForms(t *testing.T) {
	const head = `{"model":"m","messages":[{"role":"user","content":"x"}],`
	const tools = head + `"tools":[{"name":"f","input_schema":{}},{"type":"web_search_20250305","name":"web_search"}],`
	for body, want := range map[string]chat.ToolChoice{
		tools + `"tool_choice":null}`:                                             {},
		tools + `"tool_choice":{"type":"auto"}}`:                                  {},
		tools + `"tool_choice":{"type":"none"}}`:                                  {Mode: chat.ChoiceNone},
		tools + `"tool_choice":{"type":"any"}}`:                                   {Mode: chat.ChoiceAny},
		tools + `"tool_choice":{"type":"tool","name":"f"}}`:                       {Mode: chat.ChoiceNamed, Name: "f"},
		tools + `"tool_choice":{"type":"auto","disable_parallel_tool_use":true}}`: {Single: true},
		tools + `"tool_choice":{"type":"tool","name":"web_search"}}`:              {},
		head + `"tool_choice":{"type":"any"}}`:                                    {},
	} {
		if got := decoded(t, body).ToolChoice; got != want {
			t.Errorf("%s: %+v", body, got)
		}
	}
}

func TestServerToolsAreDroppedAndClientToolsKept(t *testing.T) {
	r := decoded(t, `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[
		{"type":"web_search_20250305","name":"web_search","max_uses":8},{"type":"bash_20250124","name":"bash"},{"type":"mcp_toolset","mcp_server_name":"s"},
		{"type":"custom","name":"a","input_schema":{"type":"object"}},{"name":"b"},{"type":"function","name":"c","input_schema":{}},{"type":"future","name":5}]}`)
	var names []string
	for _, tool := range r.Tools {
		names = append(names, tool.Name)
	}
	if strings.Join(names, " ") != "a b c" {
		t.Errorf("kept %q", names)
	}
}

func TestLimitsFormatsAndReasoning(t *testing.T) {
	const head = `{"model":"m","messages":[{"role":"user","content":"x"}],`
	for members, want := range map[string]int{
		`"max_tokens":32000`: 32000, `"max_tokens":4096.0`: 4096, `"max_tokens":-1`: 0, `"max_tokens":null`: 0, `"max_tokens":1e300`: 1<<31 - 1, `"x":1`: 0,
	} {
		if got := decoded(t, head+members+"}").MaxTokens; got != want {
			t.Errorf("%s: %d", members, got)
		}
	}
	for members, want := range map[string]chat.FormatKind{
		`"output_config":null`:                                              chat.FormatText,
		`"output_config":{"format":null}`:                                   chat.FormatText,
		`"output_config":{"format":{"type":"text"}}`:                        chat.FormatText,
		`"output_config":{"format":{"type":"json_schema","schema":{}}}`:     chat.FormatSchema,
		`"output_config":{"format":{"type":"json_schema"}}`:                 chat.FormatJSON,
		`"output_format":{"type":"json_schema","schema":{"type":"object"}}`: chat.FormatSchema,
	} {
		if got := decoded(t, head+members+"}").Format.Kind; got != want {
			t.Errorf("%s: %d", members, got)
		}
	}
	for members, want := range map[string]chat.Reasoning{
		`"thinking":null`: {},
		`"thinking":{"type":"disabled"},"output_config":{"effort":"high"}`:              {Effort: "high"},
		`"thinking":{"type":"adaptive"},"output_config":{"effort":"xhigh"}`:             {Enabled: true, Effort: "xhigh"},
		`"thinking":{"type":"enabled","budget_tokens":31999,"display":"summarized"}`:    {Enabled: true, Budget: 31999},
		`"thinking":{"type":"between_tools","budget_tokens":2000},"temperature":"warm"`: {Enabled: true, Budget: 2000},
	} {
		if got := decoded(t, head+members+"}").Reasoning; got != want {
			t.Errorf("%s: %+v", members, got)
		}
	}
}

func TestTheSessionInTheBodyWinsOverTheHeaders(t *testing.T) {
	const head = `{"model":"m","messages":[{"role":"user","content":"x"}]`
	for members, want := range map[string]string{
		`}`: meta().Session,
		`,"metadata":{"user_id":"{\"device_id\":\"d\",\"account_uuid\":\"\",\"session_id\":\"s1\"}"}}`: "s1",
		`,"metadata":{"user_id":"user_0a1b_account__session_00000000-0000-4000-8000-000000000002"}}`:   "00000000-0000-4000-8000-000000000002",
		`,"metadata":{"user_id":"someone@example.com"}}`:                                               meta().Session,
		`,"metadata":{"user_id":"{\"session_id\":5}"}}`:                                                meta().Session,
		`,"metadata":{"user_id":42}}`:                                                                  meta().Session,
		`,"metadata":{"user_id":null}}`:                                                                meta().Session,
		`,"metadata":{"user_id":"u_session_` + strings.Repeat("x", 300) + `"}}`:                        meta().Session,
	} {
		if got := decoded(t, head+members).Session; got != want {
			t.Errorf("%.80s: %q", members, got)
		}
	}
}

func TestTheBillingLineIsNotForTheModel(t *testing.T) {
	const billing = "x-anthropic-billing-header: cc_version=2.1.197.000; cc_entrypoint=cli;"
	for system, want := range map[string]string{
		`"` + billing + `"`:              "",
		`"` + billing + `\n\nBe brief."`: "Be brief.",
		`"About ` + billing + `"`:        "About " + billing,
		`[{"type":"text","text":"` + billing + `"},{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind."}]`: "Be brief.\n\nBe kind.",
	} {
		r := decoded(t, `{"model":"m","messages":[{"role":"user","content":"x"}],"system":`+system+`}`)
		if r.System != want {
			t.Errorf("%s: %q", system, r.System)
		}
	}
}

func TestCountingTokensNeedsNothingButTheBody(t *testing.T) {
	count := func(body string) int {
		answer, err := CountTokens([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		var read struct {
			InputTokens int `json:"input_tokens"`
		}
		if err := json.Unmarshal(indented(t, answer), &read); err != nil {
			t.Fatal(err)
		}
		return read.InputTokens
	}
	empty := count(`{}`)
	message := count(`{"model":"m","messages":[{"role":"user","content":"How many tokens are these eight words?"}]}`)
	tools := count(`{"model":"m","tools":[{"name":"bash","description":"Runs a command in a shell and returns its output.","input_schema":{"type":"object"}}],"messages":[]}`)
	if empty < 0 || message <= empty || tools <= empty {
		t.Errorf("empty %d, message %d, tools %d", empty, message, tools)
	}
	if _, err := CountTokens([]byte(`{"messages":5}`)); fault.Of(err).Kind != fault.Invalid || fault.Of(err).Param != "messages" {
		t.Errorf("got %v", err)
	}
	if _, err := CountTokens([]byte(`{"messages":[{"role":"x"}]}`)); fault.Of(err).Kind != fault.Invalid {
		t.Errorf("got %v", err)
	}
}
