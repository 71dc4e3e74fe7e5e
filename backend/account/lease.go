package account

import (
	"context"
	"sync"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Lease is one request's hold on an account. Done ends it, whatever happened.
type Lease struct {
	pool    *Pool
	member  *member
	account Account
	model   string
	choice  Choice
	began   mark
	used    secret.String // the access token handed out last
	refused *fault.Error  // why there was none the last time
	done    sync.Once
}

// Account is the account as it was when the lease began.
func (l *Lease) Account() Account { return l.account }

// Choice is why this account was chosen.
func (l *Lease) Choice() Choice { return l.choice }

// Credential is what a call needs. It renews the access token first if that is about to end.
func (l *Lease) Credential(ctx context.Context) (Credential, error) {
	access, err := l.access(ctx)
	if err != nil {
		return Credential{}, err
	}
	l.pool.mu.Lock()
	defer l.pool.mu.Unlock()
	return l.member.account.credential(access), nil // as it is now: a renewal may have named its profile
}

func (a Account) credential(access secret.String) Credential {
	return Credential{
		AccountID: a.ID, Service: a.Service, Method: a.Method, Region: a.Region(), ProfileARN: a.ProfileARN, Origin: a.Origin, AccessToken: access,
	}
}

// Renew replaces an access token that was refused.
func (l *Lease) Renew(ctx context.Context) error {
	l.member.token.forget(l.used)
	_, err := l.access(ctx)
	return err
}

// access is the access token to use. A failure to renew it has counted already when it comes here.
func (l *Lease) access(ctx context.Context) (secret.String, error) {
	l.member.token.use(l.pool.config.Now())
	access, err := l.member.token.get(ctx, l.pool, l.member)
	if err != nil {
		l.refused = fault.Of(err)
		return access, l.refused
	}
	l.used = access
	return access, nil
}

// Answered says that the account's provider has begun to answer: one that comes back from a cool-down may have more requests then.
func (l *Lease) Answered() {
	p := l.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.member.comeback.under {
		l.member.comeback.prove(p.config.Now())
		p.dispatch()
	}
}

// Done frees the account's place and applies what the outcome, nil for success, says about its health. Only the first call counts.
func (l *Lease) Done(outcome error) {
	l.done.Do(func() { l.pool.end(l, fault.Of(outcome)) })
}
