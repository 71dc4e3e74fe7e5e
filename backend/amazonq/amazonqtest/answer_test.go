package amazonqtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/amazonq/amazonqtest"
)

func TestAScriptedAnswerOfTextAndATool(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	const said, input = "I will look. 我来看看。🙂 \"quoted\" <b>", `{"path":"a \"b\" 目录","deep":[1,{"x":null}]}`
	identity.Queue(amazonqtest.Answer{
		amazonqtest.Reasoning("Let me think.", "sig"), amazonqtest.Text(said), amazonqtest.CallAs("tooluse_1", "ls", input),
		amazonqtest.Call("pwd", ""), amazonqtest.Metadata(amazonqtest.TokenUsage{UncachedInput: 10, CacheRead: 5, Output: 7}, "TOOL_USE"),
	})
	a := w.generate(identity, hello)
	if a.status != 200 || a.header.Get("Content-Type") != "application/vnd.amazon.eventstream" || a.header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	messages, broken := a.read()
	if broken != "" {
		t.Fatal(broken)
	}
	if got := text(t, messages); got != said {
		t.Errorf("text %q", got)
	}
	last := messages[len(messages)-1]
	if last != (message{"metadataEvent", `{"tokenUsage":{"uncachedInputTokens":10,"outputTokens":7,"totalTokens":22,"cacheReadInputTokens":5},"stopReason":"TOOL_USE"}`}) {
		t.Errorf("the last event is %+v", last)
	}
	if !strings.HasPrefix(kinds(messages), "initial-response reasoningContentEvent assistantResponseEvent toolUseEvent ") {
		t.Error(kinds(messages))
	}
	if calls := toolCalls(t, messages); len(calls) != 2 || calls[0] != "tooluse_1 ls "+input || !strings.HasSuffix(calls[1], " pwd ") {
		t.Errorf("calls %q", calls)
	}
}

// toolCalls joins the fragments of each call: id, name, input. It checks that a call begins bare and ends with a stop.
func toolCalls(t *testing.T, messages []message) []string {
	t.Helper()
	var calls []string
	open := false
	for _, m := range messages {
		if m.kind != "toolUseEvent" {
			continue
		}
		var event struct {
			ToolUseID, Name string
			Input           *string
			Stop            bool
		}
		if err := json.Unmarshal([]byte(m.payload), &event); err != nil {
			t.Fatal(err)
		}
		switch {
		case !open:
			calls = append(calls, event.ToolUseID+" "+event.Name+" ")
			if event.Input != nil || event.Stop {
				t.Errorf("a call begins with %s", m.payload)
			}
		case event.Input != nil:
			calls[len(calls)-1] += *event.Input
		}
		open = !event.Stop
	}
	if open {
		t.Error("the last call never stops")
	}
	return calls
}

func TestTheSameSeedGivesTheSameBytes(t *testing.T) {
	stream := func() string {
		w := start(t)
		identity := w.AddIdentity(amazonqtest.IdentityOptions{})
		w.generate(identity, hello)
		identity.Queue(amazonqtest.Answer{amazonqtest.Text(strings.Repeat("word 字 ", 50)), amazonqtest.Call("ls", `{}`)})
		return w.generate(identity, hello).body
	}
	if first, second := stream(), stream(); first != second {
		t.Error("two services with the same seed answered differently")
	}
}

func TestQueuesAreServedInOrder(t *testing.T) {
	w := start(t)
	first, second := w.AddIdentity(amazonqtest.IdentityOptions{}), w.AddIdentity(amazonqtest.IdentityOptions{})
	say := func(s string) amazonqtest.Answer { return amazonqtest.Answer{amazonqtest.Delta(s)} }
	w.Queue(say("global"))
	first.Queue(say("one"), say("two"))
	second.Always(say("always"))
	for _, row := range []struct {
		identity *amazonqtest.Identity
		want     string
	}{{first, "one"}, {second, "always"}, {first, "two"}, {first, "global"}, {first, "simulated"}, {second, "always"}} {
		messages, _ := w.generate(row.identity, hello).read()
		if got := text(t, messages); !strings.Contains(got, row.want) {
			t.Errorf("%q, not %q", got, row.want)
		}
	}
}

