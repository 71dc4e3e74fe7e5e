package backend_test

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/chat"
	"amq2api/backend/dialect/anthropic"
	"amq2api/backend/dialect/openai"
	"amq2api/backend/fault"
	"amq2api/backend/relay"
	"amq2api/backend/sse"
	"amq2api/backend/store"
	"amq2api/backend/usage"
	"amq2api/backend/vault"
)

// reliabilityIsFull asks for the numbers that the figures are reported for; the short form proves the same with fewer.
func reliabilityIsFull() bool { return os.Getenv("AMQ2API_RELIABILITY") == "full" }

// engine is the way of a request from the pool to the simulated Amazon and back, in made-up time: real SQLite, real HTTP over pipes.
type engine struct {
	t      *testing.T
	amazon *amazonqtest.Service
	roster *account.Roster
	relay  *relay.Relay
	people []*amazonqtest.Identity
}

// inEngine plays a story with accounts that are all alike. Their jitter is the source's, so that a story can be played again.
func inEngine(t *testing.T, accounts int, random *rand.Rand, story func(*engine)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		e := &engine{t: t, amazon: amazonqtest.New(amazonqtest.Options{Seed: 1})}
		client, stop := e.amazon.Pipe()
		defer stop()
		db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "amq2api.db"))
		check(t, err)
		defer func() { check(t, db.Close()) }()
		renewer, err := login.New(login.Config{HTTP: client, Endpoint: "http://127.0.0.1/token"})
		check(t, err)
		upstream, err := amazonq.New(amazonq.Config{HTTP: client, Endpoint: "http://127.0.0.1/"})
		check(t, err)
		jitter := func(limit time.Duration) time.Duration { return time.Duration(random.Int64N(int64(limit))) }
		e.roster, err = account.OpenRoster(t.Context(), account.RosterConfig{
			Store: db.Accounts(), Vault: notFoundInWords{new(vault.Memory)}, Renewer: renewer, Now: time.Now, Jitter: jitter, Log: slog.New(slog.DiscardHandler),
		})
		check(t, err)
		defer func() { check(t, e.roster.Close(context.Background())) }()
		for i := range accounts {
			e.addAccount(fmt.Sprint(i))
		}
		e.relay = relay.New(relay.Config{Upstream: upstream, Now: time.Now, Jitter: jitter, Lease: func(ctx context.Context, want account.Want) (relay.Lease, error) {
			lease, err := e.roster.Pool().Lease(ctx, want)
			if err != nil {
				return nil, err
			}
			return lease, nil
		}})
		story(e)
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// notFoundInWords says in the accounts' words that a secret is not there.
type notFoundInWords struct{ *vault.Memory }

func (e *engine) addAccount(name string) {
	e.t.Helper()
	person := e.amazon.AddIdentity(amazonqtest.IdentityOptions{Name: name})
	none := 0
	_, err := e.roster.Add(e.t.Context(), account.Draft{
		Name: name, ClientID: person.ClientID, Pace: account.EnvelopeEdit{RequestsPerMinute: &none, MaxConcurrent: &none},
		Secrets: account.Secrets{RefreshToken: person.RefreshToken(), ClientSecret: person.ClientSecret},
	})
	check(e.t, err)
	e.people = append(e.people, person)
}

// clients are the bodies of one question in each dialect, with how it is read.
var clients = []struct {
	name   string
	decode func(body []byte) (*chat.Request, func(chat.Stream) []sse.Frame, error)
	ending string // what only a good stream ends with
}{
	{"anthropic", func(body []byte) (*chat.Request, func(chat.Stream) []sse.Frame, error) {
		request, rendering, err := anthropic.Decode(body, chat.Meta{ID: "1"})
		return request, func(s chat.Stream) []sse.Frame { return slices.Collect(rendering.Frames(s)) }, err
	}, "message_stop"},
	{"openai", func(body []byte) (*chat.Request, func(chat.Stream) []sse.Frame, error) {
		request, rendering, err := openai.Decode(body, chat.Meta{ID: "1"})
		return request, func(s chat.Stream) []sse.Frame { return slices.Collect(rendering.Frames(s)) }, err
	}, "[DONE]"},
}

