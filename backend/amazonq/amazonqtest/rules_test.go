package amazonqtest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"amq2api/backend/amazonq/amazonqtest"
)

// turn is a conversation with everything in it: a call, its result, tools, a picture, an environment.
const turn = `{"conversationState":{
  "conversationId":"6f0c8f0e-6f4e-4c0c-9a54-5b3d0c6a1a11",
  "chatTriggerType":"MANUAL",
  "history":[
    {"userInputMessage":{"content":"list files","origin":"CLI"}},
    {"assistantResponseMessage":{"content":"","toolUses":[{"toolUseId":"u1","name":"ls","input":{"path":"."}},{"toolUseId":"u2","name":"ls","input":{}}]}}
  ],
  "currentMessage":{"userInputMessage":{
    "content":"","origin":"CLI","modelId":"claude-sonnet-4.5",
    "images":[{"format":"png","source":{"bytes":"aGVsbG8="}}],
    "userInputMessageContext":{
      "envState":{"operatingSystem":"linux","currentWorkingDirectory":"/src"},
      "tools":[{"toolSpecification":{"name":"ls","description":"List a folder","inputSchema":{"json":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}}},
        {"cachePoint":{"type":"default"}}],
      "toolResults":[{"toolUseId":"u1","content":[{"text":"a.txt"}],"status":"success"},{"toolUseId":"u2","content":[{"json":{"a":null}}],"status":"error"}]
    }}}
}}`

func TestAConversationWithEverythingIsAccepted(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	if a := w.generate(identity, turn); a.status != 200 {
		t.Fatalf("%d %s: %s", a.status, a.body, w.last().Refusal)
	}
	got := w.last()
	if got.Identity != identity || got.Status != 200 || got.Size != len(turn) || got.Operation != amazonqtest.Generate {
		t.Errorf("received %+v", got)
	}
	if tools := got.Request.Current().Context.Tools; len(tools) != 2 || tools[0].Specification.Name != "ls" {
		t.Errorf("tools %+v", tools)
	}
	if got.Header.Get("Authorization") != "" {
		t.Error("the bearer token is remembered")
	}
}

