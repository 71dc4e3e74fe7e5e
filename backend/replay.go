package backend

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/amazonq"
	"amq2api/backend/attach"
	"amq2api/backend/capture"
	"amq2api/backend/chat"
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

// Replay sends the requests of a capture through this program again, one after the other, offline: a stand-in on loopback answers with the
// upstream's bytes of the capture. What is sent upstream and what the client gets are compared with the capture; times, and the ids that are
// made up anew, may differ. What no capture holds is not compared: why no account or no model was to be had. What a client named by an
// address is not fetched again, so that such an exchange differs.
func Replay(ctx context.Context, text []byte) ([]Replayed, error) {
	captured, err := capture.Decode(text)
	if err != nil {
		return nil, err
	}
	stand := new(standIn)
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
	r := &rehearsal{stand: stand, chosen: captured.About.Settings}
	program := r.program(upstream)
	var all []Replayed
	for i := range captured.Exchanges {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		exchange := &captured.Exchanges[i]
		all = append(all, Replayed{Path: exchange.Path, Differences: r.run(ctx, program, exchange)})
	}
	return all, nil
}

// rehearsal is the program without accounts, keys and a database. Its models, its ids and its clock, which stands, are those of the exchange
// under way; what a conversation leaves behind for its next request stays.
type rehearsal struct {
	stand    *standIn
	chosen   capture.Settings
	exchange *capture.Exchange
	nameless bool // a model was asked for that the capture has no name of
}

func (r *rehearsal) program(upstream *amazonq.Client) http.Handler {
	accounts := relay.New(relay.Config{Lease: r.stand.lease, Upstream: upstream, Now: time.Now, Jitter: func(time.Duration) time.Duration { return 0 }})
	return gateway.New(gateway.Config{
		Anthropic: anthropicDialect(), OpenAI: openaiDialect(), Responses: memoryResponses(), Keys: r, Models: r,
		Sender: sender(accounts, upstream, func(string, checkup.Diagnosis) {},
			emulate.Options{BreakRepeats: func() bool { return r.chosen.BreakRepeats }}, attach.Options{}),
		Recorder: replayPermit{}, Since: modelsSince, Now: func() time.Time { return r.exchange.At },
		NewID: func() string { return strings.TrimPrefix(r.exchange.RequestID, "req_") }, Log: slog.New(slog.DiscardHandler),
	})
}

func (r *rehearsal) run(ctx context.Context, program http.Handler, exchange *capture.Exchange) []string {
	r.exchange, r.nameless = exchange, false
	if exchange.HungUp && len(exchange.Calls) == 0 {
		return nil // it went before the upstream had said a word: there is nothing to compare
	}
	ctx, client := newReplayClient(ctx, exchange)
	defer client.hangUp()
	r.stand.begin(exchange.Calls, client.served)
	request, err := replayRequest(ctx, exchange)
	if err != nil {
		return []string{err.Error()}
	}
	program.ServeHTTP(client, request)
	differences := r.stand.differences()
	if r.nameless || r.stand.unanswerable() {
		return differences
	}
	return append(differences, client.differences()...)
}

func replayRequest(ctx context.Context, exchange *capture.Exchange) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, exchange.Path, bytes.NewReader(exchange.Request))
	if err != nil {
		return nil, fmt.Errorf("the capture has the path %q: %w", exchange.Path, err)
	}
	for name, value := range exchange.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer replay")
	return request, nil
}

// Identify and Admit let everyone in; who names no model gets the capture's.
func (r *rehearsal) Identify(secret.String) (access.Key, error) {
	return access.Key{Scope: access.Scope{DefaultModel: r.exchange.Model}}, nil
}

func (r *rehearsal) Admit(context.Context, int64, access.Ask) (gateway.Permit, error) {
	return replayPermit{}, nil
}

// replayPermit allows everything and keeps nothing.
type replayPermit struct{}

func (replayPermit) Revoked() <-chan struct{} { return nil }
func (replayPermit) Spend(chat.Usage)         {}
func (replayPermit) Done()                    {}
func (replayPermit) Record(*usage.Record)     {}

// List and Resolve are the gateway's models: every name means what it meant in the capture.
func (r *rehearsal) List([]int64) []string { return []string{r.exchange.Model} }

func (r *rehearsal) Resolve(asked string, _ []int64) (settings.Resolution, error) {
	if r.exchange.Model == "" {
		r.nameless = true
		return settings.Resolution{}, fault.New(fault.NotFound, "There was no model in the capture.")
	}
	found, _ := settings.Settings{Aliases: r.chosen.Aliases}.Resolve(asked, func(string) bool { return true })
	return settings.Resolution{Model: r.exchange.Model, Substituted: r.exchange.Default, ThinkingTags: found.ThinkingTags}, nil
}
