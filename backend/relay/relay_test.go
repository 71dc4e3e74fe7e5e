package relay_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/relay"
	"amq2api/backend/usage"
)

// The stories below are written as what each account answers, call by call. "hello" is a whole answer, "cut" an answer that breaks after
// its first event, anything else the name of a fault before the first event.
type script map[int64][]string

// stage is the world a story plays in: leases are handed out in the order of ids.
type stage struct {
	t       *testing.T
	script  script
	renew   error
	order   []int64
	calls   []int64
	done    map[int64][]string
	spent   []float64
	renewed int
	resting map[int64]bool // accounts that were throttled
	patient bool           // the pool waits for them instead
	pins    []string       // what each lease was pinned to
}

func (s *stage) lease(_ context.Context, want account.Want) (relay.Lease, error) {
	s.pins = append(s.pins, fmt.Sprint(want.Only))
next:
	for _, id := range s.order {
		if s.resting[id] && !s.patient {
			continue
		}
		for _, excluded := range want.Exclude {
			if id == excluded {
				continue next
			}
		}
		return &lease{stage: s, id: id}, nil
	}
	return nil, &fault.Error{Kind: fault.Throttled, Message: "every account is cooling down", RetryAfter: 42 * time.Second}
}

type lease struct {
	*stage
	id int64
}

func (l *lease) Account() account.Account {
	return account.Account{ID: l.id, Name: fmt.Sprintf("account %d", l.id)}
}

func (l *lease) Choice() account.Choice {
	return account.Choice{Ground: account.ByTurn, PassedOver: []account.PassedOver{
		{Account: "a better one", By: account.Hindrance(account.CoolingDown), Kind: fault.Throttled, Wait: 42 * time.Second},
	}}
}

func (l *lease) Answered() {}

func (l *lease) Spend(credits float64) { l.spent = append(l.spent, credits) }

func (l *lease) Credential(context.Context) (account.Credential, error) {
	return account.Credential{AccountID: l.id}, nil
}

func (l *lease) Renew(context.Context) error {
	l.renewed++
	return l.renew
}

func (l *lease) Done(err error) {
	outcome := "ok"
	if err != nil {
		outcome = fault.Of(err).Kind.String()
		if fault.Of(err).Kind == fault.Throttled {
			l.resting[l.id] = true
		}
	}
	l.done[l.id] = append(l.done[l.id], outcome)
}

// Send plays the next answer of the account's script.
func (s *stage) Send(ctx context.Context, credential account.Credential, _ *chat.Request) chat.Stream {
	id := credential.AccountID
	s.calls = append(s.calls, id)
	if len(s.script[id]) == 0 {
		s.t.Fatalf("account %d was called once more than its script has answers", id)
	}
	answer := s.script[id][0]
	s.script[id] = s.script[id][1:]
	return func(yield func(chat.Event, error) bool) {
		if answer == "hangs" {
			<-ctx.Done()
			yield(chat.Event{}, ctx.Err())
			return
		}
		if answer != "hello" && answer != "cut" {
			var kind fault.Kind
			if err := kind.UnmarshalText([]byte(answer)); err != nil {
				s.t.Fatal(err)
			}
			yield(chat.Event{}, fault.New(kind, "the upstream says %s", answer))
			return
		}
		if !yield(chat.Event{Kind: chat.TextDelta, Text: fmt.Sprintf("hello from %d", id)}, nil) {
			return
		}
		if answer == "cut" {
			yield(chat.Event{}, fault.New(fault.Unavailable, "cut"))
			return
		}
		if yield(chat.Event{Kind: chat.Spent, Usage: chat.Usage{Credits: 1.5}}, nil) {
			yield(chat.Event{Kind: chat.Stopped}, nil)
		}
	}
}

func (s *stage) send(ctx context.Context) (text string, record usage.Record, err error) {
	return s.sendThrough(ctx, s.relay())
}

func (s *stage) relay() *relay.Relay {
	s.done, s.resting = map[int64][]string{}, map[int64]bool{}
	return relay.New(relay.Config{Lease: s.lease, Upstream: s, Now: time.Now, Jitter: func(time.Duration) time.Duration { return 0 }})
}

func (s *stage) sendThrough(ctx context.Context, r *relay.Relay) (text string, record usage.Record, err error) {
	for event, failure := range r.Send(ctx, &chat.Request{Upstream: "claude-sonnet-4.5"}, &record) {
		text += event.Text
		err = failure
	}
	return text, record, err
}