// Each row changes one thing of the accepted conversation, and says why the service does not take it any more.
func TestARequestThatBreaksARuleIsRefusedWithoutAHint(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	const (
		user      = `{"userInputMessage":{"content":"list files","origin":"CLI"}},`
		assistant = `{"assistantResponseMessage":{"content":"","toolUses":[{"toolUseId":"u1","name":"ls","input":{"path":"."}},{"toolUseId":"u2","name":"ls","input":{}}]}}`
		results   = `[{"toolUseId":"u1","content":[{"text":"a.txt"}],"status":"success"},{"toolUseId":"u2","content":[{"json":{"a":null}}],"status":"error"}]`
		image     = `{"format":"png","source":{"bytes":"aGVsbG8="}}`
		schema    = `{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}`
	)
	rows := []struct{ name, old, new, why string }{
		{"not JSON", `{"conversationState"`, `{conversationState`, "body:"},
		{"something after the JSON", "}}}\n}}", "}}}\n}} {}", "something follows"},
		{"unknown key at the top", `{"conversationState"`, `{"temperature":1,"conversationState"`, "unknown"},
		{"unknown key inside", `"origin":"CLI","modelId"`, `"Origin":"CLI","modelId"`, "unknown"},
		{"null", `"origin":"CLI","modelId"`, `"origin":null,"modelId"`, "null"},
		{"key twice", `"chatTriggerType":"MANUAL"`, `"chatTriggerType":"MANUAL","chatTriggerType":"MANUAL"`, "twice"},
		{"wrong type", `"content":"list files"`, `"content":["list files"]`, "body:"},
		{"missing content", `"content":"list files",`, ``, "no content"},
		{"missing trigger", `"chatTriggerType":"MANUAL",`, ``, "no chatTriggerType"},
		{"missing tool input", `,"input":{}`, ``, "no input"},
		{"missing description", `"description":"List a folder",`, ``, "no description"},
		{"not UTF-8", "list files", "list \xff", "UTF-8"},
		{"lone surrogate", "list files", `list \ud800`, "surrogate"},
		{"neither user nor assistant", user, `{},`, "exactly one"},
		{"both user and assistant", user, `{"userInputMessage":{"content":"a"},"assistantResponseMessage":{"content":"a"}},`, "exactly one"},
		{"history of 10,002 messages", user, strings.Repeat(`{"userInputMessage":{"content":"a"}},{"assistantResponseMessage":{"content":"a"}},`, 5000) + user, "10002 messages"},
		{"history begins with an assistant", user, ``, "history[0]: not a user message"},
		{"two users in a row", user, user + user, "history[1]: two user messages in a row"},
		{"two assistants in a row", user, user + `{"assistantResponseMessage":{"content":"a"}},`, "history[2]: two assistant messages in a row"},
		{"history ends with a user", assistant, assistant + `,` + strings.TrimSuffix(user, ","), "history[2]: the last message"},
		{"assistant is current", turn, `{"conversationState":{"chatTriggerType":"MANUAL","currentMessage":{"assistantResponseMessage":{"content":"a"}}}}`, "currentMessage: not a user message"},
		{"automatic trigger", `MANUAL`, `AUTO`, "chatTriggerType"},
		{"conversation id", `6f0c8f0e-6f4e`, `6f0c8f0e`, "not a UUID"},
		{"task type", `"chatTriggerType"`, `"agentTaskType":"dance","chatTriggerType"`, "agentTaskType"},
		{"origin", `"origin":"CLI","modelId"`, `"origin":"cli","modelId"`, "unknown origin"},
		{"intent", `"origin":"CLI","modelId"`, `"userIntent":"FUN","modelId"`, "userIntent"},
		{"empty user content", `"content":"list files"`, `"content":""`, "empty content without tool results"},
		{"empty assistant content", assistant, `{"assistantResponseMessage":{"content":""}}`, "empty content without tool uses"},
		{"user content too long", "list files", long(600_001), "600001 bytes"},
		{"working directory too long", "/src", "/" + long(256), "working directory"},
		{"orphan result", `"content":"","toolUses":[{"toolUseId":"u1","name":"ls","input":{"path":"."}},{"toolUseId":"u2","name":"ls","input":{}}]`, `"content":"a"`, "answers no tool use"},
		{"results in the first message", `"content":"list files",`, `"content":"list files","userInputMessageContext":{"toolResults":` + results + `},`, "first message"},
		{"tool use without result", results, `[{"toolUseId":"u1","content":[{"text":"a.txt"}]}]`, `"u2" has 0 results`},
		{"two results for one use", `{"toolUseId":"u2","content"`, `{"toolUseId":"u1","content"`, `"u1" has 2 results`},
		{"result for another use", `{"toolUseId":"u2","content"`, `{"toolUseId":"u3","content"`, `"u2" has 0 results`},
		{"tool use id twice", `{"toolUseId":"u2","name"`, `{"toolUseId":"u1","name"`, "not the first"},
		{"empty tool use id", `{"toolUseId":"u2","name"`, `{"toolUseId":"","name"`, "is empty"},
		{"tool input is text", `"input":{}`, `"input":"{}"`, "not an object"},
		{"tool input is null", `"input":{}`, `"input":null`, "null"},
		{"result status", `"status":"success"`, `"status":"ok"`, "status"},
		{"result without blocks", `[{"text":"a.txt"}]`, `[]`, "no content"},
		{"result with empty text", `[{"text":"a.txt"}]`, `[{"text":""}]`, "no content"},
		{"result with both", `{"text":"a.txt"}`, `{"text":"a.txt","json":{}}`, "exactly one"},
		{"result too long", "a.txt", long(800_001), "800001 bytes"},
		{"tools in history", `"content":"list files",`, `"content":"list files","userInputMessageContext":{"tools":[{"cachePoint":{"type":"default"}}]},`, "history[0]: tools"},
		{"model in history", `"content":"list files",`, `"content":"list files","modelId":"auto",`, "history[0]: modelId"},
		{"cache point of another type", `{"type":"default"}`, `{"type":"other"}`, "tools[1]"},
		{"tool name with a hyphen", `"name":"ls","description"`, `"name":"l-s","description"`, `"l-s"`},
		{"tool name of 64", `"name":"ls","description"`, `"name":"` + long(64) + `","description"`, "tools[0]: name"},
		{"tool name begins with a digit", `"name":"ls","description"`, `"name":"1s","description"`, `"1s"`},
		{"tool twice", `{"cachePoint":{"type":"default"}}`, `{"toolSpecification":{"name":"ls","description":"d","inputSchema":{"json":` + schema + `}}}`, "a second"},
		{"empty description", "List a folder", "", "0 bytes"},
		{"long description", "List a folder", long(10_001), "10001 bytes"},
		{"history tool is not defined", `"name":"ls","description"`, `"name":"dir","description"`, "not defined"},
		{"schema without type", `"json":{"type":"object",`, `"json":{`, "not object"},
		{"schema of text", `"json":{"type":"object",`, `"json":{"type":"string",`, "not object"},
		{"schema is null", `"json":` + schema, `"json":null`, "null"},
		{"schema is a list", `"json":` + schema, `"json":[]`, "schema"},
		{"required is null", `"required":["path"]`, `"required":null`, "required"},
		{"properties is null", `"properties":{"path":{"type":"string"}}`, `"properties":null`, "properties"},
		{"nested properties is null", `{"type":"string"}`, `{"type":"object","properties":null}`, "properties"},
		{"required is null in items", `{"type":"string"}`, `{"type":"array","items":{"type":"object","required":null}}`, "required"},
		{"image format", `"format":"png"`, `"format":"image/png"`, "format"},
		{"image base64", "aGVsbG8=", "aGVsbG8", "base64"},
		{"image base64 for URLs", "aGVsbG8=", "_-__", "base64"},
		{"image base64 in lines", "aGVsbG8=", `aGVs\nbG8=`, "line breaks"},
		{"empty image", "aGVsbG8=", "", "0 bytes"},
		{"eleven images", image, strings.TrimSuffix(strings.Repeat(image+",", 11), ","), "11 images"},
	}
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	for _, row := range rows {
		body := strings.Replace(turn, row.old, row.new, 1)
		if body == turn {
			t.Fatalf("%s: nothing replaced", row.name)
		}
		a := w.generate(identity, body)
		if a.status != 400 || a.body != malformed {
			t.Errorf("%s: %d %s", row.name, a.status, a.body)
		}
		if got := w.last().Refusal; got == "" || !strings.Contains(got, row.why) {
			t.Errorf("%s: refused for %q, not %q", row.name, got, row.why)
		}
	}
	if c := w.Counters(); c.Refused != len(rows) || c.Calls != len(rows) {
		t.Errorf("counters %+v", c)
	}
}

