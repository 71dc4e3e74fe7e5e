package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/gateway"
	"amq2api/backend/usage"
)

// serves notes an account as the one that answered, as relay does when a call has ended.
func serves(events answer, accounts ...int64) answer {
	return func(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
		return func(yield func(chat.Event, error) bool) {
			for _, id := range accounts {
				record.Attempts = append(record.Attempts, usage.Attempt{AccountID: id, Account: fmt.Sprintf("Büro %d", id)})
			}
			events(ctx, request, record)(yield)
		}
	}
}

func TestAnAnswerInOnePiece(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		h := newHouse(t, serves(says("Hello <there>"), 3))
		answer := h.do(h.request(d, ""))
		if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "Hello <there>") {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		for name, want := range map[string]string{
			"Content-Type": "application/json", "Request-Id": "req_id1", "X-Request-Id": "req_id1", "X-Amq2api-Account": "B%C3%BCro 3", "X-Amq2api-Model": "claude-sonnet-4.5", "X-Amq2api-Model-Substituted": "", "X-Should-Retry": "",
		} {
			if got := answer.Header().Get(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
		mustRecord(t, h, usage.Record{Dialect: d.name, Status: 200, Usage: chat.Usage{Input: 12, Output: 7}, FirstEvent: 1})
		if h.InFlight() != 0 || h.keys.InFlight() != 0 {
			t.Errorf("%d requests and %d permits are still out", h.InFlight(), h.keys.InFlight())
		}
	})
}

func TestAnAnswerAsItComes(t *testing.T) {
	endings := map[string]string{"anthropic": "message_stop", "openai": "data: [DONE]"}
	inBothDialects(t, func(t *testing.T, d dialect) {
		h := newHouse(t, serves(says("Hello"), 3))
		answer := h.do(h.request(d, streaming))
		if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "Hello") || !strings.Contains(answer.Body.String(), endings[d.name]) {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		if got := answer.Header().Get("Content-Type"); got != "text/event-stream; charset=utf-8" {
			t.Errorf("Content-Type is %q", got)
		}
		if got := answer.Header().Get("X-Amq2api-Account"); got != "B%C3%BCro 3" {
			t.Errorf("the account is %q", got)
		}
		mustRecord(t, h, usage.Record{Dialect: d.name, Streaming: true, Status: 200, Usage: chat.Usage{Input: 12, Output: 7}, FirstEvent: 1})
	})
}

// mustRecord compares the one record there is; a FirstEvent in want means that there must be one.
func mustRecord(t *testing.T, h *house, want usage.Record) {
	t.Helper()
	got := h.ledger.only(t)
	if (got.FirstEvent > 0) != (want.FirstEvent > 0) || got.Duration < got.FirstEvent || got.At.IsZero() {
		t.Errorf("times %v, %v, %v", got.At, got.FirstEvent, got.Duration)
	}
	want.ID, want.KeyID, want.KeyName, want.Client, want.Address = "req_id1", h.keyID, "laptop", "Claude Code", "192.0.2.1"
	want.ModelAsked, want.ModelUsed = "claude-sonnet-4-5", "claude-sonnet-4.5"
	want.At, want.FirstEvent, want.Duration, want.Attempts = got.At, got.FirstEvent, got.Duration, got.Attempts
	want.BytesIn, want.BytesOut = got.BytesIn, got.BytesOut
	if got.ID != want.ID || !equal(got, want) {
		t.Errorf("the record is\n%+v, want\n%+v", got, want)
	}
}

func equal(a, b usage.Record) bool {
	a.Attempts, b.Attempts = nil, nil
	one, _ := json.Marshal(a)
	two, _ := json.Marshal(b)
	return string(one) == string(two)
}

func TestOneLineInTheLogForEachRequestAndNoSecretsInIt(t *testing.T) {
	h := newHouse(t, says("the answer"))
	for _, d := range spokenDialects {
		h.do(h.request(d, ""))
		h.do(h.request(d, streaming))
	}
	h.get("/v1/models", "X-Api-Key", h.key)
	h.get("/v1/models?key="+h.key, "Authorization", "Bearer wrong-key")
	if lines := strings.Count(h.journal.String(), "\n"); lines != 6 {
		t.Errorf("%d lines for 6 requests:\n%s", lines, h.journal)
	}
	for _, secret := range []string{h.key, "wrong-key", "the answer", `"hi"`} {
		if strings.Contains(h.journal.String(), secret) {
			t.Errorf("%q is in the log:\n%s", secret, h.journal)
		}
	}
	for _, want := range []string{"key=laptop", `client="Claude Code"`, "asked=claude-sonnet-4-5", "model=claude-sonnet-4.5", "status=401", "level=WARN"} {
		if !strings.Contains(h.journal.String(), want) {
			t.Errorf("%s is not in the log:\n%s", want, h.journal)
		}
	}
}