func TestWhichAccountAnswers(t *testing.T) {
	stories := []struct {
		name   string
		script script
		text   string // what the client reads; empty if it gets the fault
		fault  fault.Kind
		calls  string
	}{
		{"the first account answers", script{1: {"hello"}}, "hello from 1", 0, "1"},
		{"a throttled account is left for the next", script{1: {"throttled"}, 2: {"hello"}}, "hello from 2", 0, "1 2"},
		{"an exhausted account is left for the next", script{1: {"exhausted"}, 2: {"hello"}}, "hello from 2", 0, "1 2"},
		{"a refused token is renewed once on the same account", script{1: {"credential", "hello"}}, "hello from 1", 0, "1 1"},
		{"a token refused twice leads to the next account", script{1: {"credential", "credential"}, 2: {"hello"}}, "hello from 2", 0, "1 1 2"},
		{"an outage is tried again once, then elsewhere", script{1: {"unavailable", "unavailable"}, 2: {"hello"}}, "hello from 2", 0, "1 1 2"},
		{"a busy model is given two more chances and one other account", script{1: {"overloaded", "overloaded", "overloaded"}, 2: {"overloaded", "overloaded", "overloaded"}, 3: {}},
			"", fault.Overloaded, "1 1 1 2 2 2"},
		{"a refusal hops once", script{1: {"refused"}, 2: {"refused"}, 3: {}}, "", fault.Refused, "1 2"},
		{"a missing model hops once", script{1: {"model_unavailable"}, 2: {"hello"}}, "hello from 2", 0, "1 2"},
		{"a suspension is never worked around", script{1: {"suspended"}, 2: {}}, "", fault.Suspended, "1"},
		{"suspicious activity is never worked around", script{1: {"suspicious"}, 2: {}}, "", fault.Suspicious, "1"},
		{"a bad request is nobody else's problem", script{1: {"invalid"}, 2: {}}, "", fault.Invalid, "1"},
		{"a conversation that is too long stays too long", script{1: {"too_long"}, 2: {}}, "", fault.TooLong, "1"},
		{"no network here means no network for the next account", script{1: {"offline"}, 2: {}}, "", fault.Offline, "1"},
		{"three accounts are enough", script{1: {"throttled"}, 2: {"throttled"}, 3: {"throttled"}, 4: {}}, "", fault.Throttled, "1 2 3"},
		{"after the first event nothing is tried again", script{1: {"cut"}, 2: {}}, "hello from 1", fault.Unavailable, "1"},
	}
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &stage{t: t, script: story.script, order: []int64{1, 2, 3, 4}}
				text, _, err := s.send(t.Context())
				if text != story.text {
					t.Errorf("the client read %q, want %q", text, story.text)
				}
				if (err != nil) != (story.fault != 0) || err != nil && fault.Of(err).Kind != story.fault {
					t.Errorf("the stream ended with %v, want %v", err, story.fault)
				}
				if calls := strings.Trim(fmt.Sprint(s.calls), "[]"); calls != story.calls {
					t.Errorf("calls went to %s, want %s", calls, story.calls)
				}
				for id := range s.script {
					if used, ended := strings.Contains(story.calls, fmt.Sprint(id)), len(s.done[id]); used && ended != 1 {
						t.Errorf("the lease of account %d ended %d times", id, ended)
					}
				}
			})
		})
	}
}

func TestTheRecordNamesEveryAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, script: script{1: {"throttled"}, 2: {"cut"}}, order: []int64{1, 2}}
		_, record, _ := s.send(t.Context())
		var got []string
		for _, attempt := range record.Attempts {
			got = append(got, attempt.Account+" "+attempt.Fault)
		}
		if fmt.Sprint(got) != "[account 1 throttled account 2 unavailable]" {
			t.Errorf("attempts are %v", got)
		}
	})
}

func TestWhenTheLastAccountIsThrottledThePoolSaysWhenToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, script: script{1: {"throttled"}}, order: []int64{1}}
		_, _, err := s.send(t.Context())
		if f := fault.Of(err); f.Message != "the upstream says throttled" || f.RetryAfter != 42*time.Second {
			t.Errorf("got %+v", f)
		}
	})
}

