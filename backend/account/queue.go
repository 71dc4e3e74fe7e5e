package account

import (
	"context"
	"slices"
	"time"

	"amq2api/backend/fault"
)

// The queue of requests that wait because every ready account is at its pace or concurrency.
const (
	queueLength = 64
	queueLimit  = 60 * time.Second
)

// waiter is a request that wants an account. Whoever takes it out of the queue gives it its answer.
type waiter struct {
	want   Want
	until  time.Time   // how long it may wait for an account that rests
	answer chan answer // holds one
}

type answer struct {
	lease *Lease
	err   error
}

// Lease hands out the account whose turn it is. Requests are served in the order they came, as far as the accounts they may use allow.
// Lease waits, at most a minute, while ready accounts are at their pace, and for the pool's patience if one returns within that. When none
// does it answers with a fault at once: Credential if the user must act, Suspicious while the provider's suspicion pauses the pool, else
// Throttled or Exhausted with the time of the earliest return. A lease must be ended with Done.
func (p *Pool) Lease(ctx context.Context, want Want) (*Lease, error) {
	if ctx.Err() != nil {
		return nil, fault.Of(context.Cause(ctx))
	}
	w := &waiter{want: want, until: p.config.Now().Add(p.patience()), answer: make(chan answer, 1)}
	if a, answered := p.enter(w); answered {
		return a.lease, a.err
	}
	deadline := time.NewTimer(queueLimit)
	defer deadline.Stop()
	select {
	case a := <-w.answer:
		return a.lease, a.err
	case <-deadline.C:
		return p.leave(w, busy())
	case <-ctx.Done():
		return p.leave(w, fault.Of(context.Cause(ctx)))
	}
}

func busy() *fault.Error {
	return &fault.Error{Kind: fault.Throttled, RetryAfter: 5 * time.Second, Said: fault.Said{Code: fault.AllBusy},
		Message: "Every account is at its requests per minute or its concurrency. Raise them, add an account, or try again in a moment."}
}

// enter queues a waiter behind those who came before, and reports whether it has its answer already.
func (p *Pool) enter(w *waiter) (answer, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = append(p.waiting, w)
	p.dispatch()
	select {
	case a := <-w.answer:
		return a, true
	default:
	}
	if len(p.waiting) > queueLength {
		p.remove(w)
		return answer{err: busy()}, true
	}
	return answer{}, false
}

// leave takes a waiter out of the queue with the reason it gives up for, unless it gets its answer at the last moment.
func (p *Pool) leave(w *waiter, why *fault.Error) (*Lease, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dispatch()
	select {
	case a := <-w.answer:
		return a.lease, a.err
	default:
		p.remove(w)
		return nil, why
	}
}

func (p *Pool) remove(w *waiter) {
	p.waiting = slices.DeleteFunc(p.waiting, func(other *waiter) bool { return other == w })
}

// dispatch answers every waiter that need not wait any longer, oldest first. It runs after whatever can end a wait; the alarm stands for
// the time that passes. The caller holds the lock.
func (p *Pool) dispatch() {
	now := p.config.Now()
	next := forEver
	p.waiting = slices.DeleteFunc(p.waiting, func(w *waiter) bool {
		o, refusal := p.offer(w.want, w.until.Sub(now), now)
		switch {
		case refusal != nil:
			w.answer <- answer{err: refusal}
		case o.best != nil:
			w.answer <- answer{lease: p.lend(o, w.want, now)}
		default:
			next = min(next, o.wait)
			return false
		}
		return true
	})
	p.wakeIn(min(next, p.nextReturn(now)))
}

// nextReturn is how long until a cool-down ends that people see; 0 if one has ended and nobody was told. The caller holds the lock.
func (p *Pool) nextReturn(now time.Time) time.Duration {
	next := forEver
	for _, m := range p.members {
		if m.recovered {
			return 0
		}
		if until, heals := m.returns(); heals {
			next = min(next, max(until.Sub(now), 0))
		}
	}
	return next
}

// offer is what the pool has for a request: an account, or a wait, or the reason why waiting is no use. The caller holds the lock.
func (p *Pool) offer(want Want, patience time.Duration, now time.Time) (outlook, *fault.Error) {
	if until := p.caution.PausedUntil; !passed(now, until) {
		return outlook{}, &fault.Error{Kind: fault.Suspicious, RetryAfter: until.Sub(now), Until: until, Said: fault.Said{Code: fault.PoolPaused},
			Message: "Amazon called recent activity suspicious, so AMQ2API pauses all accounts for a while."}
	}
	o := p.survey(want, patience, now)
	if o.best == nil && !o.paced && o.wait == forEver {
		return o, p.nobody(want, now)
	}
	return o, nil
}

// wakeIn sets the alarm. The caller holds the lock.
func (p *Pool) wakeIn(wait time.Duration) {
	switch {
	case p.closed:
	case wait == forEver && p.alarm == nil:
	case wait == forEver:
		p.alarm.Stop()
	case p.alarm == nil:
		p.alarm = time.AfterFunc(wait, p.ring)
	default:
		p.alarm.Reset(wait)
	}
}

func (p *Pool) ring() {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return
	}
	now := p.config.Now()
	told := false
	for _, m := range p.members {
		m.recover(now)
		if m.recovered {
			m.recovered, told = false, true
			p.tasks.Go(func() { p.keep(m) })
		}
	}
	p.dispatch()
	p.mu.Unlock()
	if told {
		p.announce()
	}
}
