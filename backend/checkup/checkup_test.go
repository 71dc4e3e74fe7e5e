package checkup_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/chat"
	"amq2api/backend/checkup"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// turn is a conversation with everything in it that the service takes.
const turn = `{"conversationState":{"conversationId":"6f0c8f0e-6f4e-4c0c-9a54-5b3d0c6a1a11","chatTriggerType":"MANUAL","history":[
	{"userInputMessage":{"content":"list files","origin":"CLI"}},
	{"assistantResponseMessage":{"content":"","toolUses":[{"toolUseId":"u1","name":"ls","input":{"path":"."}},{"toolUseId":"u2","name":"ls","input":{}}]}}],
	"currentMessage":{"userInputMessage":{"content":"","origin":"CLI","modelId":"claude-sonnet-4.5",
		"images":[{"format":"png","source":{"bytes":"aGVsbG8="}}],
		"userInputMessageContext":{
			"tools":[{"toolSpecification":{"name":"ls","description":"List a folder","inputSchema":{"json":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}}}],
			"toolResults":[{"toolUseId":"u1","content":[{"text":"a.txt"}],"status":"success"},{"toolUseId":"u2","content":[{"json":{"a":1}}],"status":"error"}]}}}}}`

// amazon answers how the strict service would.
func amazon(t *testing.T) func(body string) int {
	service := amazonqtest.New(amazonqtest.Options{Seed: 1})
	url, stop, err := service.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	person := service.AddIdentity(amazonqtest.IdentityOptions{})
	return func(body string) int {
		request, _ := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
		request.Header.Set("Content-Type", "application/x-amz-json-1.0")
		request.Header.Set("X-Amz-Target", "AmazonCodeWhispererStreamingService.GenerateAssistantResponse")
		request.Header.Set("Authorization", "Bearer "+person.AccessToken().Reveal())
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		return response.StatusCode
	}
}

