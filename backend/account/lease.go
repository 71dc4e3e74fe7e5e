package account

import (
	"context"
	"sync"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Lease is one request's hold on an account. Done ends it, whatever happened.
type Lease struct {
	pool    *Pool
	member  *member
	account Account
	model   string
	used    secret.String // the access token handed out last
	done    sync.Once
}

// Account is the account as it was when the lease began.
func (l *Lease) Account() Account { return l.account }

// Credential is what a call needs. It renews the access token first if that is about to end.
func (l *Lease) Credential(ctx context.Context) (Credential, error) {
	access, err := l.member.token.get(ctx, l.pool, l.account.ID)
	if err != nil {
		return Credential{}, err
	}
	l.used = access
	return Credential{
		AccountID: l.account.ID, Service: l.account.Service, Region: l.account.Region(), ProfileARN: l.account.ProfileARN, AccessToken: access,
	}, nil
}

// Renew replaces an access token that was refused.
func (l *Lease) Renew(ctx context.Context) error {
	l.member.token.forget(l.used)
	_, err := l.member.token.get(ctx, l.pool, l.account.ID)
	return err
}

// Done frees the account's place and applies what the outcome, nil for success, says about its health. Only the first call counts.
func (l *Lease) Done(outcome error) {
	l.done.Do(func() { l.pool.end(l.member, l.model, fault.Of(outcome)) })
}

func (p *Pool) end(m *member, model string, f *fault.Error) {
	p.mu.Lock()
	m.inFlight--
	now := p.config.Now()
	changed := m.outcome(f, model, now, p.lastReady(m, now))
	if f != nil && f.Kind == fault.Suspicious {
		p.paused = now.Add(max(f.RetryAfter, suspiciousRest))
	}
	p.wake()
	p.mu.Unlock()
	if changed {
		p.announce()
		go p.keep(m)
	}
}

func (p *Pool) announce() {
	if p.config.Changed != nil {
		p.config.Changed()
	}
}

// lastReady reports whether no other account is ready: the breaker never takes the last one. The caller holds the lock.
func (p *Pool) lastReady(m *member, now time.Time) bool {
	for _, other := range p.members {
		if other != m && other.ready("", now) {
			return false
		}
	}
	return true
}

// keepTimeout bounds how long a health row may take to write; the request that caused it has already been answered.
const keepTimeout = 10 * time.Second

// keep writes down an account's health as it is by now. Requests are not held up by it: health that is lost with a crash is learnt again.
func (p *Pool) keep(m *member) {
	p.keeping.Lock()
	defer p.keeping.Unlock()
	p.mu.Lock()
	id, health := m.account.ID, m.account.Health
	_, present := p.members[id]
	p.mu.Unlock()
	if !present {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), keepTimeout)
	defer cancel()
	if err := p.config.Keeper.SaveHealth(ctx, id, health); err != nil {
		p.config.Log.Warn("an account's health could not be saved", "account", id, "err", err)
	}
}
