package account

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"amq2api/backend/fault"
)

// choose picks who serves now, or nil: the session's own account if it can, else the lowest rate of requests, else whose last turn is the
// longest ago. The caller holds the lock.
func (p *Pool) choose(want Want, now time.Time) *member {
	if id, known := p.sessions.account(want.Session); known {
		if m := p.members[id]; m != nil && p.eligible(m, want, now) && m.pace(now) == 0 {
			return m
		}
	}
	var best *member
	for _, m := range p.members {
		if p.eligible(m, want, now) && m.pace(now) == 0 && (best == nil || m.before(best, now)) {
			best = m
		}
	}
	return best
}

// before reports whether it is an account's turn rather than another's.
func (m *member) before(other *member, now time.Time) bool {
	return cmp.Or(cmp.Compare(m.rpm(now), other.rpm(now)), cmp.Compare(m.turn, other.turn), cmp.Compare(m.account.ID, other.account.ID)) < 0
}

// eligible reports whether an account could serve a request if its pace allowed.
func (p *Pool) eligible(m *member, want Want, now time.Time) bool {
	return m.ready(want.Model, now) && !slices.Contains(want.Exclude, m.account.ID)
}

// obstacle says how long until time alone may let a request go, and false if no account is ready, so that waiting is no use. The caller
// holds the lock.
func (p *Pool) obstacle(want Want, now time.Time) (wait time.Duration, found bool) {
	wait = forEver
	for _, m := range p.members {
		if p.eligible(m, want, now) {
			found = true
			wait = min(wait, m.pace(now))
		} else if until, heals := m.returns(); heals {
			wait = min(wait, max(until.Sub(now), time.Nanosecond))
		}
	}
	return wait, found
}

// nobody says why no account can serve. The caller holds the lock.
func (p *Pool) nobody(want Want, now time.Time) *fault.Error {
	if len(p.members) == 0 {
		return fault.New(fault.Credential, "No Amazon Q account yet. Add one in AMQ2API under Accounts, then try again.")
	}
	var next *member
	var lacking, tried bool
	for _, m := range p.members {
		m.recover(now)
		switch _, heals := m.returns(); {
		case !m.account.Active || m.account.Health.Status != Ready && !heals:
		case m.lacks(want.Model, now):
			lacking = true
		case !heals:
			tried = true
		case next == nil || m.returnsBefore(next):
			next = m
		}
	}
	switch {
	case next != nil:
		return resting(next, now)
	case tried:
		return fault.New(fault.Unavailable, "Every account that could serve this was tried without success. Try again in a moment.")
	case lacking:
		return fault.New(fault.ModelUnavailable, "None of your accounts has the model %s. Choose another one.", want.Model)
	default:
		return fault.New(fault.Credential, "No account can serve: every one is switched off, suspended, or must sign in again. AMQ2API shows under Accounts what to do.")
	}
}

func (m *member) returnsBefore(other *member) bool {
	return cmp.Or(m.account.Health.Until.Compare(other.account.Health.Until), cmp.Compare(m.account.ID, other.account.ID)) < 0
}

// resting says that every account is out, and when the first one returns.
func resting(next *member, now time.Time) *fault.Error {
	h := next.account.Health
	kind := fault.Throttled
	if h.Status == Exhausted {
		kind = fault.Exhausted
	}
	wait := h.Until.Sub(now)
	return &fault.Error{Kind: kind, RetryAfter: wait, Until: h.Until,
		Message: fmt.Sprintf("Every account is resting. The first to return is %s, in %s: %s", next.account.Name, inWords(wait), h.Reason)}
}

// inWords rounds up to seconds, or to minutes where seconds no longer matter: 12s, 5h13m.
func inWords(wait time.Duration) string {
	if wait > 2*time.Minute {
		return strings.TrimSuffix((wait + time.Minute - 1).Truncate(time.Minute).String(), "0s")
	}
	return (wait + time.Second - 1).Truncate(time.Second).String()
}

// lend counts a request in. The caller holds the lock.
func (p *Pool) lend(m *member, want Want, now time.Time) *Lease {
	m.started = append(m.started, now)
	m.inFlight++
	p.turn++
	m.turn = p.turn
	p.sessions.seat(want.Session, m.account.ID)
	return &Lease{pool: p, member: m, account: m.account, model: want.Model, began: m.mark}
}
