package account

import (
	"context"

	"amq2api/backend/fault"
)

// check renews an account's token now and lets the result count as a request's outcome would.
func (p *Pool) check(ctx context.Context, id int64) error {
	p.mu.Lock()
	m, known := p.members[id]
	p.mu.Unlock()
	if !known {
		return unknown(id)
	}
	m.token.forget(m.token.now())
	_, err := m.token.get(ctx, p, id)
	if ctx.Err() != nil {
		return fault.Of(context.Cause(ctx))
	}
	p.mu.Lock()
	m.outcome(fault.Of(err), "", p.config.Now(), false)
	p.wake()
	p.mu.Unlock()
	p.announce()
	p.keep(m)
	return nil
}

// clear makes an account ready by the user's word, and reports whether there is such an account.
func (p *Pool) clear(id int64) bool {
	p.mu.Lock()
	m, known := p.members[id]
	if known {
		m.account.Health = Health{Status: Ready, CheckedAt: m.account.Health.CheckedAt}
		m.failures, m.suspect, m.missing = 0, nil, nil
		p.wake()
	}
	p.mu.Unlock()
	if known {
		p.announce()
		p.keep(m)
	}
	return known
}

// renewed says that the user gave an account new secrets: it need not sign in any more.
func (p *Pool) renewed(id int64) {
	p.mu.Lock()
	m, known := p.members[id]
	if known && m.account.Health.Status == NeedsSignIn {
		m.account.Health = Health{Status: Ready}
	}
	p.mu.Unlock()
	if known {
		m.token.forget(m.token.now())
		p.keep(m)
	}
}
