package account

import (
	"context"

	"amq2api/backend/fault"
)

// check renews an account's token now. Failure counts as a request's would; success ends a need to sign in, and nothing else: that
// tokens can be renewed says nothing about throttles, quotas and suspensions.
func (p *Pool) check(ctx context.Context, id int64) error {
	p.mu.Lock()
	m, known := p.members[id]
	if !known {
		p.mu.Unlock()
		return unknown(id)
	}
	p.mu.Unlock()
	_, err := m.token.fresh(ctx, p, m)
	if ctx.Err() != nil {
		return fault.Of(context.Cause(ctx))
	}
	p.mu.Lock()
	m.account.Health.CheckedAt = p.config.Now()
	if err == nil {
		m.account.Health.Error, m.account.Health.ErrorSaid = "", fault.Said{}
		m.signedIn()
	} else {
		f := fault.Of(err)
		m.account.Health.Error, m.account.Health.ErrorSaid = f.Message, f.Says()
	}
	p.dispatch()
	p.mu.Unlock()
	p.announce()
	p.keep(m)
	return nil
}

// signedIn ends a need to sign in.
func (m *member) signedIn() {
	h := &m.account.Health
	if h.Status == NeedsSignIn {
		*h = Health{Status: Ready, CheckedAt: h.CheckedAt}
		m.mark.words++
	}
}

// clear makes an account ready by the user's word, and reports whether there is such an account. A pause of the whole pool goes on; relax
// ends that.
func (p *Pool) clear(id int64) bool {
	return p.amend(id, func(m *member) {
		m.account.Health = Health{Status: Ready, CheckedAt: m.account.Health.CheckedAt}
		m.failures, m.endings, m.suspect, m.missing, m.comeback = 0, nil, nil, nil, comeback{}
		m.mark.words++
		m.token.retry()
	})
}

// renewed says that the user gave an account new secrets: it need not sign in any more, and what was renewed with the old ones is void.
func (p *Pool) renewed(id int64) {
	p.mu.Lock()
	m, known := p.members[id]
	p.mu.Unlock()
	if known {
		m.token.void() // before the word, so that a refusal of the old secrets never counts against the new ones
	}
	p.amend(id, func(m *member) {
		m.mark.words++
		m.signedIn()
		p.unlearn(m)
	})
}

// amend changes an account's health, tells, and writes it down.
func (p *Pool) amend(id int64, change func(*member)) bool {
	p.mu.Lock()
	m, known := p.members[id]
	if known {
		change(m)
		p.dispatch()
	}
	p.mu.Unlock()
	if known {
		p.announce()
		p.keep(m)
	}
	return known
}
