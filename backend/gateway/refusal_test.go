package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/gateway"
)

func TestBadRequestsAreRefusedInTheClientsDialect(t *testing.T) {
	deep := strings.Repeat("[", 10_000)
	for name, test := range map[string]struct {
		body   string // MODEL and MAX stand for what a good request has
		status int
		says   string
	}{
		"malformed JSON":    {`{"model":`, 400, "JSON"},
		"no JSON at all":    {`hello`, 400, "JSON"},
		"an empty body":     {``, 400, ""},
		"an array":          {`[]`, 400, ""},
		"wrong types":       {`{"model":5,MAX"messages":[{"role":"user","content":"hi"}]}`, 400, "model"},
		"missing messages":  {`{"model":"MODEL",MAX"stream":false}`, 400, "messages"},
		"empty messages":    {`{"model":"MODEL",MAX"messages":[]}`, 400, "messages"},
		"messages as text":  {`{"model":"MODEL",MAX"messages":"hi"}`, 400, "messages"},
		"a role of nobody":  {`{"model":"MODEL",MAX"messages":[{"role":"dog","content":"hi"}]}`, 400, "role"},
		"a missing model":   {`{MAX"messages":[{"role":"user","content":"hi"}]}`, 400, "model"},
		"an unknown model":  {`{"model":"mistral",MAX"messages":[{"role":"user","content":"hi"}]}`, 404, `There is no model "mistral"`},
		"deep nesting":      {`{"model":"MODEL",MAX"messages":[{"role":"user","content":` + deep, 400, ""},
		"an oversized body": {`{"model":"` + strings.Repeat("x", 33<<20) + `"}`, 413, "32 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			inBothDialects(t, func(t *testing.T, d dialect) {
				h := newHouse(t, says("x"))
				r := h.request(d, "")
				body := strings.NewReplacer("MODEL", "claude-sonnet-4", "MAX", `"max_tokens":10,`).Replace(test.body)
				r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
				sentence := mustFail(t, d, h.do(r), test.status)
				if !strings.Contains(sentence, test.says) {
					t.Errorf("the sentence is %q", sentence)
				}
				if len(h.upper.requests()) != 0 {
					t.Error("it was sent upstream")
				}
				record := h.ledger.only(t)
				if record.Status != test.status || record.Fault == "" || record.Message != sentence || record.KeyName != "laptop" {
					t.Errorf("the record is %+v", record)
				}
			})
		})
	}
}

func TestRequestsWithoutAGoodKeyAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(h *house, r *http.Request)
		status  int
		says    string
	}{
		"none":         {func(_ *house, r *http.Request) { r.Header.Del("Authorization") }, 401, "no API key"},
		"an empty one": {func(_ *house, r *http.Request) { r.Header.Set("Authorization", "Bearer ") }, 401, "no API key"},
		"an unknown one": {func(h *house, r *http.Request) {
			r.Header.Set("Authorization", "Bearer amq-"+strings.Repeat("x", 40))
		}, 401, "does not know this API key"},
		"another scheme": {func(_ *house, r *http.Request) { r.Header.Set("Authorization", "Basic YTpi") }, 401, "Bearer"},
		"a key alone":    {func(h *house, r *http.Request) { r.Header.Set("Authorization", h.key) }, 401, "Bearer"},
		"two keys":       {func(_ *house, r *http.Request) { r.Header.Set("X-Api-Key", "another") }, 400, "two different keys"},
		"two of a kind":  {func(_ *house, r *http.Request) { r.Header.Add("Authorization", "Bearer another") }, 400, "two different keys"},
		"a revoked one": {func(h *house, _ *http.Request) {
			if _, err := h.keys.Revoke(context.Background(), h.keyID); err != nil {
				h.t.Fatal(err)
			}
		}, 401, "revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			routes := append([]dialect{}, spokenDialects...)
			routes = append(routes, dialect{"anthropic", "/v1/messages/count_tokens", "{"}, dialect{"openai", "/v1/models", ""})
			for _, d := range routes {
				h := newHouse(t, says("x"))
				r := h.request(d, "")
				if d.path == "/v1/models" {
					r.Method = http.MethodGet
				}
				test.prepare(h, r)
				answer := h.do(r)
				if sentence := mustFail(t, d, answer, test.status); !strings.Contains(sentence, test.says) {
					t.Errorf("%s: the sentence is %q", d.path, sentence)
				}
				if answer.Header().Get("X-Should-Retry") != "false" {
					t.Errorf("%s: the client is told to retry", d.path)
				}
				if len(h.upper.requests()) != 0 {
					t.Error("it was sent upstream")
				}
			}
		})
	}
}