// Each row is what a reader sees of a fault that is not a status: the text before it, and what breaks.
func TestAFaultInTheStreamShowsItsSymptom(t *testing.T) {
	symptoms := map[string]string{
		"reset": "EOF", "cut in a prelude": "prelude: unexpected EOF", "cut in a payload": "body: unexpected EOF", "prelude CRC": "prelude crc",
		"message CRC": "message crc", "length under the minimum": "length", "length of 4 GiB": "length",
		"headers beyond the frame": "header length", "unknown header type": "header type",
	}
	tails := map[string]string{
		"cut in a tool call": "toolUseEvent", "end without the closing events": "assistantResponseEvent", "exception": "error",
		"throttling exception": "throttlingException", "content length exception": "ContentLengthExceededException",
		"error frame": "InternalFailure", "filtered": "metadataEvent",
	}
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	for _, fault := range amazonqtest.Faults(amazonqtest.Delta("Hello")) {
		if fault.Early || strings.HasPrefix(fault.Name, "never") {
			continue
		}
		identity.Queue(fault.Answer)
		messages, broken := w.generate(identity, hello).read()
		if !strings.HasPrefix(text(t, healthy(messages)), "Hello") {
			t.Errorf("%s: the events before it are lost: %v", fault.Name, messages)
		}
		if want := symptoms[fault.Name]; !strings.Contains(broken, want) || want == "" && broken != "" {
			t.Errorf("%s: broken by %q, not %q", fault.Name, broken, want)
		}
		if want, ok := tails[fault.Name]; ok && messages[len(messages)-1].kind != want {
			t.Errorf("%s: ends with %s", fault.Name, messages[len(messages)-1].kind)
		}
	}
}

// healthy leaves out what is no JSON on purpose.
func healthy(messages []message) []message {
	var good []message
	for _, m := range messages {
		if json.Valid([]byte(m.payload)) {
			good = append(good, m)
		}
	}
	return good
}

func TestAFaultBeforeTheStreamHasItsStatus(t *testing.T) {
	statuses := map[string]int{
		"token expired": 401, "token invalid": 403, "not authorized": 403, "suspended": 403, "suspicious activity": 429,
		"throttled with retry-after": 429, "throttled": 429, "monthly limit": 400, "monthly quota": 402, "overage limit": 402,
		"daily limit": 429, "model at capacity": 429, "high load": 500, "malformed": 400, "too long": 400, "invalid model": 400,
		"server error": 500, "service down": 503, "service down in HTML": 503, "redirect": 302, "JSON instead of a stream": 200,
		"empty instead of a stream": 200,
	}
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	for _, fault := range amazonqtest.Faults() {
		if !fault.Early || fault.Name == "never a status" {
			continue
		}
		identity.Queue(fault.Answer)
		a, err := w.rpc(identity, amazonqtest.Generate, hello)
		if fault.Name == "reset before the status" {
			if err == nil {
				t.Errorf("%s: answered %d", fault.Name, a.status)
			}
			continue
		}
		if err != nil || a.status != statuses[fault.Name] {
			t.Errorf("%s: %d %v", fault.Name, a.status, err)
		}
		if got := w.last(); got.Status != a.status || got.Refusal != "" {
			t.Errorf("%s: received %+v", fault.Name, got)
		}
		if after := a.header.Get("Retry-After"); (after == "7") != (fault.Name == "throttled with retry-after") {
			t.Errorf("%s: retry-after %q", fault.Name, after)
		}
	}
	if c := w.Counters(); c.Refused != 0 || c.Streams != 0 {
		t.Errorf("counters %+v", c)
	}
}

func TestAStreamCanBeCutAtEveryByte(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	said := amazonqtest.Answer{amazonqtest.Delta("Hi")}
	identity.Queue(said)
	whole := len(w.generate(identity, hello).body)
	for n := range whole {
		identity.Queue(append(amazonqtest.Answer{amazonqtest.CutAfter(n)}, said...))
		a := w.generate(identity, hello)
		if len(a.body) != n || a.broken != nil {
			t.Errorf("cut after %d: %d bytes, %v", n, len(a.body), a.broken)
		}
	}
	identity.Queue(append(amazonqtest.Answer{amazonqtest.ResetAfter(50)}, said...))
	if a := w.generate(identity, hello); a.broken == nil {
		t.Error("no reset")
	}
}

