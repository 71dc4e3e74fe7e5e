package account

import (
	"context"
	"time"
)

// spending is what an account spent on one day, in its provider's credits.
type spending struct {
	day     int64 // since 1970, UTC
	credits float64
	unsaved bool
}

// dayOf is a time's day, counted from 1970 in UTC.
func dayOf(t time.Time) int64 { return t.Unix() / int64(24*time.Hour/time.Second) }

// nextDay is the next midnight, UTC.
func nextDay(now time.Time) time.Time {
	return time.Unix((dayOf(now)+1)*int64(24*time.Hour/time.Second), 0).UTC()
}

// on is what was spent on now's day.
func (s *spending) on(now time.Time) float64 {
	if s.day < dayOf(now) { // a day that is yet to come is a clock that was set back: it goes on counting
		return 0
	}
	return s.credits
}

// add counts credits to now's day.
func (s *spending) add(credits float64, now time.Time) {
	s.day, s.credits, s.unsaved = max(s.day, dayOf(now)), s.on(now)+credits, true
}

// usualCredits is what a request counts whose provider did not say.
const usualCredits = 1

// Spend counts what an answer cost towards the account's day; 0 is an answer whose provider did not say, and counts as one credit.
func (l *Lease) Spend(credits float64) {
	if !(credits > 0) {
		credits = usualCredits
	}
	p := l.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	l.member.spent.add(credits, p.config.Now())
}

// saveSpending writes down what changed since the last time. A crash forgets a few seconds' worth.
func (p *Pool) saveSpending(ctx context.Context) {
	p.mu.Lock()
	unsaved := map[int64]spending{}
	for id, m := range p.members {
		if m.spent.unsaved {
			m.spent.unsaved = false
			unsaved[id] = m.spent
		}
	}
	p.mu.Unlock()
	for id, s := range unsaved {
		if err := p.config.Keeper.SaveSpending(ctx, id, s.day, s.credits); err != nil {
			p.config.Log.Warn("what an account spent could not be saved", "account", id, "err", err)
			p.mu.Lock()
			if m, present := p.members[id]; present {
				m.spent.unsaved = true
			}
			p.mu.Unlock()
		}
	}
}
