package account

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// RosterConfig is what a Roster needs.
type RosterConfig struct {
	Store   Store
	Vault   Vault
	Renewer Renewer
	Now     func() time.Time
	Jitter  func(limit time.Duration) time.Duration // a random duration in [0, limit); nil is none
	Log     *slog.Logger
	Changed func() // called after every visible change; may be nil

	Patience func() time.Duration // how long a request may wait for an account that rests; nil is DefaultPatience
	Provider Provider             // tells quotas and models; nil is nobody
}

// Renewer trades a refresh token for an access token.
type Renewer interface {
	Renew(ctx context.Context, a Account, s Secrets) (Tokens, error)
}

// Roster is the accounts as people edit them, and the keeper of their secrets. Its Pool is the accounts as the scheduler sees them.
type Roster struct {
	config RosterConfig
	pool   *Pool

	editing  sync.Mutex // one change to rows and secrets at a time
	rows     map[int64]Row
	pending  map[int64]secret.String // the newest refresh token of accounts whose row does not point at it yet; zero if only the vault knows it
	renewing map[int64]chan struct{} // holds one while an account's token is being traded
	prints   map[int64]print
	printKey []byte
}

// OpenRoster finishes what a crash left unfinished and fills the pool.
func OpenRoster(ctx context.Context, config RosterConfig) (*Roster, error) {
	r := &Roster{
		config: config, rows: map[int64]Row{}, pending: map[int64]secret.String{}, renewing: map[int64]chan struct{}{},
		prints: map[int64]print{}, printKey: []byte(rand.Text()),
	}
	r.pool = NewPool(PoolConfig{
		Keeper: r, Now: config.Now, Jitter: config.Jitter, Log: config.Log, Changed: config.Changed, Patience: config.Patience, Provider: config.Provider,
	})
	if err := r.repair(ctx); err != nil {
		return nil, fmt.Errorf("repair the accounts: %w", err)
	}
	for _, row := range r.rows {
		r.pool.put(row.Account)
	}
	if err := r.recall(ctx); err != nil {
		return nil, fmt.Errorf("read how the accounts were paced: %w", err)
	}
	return r, nil
}

// recall gives the pool back what it must not forget over a restart.
func (r *Roster) recall(ctx context.Context) error {
	today := dayOf(r.config.Now())
	spent, err := r.config.Store.Spending(ctx, today)
	if err != nil {
		return err
	}
	for id, credits := range spent {
		if m, present := r.pool.members[id]; present {
			m.spent = spending{day: today, credits: credits}
		}
	}
	r.pool.caution, err = r.config.Store.Caution(ctx)
	return err
}

// Close waits, as long as ctx allows, for the renewals under way: a token that Amazon has just rotated would be lost with the program.
func (r *Roster) Close(ctx context.Context) error {
	r.pool.saveSpending(ctx)
	return r.pool.settle(ctx)
}

// Pool is the scheduler's view.
func (r *Roster) Pool() *Pool { return r.pool }

// View is an account with what it is doing right now.
type View struct {
	Account
	CurrentRPM   int
	InFlight     int
	Load         Load
	CreditsToday float64
	Quota        Quota
	Models       []Model   // empty is unknown
	TokenEnds    time.Time // of its access token; zero if it has none right now
}

// List is every account, in the order they were added.
func (r *Roster) List(ctx context.Context) ([]View, error) {
	rows, err := r.config.Store.Rows(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]View, 0, len(rows))
	for _, row := range rows {
		if view, present := r.pool.view(row); present {
			views = append(views, view)
		}
	}
	return views, nil
}

// Get is one account, or fault.NotFound.
func (r *Roster) Get(ctx context.Context, id int64) (View, error) {
	views, err := r.List(ctx)
	if err != nil {
		return View{}, err
	}
	for _, view := range views {
		if view.ID == id {
			return view, nil
		}
	}
	return View{}, unknown(id)
}

func unknown(id int64) *fault.Error {
	return fault.New(fault.NotFound, "There is no account with the id %d.", id)
}

// view joins what the store counts with what the pool knows.
func (p *Pool) view(row Row) (View, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m, present := p.members[row.ID]
	if !present {
		return View{}, false
	}
	now := p.config.Now()
	m.recover(now)
	v := View{
		Account: m.account, CurrentRPM: m.rpm(now), InFlight: m.inFlight, Load: m.load(now, !passed(now, p.caution.SlowUntil)), CreditsToday: m.spent.on(now),
		Quota: m.quota, Models: m.models,
	}
	v.Totals, v.TokenEnds = row.Totals, m.token.end(now)
	return v, true
}