// writes records how the answer comes in pieces.
func writes(t *testing.T, answer amazonqtest.Answer) (pieces []int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		service := amazonqtest.New(amazonqtest.Options{})
		client, stop := service.Pipe()
		defer stop()
		identity := service.AddIdentity(amazonqtest.IdentityOptions{})
		identity.Queue(answer)
		response := send(t, client, identity)
		defer response.Body.Close()
		buffer := make([]byte, 1<<20)
		for {
			n, err := response.Body.Read(buffer)
			if n > 0 {
				pieces = append(pieces, n)
			}
			if err != nil {
				return
			}
		}
	})
	return pieces
}

func send(t *testing.T, client *http.Client, identity *amazonqtest.Identity) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", strings.NewReader(hello))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", targetOf(amazonqtest.Generate))
	request.Header.Set("Authorization", "Bearer "+identity.AccessToken().Reveal())
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestFramesCanBeSplitAndJoined(t *testing.T) {
	said := amazonqtest.Text("a long enough text to be several events")
	if pieces := writes(t, amazonqtest.Answer{amazonqtest.InOneWrite(), said}); len(pieces) != 1 {
		t.Errorf("in one write: %v", pieces)
	}
	for _, n := range writes(t, amazonqtest.Answer{amazonqtest.Trickle(1, 0), said}) {
		if n != 1 {
			t.Errorf("a byte at a time: %d", n)
		}
	}
	for i, n := range writes(t, amazonqtest.Answer{amazonqtest.SplitAt(13), said}) {
		if i%2 == 0 && n != 13 {
			t.Errorf("split at 13: piece %d has %d bytes", i, n)
		}
	}
}

func TestPausesPassInFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := amazonqtest.New(amazonqtest.Options{Pace: time.Second})
		client, stop := service.Pipe()
		defer stop()
		identity := service.AddIdentity(amazonqtest.IdentityOptions{})
		identity.Queue(amazonqtest.Answer{amazonqtest.Pause(time.Hour), amazonqtest.Delta("late"), amazonqtest.Trickle(64, time.Minute)})
		begun := time.Now()
		response := send(t, client, identity)
		if waited := time.Since(begun); waited != time.Hour {
			t.Errorf("the status came after %s", waited)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
		if waited := time.Since(begun); waited < time.Hour+2*time.Minute {
			t.Errorf("the end came after %s", waited)
		}
		begun = time.Now()
		response = send(t, client, identity)
		messages, _ := readFrames(response.Body)
		_ = response.Body.Close()
		if waited, words := time.Since(begun), strings.Count(text(t, messages), " "); waited != time.Duration(words+1)*time.Second {
			t.Errorf("%d words in %s", words, waited)
		}
	})
}

func TestDelaysCanBeSkipped(t *testing.T) {
	var asked []time.Duration
	w := start(t)
	w.Service = amazonqtest.New(amazonqtest.Options{Sleep: func(_ context.Context, d time.Duration) error {
		asked = append(asked, d)
		return nil
	}})
	url, stop, err := w.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	w.url = url
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	identity.Queue(amazonqtest.Answer{amazonqtest.Pause(time.Hour), amazonqtest.Delta("at once")})
	messages, _ := w.generate(identity, hello).read()
	if text(t, messages) != "at once" || len(asked) != 1 || asked[0] != time.Hour {
		t.Errorf("%v, asked for %v", messages, asked)
	}
}

func TestAHeldAnswerWaitsForItsRelease(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	release := make(chan struct{})
	identity.Queue(amazonqtest.Answer{amazonqtest.Delta("before"), amazonqtest.Hold(release), amazonqtest.Delta(" after")})
	done := make(chan string)
	go func() {
		messages, _ := w.generate(identity, hello).read()
		done <- text(t, messages)
	}()
	if err := w.Wait(t.Context(), func(c amazonqtest.Counters) bool { return c.Streams == 1 }); err != nil {
		t.Fatal(err)
	}
	close(release)
	if got := <-done; got != "before after" {
		t.Errorf("text %q", got)
	}
	if c := w.Counters(); c.PeakStreams != 1 || c.Cancelled != 0 {
		t.Errorf("counters %+v", c)
	}
}