const question = `{"model":"claude-sonnet-4.5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"Tell me."}],` +
	`"tools":[{"type":"function","function":{"name":"write","parameters":{"type":"object"}}}]}`

const anthropicQuestion = `{"model":"claude-sonnet-4.5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"Tell me."}],` +
	`"tools":[{"name":"write","input_schema":{"type":"object"}}]}`

// outcome is what a client saw of one request.
type outcome struct {
	text    string // of the events
	tool    bool   // a tool call began
	frames  string
	failure error
	calls   int // to Amazon
	took    time.Duration
}

func (e *engine) ask(client int) outcome {
	e.t.Helper()
	body := question
	if client == 0 {
		body = anthropicQuestion
	}
	request, frames, err := clients[client].decode([]byte(body))
	check(e.t, err)
	request.Upstream = "claude-sonnet-4.5"
	before, began, seen := e.amazon.Counters().Calls, time.Now(), outcome{}
	watched := func(yield func(chat.Event, error) bool) {
		for event, err := range e.relay.Send(e.t.Context(), request, &usage.Record{}) {
			seen.text += event.Text
			seen.tool = seen.tool || event.Kind == chat.ToolStart
			seen.failure = err
			if !yield(event, err) {
				return
			}
		}
	}
	for _, frame := range frames(watched) {
		seen.frames += string(frame.Data) + "\n"
	}
	seen.calls, seen.took = e.amazon.Counters().Calls-before, time.Since(began)
	return seen
}

// What these faults say is for the client to see: no other account could do better, or none must be asked.
var notForOthers = []string{"suspended", "suspicious activity", "malformed", "too long", "model at capacity", "high load"}

// These break a stream before its first event.
var beforeEvents = []string{"reset", "cut in a prelude", "cut in a payload", "prelude CRC", "message CRC", "length under the minimum", "length of 4 GiB", "headers beyond the frame"}

func TestAFaultOfOneAccountBeforeTheFirstEventIsNotSeenByTheClient(t *testing.T) {
	rounds := 2
	if reliabilityIsFull() {
		rounds = 50
	}
	random := rand.New(rand.NewPCG(8, 8))
	requests, served, duplicated := 0, 0, 0
	var delays []time.Duration
	for _, broken := range amazonqtest.Faults() {
		if slices.Contains(notForOthers, broken.Name) || !broken.Early && !slices.Contains(beforeEvents, broken.Name) {
			continue
		}
		for round := range rounds * len(clients) {
			inEngine(t, 2, random, func(e *engine) {
				e.people[0].Always(broken.Answer)
				e.people[1].Always(amazonqtest.Answer{amazonqtest.Text("It is done.")})
				seen := e.ask(round % len(clients))
				requests++
				if seen.text == "It is done." && strings.Contains(seen.frames, clients[round%len(clients)].ending) {
					served++
				} else if seen.text != "" {
					duplicated++
				} else {
					t.Errorf("%s: %q, %v", broken.Name, seen.text, seen.failure)
				}
				if broken.Name != "never a status" { // what takes its time is not a delay that we add
					delays = append(delays, seen.took)
				}
			})
		}
	}
	slices.Sort(delays)
	p95 := delays[len(delays)*95/100]
	if served*100 < requests*99 || duplicated > 0 || p95 >= 1500*time.Millisecond {
		t.Errorf("%d of %d were served, %d wrong, p95 delay %s", served, requests, duplicated, p95)
	}
	t.Logf("A8 | %d requests, each with one broken account of two | %d served, %d with repeated or wrong text | p95 added delay %s", requests, served, duplicated, p95.Round(time.Millisecond))
}

