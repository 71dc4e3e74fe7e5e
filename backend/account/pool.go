package account

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"amq2api/backend/fault"
)

// Want is what a request asks of the pool.
type Want struct {
	Model   string  // the upstream's id
	Session string  // the client's session, which keeps its account while that is ready; empty if unknown
	Exclude []int64 // accounts already tried
}

// The queue of requests that wait because every ready account is at its pace or concurrency.
const (
	queueLength = 64
	queueLimit  = 60 * time.Second
)

// PoolConfig is what a Pool needs.
type PoolConfig struct {
	Keeper  Keeper
	Now     func() time.Time
	Log     *slog.Logger
	Changed func() // called after every visible change; may be nil
}

// Keeper is what the pool needs kept: health across restarts, and tokens renewed with rotation.
type Keeper interface {
	SaveHealth(ctx context.Context, id int64, health Health) error
	Renew(ctx context.Context, id int64) (Tokens, error)
}

// Pool decides whose turn it is. It holds every account in memory.
type Pool struct {
	config  PoolConfig
	keeping sync.Mutex // one health row at a time, so that the latest is what stays

	mu       sync.Mutex
	members  map[int64]*member
	turn     uint64 // grows with every lease, for round robin
	sessions map[string]int64
	paused   time.Time // until when the provider's suspicion keeps the whole pool quiet
	waiting  []*waiter
}

type waiter struct {
	want Want
	turn chan struct{} // closed when it is worth looking again
}

// NewPool makes an empty pool.
func NewPool(config PoolConfig) *Pool {
	return &Pool{config: config, members: map[int64]*member{}, sessions: map[string]int64{}}
}

// put adds an account, or replaces what the user edited of it; its health stays what the pool knows.
func (p *Pool) put(a Account) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, known := p.members[a.ID]
	if known {
		a.Health = m.account.Health
	} else {
		m = &member{}
		p.members[a.ID] = m
	}
	m.account = a
	p.wake()
}

func (p *Pool) drop(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.members, id)
	p.wake()
}

// Lease hands out the account whose turn it is. It waits while ready accounts are at their pace or concurrency, and answers with a fault
// at once when none is ready: Credential if the user must act, else Throttled or Exhausted with the time of the earliest return.
func (p *Pool) Lease(ctx context.Context, want Want) (*Lease, error) {
	deadline := time.NewTimer(queueLimit)
	defer deadline.Stop()
	w := &waiter{want: want}
	for {
		lease, wait, err := p.try(w)
		if lease != nil || err != nil {
			return lease, err
		}
		again := time.NewTimer(wait)
		select {
		case <-w.turn:
		case <-again.C:
		case <-deadline.C:
			again.Stop()
			p.leave(w)
			return nil, busy()
		case <-ctx.Done():
			again.Stop()
			p.leave(w)
			return nil, fault.Of(context.Cause(ctx))
		}
		again.Stop()
	}
}

func busy() *fault.Error {
	return &fault.Error{Kind: fault.Throttled, RetryAfter: 5 * time.Second,
		Message: "Every account is at its requests per minute or its concurrency. Raise them, add an account, or try again in a moment."}
}

// try leases, or queues the waiter and says how long to wait at most before looking again.
func (p *Pool) try(w *waiter) (*Lease, time.Duration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.config.Now()
	if wait := p.paused.Sub(now); wait > 0 {
		return nil, 0, &fault.Error{Kind: fault.Suspicious, RetryAfter: wait,
			Message: "Amazon called recent activity suspicious, so AMQ2API pauses all accounts for a while."}
	}
	if m := p.choose(w.want, now); m != nil {
		p.remove(w)
		return p.lend(m, w.want, now), 0, nil
	}
	wait, err := p.obstacle(w.want, now)
	if err != nil {
		p.remove(w)
		return nil, 0, err
	}
	if !slices.Contains(p.waiting, w) {
		if len(p.waiting) >= queueLength {
			return nil, 0, busy()
		}
		p.waiting = append(p.waiting, w)
	}
	w.turn = make(chan struct{})
	return nil, wait, nil
}