func TestAnExpiredKeyIsRefusedByName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, says("x"))
		days := 1
		_, key, err := h.keys.Create(context.Background(), access.Draft{Name: "guest", ExpiresDays: &days})
		if err != nil {
			t.Fatal(err)
		}
		h.key = key.Reveal()
		time.Sleep(25 * time.Hour)
		if sentence := mustFail(t, spokenDialects[0], h.do(h.request(spokenDialects[0], "")), 401); !strings.Contains(sentence, "expired") {
			t.Errorf("the sentence is %q", sentence)
		}
		if record := h.ledger.only(t); record.KeyName != "guest" || record.Fault != "unauthenticated" {
			t.Errorf("the record is %+v", record)
		}
	})
}

func TestAKeyIsTakenFromEitherHeader(t *testing.T) {
	for name, headers := range map[string][]string{
		"bearer":              {"Authorization", "Bearer KEY"},
		"bearer in lowercase": {"authorization", "bearer KEY"},
		"more space":          {"Authorization", "  BEARER   KEY "},
		"x-api-key":           {"X-Api-Key", "KEY"},
		"both the same":       {"X-Api-Key", "KEY", "Authorization", "Bearer KEY"},
		"beside a proxy's":    {"X-Api-Key", "KEY", "Authorization", "Basic YTpi"},
	} {
		h := newHouse(t, says("x"))
		r := h.request(spokenDialects[0], "")
		r.Header.Del("Authorization")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], strings.ReplaceAll(headers[i+1], "KEY", h.key))
		}
		if answer := h.do(r); answer.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
}

func TestOnlyRequestsThatAreUnderstoodCountAgainstTheLimits(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		h := newHouse(t, says("x"))
		one := 1
		_, key, err := h.keys.Create(context.Background(), access.Draft{Name: "tight", RequestsPerMinute: &one})
		if err != nil {
			t.Fatal(err)
		}
		h.key = key.Reveal()
		h.do(h.request(dialect{d.name, d.path, `{"model":`}, ""))
		h.do(h.request(dialect{d.name, d.path, strings.ReplaceAll(d.body, "claude-sonnet-4-5", "mistral")}, ""))
		if answer := h.do(h.request(d, "")); answer.Code != http.StatusOK {
			t.Fatalf("the first good request is %d %s", answer.Code, answer.Body)
		}
		answer := h.do(h.request(d, streaming))
		mustFail(t, d, answer, http.StatusTooManyRequests)
		if wait := answer.Header().Get("Retry-After"); wait == "" || wait == "0" || answer.Header().Get("X-Should-Retry") != "true" {
			t.Errorf("retry-after %q, x-should-retry %q", wait, answer.Header().Get("X-Should-Retry"))
		}
		if sent := len(h.upper.requests()); sent != 1 {
			t.Errorf("%d requests were sent", sent)
		}
	})
}