func TestAfterTheFirstEventNothingIsTriedAgainAndACutNeverLooksLikeAnEnd(t *testing.T) {
	cuts := 100
	if reliabilityIsFull() {
		cuts = 1000
	}
	const story = "one two three four five six seven eight nine ten eleven twelve"
	random := rand.New(rand.NewPCG(9, 9))
	seconds, repeated, endings, closed, seenText, clean := 0, 0, 0, 0, 0, 0
	for n := range cuts {
		inEngine(t, 2, random, func(e *engine) {
			answer := amazonqtest.Answer{amazonqtest.SplitAt(7), amazonqtest.Text(story), amazonqtest.Call("write", `{"path":"a.txt","content":"on and on and on"}`)}
			at := 300 + random.IntN(1500)
			cut := amazonqtest.CutAfter(at)
			if n%2 == 0 {
				cut = amazonqtest.ResetAfter(at)
			}
			for _, person := range e.people {
				person.Always(append(amazonqtest.Answer{cut}, answer...))
			}
			seen := e.ask(n % len(clients))
			if seen.text == "" {
				return // the cut came before the first event; that is another story
			}
			seenText++
			if seen.calls != 1 {
				seconds++
			}
			orderly := n%2 == 1
			if orderly && seen.failure == nil && !seen.tool {
				clean++ // the service ends its answers like this: between two frames, with nothing open
				return
			}
			toolInput := strings.TrimPrefix(seen.text, story)
			if !strings.HasPrefix(story, seen.text) && !strings.HasPrefix(`{"path":"a.txt","content":"on and on and on"}`, toolInput) {
				repeated++
				t.Errorf("cut at %d: the client read %q", at, seen.text)
			}
			if strings.Contains(seen.frames, clients[n%len(clients)].ending) {
				endings++
			}
			if seen.failure == nil || fault.Of(seen.failure).Kind != fault.Unavailable {
				closed++
				t.Errorf("cut at %d: the stream ended with %v", at, seen.failure)
			}
		})
	}
	if seconds > 0 || endings > 0 || seenText < cuts/2 || clean > cuts/50 {
		t.Errorf("%d second calls, %d normal endings, %d cuts after the first event, %d between frames", seconds, endings, seenText, clean)
	}
	seenText -= clean
	t.Logf("A9 | %d cuts, %d of them after the first event and within something | %d second calls, %d repeated texts, %d normal endings, %d without the error", cuts, seenText, seconds, repeated, endings, closed)
}

func TestARefreshTokenIsNeverUsedTwice(t *testing.T) {
	cycles := 100
	if reliabilityIsFull() {
		cycles = 1000
	}
	random := rand.New(rand.NewPCG(3, 3))
	inEngine(t, 1, random, func(e *engine) {
		for range cycles {
			e.people[0].Expire()
			done := make(chan error)
			for range 4 {
				go func() { done <- e.ask(0).failure }()
			}
			for range 4 {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
		}
		synctest.Wait()
		counted := e.amazon.Counters()
		if counted.Reuses > 0 || counted.Repeats > 0 || counted.Renewals > cycles+1 {
			t.Errorf("%d renewals in %d cycles, %d repeats, %d reuses", counted.Renewals, cycles, counted.Repeats, counted.Reuses)
		}
		t.Logf("A3 | %d cycles of an expired token and 4 requests at once | %d renewals, %d repeats, %d reuses", cycles, counted.Renewals, counted.Repeats, counted.Reuses)
	})
}

func TestAStormOfRequestsOnAnExpiredTokenRenewsItOnce(t *testing.T) {
	inEngine(t, 1, rand.New(rand.NewPCG(4, 4)), func(e *engine) {
		const storm = 200
		done := make(chan error)
		for range storm {
			go func() { done <- e.ask(1).failure }()
		}
		for range storm {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		if renewals := e.amazon.Counters().Renewals; renewals != 1 {
			t.Errorf("%d renewals", renewals)
		}
		t.Logf("A3 | %d requests at once on an expired account | %d renewal", storm, e.amazon.Counters().Renewals)
	})
}
