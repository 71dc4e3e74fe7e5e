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
	due    time.Time // from when on a renewal is tried while the token goes on being used
	early  time.Time // from when on a request waits for a renewal
	ends   time.Time
	flight *flight

	failures int          // renewals that failed in a row
	failed   *fault.Error // what the last one failed with
	again    time.Time    // when the next one makes sense
	used     time.Time    // when a request asked for it last
	ahead    time.Time    // before then it is not renewed ahead of need
}

// flight is one renewal that any number of requests wait for.
type flight struct {
	done   chan struct{}
	access secret.String
	err    error
}

// When a token is renewed: in the background from four fifths of its life on, give or take a twentieth, so that accounts do not crowd
// together; while requests wait, in its last minute. A renewal that takes too long is given up, and one that failed is not tried again at
// once: with a valid token for a few seconds, without one for longer each time after the second.
const (
	renewMargin    = time.Minute
	renewLimit     = 30 * time.Second
	renewPause     = 5 * time.Second
	renewPauseMost = 30 * time.Second
)

// get returns a token that is still good for a while. At most one renewal runs at a time, on a context of its own: a client that leaves
// does not stop what others wait for, nor lose an answer that carries a rotated token. If a renewal fails for a reason other than the
// account's own, a token that is still valid goes on being used.
func (t *token) get(ctx context.Context, p *Pool, m *member) (secret.String, error) {
	t.mu.Lock()
	now := p.config.Now()
	switch {
	case !t.access.IsZero() && !passed(now, t.early):
		defer t.mu.Unlock()
		if passed(now, t.due) && passed(now, t.again) {
			t.join(p, m)
		}
		return t.access, nil
	case !t.usable(now) && t.flight == nil && t.failed != nil && !passed(now, t.again):
		defer t.mu.Unlock()
		refusal := *t.failed
		refusal.RetryAfter = max(refusal.RetryAfter, t.again.Sub(now))
		return secret.String{}, &refusal
	}
	f := t.join(p, m)
	t.mu.Unlock()
	access, err := f.wait(ctx)
	if err == nil || ctx.Err() != nil || fault.Of(err).Kind == fault.Credential {
		return access, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.usable(p.config.Now()) {
		return t.access, nil
	}
	return secret.String{}, err
}

// usable reports whether the token has not ended. The caller holds the lock.
func (t *token) usable(now time.Time) bool { return !t.access.IsZero() && !passed(now, t.ends) }

// end is when the token ends; zero if there is none that can be used.
func (t *token) end(now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.usable(now) {
		return time.Time{}
	}
	return t.ends
}

// fresh renews the token whatever its age.
func (t *token) fresh(ctx context.Context, p *Pool, m *member) (secret.String, error) {
	t.mu.Lock()
	f := t.join(p, m)
	t.mu.Unlock()
	return f.wait(ctx)
}

// join is the renewal that is under way, or a new one. The caller holds the lock.
func (t *token) join(p *Pool, m *member) *flight {
	if t.flight == nil {
		f := &flight{done: make(chan struct{})}
		t.flight = f
		p.tasks.Go(func() { t.renew(p, m, f) })
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

// renew makes one renewal for all who wait for it. What it says about the account's health counts once, however many they are.
func (t *token) renew(p *Pool, m *member, f *flight) {
	ctx, cancel := context.WithTimeout(context.Background(), renewLimit)
	defer cancel()
	id, mark := p.standing(m)
	began := p.config.Now()
	tokens, err := p.config.Keeper.Renew(ctx, id)
	if err != nil {
		p.note(m, ending{fault: fault.Of(err), began: mark})
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	defer close(f.done)
	f.access, f.err = tokens.AccessToken, err
	if t.flight != f {
		return
	}
	t.flight = nil
	if err != nil {
		t.fail(fault.Of(err), p.config.Now())
		return
	}
	t.failures, t.failed, t.again = 0, nil, time.Time{}
	t.access, t.ends = tokens.AccessToken, began.Add(tokens.ExpiresIn)
	t.early = began.Add(max(tokens.ExpiresIn-renewMargin, tokens.ExpiresIn/2))
	t.due = began.Add(tokens.ExpiresIn*4/5 + p.spread(tokens.ExpiresIn/20))
}

// fail sets when the next renewal makes sense. The caller holds the lock.
func (t *token) fail(f *fault.Error, now time.Time) {
	t.failures++
	t.failed, t.again = f, now
	switch {
	case t.usable(now):
		t.again = now.Add(renewPause)
		if !passed(t.again, t.ends) && passed(now, t.early) {
			t.early = t.again
		}
	case f.Kind == fault.Locked:
		t.again = now.Add(time.Second) // whoever unlocks the vault is waiting
	case t.failures > 1:
		t.again = now.Add(max(f.RetryAfter, grow(time.Second, t.failures-1, renewPauseMost)))
	}
}

// forget drops a token that was refused, unless it has been replaced already.
func (t *token) forget(refused secret.String) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.access.Equal(refused) {
		t.access = secret.String{}
	}
}

// retry lets the next renewal come at once.
func (t *token) retry() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures, t.failed, t.again = 0, nil, time.Time{}
}

// void drops the token and lets go of a renewal that is under way: both belong to secrets that are not the account's any more.
func (t *token) void() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.access, t.flight, t.failures, t.failed = secret.String{}, nil, 0, nil
}

// use notes that a request needs the token.
func (t *token) use(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.used = now
}

// postpone keeps a token from being renewed ahead of need for a while. A request that needs it does not wait for that.
func (t *token) postpone(until time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ahead = until
}

// renewAhead renews a token whose time has come and that was used lately, though no request asks for it.
func (t *token) renewAhead(p *Pool, m *member, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.access.IsZero() && passed(now, t.due) && passed(now, t.again) && passed(now, t.ahead) && now.Sub(t.used) < tokenMemory {
		t.join(p, m)
	}
}
