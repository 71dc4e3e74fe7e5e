package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/gateway"
	"amq2api/backend/settings"
	"amq2api/backend/usage"
)

// house is a gateway with real keys and dialects; only what lies behind the sender is made up.
type house struct {
	*gateway.Gateway
	t       *testing.T
	keys    *access.Gate
	key     string // a good one
	keyID   int64
	upper   *upstream
	ledger  *ledger
	journal *journal
}

// newHouse opens a house whose upstream gives the answer. Every call takes the stream from it anew.
func newHouse(t *testing.T, answer answer) *house {
	t.Helper()
	return newHouseOf(t, answer, nil)
}

func newHouseOf(t *testing.T, answer answer, change func(*gateway.Config)) *house {
	t.Helper()
	keys, err := access.NewGate(context.Background(), access.Config{Store: &shelf{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, keys: keys, upper: &upstream{answer: answer}, ledger: &ledger{}, journal: &journal{}}
	view, text, err := keys.Create(context.Background(), access.Draft{Name: "laptop"})
	if err != nil {
		t.Fatal(err)
	}
	h.key, h.keyID = text.Reveal(), view.ID
	var numbers atomic.Int64
	config := gateway.Config{
		Anthropic: anthropicDialect(),
		OpenAI:    openaiDialect(),
		Responses: responsesDialect(),
		Keys:      keyring{keys},
		Models:    catalogue{},
		Sender:    h.upper,
		Recorder:  h.ledger,
		Instance:  "this-one",
		Version:   "1.2.3",
		Since:     time.Date(2025, 9, 29, 0, 0, 0, 0, time.UTC),
		Now:       time.Now,
		NewID:     func() string { return fmt.Sprintf("id%d", numbers.Add(1)) },
		Log:       slog.New(slog.NewTextHandler(h.journal, nil)),
	}
	if change != nil {
		change(&config)
	}
	h.Gateway = gateway.New(config)
	return h
}

// keyring gives the gateway its view of the keys.
type keyring struct{ *access.Gate }

func (k keyring) Admit(ctx context.Context, id int64, ask access.Ask) (gateway.Permit, error) {
	return k.Gate.Admit(ctx, id, ask)
}

// catalogue resolves as the default settings do.
type catalogue struct{}

func (catalogue) List([]int64) []string {
	return []string{"claude-sonnet-4.5", "claude-sonnet-4", "claude-haiku-4.5"}
}

func (c catalogue) Resolve(asked string, accounts []int64) (settings.Resolution, error) {
	return settings.Defaults().Resolve(asked, func(name string) bool {
		for _, model := range c.List(accounts) {
			if model == name {
				return true
			}
		}
		return false
	})
}

// answer makes the stream for one request.
type answer func(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream

// upstream counts what is sent.
type upstream struct {
	answer answer
	mu     sync.Mutex
	sent   []*chat.Request
}

func (u *upstream) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.sent = append(u.sent, request)
	return u.answer(ctx, request, record)
}

func (u *upstream) requests() []*chat.Request {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.sent
}

// ledger keeps the records.
type ledger struct {
	mu      sync.Mutex
	records []usage.Record
}

func (l *ledger) Record(record *usage.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, *record)
}

func (l *ledger) all() []usage.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.records
}

// only is the record of the one request there was.
func (l *ledger) only(t *testing.T) usage.Record {
	t.Helper()
	records := l.all()
	if len(records) != 1 {
		t.Fatalf("%d records, want 1: %+v", len(records), records)
	}
	return records[0]
}

// journal keeps the log.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// shelf is where keys are kept, in memory.
type shelf struct {
	mu   sync.Mutex
	keys []access.Key
}

func (s *shelf) All(context.Context) ([]access.Key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]access.Key(nil), s.keys...), nil
}

func (s *shelf) Insert(_ context.Context, k access.Key) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k.ID = int64(len(s.keys) + 1)
	s.keys = append(s.keys, k)
	return k.ID, nil
}

func (s *shelf) Update(_ context.Context, k access.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[k.ID-1] = k
	return nil
}

