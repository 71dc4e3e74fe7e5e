package backend

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/access"
	"amq2api/backend/account"
	"amq2api/backend/amazonq"
	"amq2api/backend/attach"
	"amq2api/backend/capture"
	"amq2api/backend/checkup"
	"amq2api/backend/emulate"
	"amq2api/backend/fault"
	"amq2api/backend/gateway"
	"amq2api/backend/relay"
	"amq2api/backend/secret"
	"amq2api/backend/settings"
	"amq2api/backend/usage"
)

// ErrNoCapture says that a file is no capture, or not a whole one.
var ErrNoCapture = capture.ErrNoCapture

// Replayed is how one exchange of a capture went when it was replayed.
type Replayed struct {
	Path        string
	Differences []string // none if everything was as in the capture
}

// Replay sends each request of a capture through this program again, offline: a stand-in on loopback answers with the upstream's bytes of
// the capture. What is sent upstream and what the client gets are compared with the capture; times, and the ids that are made up anew, may
// differ.
func Replay(ctx context.Context, text []byte) ([]Replayed, error) {
	captured, err := capture.Decode(text)
	if err != nil {
		return nil, err
	}
	var all []Replayed
	for i := range captured.Exchanges {
		exchange := &captured.Exchanges[i]
		differences, err := replayExchange(ctx, captured.About.Settings, exchange)
		if err != nil {
			return nil, fmt.Errorf("exchange %d: %w", i+1, err)
		}
		all = append(all, Replayed{Path: exchange.Path, Differences: differences})
	}
	return all, nil
}

func replayExchange(ctx context.Context, chosen capture.Settings, exchange *capture.Exchange) ([]string, error) {
	stand := &standIn{calls: exchange.Calls}
	address, stop, err := stand.listen(ctx)
	if err != nil {
		return nil, err
	}
	defer stop()
	upstream, err := amazonq.New(amazonq.Config{Endpoint: address, Version: "replay", Proxy: func(*http.Request) (*url.URL, error) { return nil, nil }})
	if err != nil {
		return nil, err
	}
	defer upstream.CloseIdle()
	answer := httptest.NewRecorder()
	replayGateway(upstream, chosen, exchange).ServeHTTP(answer, replayRequest(ctx, exchange))
	return append(stand.differences(), compareAnswers(exchange, answer)...), nil
}

func replayRequest(ctx context.Context, exchange *capture.Exchange) *http.Request {
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, exchange.Path, bytes.NewReader(exchange.Request))
	for name, value := range exchange.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer replay")
	return request
}

// replayGateway is the program without accounts, keys and a database. Its clock stands and its ids are the capture's.
func replayGateway(upstream *amazonq.Client, chosen capture.Settings, exchange *capture.Exchange) http.Handler {
	log := slog.New(slog.DiscardHandler)
	pool := &replayPool{}
	accounts := relay.New(relay.Config{Lease: pool.lease, Upstream: upstream, Now: time.Now, Jitter: func(time.Duration) time.Duration { return 0 }})
	return gateway.New(gateway.Config{
		Anthropic: anthropicDialect(), OpenAI: openaiDialect(), Responses: memoryResponses(), Keys: replayKeys{}, Models: replayModels{chosen, exchange},
		Sender: sender(accounts, upstream, func(string, checkup.Diagnosis) {},
			emulate.Options{BreakRepeats: func() bool { return chosen.BreakRepeats }}, attach.Options{}),
		Recorder: replayKeys{}, Since: modelsSince, Now: func() time.Time { return exchange.At },
		NewID: func() string { return strings.TrimPrefix(exchange.RequestID, "req_") }, Log: log,
	})
}

// replayKeys lets everyone in and records nothing.
type replayKeys struct{}

func (replayKeys) Identify(secret.String) (access.Key, error)           { return access.Key{}, nil }
func (replayKeys) Admit(context.Context, int64) (gateway.Permit, error) { return replayKeys{}, nil }
func (replayKeys) Revoked() <-chan struct{}                             { return nil }
func (replayKeys) Done()                                                {}
func (replayKeys) Record(*usage.Record)                                 {}

// replayModels resolves as it was resolved in the capture.
type replayModels struct {
	chosen   capture.Settings
	exchange *capture.Exchange
}

func (m replayModels) List() []string { return []string{m.exchange.Model} }

func (m replayModels) Resolve(asked string) (settings.Resolution, error) {
	if m.exchange.Model == "" {
		return settings.Resolution{}, fault.New(fault.NotFound, "There was no model in the capture.")
	}
	found, _ := settings.Settings{Aliases: m.chosen.Aliases}.Resolve(asked, func(string) bool { return true })
	return settings.Resolution{Model: m.exchange.Model, Substituted: m.exchange.Default, ThinkingTags: found.ThinkingTags}, nil
}

// replayPool has an account for every attempt.
type replayPool struct{ last int64 }

func (p *replayPool) lease(context.Context, account.Want) (relay.Lease, error) {
	p.last++
	return replayLease{p.last}, nil
}

