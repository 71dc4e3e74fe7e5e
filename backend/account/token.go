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
	done chan struct{}
	err  error
}

// How early a token is renewed, and how long a renewal may take.
const (
	renewMargin = time.Minute
	renewLimit  = 30 * time.Second
)

// get returns a token that is still good for a while. At most one renewal runs at a time, on a context of its own: a client that leaves
// does not stop what others wait for, nor lose an answer that carries a rotated token. If a renewal fails for a reason other than the
// account's own, a token that is still valid goes on being used.
func (t *token) get(ctx context.Context, p *Pool, id int64) (secret.String, error) {
	t.mu.Lock()
	now := p.config.Now()
	if !t.access.IsZero() && now.Before(t.early) {
		defer t.mu.Unlock()
		return t.access, nil
	}
	f := t.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		t.flight = f
		go t.renew(p, id, f)
	}
	t.mu.Unlock()
	select {
	case <-f.done:
	case <-ctx.Done():
		return secret.String{}, fault.Of(context.Cause(ctx))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	usable := !t.access.IsZero() && p.config.Now().Before(t.ends)
	if f.err != nil && (fault.Of(f.err).Kind == fault.Credential || !usable) {
		return secret.String{}, f.err
	}
	return t.access, nil
}

func (t *token) renew(p *Pool, id int64, f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), renewLimit)
	defer cancel()
	tokens, err := p.config.Keeper.Renew(ctx, id)
	now := p.config.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	if f.err = err; err == nil {
		t.access, t.ends = tokens.AccessToken, now.Add(tokens.ExpiresIn)
		t.early = now.Add(max(tokens.ExpiresIn-renewMargin, tokens.ExpiresIn/2))
	}
	t.flight = nil
	close(f.done)
}

// forget drops a token that was refused, unless it has been replaced already.
func (t *token) forget(refused secret.String) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access.Equal(refused) {
		t.access = secret.String{}
	}
}

// now is the token as it stands.
func (t *token) now() secret.String {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.access
}