func TestAFaultBeforeTheFirstEventIsAStatus(t *testing.T) {
	for _, f := range []*fault.Error{
		{Kind: fault.Credential, Message: "No account is signed in. Add one in AMQ2API."},
		{Kind: fault.Throttled, Message: "Every account is cooling down.", RetryAfter: 29100 * time.Millisecond},
		{Kind: fault.Exhausted, Message: "The quota of every account is used up."},
		{Kind: fault.Suspended, Message: "The account is suspended."},
		{Kind: fault.Suspicious, Message: "Amazon Q calls the activity suspicious.", RetryAfter: time.Hour},
		{Kind: fault.Refused, Message: "Amazon Q refuses the account."},
		{Kind: fault.ModelUnavailable, Message: "The account does not have the model."},
		{Kind: fault.TooLong, Message: "prompt is too long: 2 tokens > 1 maximum"},
		{Kind: fault.Overloaded, Message: "The model is busy."},
		{Kind: fault.Unavailable, Message: "Amazon Q does not answer."},
		{Kind: fault.Offline, Message: "There is no network."},
		{Kind: fault.Internal, Message: "Something went wrong."},
	} {
		t.Run(f.Kind.String(), func(t *testing.T) {
			inBothDialects(t, func(t *testing.T, d dialect) {
				for _, more := range []string{"", streaming} {
					h := newHouse(t, serves(fails(fmt.Errorf("attempt: %w", f)), 2, 5))
					answer := h.do(h.request(d, more))
					want := f.Kind.Status()
					if f.Kind == fault.Overloaded && d.name == "openai" {
						want = http.StatusServiceUnavailable
					}
					if sentence := mustFail(t, d, answer, want); sentence != f.Message {
						t.Errorf("the sentence is %q", sentence)
					}
					wait := ""
					if f.RetryAfter > 0 {
						wait = fmt.Sprint(math.Ceil(f.RetryAfter.Seconds()))
					}
					header := answer.Header()
					if header.Get("Retry-After") != wait || header.Get("X-Should-Retry") != fmt.Sprint(f.Kind.Retryable()) {
						t.Errorf("retry-after %q, x-should-retry %q", header.Get("Retry-After"), header.Get("X-Should-Retry"))
					}
					if header.Get("Content-Type") != "application/json" || header.Get("X-Amq2api-Account") != "B%C3%BCro 5" {
						t.Errorf("the headers are %v", header)
					}
					if record := h.ledger.only(t); record.Status != want || record.Fault != f.Kind.String() || record.Message != f.Message || len(record.Attempts) != 2 {
						t.Errorf("the record is %+v", record)
					}
				}
			})
		})
	}
}

func TestRoutesThatDoNotExistSaySoInADialect(t *testing.T) {
	for _, test := range []struct {
		method, path, dialect string
		version               bool
		says                  string
	}{
		{"POST", "/v1/embeddings", "openai", false, "embeddings"},
		{"POST", "/v1/completions", "openai", false, "old text completions"},
		{"POST", "/v1/images/generations", "openai", false, "images"},
		{"POST", "/v1/audio/speech", "openai", false, "audio"},
		{"POST", "/v1/messages/batches", "anthropic", false, "message batches"},
		{"GET", "/v1/messages/other", "anthropic", false, "no route GET /v1/messages/other"},
		{"GET", "/v1/other", "anthropic", true, "no route GET /v1/other"},
		{"GET", "/api/tags", "openai", false, "no route GET /api/tags"},
		{"GET", "/v1/responses/resp_1/input_items", "openai", false, "no route GET /v1/responses/resp_1/input_items"},
		{"DELETE", "/v1/chat", "openai", false, "no route DELETE /v1/chat"},
	} {
		h := newHouse(t, says("x"))
		r := httptest.NewRequest(test.method, test.path, strings.NewReader("{}"))
		if test.version {
			r.Header.Set("Anthropic-Version", "2023-06-01")
		}
		sentence := mustFail(t, dialect{name: test.dialect}, h.do(r), http.StatusNotFound)
		if !strings.Contains(sentence, test.says) || !strings.Contains(sentence, "/v1/chat/completions") {
			t.Errorf("%s %s: %s", test.method, test.path, sentence)
		}
	}
}

func TestWrongMethodsAreToldTheRightOne(t *testing.T) {
	for _, test := range []struct{ method, path, dialect, allow string }{
		{"GET", "/v1/messages", "anthropic", "POST"},
		{"GET", "/v1/messages/count_tokens", "anthropic", "POST"},
		{"DELETE", "/v1/chat/completions", "openai", "POST"},
		{"OPTIONS", "/v1/chat/completions", "openai", "POST"},
		{"POST", "/v1/models", "openai", "GET, HEAD"},
		{"PUT", "/v1/models/claude-sonnet-4", "openai", "GET, HEAD"},
		{"POST", "/health", "openai", "GET, HEAD"},
		{"PUT", "/", "openai", "GET, HEAD"},
		{"PATCH", "/v1/responses/resp_1", "openai", "GET, HEAD, DELETE"},
	} {
		answer := newHouse(t, says("x")).do(httptest.NewRequest(test.method, test.path, nil))
		mustFail(t, dialect{name: test.dialect}, answer, http.StatusMethodNotAllowed)
		if got := answer.Header().Get("Allow"); got != test.allow {
			t.Errorf("%s %s allows %q", test.method, test.path, got)
		}
	}
}