// The real service was seen to answer exactly these 100 bytes.
const malformed = `{"__type":"com.amazon.aws.codewhisperer#ValidationException","message":"Improperly formed request."}`

func TestTheRefusalHasTheObservedShape(t *testing.T) {
	w := start(t)
	a := w.generate(w.AddIdentity(amazonqtest.IdentityOptions{}), `{}`)
	header := a.header
	if len(a.body) != 100 || header.Get("Content-Length") != "100" || header.Get("Content-Type") != "application/x-amz-json-1.0" || header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("%d bytes, headers %v", len(a.body), header)
	}
}

func TestAnUnknownModelHasAReason(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{Models: []string{"claude-sonnet-4"}})
	a := w.generate(identity, hello)
	if a.status != 400 || !strings.Contains(a.body, `"reason":"INVALID_MODEL_ID"`) || !strings.Contains(a.body, "Invalid model.") {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, model := range []string{"claude-sonnet-4", ""} {
		if a := w.generate(identity, strings.Replace(hello, "claude-sonnet-4.5", model, 1)); a.status != 200 {
			t.Errorf("%q: %d %s", model, a.status, a.body)
		}
	}
}

func TestAConversationBeyondTheWindowIsTooLong(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	filler := strings.Repeat(`{"userInputMessage":{"content":"`+strings.Repeat("x", 400_000)+`"}},{"assistantResponseMessage":{"content":"y"}},`, 2)
	body := strings.Replace(turn, `"history":[`, `"history":[`+filler, 1)
	a := w.generate(identity, body)
	if a.status != 400 || !strings.Contains(a.body, "Input is too long.") || !strings.Contains(a.body, "CONTENT_LENGTH_EXCEEDS_THRESHOLD") {
		t.Errorf("%d %s: %s", a.status, a.body, w.last().Refusal)
	}
}

func TestAuthorisationIsCheckedBeforeTheBody(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	token := identity.AccessToken().Reveal()
	other := w.AddIdentity(amazonqtest.IdentityOptions{})
	second := other.AccessToken().Reveal()
	rows := []struct {
		name, authorization string
		before              func()
	}{
		{"no token", "", nil},
		{"not a bearer", "Basic " + token, nil},
		{"unknown", "Bearer aoaAAAAAGnobody", nil},
		{"expired early", "Bearer " + token, identity.Expire},
		{"expired", "Bearer " + second, func() { w.now = w.now.Add(time.Hour) }},
		{"revoked", "Bearer " + token, identity.Revoke},
		{"revoked before it expired", "Bearer " + other.AccessToken().Reveal(), other.Revoke},
	}
	for _, row := range rows {
		if row.before != nil {
			row.before()
		}
		a, err := w.post("/", `{broken`, "Content-Type", "text/plain", "X-Amz-Target", targetOf(amazonqtest.Generate), "Authorization", row.authorization)
		if err != nil {
			t.Fatal(err)
		}
		if a.status != 403 || !strings.Contains(a.body, "#AccessDeniedException") || !strings.Contains(a.body, "The bearer token included in the request is invalid.") {
			t.Errorf("%s: %d %s", row.name, a.status, a.body)
		}
	}
}