func TestAClientThatLeavesIsCounted(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	for i, fault := range []amazonqtest.Answer{{amazonqtest.Hold(nil)}, {amazonqtest.Open(), amazonqtest.Hold(nil)}} {
		identity.Queue(fault)
		ctx, leave := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			request, _ := http.NewRequestWithContext(ctx, http.MethodPost, w.url, strings.NewReader(hello))
			request.Header.Set("Content-Type", "application/x-amz-json-1.0")
			request.Header.Set("X-Amz-Target", targetOf(amazonqtest.Generate))
			request.Header.Set("Authorization", "Bearer "+identity.AccessToken().Reveal())
			response, err := w.client.Do(request)
			if err == nil {
				_, _ = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
			}
		}()
		if err := w.Wait(t.Context(), func(c amazonqtest.Counters) bool { return c.Streams == 1 }); err != nil {
			t.Fatal(err)
		}
		leave()
		<-done
		if err := w.Wait(t.Context(), func(c amazonqtest.Counters) bool { return c.Cancelled == i+1 && c.Streams == 0 }); err != nil {
			t.Fatal(err)
		}
		if !w.last().Cancelled {
			t.Error("the call is not marked")
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := w.Wait(ended, func(amazonqtest.Counters) bool { return false }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestOnlyTheLastCallsAreRemembered(t *testing.T) {
	service := amazonqtest.New(amazonqtest.Options{Keep: 2})
	client, stop := service.Pipe()
	t.Cleanup(stop)
	w := &world{t: t, Service: service, url: "http://127.0.0.1", client: client}
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	for i := range 3 {
		w.generate(identity, strings.Replace(hello, "hello", fmt.Sprint("hello ", i), 1))
	}
	calls := w.Received(amazonqtest.Generate)
	if len(calls) != 2 || calls[1].Request.Current().Content != "hello 2" {
		t.Errorf("remembered %d calls", len(calls))
	}
}

func TestTheControlPlane(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	ask := func(operation, body string) answer {
		a, err := w.rpc(identity, operation, body)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	var models struct {
		Models []struct {
			ModelID     string
			TokenLimits struct{ MaxInputTokens int }
		}
		DefaultModel struct{ ModelID string }
	}
	ask(amazonqtest.ListAvailableModels, `{"origin":"CLI"}`).decode(t, &models)
	if len(models.Models) != 5 || models.Models[0].TokenLimits.MaxInputTokens != 200_000 || models.DefaultModel.ModelID != "auto" {
		t.Errorf("%+v", models)
	}
	w.generate(identity, hello)
	var limits struct {
		NextDateReset      float64
		UsageBreakdownList []struct{ CurrentUsage, UsageLimit int }
	}
	ask(amazonqtest.GetUsageLimits, `{"origin":"CLI","resourceType":"AGENTIC_REQUEST"}`).decode(t, &limits)
	if limits.NextDateReset != 1796083200 || len(limits.UsageBreakdownList) != 1 || limits.UsageBreakdownList[0].CurrentUsage != 1 {
		t.Errorf("%+v", limits)
	}
	for _, body := range []string{`{}`, `{"origin":"cli"}`, `{"origin":"CLI","page":1}`, `{"origin":"CLI","profileArn":"arn:foreign"}`} {
		if a := ask(amazonqtest.ListAvailableModels, body); a.status < 400 || a.status > 403 {
			t.Errorf("%s: %d", body, a.status)
		}
	}
	a, _ := w.post("/?origin=IDE", `{"origin":"CLI"}`, "Content-Type", "application/x-amz-json-1.0",
		"X-Amz-Target", targetOf(amazonqtest.ListAvailableModels), "Authorization", "Bearer "+identity.AccessToken().Reveal())
	if a.status != 400 || !strings.Contains(w.last().Refusal, "query string") {
		t.Errorf("contradicting arguments: %d %s", a.status, w.last().Refusal)
	}
}
