// Package relay turns several accounts into one stream: it leases an account, ranges the upstream, and moves on to another account
// while the client has not seen anything yet.
//
// The commit point is the first event. Before it an account-bound fault leads to another account; after it every fault is the
// client's to see, and no second call is ever made.
package relay

import (
	"context"
	"errors"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// Lease is one request's hold on an account.
type Lease interface {
	Account() account.Account
	Choice() account.Choice
	Answered()             // the first event came
	Spend(credits float64) // what the answer cost; 0 if its provider did not say
	Credential(ctx context.Context) (account.Credential, error)
	Renew(ctx context.Context) error
	Done(err error)
}

// Upstream sends a request with a credential. The call is made when the stream is ranged.
type Upstream interface {
	Send(ctx context.Context, credential account.Credential, request *chat.Request) chat.Stream
}

// Config is what a Relay needs.
type Config struct {
	Lease    func(ctx context.Context, want account.Want) (Lease, error)
	Upstream Upstream
	Now      func() time.Time
	Jitter   func(limit time.Duration) time.Duration // a random duration in [0, limit)
}

// Relay sends requests through the pool.
type Relay struct {
	config Config
	budget *budget
}

// New makes a Relay.
func New(config Config) *Relay {
	return &Relay{config: config, budget: newBudget(config.Now)}
}

// Send answers a request with whichever account can. The accounts tried are noted in record, which belongs to the stream until its
// range ends.
func (r *Relay) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		r.budget.request()
		s := &sending{Relay: r, request: request, record: record, yield: yield}
		if err := s.run(ctx); err != nil {
			yield(chat.Event{}, err)
		}
	}
}

// sending is one request on its way through the accounts.
type sending struct {
	*Relay
	request *chat.Request
	record  *usage.Record
	yield   func(chat.Event, error) bool

	tried  []int64
	hops   hops
	waited time.Duration
	again  bool         // accounts that were tried may be tried once more
	last   *fault.Error // of the last account, nil before the first
}

// run tries accounts until one answers or the table of hops says stop. An error it returns has not been seen by the client; nil means
// that the client has seen everything there is.
func (s *sending) run(ctx context.Context) error {
	for {
		lease, err := s.lease(ctx)
		if err != nil {
			return s.outOfAccounts(fault.Of(err))
		}
		s.tried = append(s.tried, lease.Account().ID)
		if s.last = s.serve(ctx, lease); s.last == nil {
			return nil
		}
		if !s.hops.next(s.last.Kind) || !s.budget.retry() {
			return s.last
		}
	}
}

// lease gets an account that was not tried yet. When the last of them was throttled for a moment only, the pool may wait it out, once.
func (s *sending) lease(ctx context.Context) (Lease, error) {
	want := account.Want{Model: s.request.Upstream, Session: s.request.Session, Exclude: s.tried, Only: s.request.Accounts}
	lease, err := s.config.Lease(ctx, want)
	if err == nil || s.again || s.last == nil || s.last.Kind != fault.Throttled || ctx.Err() != nil {
		return lease, err
	}
	s.again, want.Exclude = true, nil
	waited, again := s.config.Lease(ctx, want)
	if again != nil && fault.Of(again).Kind != fault.Canceled {
		return nil, err
	}
	return waited, again
}

// outOfAccounts prefers what the last account said to what the pool says, except that only the pool knows when the next one returns.
func (s *sending) outOfAccounts(pool *fault.Error) *fault.Error {
	if s.last == nil || pool.Kind == fault.Canceled || pool.Kind == fault.Suspicious {
		return pool
	}
	answer := *s.last
	if answer.RetryAfter == 0 && answer.Kind.Retryable() {
		answer.RetryAfter = pool.RetryAfter
	}
	return &answer
}

// serve uses one account, with the retries that make sense on the same one. An error it returns came before the first event.
func (s *sending) serve(ctx context.Context, lease Lease) *fault.Error {
	started := s.config.Now()
	s.note(lease)
	committed, failure := s.persist(ctx, lease)
	if failure == errLeft && ctx.Err() == nil {
		failure = nil // whoever listens has heard enough: the answer is as good as whole
	}
	s.conclude(s.config.Now().Sub(started), failure)
	switch {
	case failure == nil:
		lease.Done(nil)
		return nil
	case committed:
		lease.Done(failure)
		s.closing(failure)
		return nil
	default:
		lease.Done(failure)
		return failure
	}
}

// persist calls one account until it answers, a retry on it makes no sense, or the client has seen something.
func (s *sending) persist(ctx context.Context, lease Lease) (committed bool, failure *fault.Error) {
	var again sameAccount
	for {
		committed, err := s.attempt(ctx, lease)
		if err == nil {
			return committed, nil
		}
		failure := s.classify(ctx, err)
		if committed {
			return true, failure
		}
		if failure = s.prepareRetry(ctx, lease, &again, failure); failure != nil {
			return false, failure
		}
	}
}

// errLeft marks a range that the consumer broke off: nothing more may be yielded.
var errLeft = fault.New(fault.Canceled, "The client closed the connection.")

// attempt makes one call and passes its events on. committed tells whether the client may have seen an event.
func (s *sending) attempt(ctx context.Context, lease Lease) (committed bool, err error) {
	credential, err := lease.Credential(ctx)
	if err != nil {
		return false, err
	}
	spent := 0.0
	defer func() {
		if committed {
			lease.Spend(spent) // an answer that broke off cost something too
		}
	}()
	for event, err := range s.config.Upstream.Send(ctx, credential, s.request) {
		if err != nil {
			return committed, err
		}
		if !committed {
			lease.Answered()
		}
		committed = true
		if event.Kind == chat.Spent {
			spent = event.Usage.Credits
		}
		if !s.yield(event, nil) {
			return true, errLeft
		}
	}
	return committed, nil
}

// closing is the last thing a committed stream says, unless nobody listens any more.
func (s *sending) closing(failure *fault.Error) {
	if failure != errLeft {
		s.yield(chat.Event{}, failure)
	}
}

// classify finds the fault in an error; when our own context ended, its cause says why.
func (s *sending) classify(ctx context.Context, err error) *fault.Error {
	if ctx.Err() != nil && !errors.Is(err, errLeft) {
		return fault.Of(context.Cause(ctx))
	}
	return fault.Of(err)
}

// note records the attempt with the account that makes it, and why it is that one.
func (s *sending) note(lease Lease) {
	used, choice := lease.Account(), lease.Choice()
	attempt := usage.Attempt{AccountID: used.ID, Account: used.Name, Ground: string(choice.Ground)}
	for _, p := range choice.PassedOver {
		passed := usage.Passed{Account: p.Account, By: string(p.By), Wait: p.Wait}
		if p.By == account.Hindrance(account.CoolingDown) {
			passed.Kind = p.Kind.String()
		}
		attempt.Passed = append(attempt.Passed, passed)
	}
	s.record.Attempts = append(s.record.Attempts, attempt)
}

// conclude records how the attempt ended.
func (s *sending) conclude(took time.Duration, failure *fault.Error) {
	attempt := &s.record.Attempts[len(s.record.Attempts)-1]
	attempt.Duration = took
	if failure != nil {
		attempt.Fault = failure.Kind.String()
	}
}