func TestClaudeCodesProbeAndHealthChecksLeaveNoTrace(t *testing.T) {
	h := newHouse(t, says(""))
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodHead, "/", nil), httptest.NewRequest(http.MethodGet, "/", nil),
		httptest.NewRequest(http.MethodGet, "/health", nil), httptest.NewRequest(http.MethodHead, "/health", nil),
	} {
		if answer := h.do(r); answer.Code != http.StatusOK || answer.Header().Get("Request-Id") == "" {
			t.Errorf("%s %s answers %d", r.Method, r.URL, answer.Code)
		}
	}
	if h.journal.String() != "" || len(h.ledger.all()) != 0 {
		t.Errorf("they left %q and %v", h.journal, h.ledger.all())
	}
}

func TestHealthSaysWhoWeAre(t *testing.T) {
	answer := newHouse(t, says("")).get("/health")
	if got := strings.TrimSpace(answer.Body.String()); got != `{"status":"ok","instance":"this-one","version":"1.2.3"}` {
		t.Errorf("health is %s", got)
	}
}

func TestModelsComeInTheShapeTheClientExpects(t *testing.T) {
	h := newHouse(t, says(""))
	var list struct {
		Object  string
		HasMore *bool `json:"has_more"`
		Data    []struct{ ID, Type, Object string }
	}
	mustDecode(t, h.get("/v1/models", "Authorization", "Bearer "+h.key), &list)
	if list.Object != "list" || len(list.Data) != 3 || list.Data[0].Object != "model" {
		t.Errorf("without a version header the list is %+v", list)
	}
	list.Object = ""
	mustDecode(t, h.get("/v1/models?limit=1000", "X-Api-Key", h.key, "Anthropic-Version", "2023-06-01"), &list)
	if list.Object != "" || list.HasMore == nil || len(list.Data) != 3 || list.Data[0].Type != "model" {
		t.Errorf("with a version header the list is %+v", list)
	}
}

func mustDecode(t *testing.T, answer *httptest.ResponseRecorder, into any) {
	t.Helper()
	if answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), into); err != nil {
		t.Fatal(err)
	}
}

func TestOneModelByAnyNameARequestCouldUse(t *testing.T) {
	h := newHouse(t, says(""))
	for id, used := range map[string][2]string{
		"claude-sonnet-4.5": {"claude-sonnet-4.5"}, "claude-sonnet-4-5": {"claude-sonnet-4.5"}, "claude-haiku-4-5-20251001": {"claude-haiku-4.5"},
		"gpt-4o": {"claude-sonnet-4.5"}, "claude-opus-9": {"claude-sonnet-4.5", "true"},
	} {
		var model struct{ ID string }
		answer := h.get("/v1/models/"+id, "X-Api-Key", h.key)
		mustDecode(t, answer, &model)
		if got := [2]string{answer.Header().Get("X-Amq2api-Model"), answer.Header().Get("X-Amq2api-Model-Substituted")}; model.ID != id || got != used {
			t.Errorf("%s is %q, served by %q", id, model.ID, got)
		}
	}
	for _, path := range []string{"/v1/models/mistral", "/v1/models/meta/llama-3", "/v1/models/meta%2Fllama-3"} {
		sentence := mustFail(t, spokenDialects[1], h.get(path, "X-Api-Key", h.key), http.StatusNotFound)
		if !strings.Contains(sentence, "There is no model") {
			t.Errorf("%s: %s", path, sentence)
		}
	}
}

func TestASubstitutedModelIsNamedInAHeaderAlsoOfAStream(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		for _, more := range []string{"", streaming} {
			h := newHouse(t, says("x"))
			d.body = strings.ReplaceAll(d.body, "claude-sonnet-4-5", "claude-opus-9")
			answer := h.do(h.request(d, more))
			header := answer.Header()
			if header.Get("X-Amq2api-Model") != "claude-sonnet-4.5" || header.Get("X-Amq2api-Model-Substituted") != "true" {
				t.Errorf("the headers are %v", header)
			}
			if record := h.ledger.only(t); record.ModelAsked != "claude-opus-9" || record.ModelUsed != "claude-sonnet-4.5" {
				t.Errorf("the record has %q and %q", record.ModelAsked, record.ModelUsed)
			}
			if sent := h.upper.requests(); sent[0].Model != "claude-opus-9" || sent[0].Upstream != "claude-sonnet-4.5" {
				t.Errorf("sent as %q for %q", sent[0].Upstream, sent[0].Model)
			}
		}
	})
}

