package account_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// amazon renews tokens as strictly as can be feared: every renewal rotates the refresh token, and one that is used twice locks its whole
// family out.
type amazon struct {
	mu       sync.Mutex
	signIns  int
	families map[string]*family // by each refresh token they ever had
	renewals int
	reuses   int
	lifetime time.Duration
	steady   bool          // refresh tokens are not rotated
	failure  error         // what renewals fail with; nil succeeds
	hold     chan struct{} // not nil: renewals wait for it after Amazon has done its part
	arrived  chan struct{} // not nil: gets a value when a renewal begins to wait
	renewed  func()        // runs at each renewal; may be nil
}

type family struct {
	current string
	client  string
	serial  int
	dead    bool
}

func (a *amazon) signIn() account.Secrets {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.signIns++
	f := &family{client: fmt.Sprintf("%s-client-%d", canary, a.signIns)}
	f.current = fmt.Sprintf("%s-refresh-%d.0", canary, a.signIns)
	a.families[f.current] = f
	return account.Secrets{RefreshToken: secret.New(f.current), ClientSecret: secret.New(f.client)}
}

func (a *amazon) Renew(ctx context.Context, _ account.Account, s account.Secrets) (account.Tokens, error) {
	tokens, err := a.trade(s)
	a.mu.Lock()
	hold, arrived := a.hold, a.arrived
	a.mu.Unlock()
	if hold != nil {
		if arrived != nil {
			arrived <- struct{}{}
		}
		select {
		case <-hold:
		case <-ctx.Done():
			return account.Tokens{}, fault.Wrap(fault.Unavailable, ctx.Err(), "no answer")
		}
	}
	return tokens, err
}

func (a *amazon) trade(s account.Secrets) (account.Tokens, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.renewals++
	if a.renewed != nil {
		a.renewed()
	}
	if a.failure != nil {
		return account.Tokens{}, a.failure
	}
	f, known := a.families[s.RefreshToken.Reveal()]
	if !known || f.dead || f.client != s.ClientSecret.Reveal() {
		return account.Tokens{}, refusedToken()
	}
	if f.current != s.RefreshToken.Reveal() {
		a.reuses++
		f.dead = true
		return account.Tokens{}, refusedToken()
	}
	f.serial++
	tokens := account.Tokens{AccessToken: secret.New(fmt.Sprintf("%s-access-%d", canary, a.renewals)), ExpiresIn: a.lifetime}
	if !a.steady {
		f.current = fmt.Sprintf("%s.%d", f.client, f.serial)
		a.families[f.current] = f
		tokens.RefreshToken = secret.New(f.current)
	}
	return tokens, nil
}

func refusedToken() error { return fault.New(fault.Credential, "invalid_grant: sign in again") }

func (a *amazon) fail(with error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failure = with
}

// onRenewal sets what runs at each renewal.
func (a *amazon) onRenewal(run func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.renewed = run
}

// pause lets renewals hang until the function it returns is called. arrived gets a value for each.
func (a *amazon) pause() (arrived <-chan struct{}, resume func()) {
	hold, come := make(chan struct{}), make(chan struct{}, 16)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.hold, a.arrived = hold, come
	return come, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.hold, a.arrived = nil, nil
		close(hold)
	}
}

func (a *amazon) counts() (renewals, reuses int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.renewals, a.reuses
}