func TestABaseURLWithoutItsPathIsToldTheRoutes(t *testing.T) {
	for _, path := range []string{"/", "/v1", "/v1/v1/", "/v1/responses/compact", "/v1/responses/input_tokens"} {
		answer := newHouse(t, says("x")).do(httptest.NewRequest("POST", path, nil))
		mustFail(t, dialect{name: "openai"}, answer, http.StatusNotFound)
		if !strings.Contains(answer.Body.String(), "POST /v1/chat/completions") {
			t.Errorf("POST %s is answered %s", path, answer.Body)
		}
	}
}

func TestACompressedBodyIsRefused(t *testing.T) {
	inBothDialects(t, func(t *testing.T, d dialect) {
		for coding, want := range map[string]int{"gzip": 415, "br": 415, "identity": 200, "Identity": 200} {
			h := newHouse(t, says("x"))
			r := h.request(d, "")
			r.Header.Set("Content-Encoding", coding)
			answer := h.do(r)
			if answer.Code != want {
				t.Errorf("%s is %d", coding, answer.Code)
			}
			if want != 200 {
				mustFail(t, d, answer, want)
			}
		}
	})
}

// cut is a body whose sender went away.
type cut struct{}

func (cut) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
func (cut) Close() error             { return nil }

func TestAClientThatLeavesInTheMiddleOfItsBodyIsRecordedAsSuch(t *testing.T) {
	h := newHouse(t, says("x"))
	r := h.request(spokenDialects[0], "")
	r.Body = cut{}
	h.do(r)
	if record := h.ledger.only(t); record.Status != 499 || record.Fault != "canceled" {
		t.Errorf("the record is %+v", record)
	}
	if !strings.Contains(h.journal.String(), "level=INFO") {
		t.Errorf("the log is %s", h.journal)
	}
}

func TestABodyThatDoesNotArriveWithinThirtySecondsIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, says("x"))
		near, far := net.Pipe()
		defer near.Close()
		server := &http.Server{Handler: h}
		pipe := make(chan net.Conn, 1)
		pipe <- far
		listener := &once{pipe}
		go func() { _ = server.Serve(listener) }()
		began := time.Now()
		go fmt.Fprintf(near, "POST /v1/messages HTTP/1.1\r\nHost: x\r\nX-Api-Key: %s\r\nContent-Length: 100\r\n\r\n{", h.key)
		text, err := io.ReadAll(near)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasPrefix(text, []byte("HTTP/1.1 408 ")) || !bytes.Contains(text, []byte("within 30s")) {
			t.Errorf("the answer is %s", text)
		}
		if took := time.Since(began); took < 30*time.Second || took > 31*time.Second {
			t.Errorf("it came after %v", took)
		}
		_ = server.Close()
	})
}

// once is a listener with one connection.
type once struct{ conns chan net.Conn }

func (l *once) Accept() (net.Conn, error) {
	if conn, ok := <-l.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}
func (l *once) Close() error   { close(l.conns); return nil }
func (l *once) Addr() net.Addr { return &net.TCPAddr{} }

// unencodable is a reply that no JSON can say.
type unencodable struct{ gateway.Rendering }

func (unencodable) Reply(*chat.Reply) any { return math.NaN() }

func TestAReplyThatCannotBeEncodedIsOurFault(t *testing.T) {
	h := newHouseOf(t, says("x"), func(c *gateway.Config) {
		decode := c.OpenAI.Decode
		c.OpenAI.Decode = func(body []byte, meta chat.Meta) (*chat.Request, gateway.Rendering, error) {
			request, rendering, err := decode(body, meta)
			return request, unencodable{rendering}, err
		}
	})
	mustFail(t, spokenDialects[1], h.do(h.request(spokenDialects[1], "")), http.StatusInternalServerError)
	if !strings.Contains(h.journal.String(), "level=ERROR") || !strings.Contains(h.journal.String(), "encode") {
		t.Errorf("the log is %s", h.journal)
	}
}

func TestAnUnclassifiedErrorGivesNothingAway(t *testing.T) {
	h := newHouse(t, fails(errors.New("pq: password authentication failed for host 10.0.0.5")))
	sentence := mustFail(t, spokenDialects[0], h.do(h.request(spokenDialects[0], "")), http.StatusInternalServerError)
	if strings.Contains(sentence, "10.0.0.5") {
		t.Errorf("the client reads %q", sentence)
	}
	if !strings.Contains(h.journal.String(), "10.0.0.5") {
		t.Errorf("the log has no cause: %s", h.journal)
	}
}