func TestCountingTokensAndListingModelsCostNothing(t *testing.T) {
	h := newHouse(t, says("x"))
	one := 1
	_, key, err := h.keys.Create(context.Background(), access.Draft{Name: "tight", RequestsPerMinute: &one})
	if err != nil {
		t.Fatal(err)
	}
	h.key = key.Reveal()
	for range 18 { // what Claude Code's /context sends in a burst
		r := h.request(dialect{path: "/v1/messages/count_tokens?beta=true", body: `{"model":"x","tools":[],"messages":[{"role":"user","content":"hi"}]`}, "")
		var count struct {
			InputTokens int `json:"input_tokens"`
		}
		mustDecode(t, h.do(r), &count)
		if count.InputTokens <= 0 {
			t.Fatalf("counted %d tokens", count.InputTokens)
		}
		h.get("/v1/models", "X-Api-Key", h.key)
	}
	if len(h.upper.requests()) != 0 || len(h.ledger.all()) != 0 {
		t.Errorf("%d requests were sent, %d recorded", len(h.upper.requests()), len(h.ledger.all()))
	}
	if answer := h.do(h.request(spokenDialects[0], "")); answer.Code != http.StatusOK {
		t.Errorf("then a request is %d %s", answer.Code, answer.Body)
	}
}

func TestBaseURLsThatAreAlmostRightWork(t *testing.T) {
	for _, d := range spokenDialects {
		short := strings.TrimPrefix(d.path, "/v1")
		for _, path := range []string{short, "/v1" + d.path, "/v1/v1/v1" + short, "/" + d.path, "/v1/" + short, d.path + "/", d.path + "?beta=true"} {
			h := newHouse(t, says("Hello"))
			if answer := h.do(h.request(dialect{d.name, path, d.body}, "")); answer.Code != http.StatusOK || h.ledger.only(t).Dialect != d.name {
				t.Errorf("%s answers %d %s", path, answer.Code, answer.Body)
			}
		}
	}
	h := newHouse(t, says(""))
	for _, path := range []string{"/models", "/v1/v1/models", "/v1/models/", "/models/claude-sonnet-4", "/v1/health", "/v1", "/v1/"} {
		if answer := h.get(path, "X-Api-Key", h.key); answer.Code != http.StatusOK {
			t.Errorf("%s answers %d", path, answer.Code)
		}
	}
}

func TestTheSessionInTheHeadersReachesTheRequest(t *testing.T) {
	for _, name := range []string{"x-claude-code-session-id", "session-id", "x-session-id", "x-session-affinity", "session_id"} {
		h := newHouse(t, says("x"))
		r := h.request(spokenDialects[0], "")
		r.Header.Set(name, "ses_1")
		h.do(r)
		if sent := h.upper.requests(); len(sent) != 1 || sent[0].Session != "ses_1" {
			t.Errorf("%s is not the session", name)
		}
	}
}

func TestDialectsSayNothingBeforeTheFirstEvent(t *testing.T) {
	for i, d := range []gateway.Dialect{anthropicDialect(), openaiDialect()} {
		_, rendering, err := d.Decode([]byte(spokenDialects[i].body+streaming+"}"), chat.Meta{ID: "id"})
		if err != nil {
			t.Fatal(err)
		}
		asked := false
		stream := func(yield func(chat.Event, error) bool) {
			asked = true
			spoken("x")(yield)
		}
		for range rendering.Frames(stream) {
			if !asked {
				t.Errorf("%s has a frame before the stream has an event", d.Name)
			}
			break
		}
	}
}

func TestUnknownClientsAreRecordedByTheirProduct(t *testing.T) {
	var got []string
	for _, agent := range []string{"OpenAI/JS 6.49.0", "opencode/1.18.33 ai-sdk/provider-utils", "curl", "", "my client"} {
		h := newHouse(t, says("x"))
		r := h.request(spokenDialects[1], "")
		r.Header.Set("User-Agent", agent)
		h.do(r)
		got = append(got, h.ledger.only(t).Client)
	}
	if want := []string{"OpenAI SDK", "opencode", "curl", "Unknown", "my"}; !slices.Equal(got, want) {
		t.Errorf("recorded as %q, want %q", got, want)
	}
}