func examine(t testing.TB, body string) checkup.Diagnosis {
	t.Helper()
	found, err := checkup.Examine([]byte(body), []chat.Tool{{Name: "list-files"}})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestASoundRequestHasNothing(t *testing.T) {
	if status := amazon(t)(turn); status != http.StatusOK {
		t.Fatalf("the service answers %d", status)
	}
	if d := examine(t, turn); len(d.Findings) != 0 || !strings.Contains(d.Explanation, "No rule") || d.Figures.Tools != 1 || d.Figures.Images != 1 || d.Figures.History != 2 {
		t.Errorf("found %+v", d)
	}
}

// Each row changes one thing, which the service refuses and the check of one rule names.
func TestWhatTheServiceRefusesIsNamed(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	const (
		user    = `{"userInputMessage":{"content":"list files","origin":"CLI"}},`
		results = `[{"toolUseId":"u1","content":[{"text":"a.txt"}],"status":"success"},{"toolUseId":"u2","content":[{"json":{"a":1}}],"status":"error"}]`
		uses    = `"content":"","toolUses":[{"toolUseId":"u1","name":"ls","input":{"path":"."}},{"toolUseId":"u2","name":"ls","input":{}}]`
		image   = `{"format":"png","source":{"bytes":"aGVsbG8="}}`
		schema  = `{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}`
	)
	refused := amazon(t)
	for _, row := range []struct{ rule, old, new string }{
		{"current_is_user", turn, `{"conversationState":{"chatTriggerType":"MANUAL","currentMessage":{"assistantResponseMessage":{"content":"a"}}}}`},
		{"history_begins_with_user", user, ""},
		{"history_alternates", user, user + user},
		{"history_ends_with_assistant", `]}}],`, `]}},` + strings.TrimSuffix(user, ",") + `],`},
		{"trigger_is_manual", "MANUAL", "AUTO"},
		{"content_not_empty", `"content":"list files"`, `"content":""`},
		{"content_not_empty", uses, `"content":""`},
		{"first_message_without_results", `"content":"list files",`, `"content":"list files","userInputMessageContext":{"toolResults":` + results + `},`},
		{"results_answer_uses", uses, `"content":"a"`},
		{"results_answer_uses", results, `[{"toolUseId":"u1","content":[{"text":"a.txt"}]}]`},
		{"results_answer_uses", `{"toolUseId":"u2","content"`, `{"toolUseId":"u1","content"`},
		{"tool_use_ids_unique", `{"toolUseId":"u2","name"`, `{"toolUseId":"u1","name"`},
		{"tool_inputs_are_objects", `"input":{}`, `"input":"{}"`},
		{"tool_results_not_empty", `[{"text":"a.txt"}]`, `[{"text":""}]`},
		{"tool_results_not_empty", `"success"`, `"ok"`},
		{"past_tools_offered", `"name":"ls","description"`, `"name":"dir","description"`},
		{"tool_names_valid", `"name":"ls","description"`, `"name":"l-s","description"`},
		{"tool_names_unique", `"tools":[`, `"tools":[{"toolSpecification":{"name":"ls","description":"d","inputSchema":{"json":` + schema + `}}},`},
		{"tool_description_size", "List a folder", ""},
		{"tool_description_size", "List a folder", long(10_001)},
		{"tool_schema_sound", `"json":{"type":"object",`, `"json":{`},
		{"tool_schema_sound", `"json":` + schema, `"json":[]`},
		{"tool_schema_sound", `"required":["path"]`, `"required":null`},
		{"tool_schema_sound", `{"type":"string"}`, `{"type":"object","properties":null}`},
		{"message_size", "list files", long(600_001)},
		{"tool_result_size", "a.txt", long(800_001)},
		{"history_length", user, strings.Repeat(`{"userInputMessage":{"content":"a"}},{"assistantResponseMessage":{"content":"a"}},`, 5000) + user},
		{"image_count", image, strings.TrimSuffix(strings.Repeat(image+",", 11), ",")},
		{"image_sound", `"format":"png"`, `"format":"image/png"`},
		{"image_sound", "aGVsbG8=", "aGVsbG8"},
	} {
		body := strings.Replace(turn, row.old, row.new, 1)
		if status := refused(body); body == turn || status != http.StatusBadRequest {
			t.Fatalf("%s: the service answers %d", row.rule, status)
		}
		named := false
		for _, f := range examine(t, body).Findings {
			named = named || string(f.Rule) == row.rule && f.Level == checkup.Broken && f.Message != "" && f.Place != ""
		}
		if !named {
			t.Errorf("%s: found %+v", row.rule, examine(t, body).Findings)
		}
	}
}

func TestAToolIsNamedAsItsClientCallsIt(t *testing.T) {
	d := examine(t, strings.Replace(turn, "List a folder", strings.Repeat("x", 9_000), 1))
	if len(d.Findings) != 1 || d.Findings[0].Level != checkup.Near || d.Findings[0].Tool != "list-files" || d.Findings[0].Value != 9000 || d.Findings[0].Limit != 10_000 {
		t.Fatalf("found %+v", d.Findings)
	}
	if !strings.Contains(d.Explanation, "No known rule is broken") || !strings.Contains(d.Explanation, "list-files") {
		t.Errorf("explained as %q", d.Explanation)
	}
}

func TestAReproHasNoWordOfTheConversation(t *testing.T) {
	body := strings.NewReplacer("list files", "canary one", `"path":"."`, `"path":"canary two"`, "a.txt", "canary three", `{"a":1}`, `{"a":"canary four"}`,
		"List a folder", "canary five", `{"type":"string"}`, `{"type":"string","description":"canary six","enum":["canary seven"],"default":"canary"}`).Replace(turn)
	d := examine(t, body)
	if all, _ := json.Marshal(d); strings.Contains(string(all), "canary") {
		t.Errorf("it has words: %s", all)
	}
	for _, kept := range []string{"[10 bytes]", `"ls"`, `"path"`, `"redacted_bytes"`, `"type": "string"`, "u1"} {
		if !strings.Contains(d.Repro, kept) {
			t.Errorf("there is no %s in %s", kept, d.Repro)
		}
	}
	long := strings.Replace(turn, `{"userInputMessage":{"content":"list files","origin":"CLI"}},`,
		strings.Repeat(`{"userInputMessage":{"content":"list files","origin":"CLI"}},{"assistantResponseMessage":{"content":"a"}},`, 2000)+
			`{"userInputMessage":{"content":"list files","origin":"CLI"}},`, 1)
	if d := examine(t, long); d.Repro == "" || len(d.Repro) > 48<<10 {
		t.Errorf("the repro of a long conversation has %d bytes", len(d.Repro))
	}
}

// failing is a sender that fails.
type failing struct{ err error }

func (f failing) Send(context.Context, *chat.Request, *usage.Record) chat.Stream {
	return chat.Fail(f.err)
}

func TestOnlyARefusalWithoutAReasonIsExplained(t *testing.T) {
	bare := fault.New(fault.Invalid, "Improperly formed request.")
	bare.Unexplained = true
	for _, test := range []struct {
		err       error
		kept      bool
		explained bool
	}{
		{bare, true, true}, {fault.New(fault.TooLong, "too long"), true, false}, {fault.New(fault.Unavailable, "cut"), true, false},
		{context.Canceled, false, false}, {fault.New(fault.Throttled, "slow down"), false, false}, {errors.New("bug"), true, false},
	} {
		var kept []string
		doctor := checkup.Doctor{
			Next: failing{test.err}, Encode: func(*chat.Request) ([]byte, error) { return []byte(strings.Replace(turn, "MANUAL", "AUTO", 1)), nil },
			Keep: func(id string, _ checkup.Diagnosis) { kept = append(kept, id) },
		}
		_, err := chat.Collect(doctor.Send(t.Context(), &chat.Request{}, &usage.Record{ID: "req_1"}))
		if got := fault.Of(err); len(kept) > 0 != test.kept || strings.Contains(got.Message, `"AUTO" instead of MANUAL`) != test.explained {
			t.Errorf("%v: kept %v, told %q", test.err, kept, got.Message)
		}
	}
	if bare.Message != "Improperly formed request." {
		t.Error("the fault was changed")
	}
}

func FuzzExamine(f *testing.F) {
	f.Add([]byte(turn))
	f.Add([]byte(`{"conversationState":{"history":[{}],"currentMessage":{"userInputMessage":{"userInputMessageContext":{"tools":[{"toolSpecification":{"inputSchema":{"json":{"required":[null],"a":}}}}]}}}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := checkup.Examine(body, nil)
		if err == nil && d.Explanation == "" {
			t.Error("nothing is explained")
		}
		if len(d.Repro) > 48<<10 {
			t.Errorf("the repro has %d bytes", len(d.Repro))
		}
	})
}