type replayLease struct{ id int64 }

func (l replayLease) Account() account.Account {
	return account.Account{ID: l.id, Name: fmt.Sprintf("replay %d", l.id)}
}
func (replayLease) Choice() account.Choice      { return account.Choice{} }
func (replayLease) Answered()                   {}
func (replayLease) Spend(float64)               {}
func (replayLease) Renew(context.Context) error { return nil }
func (replayLease) Done(error)                  {}

func (l replayLease) Credential(context.Context) (account.Credential, error) {
	return account.Credential{AccountID: l.id, Service: account.AmazonQ, Region: "us-east-1", AccessToken: secret.New("replay")}, nil
}

// standIn answers with the upstream's bytes of a capture, in order.
type standIn struct {
	calls []capture.Call

	mu       sync.Mutex
	received [][]byte
}

func (s *standIn) listen(ctx context.Context) (address string, stop func(), err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // ends with Close
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body bytes.Buffer
	_, _ = body.ReadFrom(r.Body)
	s.mu.Lock()
	s.received = append(s.received, body.Bytes())
	at := len(s.received) - 1
	s.mu.Unlock()
	if at >= len(s.calls) {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	call := s.calls[at]
	for name, value := range call.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(call.Status)
	_, _ = w.Write(call.Response)
	if call.Cut {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// differences compares what was sent with the capture.
func (s *standIn) differences() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	if len(s.received) != len(s.calls) {
		found = append(found, fmt.Sprintf("%d calls were made upstream, %d in the capture", len(s.received), len(s.calls)))
	}
	for i := range min(len(s.received), len(s.calls)) {
		for _, difference := range compareJSON(s.calls[i].Request, s.received[i]) {
			found = append(found, fmt.Sprintf("call %d: %s", i+1, difference))
		}
	}
	return found
}

// madeUp are members that are new with every request, or belong to an account.
var madeUp = []string{"conversationId", "profileArn", "origin"}

// compareJSON says where two texts differ as JSON: in which line, when both are written with one member a line, in order.
func compareJSON(before, after []byte) []string {
	a, err := jsonLines(before)
	if err != nil {
		return []string{"the capture has no JSON: " + err.Error()}
	}
	b, err := jsonLines(after)
	if err != nil {
		return []string{"no JSON was sent: " + err.Error()}
	}
	return firstDifference(a, b)
}

func jsonLines(text []byte) ([]string, error) {
	value := jsontext.Value(slices.Clone(text))
	if err := value.Canonicalize(); err != nil {
		return nil, err
	}
	if err := value.Indent(jsontext.WithIndent(" ")); err != nil {
		return nil, err
	}
	var lines []string
	for line := range strings.Lines(string(value)) {
		line = strings.TrimRight(strings.TrimSpace(line), ",")
		if !slices.ContainsFunc(madeUp, func(name string) bool { return strings.HasPrefix(line, `"`+name+`":`) }) {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// firstDifference shows the first line that differs, from shortly before where it does.
func firstDifference(before, after []string) []string {
	for i := range min(len(before), len(after)) {
		if a, b := before[i], after[i]; a != b {
			from := 0
			for from < min(len(a), len(b)) && a[from] == b[from] {
				from++
			}
			return []string{fmt.Sprintf("line %d differs:\n  - %s\n  + %s", i+1, excerptFrom(a, from), excerptFrom(b, from))}
		}
	}
	if len(before) != len(after) {
		return []string{fmt.Sprintf("there are %d lines, not %d", len(after), len(before))}
	}
	return nil
}

// compareAnswers says where a client's answer differs from the capture, line by line. Comments that keep a stream alive are left out.
func compareAnswers(exchange *capture.Exchange, answer *httptest.ResponseRecorder) []string {
	if answer.Code != exchange.Status {
		return []string{fmt.Sprintf("the client gets status %d, not %d: %s", answer.Code, exchange.Status, excerpt(answer.Body.String()))}
	}
	var found []string
	for _, difference := range firstDifference(answerLines(exchange.Response), answerLines(answer.Body.Bytes())) {
		found = append(found, "the client's answer: "+difference)
	}
	return found
}

func answerLines(body []byte) []string {
	var lines []string
	for line := range strings.Lines(string(body)) {
		if line = strings.TrimRight(line, "\r\n"); line != "" && !strings.HasPrefix(line, ":") && line != "event: ping" && line != `data: {"type":"ping"}` {
			lines = append(lines, line)
		}
	}
	return lines
}

func excerpt(text string) string { return excerptFrom(text, 0) }

// excerptFrom is a part of a text that begins shortly before a place.
func excerptFrom(text string, place int) string {
	const before, most = 60, 200
	from := max(0, min(place, len(text))-before)
	part := text[from:min(len(text), from+most)]
	if from > 0 {
		part = "..." + part
	}
	if from+most < len(text) {
		part += "..."
	}
	return strings.ToValidUTF8(part, "")
}
