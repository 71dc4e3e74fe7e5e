package account

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"amq2api/backend/fault"
)

// How the background care works: a round every few seconds. Clocks that part by more than leap, or a round that comes much too late, mean
// that the computer slept or that somebody set its clock.
const (
	careEvery   = 5 * time.Second
	leap        = 10 * time.Second
	wakeSpread  = 20 * time.Second // over which tokens are renewed after a sleep
	mendPause   = time.Minute      // between attempts to finish what store or vault did not let finish
	tokenMemory = 24 * time.Hour   // tokens of accounts that served within it are renewed ahead of need
)

// Tend looks after the accounts until ctx ends: it renews tokens ahead of need, asks providers for quotas and models, writes down what was
// spent, finishes removals that the vault held up, and sets things right after a sleep. awake, if not nil, is called when the computer has
// slept.
func (r *Roster) Tend(ctx context.Context, awake func()) {
	ticker := time.NewTicker(careEvery)
	defer ticker.Stop()
	last, mended := r.config.Now(), r.config.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now := r.config.Now()
		if leapt(last, now) {
			r.config.Log.Info("the clock leapt; the computer may have slept")
			if awake != nil {
				awake()
			}
			r.pool.wake(now)
		}
		last = now
		r.pool.saveSpending(ctx)
		r.pool.renewAhead(now)
		if m := r.pool.due(now); m != nil {
			id, _ := r.pool.standing(m)
			_ = r.pool.ask(ctx, m) // it is logged, and tried again later
			r.learnEmail(ctx, id)
		}
		if now.Sub(mended) >= mendPause {
			mended = now
			r.mend(ctx)
		}
		if done := r.config.Now(); !parted(now, done) {
			last = done // a long round is not a sleep
		}
	}
}

// leapt reports whether more time passed between the end of a round and the next one than should.
func leapt(last, now time.Time) bool {
	return parted(last, now) || now.Sub(last).Abs() > careEvery+leap
}

// parted reports whether the clock on the wall and the one that the program sees ran apart.
func parted(from, to time.Time) bool {
	return (to.Round(0).Sub(from.Round(0)) - to.Sub(from)).Abs() > leap
}

// wake sets things right after a sleep: outages that opened a breaker were the network going, and tokens that ended meanwhile are renewed one
// after another.
func (p *Pool) wake(now time.Time) {
	p.mu.Lock()
	members := p.ordered()
	for i, m := range members {
		if h := &m.account.Health; h.Status == CoolingDown && h.Kind == fault.Unavailable {
			*h = Health{Status: Ready, CheckedAt: h.CheckedAt, Error: h.Error, ErrorSaid: h.ErrorSaid}
			m.failures, m.endings, m.recovered = 0, nil, true
		}
		slot := wakeSpread / time.Duration(len(members))
		m.token.postpone(now.Add(time.Duration(i)*slot + p.upTo(slot)))
		m.askAt = later(m.askAt, now.Add(wakeSpread+p.upTo(askAfter)))
	}
	p.dispatch()
	p.mu.Unlock()
}

// upTo is a random duration below limit.
func (p *Pool) upTo(limit time.Duration) time.Duration {
	if p.config.Jitter == nil || limit <= 0 {
		return 0
	}
	return p.config.Jitter(limit)
}

// renewAhead renews the tokens of accounts in use whose time has come.
func (p *Pool) renewAhead(now time.Time) {
	p.mu.Lock()
	members := p.ordered()
	p.mu.Unlock()
	for _, m := range members {
		p.mu.Lock()
		wanted := m.account.Active && m.account.Method.Renews() && m.account.Health.Status != NeedsSignIn && m.account.Health.Status != Suspended
		p.mu.Unlock()
		if wanted {
			m.token.renewAhead(p, m, now)
		}
	}
}

// ordered is every member in the order they were added. The caller holds the lock.
func (p *Pool) ordered() []*member {
	return slices.SortedFunc(maps.Values(p.members), func(a, b *member) int { return cmp.Compare(a.account.ID, b.account.ID) })
}

// mend finishes what store or vault did not let finish: rows on their way in or out, and slots nobody needs.
func (r *Roster) mend(ctx context.Context) {
	r.editing.Lock()
	defer r.editing.Unlock()
	rows, err := r.config.Store.Rows(ctx)
	if err != nil {
		return
	}
	for _, row := range rows {
		if row.State == Active {
			continue
		}
		if err := r.finish(ctx, row); err != nil {
			r.config.Log.Warn("an account could not be brought to its end yet", "account", row.ID, "err", err)
			continue
		}
		if row, in := r.rows[row.ID]; in {
			r.pool.put(row.Account)
			r.announce()
		}
	}
	if err := r.sweep(ctx); err != nil {
		r.config.Log.Warn("the vault could not be tidied", "err", err)
	}
}