func TestAProfileMustBelongToTheToken(t *testing.T) {
	const arn = "arn:aws:codewhisperer:us-east-1:123456789012:profile/ABC"
	w := start(t)
	builder, pro := w.AddIdentity(amazonqtest.IdentityOptions{}), w.AddIdentity(amazonqtest.IdentityOptions{ProfileARN: arn})
	with := strings.TrimSuffix(hello, "}") + `,"profileArn":"` + arn + `"}`
	for _, row := range []struct {
		name     string
		identity *amazonqtest.Identity
		body     string
		status   int
	}{
		{"own", pro, with, 200},
		{"missing", pro, hello, 400},
		{"foreign", builder, with, 403},
		{"none needed", builder, hello, 200},
	} {
		if a := w.generate(row.identity, row.body); a.status != row.status {
			t.Errorf("%s: %d %s", row.name, a.status, a.body)
		}
	}
}

func TestHeadersMustBeRight(t *testing.T) {
	w := start(t)
	bearer := "Bearer " + w.AddIdentity(amazonqtest.IdentityOptions{}).AccessToken().Reveal()
	rows := []struct {
		name    string
		status  int
		headers []string
	}{
		{"unknown target", 404, []string{"Content-Type", "application/x-amz-json-1.0", "X-Amz-Target", "AmazonCodeWhispererService.Dance"}},
		{"no target", 404, []string{"Content-Type", "application/x-amz-json-1.0"}},
		{"content type of the other dialect", 400, []string{"Content-Type", "application/json", "X-Amz-Target", targetOf(amazonqtest.Generate)}},
		{"opt-out", 400, []string{"Content-Type", "application/x-amz-json-1.0", "X-Amz-Target", targetOf(amazonqtest.Generate), "X-Amzn-Codewhisperer-Optout", "yes"}},
	}
	for _, row := range rows {
		a, err := w.post("/", hello, append(row.headers, "Authorization", bearer)...)
		if err != nil {
			t.Fatal(err)
		}
		if a.status != row.status {
			t.Errorf("%s: %d %s", row.name, a.status, a.body)
		}
	}
}

func TestTheRestDialectIsServedInItsOwnStyle(t *testing.T) {
	w := start(t)
	bearer := "Bearer " + w.AddIdentity(amazonqtest.IdentityOptions{}).AccessToken().Reveal()
	send := func(body string) answer {
		a, err := w.post("/generateAssistantResponse", body, "Content-Type", "application/json", "Authorization", bearer)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	good := send(hello)
	messages, broken := good.read()
	if broken != "" || strings.Contains(kinds(messages), "initial-response") || good.header.Get("X-Amzn-Codewhisperer-Conversation-Id") == "" {
		t.Errorf("%q %s %v", broken, kinds(messages), good.header)
	}
	bad := send(`{}`)
	if bad.body != `{"message":"Improperly formed request.","reason":null}` || !strings.HasPrefix(bad.header.Get("X-Amzn-Errortype"), "ValidationException:") {
		t.Errorf("%s %v", bad.body, bad.header)
	}
	if a := send(strings.TrimSuffix(hello, "}") + `,"agentMode":"vibe"}`); a.status != 400 {
		t.Errorf("agentMode in the body: %d", a.status)
	}
}

func FuzzAnyBodyIsAnsweredOrRefused(f *testing.F) {
	f.Add(turn)
	f.Add(hello)
	f.Add(`{"conversationState":{"currentMessage":{},"chatTriggerType":"MANUAL"}}`)
	f.Add(strings.Repeat("[", 300))
	service := amazonqtest.New(amazonqtest.Options{Keep: 1})
	identity := service.AddIdentity(amazonqtest.IdentityOptions{})
	bearer := "Bearer " + identity.AccessToken().Reveal()
	f.Fuzz(func(t *testing.T, body string) {
		request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		request.Header.Set("Content-Type", "application/x-amz-json-1.0")
		request.Header.Set("X-Amz-Target", targetOf(amazonqtest.Generate))
		request.Header.Set("Authorization", bearer)
		recorder := httptest.NewRecorder()
		service.ServeHTTP(recorder, request)
		got := service.Received("")[0]
		if accepted := recorder.Code == http.StatusOK; accepted != (got.Refusal == "") {
			t.Errorf("status %d, refusal %q", recorder.Code, got.Refusal)
		}
		if _, broken := readFrames(recorder.Body); recorder.Code == http.StatusOK && broken != "" {
			t.Errorf("the stream is broken: %s", broken)
		}
	})
}
