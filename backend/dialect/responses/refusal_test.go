package responses

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"amq2api/backend/fault"
)

func TestWhatCannotBeHonouredIsRefusedWithItsPath(t *testing.T) {
	item := func(i string) string { return `{"model":"m","input":[{"role":"user","content":"x"},` + i + `]}` }
	parts := func(p string) string {
		return item(`{"role":"user","content":[{"type":"input_text","text":"x"},` + p + `]}`)
	}
	with := func(members string) string { return `{"model":"m","input":"x",` + members + `}` }
	const second, part = "input[1]", "input[1].content[1]"
	for _, test := range []struct{ name, body, param, words string }{
		{"empty body", "", "", "empty"},
		{"not an object", `[]`, "", "must be an object, not an array"},
		{"malformed", `{"model":"m",}`, "", "not valid JSON"},
		{"position", `{"model":"m",}`, "", "at byte 12"},
		{"cut off", `{"model":"m"`, "", "unexpected EOF"},
		{"no model", `{"input":"x"}`, "model", "missing"},
		{"model a number", `{"model":1}`, "model", "must be a string, not a number"},
		{"no input", `{"model":"m"}`, "input", "at least one"},
		{"empty input", `{"model":"m","input":[]}`, "input", "at least one"},
		{"empty text", `{"model":"m","input":""}`, "input", "at least one"},
		{"only what is dropped", `{"model":"m","input":[{"type":"web_search_call"}]}`, "input", "at least one"},
		{"input an object", `{"model":"m","input":{}}`, "input", "a string or an array of items"},
		{"item a string", item(`"x"`), second, "must be an object, not a string"},
		{"item of nothing", item(`{}`), second + ".type", "missing"},
		{"role a boolean", item(`{"role":true}`), second + ".role", "must be a string, not a boolean"},
		{"message without role", item(`{"type":"message","content":"x"}`), second + ".role", "missing"},
		{"unknown role", item(`{"role":"oracle"}`), second + ".role", "oracle"},
		{"content a number", item(`{"role":"user","content":5}`), second + ".content", "a string or an array of parts"},
		{"part a string", parts(`"x"`), part, "must be an object, not a string"},
		{"part without type", parts(`{"text":"x"}`), part + ".type", "missing"},
		{"unknown part", parts(`{"type":"video"}`), part + ".type", "video"},
		{"audio", parts(`{"type":"input_audio"}`), part + ".type", "cannot listen"},
		{"no image URL", parts(`{"type":"input_image"}`), part + ".image_url", "missing"},
		{"image by id", parts(`{"type":"input_image","file_id":"file-1"}`), part + ".file_id", "data URI"},
		{"local image", parts(`{"type":"input_image","image_url":"file:///etc/passwd"}`), part + ".image_url", "http"},
		{"data not base64", parts(`{"type":"input_image","image_url":"data:image/svg+xml,<svg/>"}`), part + ".image_url", "base64"},
		{"bad base64", parts(`{"type":"input_image","image_url":"data:image/png;base64,!!!!"}`), part + ".image_url", "base64"},
		{"image a number", parts(`{"type":"input_image","image_url":5}`), part + ".image_url", "must be a string"},
		{"file by id", parts(`{"type":"input_file","file_id":"file-1"}`), part + ".file_id", "file_data"},
		{"file by URL", parts(`{"type":"input_file","file_url":"file:///etc/passwd"}`), part + ".file_url", "file_data"},
		{"no file", parts(`{"type":"input_file","filename":"x"}`), part + ".file_data", "missing"},
		{"bad file", parts(`{"type":"input_file","file_data":"{}"}`), part + ".file_data", "base64"},
		{"bad image in an output", item(`{"type":"function_call_output","call_id":"c","output":[{"type":"input_image"}]}`), second + ".output[0].image_url", "missing"},
		{"unknown response", with(`"previous_response_id":"resp_x"`), "previous_response_id", "previous_response_not_found"},
		{"unknown item", item(`{"type":"item_reference","id":"msg_x_0"}`), second + ".id", "send the item itself"},
		{"item of no form", item(`{"type":"item_reference","id":"x"}`), second + ".id", "send the item itself"},
		{"item without place", item(`{"type":"item_reference","id":"msg_before"}`), second + ".id", "send the item itself"},
		{"item behind the last", item(`{"type":"item_reference","id":"msg_before_3"}`), second + ".id", "send the item itself"},
		{"item before the first", item(`{"type":"item_reference","id":"msg_before_-1"}`), second + ".id", "send the item itself"},
		{"conversation", with(`"conversation":"conv_1"`), "conversation", "as input"},
		{"prompt", with(`"prompt":{"id":"pmpt_1"}`), "prompt", "instructions"},
		{"background", with(`"background":true`), "background", "must be false"},
		{"metadata a text", with(`"metadata":"x"`), "metadata", "an object"},
		{"limit a string", with(`"max_output_tokens":"4"`), "max_output_tokens", "must be a number, not a string"},
		{"limit huge", with(`"max_output_tokens":1e999`), "max_output_tokens", "too large"},
		{"unknown format", with(`"text":{"format":{"type":"xml"}}`), "text.format.type", "json_schema"},
		{"schema a text", with(`"text":{"format":{"type":"json_schema","schema":"x"}}`), "text.format.schema", "an object"},
		{"tool without name", with(`"tools":[{"type":"function"}]`), "tools[0].name", "missing"},
		{"nested tool without name", with(`"tools":[{"type":"function","function":{}}]`), "tools[0].function.name", "missing"},
		{"custom tool without name", with(`"tools":[{"type":"custom"}]`), "tools[0].name", "missing"},
		{"tool in a namespace", with(`"tools":[{"type":"web_search"},{"type":"namespace","name":"n","tools":[{"type":"function"}]}]`), "tools[1].tools[0].name", "missing"},
		{"tool in an item", item(`{"type":"additional_tools","tools":[{"type":"function"}]}`), second + ".tools[0].name", "missing"},
		{"parameters an array", with(`"tools":[{"type":"function","name":"f","parameters":[]}]`), "tools[0].parameters", "an object"},
		{"choice a number", with(`"tool_choice":5`), "tool_choice", "a string or an object"},
		{"unknown mode", with(`"tool_choice":"perhaps"`), "tool_choice", "auto, none, required"},
		{"choice of a server tool", with(`"tools":[{"type":"web_search"}],"tool_choice":{"type":"web_search"}`), "tool_choice.type", "not offered"},
		{"choice not offered", with(`"tool_choice":{"type":"function","name":"f"}`), "tool_choice", `"f"`},
		{"choice of another namespace", with(`"tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"function","name":"f","namespace":"n"}`), "tool_choice", `"f"`},
		{"unknown allowed mode", with(`"tool_choice":{"type":"allowed_tools","mode":"x"}`), "tool_choice.mode", "auto"},
		{"unfolds to gigabytes", item("null" + strings.Repeat(",null", 6_000_000)), "", "more than 500000"},
		{"nested too deep", with(`"metadata":` + strings.Repeat("[", 200) + strings.Repeat("]", 200)), "", "deeper than 200"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := rememberingDialect().Decode([]byte(test.body), meta())
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
		`{"model":"m","input":[{"role":"` + long + `"}]}`,
		`{"model":"m","input":[{"role":"user","content":[{"type":"` + long + `"}]}]}`,
		`{"model":"m","input":[{"id":"` + long + `"}]}`,
		`{"model":"m","input":"x","previous_response_id":"` + long + `"}`,
		`{"model":"m","input":"x","tool_choice":{"name":"` + long + `"}}`,
	} {
		if _, _, err := new(Dialect).Decode([]byte(body), meta()); err == nil || len(err.Error()) > 500 {
			t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
		}
	}
}
