package account

import (
	"fmt"
	"slices"
	"time"

	"amq2api/backend/fault"
)

// maxSessions bounds how many clients' sessions are remembered.
const maxSessions = 1024

// choose picks who serves now, or nil: the session's own account if it can, else the lowest rate of requests, else whose last turn is the
// longest ago. The caller holds the lock.
func (p *Pool) choose(want Want, now time.Time) *member {
	if id, known := p.sessions[want.Session]; known && want.Session != "" {
		if m := p.members[id]; m != nil && p.eligible(m, want, now) && m.pace(now) == 0 {
			return m
		}
	}
	var best *member
	for _, m := range p.members {
		if !p.eligible(m, want, now) || m.pace(now) > 0 {
			continue
		}
		if best == nil || m.rpm(now) < best.rpm(now) || m.rpm(now) == best.rpm(now) && m.turn < best.turn {
			best = m
		}
	}
	return best
}

// eligible reports whether an account could serve a request if its pace allowed.
func (p *Pool) eligible(m *member, want Want, now time.Time) bool {
	return !slices.Contains(want.Exclude, m.account.ID) && m.ready(want.Model, now)
}

// obstacle says how long a waiter should wait before it looks again, or the fault if waiting is no use. The caller holds the lock.
func (p *Pool) obstacle(want Want, now time.Time) (time.Duration, error) {
	shortest := forEver
	found := false
	for _, m := range p.members {
		if p.eligible(m, want, now) {
			found = true
			shortest = min(shortest, m.pace(now))
		}
	}
	if found {
		return min(shortest, queueLimit), nil
	}
	return 0, p.nobody(want, now)
}

// nobody says why no account can serve. The caller holds the lock.
func (p *Pool) nobody(want Want, now time.Time) *fault.Error {
	if len(p.members) == 0 {
		return fault.New(fault.Credential, "No Amazon Q account yet. Add one in AMQ2API under Accounts, then try again.")
	}
	var next *member
	lacking := 0
	for _, m := range p.members {
		if m.missing[want.Model] {
			lacking++
			continue
		}
		until, heals := m.returns()
		if !heals {
			continue
		}
		if next == nil || until.Before(next.account.Health.Until) {
			next = m
		}
	}
	switch {
	case next != nil:
		h := next.account.Health
		kind := fault.Throttled
		if h.Status == Exhausted {
			kind = fault.Exhausted
		}
		return &fault.Error{Kind: kind, RetryAfter: h.Until.Sub(now), Until: h.Until, Message: fmt.Sprintf(
			"Every account is resting. The first to return is %s, in %s: %s", next.account.Name, h.Until.Sub(now).Round(time.Second), h.Reason)}
	case lacking == len(p.members):
		return fault.New(fault.ModelUnavailable, "None of your accounts has the model %s. Choose another one.", want.Model)
	default:
		return fault.New(fault.Credential, "No account can serve: every one is switched off, suspended, or must sign in again. AMQ2API shows under Accounts what to do.")
	}
}

// lend counts a request in. The caller holds the lock.
func (p *Pool) lend(m *member, want Want, now time.Time) *Lease {
	m.rpm(now)
	m.started = append(m.started, now)
	m.inFlight++
	p.turn++
	m.turn = p.turn
	if want.Session != "" {
		if len(p.sessions) >= maxSessions {
			clear(p.sessions)
		}
		p.sessions[want.Session] = m.account.ID
	}
	return &Lease{pool: p, member: m, account: m.account, model: want.Model}
}

// wake lets every waiter look again. The caller holds the lock.
func (p *Pool) wake() {
	for _, w := range p.waiting {
		select {
		case <-w.turn:
		default:
			close(w.turn)
		}
	}
}

// remove takes a waiter out of the queue. The caller holds the lock.
func (p *Pool) remove(w *waiter) {
	p.waiting = slices.DeleteFunc(p.waiting, func(other *waiter) bool { return other == w })
}

func (p *Pool) leave(w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.remove(w)
}