func TestAThrottleThatPassesSoonIsWaitedOutOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, script: script{1: {"throttled", "hello"}}, order: []int64{1}, patient: true}
		if text, record, err := s.send(t.Context()); text != "hello from 1" || err != nil || len(record.Attempts) != 2 {
			t.Errorf("got %q after %d attempts, %v", text, len(record.Attempts), err)
		}
		s = &stage{t: t, script: script{1: {"throttled", "throttled"}}, order: []int64{1}, patient: true}
		if _, _, err := s.send(t.Context()); fault.Of(err).Kind != fault.Throttled || len(s.calls) != 2 {
			t.Errorf("%d calls, %v", len(s.calls), err)
		}
	})
}

func TestTheRecordSaysWhyAnAccountWasUsedAndTheAccountWhatItSpent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, script: script{1: {"hello"}}, order: []int64{1}}
		_, record, _ := s.send(t.Context())
		want := usage.Attempt{AccountID: 1, Account: "account 1", Ground: "turn", Passed: []usage.Passed{
			{Account: "a better one", By: "cooling_down", Kind: "throttled", Wait: 42 * time.Second},
		}}
		if !reflect.DeepEqual(record.Attempts, []usage.Attempt{want}) {
			t.Errorf("attempts are %+v", record.Attempts)
		}
		if fmt.Sprint(s.spent) != "[1.5]" {
			t.Errorf("it spent %v", s.spent)
		}
	})
}

// A client's key may be pinned to accounts: every lease of its requests is, also those after a fault.
func TestThePinOfARequestGoesWithEveryLease(t *testing.T) {
	s := &stage{t: t, order: []int64{1, 2}, patient: true, script: script{1: {"throttled", "hello"}, 2: {"throttled"}}}
	for range s.relay().Send(t.Context(), &chat.Request{Accounts: []int64{1, 2}}, &usage.Record{}) {
	}
	if len(s.pins) < 3 {
		t.Errorf("there were %d leases", len(s.pins))
	}
	for _, pin := range s.pins {
		if pin != "[1 2]" {
			t.Errorf("pinned to %v", s.pins)
		}
	}
}

func TestARenewalThatFailsMovesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, script: script{1: {"credential"}, 2: {"hello"}}, order: []int64{1, 2}, renew: fault.New(fault.Credential, "sign in again")}
		if text, _, err := s.send(t.Context()); text != "hello from 2" || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
	})
}

func TestAClientThatLeavesIsNotBlamedOnTheAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, record := &stage{t: t, script: script{1: {"hello"}}, order: []int64{1}}, &usage.Record{}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for range s.relay().Send(ctx, &chat.Request{}, record) {
			cancel()
			break
		}
		if fmt.Sprint(s.done[1]) != "[canceled]" || record.Attempts[0].Fault != "canceled" {
			t.Errorf("the lease ended with %v, the attempt with %q", s.done[1], record.Attempts[0].Fault)
		}
	})
}

func TestAnAnswerOfWhichEnoughWasHeardIsAGoodOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, record := &stage{t: t, script: script{1: {"hello"}}, order: []int64{1}}, &usage.Record{}
		for range s.relay().Send(t.Context(), &chat.Request{}, record) {
			break
		}
		if fmt.Sprint(s.done[1]) != "[ok]" || record.Attempts[0].Fault != "" {
			t.Errorf("the lease ended with %v, the attempt with %q", s.done[1], record.Attempts[0].Fault)
		}
	})
}

func TestACancelledRequestEndsWithItsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(fault.New(fault.Unauthenticated, "This key was revoked.")) })
		s := &stage{t: t, script: script{1: {"hangs"}}, order: []int64{1, 2}}
		if _, _, err := s.send(ctx); fault.Of(err).Kind != fault.Unauthenticated {
			t.Errorf("got %v", err)
		}
	})
}

func TestABrokenUpstreamIsNotHitHarderThanAHealthyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, script: script{1: {}, 2: {}, 3: {}}, order: []int64{1, 2, 3}}
		r := s.relay()
		const requests = 100
		for range requests {
			for id := range s.script {
				s.script[id] = []string{"throttled"}
			}
			clear(s.resting)
			if _, _, err := s.sendThrough(t.Context(), r); !errors.As(err, new(*fault.Error)) {
				t.Fatal(err)
			}
		}
		if retries := len(s.calls) - requests; retries > 30 {
			t.Errorf("%d requests caused %d retries in one window", requests, retries)
		}
	})
}
