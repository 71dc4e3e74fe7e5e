package account

import (
	"time"

	"amq2api/backend/fault"
)

// outlook is what the pool sees for one request.
type outlook struct {
	best  *member       // who serves now; nil if nobody can
	seat  *member       // who served the request's session last; nil if nobody did
	paced bool          // somebody is ready, only not this moment
	wait  time.Duration // until time alone may change that
}

// survey judges every account for a request. patience is how long the request may wait for one that rests. The caller holds the lock.
func (p *Pool) survey(want Want, patience time.Duration, now time.Time) outlook {
	o := outlook{wait: forEver}
	if id, known := p.sessions.account(want.Session); known {
		o.seat = p.members[id]
	}
	returns := forEver // of the first account that rests
	for _, m := range p.members {
		h := p.hindrance(m, want, now)
		switch {
		case h.by == "" && o.prefers(m, now):
			o.best = m
		case h.paced:
			o.paced, o.wait = true, min(o.wait, h.wait)
		case h.rests() && !want.excludes(m):
			returns = min(returns, h.wait)
		}
	}
	if o.paced || returns <= patience {
		o.wait = min(o.wait, returns)
	}
	if o.best == nil && !o.paced {
		o.best = p.leastBad(want, now)
	}
	return o
}

// prefers reports whether m should serve rather than the best so far: the session's own account, else whose turn it is.
func (o *outlook) prefers(m *member, now time.Time) bool {
	return o.best == nil || m == o.seat || o.best != o.seat && turnOrder(m, o.best, now) < 0
}

// leastBad is the account to use when the breaker has taken every one that could serve: the one that would return first. What breaks them
// all is rarely the accounts. The caller holds the lock.
func (p *Pool) leastBad(want Want, now time.Time) *member {
	var least *member
	for _, m := range p.members {
		h := m.account.Health
		if !m.account.Active || h.Status != CoolingDown || h.Kind != fault.Unavailable || m.lacks(want.Model, now) || want.excludes(m) || m.inFlight > 0 ||
			m.credit(now).by != "" || !want.allows(m) {
			continue
		}
		if least == nil || h.Until.Before(least.account.Health.Until) {
			least = m
		}
	}
	return least
}

// lend counts a request in. The caller holds the lock.
func (p *Pool) lend(o outlook, want Want, now time.Time) *Lease {
	m := o.best
	choice := p.choice(o, want, now)
	m.started = append(within(m.started, minute, now), now)
	m.inFlight++
	p.turn++
	m.turn = p.turn
	if o.seat == nil || !p.hindrance(o.seat, Want{Model: want.Model}, now).paced {
		p.sessions.seat(want.Session, m.account.ID) // an account that is only busy keeps its sessions
	}
	return &Lease{pool: p, member: m, account: m.account, model: want.Model, choice: choice, began: m.mark}
}
