package account

import (
	"context"
	"sync"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// token is an account's access token, in memory only, and the renewal that is under way.
type token struct {
	mu     sync.Mutex
	access secret.String
	early  time.Time // from when on a renewal is tried
	ends   time.Time
	flight *flight
}

// flight is one renewal that any number of requests wait for.
type flight struct {
	done   chan struct{}
	access secret.String
	err    error
}

// How early a token is renewed, how long a renewal may take, and how long one that failed is not tried again while the token is valid.
const (
	renewMargin = time.Minute
	renewLimit  = 30 * time.Second
	renewPause  = 5 * time.Second
)

// get returns a token that is still good for a while. At most one renewal runs at a time, on a context of its own: a client that leaves
// does not stop what others wait for, nor lose an answer that carries a rotated token. If a renewal fails for a reason other than the
// account's own, a token that is still valid goes on being used.
func (t *token) get(ctx context.Context, p *Pool, id int64) (secret.String, error) {
	t.mu.Lock()
	if !t.access.IsZero() && !passed(p.config.Now(), t.early) {
		defer t.mu.Unlock()
		return t.access, nil
	}
	f := t.join(p, id)
	t.mu.Unlock()
	access, err := f.wait(ctx)
	if err == nil || ctx.Err() != nil || fault.Of(err).Kind == fault.Credential {
		return access, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.access.IsZero() && !passed(p.config.Now(), t.ends) {
		return t.access, nil
	}
	return secret.String{}, err
}

// fresh renews the token whatever its age.
func (t *token) fresh(ctx context.Context, p *Pool, id int64) (secret.String, error) {
	t.mu.Lock()
	f := t.join(p, id)
	t.mu.Unlock()
	return f.wait(ctx)
}

// join is the renewal that is under way, or a new one. The caller holds the lock.
func (t *token) join(p *Pool, id int64) *flight {
	if t.flight == nil {
		f := &flight{done: make(chan struct{})}
		t.flight = f
		p.tasks.Go(func() { t.renew(p, id, f) })
	}
	return t.flight
}

func (f *flight) wait(ctx context.Context) (secret.String, error) {
	select {
	case <-f.done:
		return f.access, f.err
	case <-ctx.Done():
		return secret.String{}, fault.Of(context.Cause(ctx))
	}
}

func (t *token) renew(p *Pool, id int64, f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), renewLimit)
	defer cancel()
	began := p.config.Now()
	tokens, err := p.config.Keeper.Renew(ctx, id)
	t.mu.Lock()
	defer t.mu.Unlock()
	defer close(f.done)
	f.access, f.err = tokens.AccessToken, err
	if t.flight != f {
		return
	}
	t.flight = nil
	if err != nil {
		if again := p.config.Now().Add(renewPause); !passed(again, t.ends) {
			t.early = again
		}
		return
	}
	t.access, t.ends = tokens.AccessToken, began.Add(tokens.ExpiresIn)
	t.early = began.Add(max(tokens.ExpiresIn-renewMargin, tokens.ExpiresIn/2))
}

// forget drops a token that was refused, unless it has been replaced already.
func (t *token) forget(refused secret.String) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access.Equal(refused) {
		t.access = secret.String{}
	}
}

// void drops the token and lets go of a renewal that is under way: both belong to secrets that are not the account's any more.
func (t *token) void() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.access, t.flight = secret.String{}, nil
}
