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
	Only    []int64 // the only accounts that may serve it; empty is all
}

// PoolConfig is what a Pool needs.
type PoolConfig struct {
	Keeper  Keeper
	Now     func() time.Time
	Jitter  func(limit time.Duration) time.Duration // a random duration in [0, limit); nil is none
	Log     *slog.Logger
	Changed func() // called after every visible change; may be nil

	Patience func() time.Duration // how long a request may wait for an account that rests; nil is DefaultPatience
	Provider Provider             // nil is nobody to ask
}

// DefaultPatience is how long a request waits for an account that rests, unless the settings say otherwise.
const DefaultPatience = 15 * time.Second

// Keeper is what the pool needs kept: what must survive restarts, and tokens renewed with rotation.
type Keeper interface {
	SaveHealth(ctx context.Context, id int64, health Health) error
	SaveSpending(ctx context.Context, id int64, day int64, credits float64) error
	SaveCaution(ctx context.Context, caution Caution) error
	SaveQuota(ctx context.Context, id int64, reading QuotaReading) error
	ForgetQuotas(ctx context.Context, id int64) error
	Renew(ctx context.Context, id int64) (Tokens, error)
}

// excludes reports whether a request has tried an account.
func (w Want) excludes(m *member) bool { return slices.Contains(w.Exclude, m.account.ID) }

// allows reports whether an account may serve a request at all.
func (w Want) allows(m *member) bool {
	return len(w.Only) == 0 || slices.Contains(w.Only, m.account.ID)
}

// Pool decides whose turn it is. It holds every account in memory.
type Pool struct {
	config  PoolConfig
	keeping sync.Mutex     // one health row at a time, so that the latest is what stays
	tasks   sync.WaitGroup // renewals and health rows under way

	mu         sync.Mutex
	members    map[int64]*member
	turn       uint64 // grows with every lease, for round robin
	sessions   sessions
	caution    Caution
	offering   *offering   // nil if it has to be gathered anew
	suspicions []time.Time // within the last hour
	waiting    []*waiter   // oldest first
	alarm      *time.Timer // when time alone may let a waiter go, or ends a cool-down
	closed     bool
}

// NewPool makes an empty pool.
func NewPool(config PoolConfig) *Pool {
	return &Pool{config: config, members: map[int64]*member{}}
}

// put adds an account, or replaces what the user edited of it; its health stays what the pool knows.
func (p *Pool) put(a Account) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, known := p.members[a.ID]
	if known {
		if before := m.account; before.Service != a.Service || before.Method != a.Method || before.ProfileARN != a.ProfileARN || before.Origin != a.Origin {
			p.unlearn(m)
		}
		a.Health = m.account.Health
	} else {
		m = &member{}
		m.askSoon(a, p.config.Now(), p.config.Jitter)
		p.members[a.ID] = m
	}
	m.account, p.offering = a, nil
	p.dispatch()
}

func (p *Pool) drop(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.members, id)
	p.offering = nil
	p.dispatch()
}

// end takes a request's outcome in.
func (p *Pool) end(l *Lease, f *fault.Error) {
	p.mu.Lock()
	l.member.inFlight--
	l.member.askSooner(p.config.Now())
	if f != nil && f == l.refused {
		p.dispatch()
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	p.note(l.member, ending{fault: f, model: l.model, began: l.began})
}

// note applies an outcome, tells, and has it written down.
func (p *Pool) note(m *member, e ending) {
	p.mu.Lock()
	changed := p.learn(m, e)
	p.dispatch()
	p.mu.Unlock()
	if changed {
		p.announce()
		p.tasks.Go(func() { p.keep(m) })
	}
}

// standing is who an account is and what has happened to it so far.
func (p *Pool) standing(m *member) (id int64, began mark) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return m.account.ID, m.mark
}

// spread is a random duration between -width and width.
func (p *Pool) spread(width time.Duration) time.Duration {
	if p.config.Jitter == nil || width <= 0 {
		return 0
	}
	return p.config.Jitter(2*width) - width
}

// learn applies an outcome to an account, and to the pool if it concerns all of it. The caller holds the lock.
func (p *Pool) learn(m *member, e ending) (changed bool) {
	now := p.config.Now()
	e.last, e.jitter = p.lastReady(m, now), p.config.Jitter
	if e.fault != nil {
		p.beCareful(e.fault, now)
	}
	changed = m.outcome(e, now)
	if e.fault != nil && e.fault.Kind == fault.Exhausted {
		m.askAt = now // when the quota comes back is worth knowing
	}
	return changed
}

// lastReady reports whether no other account is ready: the breaker never takes the last one. The caller holds the lock.
func (p *Pool) lastReady(m *member, now time.Time) bool {
	for _, other := range p.members {
		if other != m && other.ready(now) && other.credit(now).by == "" {
			return false
		}
	}
	return true
}

func (p *Pool) patience() time.Duration {
	if p.config.Patience == nil {
		return DefaultPatience
	}
	return p.config.Patience()
}

func (p *Pool) announce() {
	if p.config.Changed != nil {
		p.config.Changed()
	}
}

// keepTimeout bounds how long something may take to be written down that must not depend on who asked for it.
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

// silence sees to it that the alarm rings no more, and that nothing sets it again.
func (p *Pool) silence() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.alarm != nil {
		p.alarm.Stop()
	}
}

// settle waits for the renewals and writes under way: a token that Amazon has just rotated would be lost with the program.
func (p *Pool) settle(ctx context.Context) error {
	p.silence()
	done := make(chan struct{})
	go func() {
		p.tasks.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
