package account

import (
	"context"
	"time"
)

// QuotaMemory is how long readings of quotas are kept: a month's quota and a little of the one before.
const QuotaMemory = 35 * 24 * time.Hour

// QuotaReading is what a provider told of an account's quota at some time.
type QuotaReading struct {
	At    time.Time
	Used  float64
	Limit float64
}

// reading is what there is to keep of a quota, and false if the provider did not tell enough.
func (q Quota) reading() (QuotaReading, bool) {
	if q.At.IsZero() || q.Used == nil || q.Limit == nil {
		return QuotaReading{}, false
	}
	return QuotaReading{At: q.At, Used: *q.Used, Limit: *q.Limit}, true
}

// keepReading writes down what was told of a quota, unless the account has become another one since.
func (p *Pool) keepReading(m *member, epoch int, q Quota) {
	r, known := q.reading()
	if !known {
		return
	}
	p.recordQuota(m, epoch, func(ctx context.Context, id int64) error { return p.config.Keeper.SaveQuota(ctx, id, r) })
}

// unlearn forgets what was told about a member that has become another account. The caller holds the lock.
func (p *Pool) unlearn(m *member) {
	m.unlearn(p.config.Now())
	p.offering = nil
	epoch := m.epoch
	p.tasks.Go(func() { p.forgetReadings(m, epoch) })
}

// forgetReadings forgets what was told about an account that has become another one.
func (p *Pool) forgetReadings(m *member, epoch int) {
	p.recordQuota(m, epoch, func(ctx context.Context, id int64) error { return p.config.Keeper.ForgetQuotas(ctx, id) })
}

// recordQuota does one thing to an account's readings at a time, and nothing to those of an account that has become another one.
func (p *Pool) recordQuota(m *member, epoch int, write func(context.Context, int64) error) {
	p.keeping.Lock()
	defer p.keeping.Unlock()
	p.mu.Lock()
	id := m.account.ID
	_, present := p.members[id]
	current := present && m.epoch == epoch
	p.mu.Unlock()
	if !current {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), keepTimeout)
	defer cancel()
	if err := write(ctx, id); err != nil {
		p.config.Log.Warn("what was told of an account's quota could not be written down", "account", id, "err", err)
	}
}

// SaveQuota writes a reading down, for the pool.
func (r *Roster) SaveQuota(ctx context.Context, id int64, reading QuotaReading) error {
	return r.config.Store.SaveQuota(ctx, id, reading)
}

// ForgetQuotas forgets an account's readings, for the pool.
func (r *Roster) ForgetQuotas(ctx context.Context, id int64) error {
	return r.config.Store.ForgetQuotas(ctx, id)
}

// Readings are what an account's provider told of its quota from a time on, the oldest first; fault.NotFound if there is no such account.
func (r *Roster) Readings(ctx context.Context, id int64, since time.Time) ([]QuotaReading, error) {
	if _, err := r.Get(ctx, id); err != nil {
		return nil, err
	}
	return r.config.Store.Quotas(ctx, id, since)
}