func (*shelf) Delete(context.Context, int64) error            { return nil }
func (*shelf) Counts(context.Context) ([]access.Count, error) { return nil, nil }
func (*shelf) Reserve(context.Context, access.Count) error    { return nil }

// says is an answer of one text.
func says(text string) answer {
	return func(context.Context, *chat.Request, *usage.Record) chat.Stream { return spoken(text) }
}

func spoken(text string) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		_ = yield(chat.Event{Kind: chat.TextDelta, Text: text}, nil) &&
			yield(chat.Event{Kind: chat.Spent, Usage: chat.Usage{Input: 12, Output: 7}}, nil) &&
			yield(chat.Event{Kind: chat.Stopped}, nil)
	}
}

// fails is an answer that is only a fault.
func fails(err error) answer {
	return func(context.Context, *chat.Request, *usage.Record) chat.Stream { return chat.Fail(err) }
}

// dialect is how one API is spoken in these tests.
type dialect struct {
	name, path string
	body       string // up to where more members may follow
}

var spokenDialects = []dialect{
	{"anthropic", "/v1/messages", `{"model":"claude-sonnet-4-5","max_tokens":1000,"messages":[{"role":"user","content":"hi"}]`},
	{"openai", "/v1/chat/completions", `{"model":"claude-sonnet-4-5","messages":[{"role":"user","content":"hi"}]`},
}

// inBothDialects runs a story for each API.
func inBothDialects(t *testing.T, story func(t *testing.T, d dialect)) {
	t.Helper()
	for _, d := range spokenDialects {
		t.Run(d.name, func(t *testing.T) { story(t, d) })
	}
}

// request is a good one; more are further members, such as `,"stream":true`.
func (h *house) request(d dialect, more string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, d.path, strings.NewReader(d.body+more+"}"))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+h.key)
	r.Header.Set("User-Agent", "claude-cli/2.1.197 (external, cli)")
	return r
}

const streaming = `,"stream":true`

func (h *house) do(r *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer
}

func (h *house) get(path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return h.do(r)
}

// failure is an error answer in either dialect.
type failure struct {
	Type  string `json:"type"`
	Error struct {
		Type    string  `json:"type"`
		Message string  `json:"message"`
		Param   *string `json:"param"`
		Code    string  `json:"code"`
	} `json:"error"`
	RequestID string `json:"request_id"`
}

// mustFail checks status and envelope, and returns the sentence.
func mustFail(t *testing.T, d dialect, answer *httptest.ResponseRecorder, status int) string {
	t.Helper()
	var f failure
	if err := json.Unmarshal(answer.Body.Bytes(), &f); err != nil {
		t.Fatalf("the answer %d %q is no error: %v", answer.Code, answer.Body, err)
	}
	if answer.Code != status || f.Error.Message == "" || f.Error.Type == "" {
		t.Fatalf("the answer is %d %s, want status %d", answer.Code, answer.Body, status)
	}
	id := answer.Header().Get("Request-Id")
	if id == "" || answer.Header().Get("X-Request-Id") != id {
		t.Errorf("the ids in the headers are %q and %q", id, answer.Header().Get("X-Request-Id"))
	}
	switch d.name {
	case "anthropic":
		if f.Type != "error" || f.RequestID != id {
			t.Errorf("this is not Anthropic's envelope: %s", answer.Body)
		}
	default:
		if f.Type != "" || f.Error.Code == "" {
			t.Errorf("this is not OpenAI's envelope: %s", answer.Body)
		}
	}
	return f.Error.Message
}

// screen is a ResponseWriter that can be read while it is written, for stories in fake time.
type screen struct {
	mu     sync.Mutex
	header http.Header
	code   int
	text   strings.Builder
}

func newScreen() *screen { return &screen{header: http.Header{}} }

func (s *screen) Header() http.Header { return s.header }
func (s *screen) Flush()              {}

func (s *screen) WriteHeader(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.code != 0 {
		panic("two statuses were sent")
	}
	s.code = code
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) shows() (int, string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.code, s.text.String()
}
