package anthropic

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"amq2api/backend/fault"
)

func TestWhatCannotBeHonouredIsRefusedWithItsPath(t *testing.T) {
	message := func(m string) string { return `{"model":"m","messages":[{"role":"user","content":"x"},` + m + `]}` }
	block := func(b string) string {
		return message(`{"role":"user","content":[{"type":"text","text":"x"},` + b + `]}`)
	}
	with := func(members string) string {
		return `{"model":"m","messages":[{"role":"user","content":"x"}],` + members + `}`
	}
	result := func(b string) string {
		return block(`{"type":"tool_result","tool_use_id":"t","content":[` + b + `]}`)
	}
	const second, at = "messages.1", "messages.1.content.1"
	for _, test := range []struct{ name, body, param, words string }{
		{"empty body", "", "", "empty"},
		{"only spaces", " \n", "", "empty"},
		{"not an object", `[]`, "", "must be an object, not an array"},
		{"malformed", `{"model":"m",}`, "", "not valid JSON"},
		{"position", `{"model":"m",}`, "", "at byte 12"},
		{"malformed content", message(`{"role":"user","content":[}`), "", "not valid JSON"},
		{"cut off", `{"model":"m"`, "", "unexpected EOF"},
		{"cut off in content", `{"model":"m","messages":[{"role":"user","content":[{"type":"te`, "", "unexpected EOF"},
		{"cut off between blocks", `{"model":"m","messages":[{"role":"user","content":[`, "", "unexpected EOF"},
		{"more after it", `{"model":"m"} x`, "", "after top-level value"},
		{"no model", `{"messages":[{"role":"user","content":"x"}]}`, "model", "missing"},
		{"null", `null`, "model", "missing"},
		{"no messages", `{"model":"m"}`, "messages", "at least one"},
		{"empty messages", `{"model":"m","messages":[]}`, "messages", "at least one"},
		{"messages an object", `{"model":"m","messages":{}}`, "messages", "must be an array, not an object"},
		{"model a number", `{"model":1}`, "model", "must be a string, not a number"},
		{"message a string", message(`"x"`), second, "must be an object, not a string"},
		{"role a boolean", message(`{"role":true}`), second + ".role", "must be a string, not a boolean"},
		{"no role", message(`null`), second + ".role", "missing"},
		{"unknown role", message(`{"role":"oracle"}`), second + ".role", "oracle"},
		{"content a number", message(`{"role":"user","content":5}`), second + ".content", "a string or an array of blocks, not a number"},
		{"content an object", message(`{"role":"user","content":{"type":"text","text":"x"}}`), second + ".content", "a string or an array of blocks"},
		{"block a string", block(`"x"`), at, "must be an object, not a string"},
		{"block without type", block(`{"text":"x"}`), at + ".type", "missing"},
		{"type a number", block(`{"type":5}`), at + ".type", "must be a string, not a number"},
		{"text a number", block(`{"type":"text","text":5}`), at + ".text", "must be a string, not a number"},
		{"the first of two", block(`{"type":"text","text":5},{"type":"text","text":[]}`), at + ".text", "a number"},
		{"thinking an object", block(`{"type":"thinking","thinking":{}}`), at + ".thinking", "must be a string, not an object"},
		{"call without id", block(`{"type":"tool_use","name":"f","input":{}}`), at + ".id", "missing"},
		{"call without name", block(`{"type":"tool_use","id":"t","input":{}}`), at + ".name", "missing"},
		{"result without id", block(`{"type":"tool_result"}`), at + ".tool_use_id", "missing"},
		{"result a number", block(`{"type":"tool_result","tool_use_id":"t","content":5}`), at + ".content", "a string or an array of blocks"},
		{"result an object", block(`{"type":"tool_result","tool_use_id":"t","content":{}}`), at + ".content", "a string or an array of blocks"},
		{"text in a result", result(`{"type":"text"},{"type":"text","text":5}`), at + ".content.1.text", "must be a string"},
		{"string in a result", result(`"x"`), at + ".content.0", "must be an object"},
		{"file in a result", result(`{"type":"image","source":{"type":"file","file_id":"f"}}`), at + ".content.0.source.file_id", "as base64"},
		{"image without source", block(`{"type":"image"}`), at + ".source", "must be an object"},
		{"source a string", block(`{"type":"image","source":"x"}`), at + ".source", "must be an object"},
		{"source without type", block(`{"type":"image","source":{}}`), at + ".source.type", "missing"},
		{"unknown source", block(`{"type":"image","source":{"type":"cloud"}}`), at + ".source.type", "base64 or url"},
		{"image by file", block(`{"type":"image","source":{"type":"file","file_id":"f"}}`), at + ".source.file_id", "as base64"},
		{"no base64", block(`{"type":"image","source":{"type":"base64","media_type":"image/png"}}`), at + ".source.data", "missing"},
		{"bad base64", block(`{"type":"image","source":{"type":"base64","data":"!!!!"}}`), at + ".source.data", "base64"},
		{"media type a number", block(`{"type":"image","source":{"type":"base64","media_type":1,"data":"AAAA"}}`), at + ".source.media_type", "a string"},
		{"local file", block(`{"type":"image","source":{"type":"url","url":"file:///etc/passwd"}}`), at + ".source.url", "http"},
		{"no URL", block(`{"type":"image","source":{"type":"url"}}`), at + ".source.url", "missing"},
		{"document by URL", block(`{"type":"document","source":{"type":"url","url":"file:///etc/passwd"}}`), at + ".source.url", "http or https"},
		{"document by file", block(`{"type":"document","source":{"type":"file","file_id":"f"}}`), at + ".source.file_id", "as base64"},
		{"unknown document", block(`{"type":"document","source":{"type":"tape"}}`), at + ".source.type", "base64, text, content or url"},
		{"document of numbers", block(`{"type":"document","source":{"type":"content","content":[5]}}`), at + ".source.content.0", "must be an object"},
		{"document text a number", block(`{"type":"document","source":{"type":"text","data":5}}`), at + ".source.data", "must be a string"},
		{"search result of a number", block(`{"type":"search_result","source":"u","title":"t","content":5}`), at + ".content", "a string or"},
		{"search result from an object", block(`{"type":"search_result","source":{},"title":"t"}`), at + ".source", "a string"},
		{"reference to nothing", result(`{"type":"tool_reference"}`), at + ".content.0.tool_name", "missing"},
		{"system a number", with(`"system":5`), "system", "a string or an array of blocks"},
		{"system of strings", with(`"system":["x"]`), "system.0", "must be an object"},
		{"system text a number", with(`"system":[{"type":"text","text":5}]`), "system.0.text", "must be a string"},
		{"max_tokens a string", with(`"max_tokens":"4"`), "max_tokens", "must be a number, not a string"},
		{"max_tokens huge", with(`"max_tokens":1e999`), "max_tokens", "too large"},
		{"stream a string", with(`"stream":"yes"`), "stream", "must be a boolean, not a string"},
		{"stop a string", with(`"stop_sequences":"x"`), "stop_sequences", "must be an array, not a string"},
		{"stop of numbers", with(`"stop_sequences":[1]`), "stop_sequences.0", "must be a string, not a number"},
		{"thinking a boolean", with(`"thinking":true`), "thinking", "must be an object, not a boolean"},
		{"effort a number", with(`"output_config":{"effort":5}`), "output_config.effort", "must be a string"},
		{"unknown format", with(`"output_config":{"format":{"type":"xml"}}`), "output_config.format.type", "json_schema"},
		{"schema a text", with(`"output_config":{"format":{"type":"json_schema","schema":"x"}}`), "output_config.format.schema", "an object"},
		{"older format's schema", with(`"output_format":{"type":"json_schema","schema":[]}`), "output_format.schema", "an object"},
		{"metadata a string", with(`"metadata":"x"`), "metadata", "must be an object"},
		{"tools an object", with(`"tools":{}`), "tools", "must be an array"},
		{"tool a string", with(`"tools":["bash"]`), "tools.0", "must be an object"},
		{"tool without name", with(`"tools":[{"name":"f"},{"input_schema":{}}]`), "tools.1.name", "missing"},
		{"tool name a number", with(`"tools":[{"name":5}]`), "tools.0.name", "must be a string"},
		{"description an array", with(`"tools":[{"name":"f","description":[]}]`), "tools.0.description", "must be a string"},
		{"schema an array", with(`"tools":[{"name":"f","input_schema":[]}]`), "tools.0.input_schema", "an object"},
		{"choice a string", with(`"tool_choice":"auto"`), "tool_choice", "must be an object, not a string"},
		{"unknown choice", with(`"tool_choice":{"type":"perhaps"}`), "tool_choice.type", "auto, any, none or tool"},
		{"choice not offered", with(`"tool_choice":{"type":"tool","name":"f"}`), "tool_choice.name", `"f"`},
		{"MCP servers", with(`"mcp_servers":[{"type":"url","url":"https://example.com","name":"x"}]`), "mcp_servers", "not called from here"},
		{"unfolds to gigabytes", message("null" + strings.Repeat(",null", 6_000_000)), "", "more than 500000"},
		{"nested too deep", with(`"x":` + strings.Repeat("[", 200) + strings.Repeat("]", 200)), "", "deeper than 200"},
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
		`{"model":"m","messages":[{"role":"user"}],"tool_choice":{"type":"tool","name":"` + long + `"}}`,
	} {
		if _, _, err := Decode([]byte(body), meta()); err == nil || len(err.Error()) > 300 {
			t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
		}
	}
}
