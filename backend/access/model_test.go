package access_test

import (
	"cmp"
	"testing"
	"time"

	"pgregory.net/rapid"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// ledger is the limits in their simplest form: everything that ever happened, added up anew each time.
type ledger struct {
	zone   *time.Location
	limits access.Limits
	events []event
}

type event struct {
	at      time.Duration // on the clock that does not jump
	wall    time.Time
	estimat int64
	cost    int64 // -1 while it runs
	permit  *access.Permit
}

func (l *ledger) running() (n int) {
	for _, e := range l.events {
		if e.cost < 0 {
			n++
		}
	}
	return n
}

// since adds up what began in the period, with and without what runs.
func (l *ledger) since(start time.Time) (requests int, spent, used int64) {
	for _, e := range l.events {
		if e.wall.Before(start) {
			continue
		}
		requests++
		spent += max(0, e.cost)
		used += max(0, e.cost)
		if e.cost < 0 {
			used += e.estimat
		}
	}
	return requests, spent, used
}

// verdict is the limit that refuses a request, and how long; empty if none does.
func (l *ledger) verdict(now time.Time, elapsed time.Duration, estimate int64) (limit string, wait time.Duration) {
	worst := func(name string, w time.Duration) {
		if w > wait {
			limit, wait = name, w
		}
	}
	if n := len(l.events); l.limits.RequestsPerMinute > 0 && n >= l.limits.RequestsPerMinute {
		if oldest := l.events[n-l.limits.RequestsPerMinute].at; elapsed-oldest <= time.Minute {
			worst(access.LimitRPM, oldest+time.Minute-elapsed+1)
		}
	}
	if l.limits.MaxConcurrent > 0 && l.running() >= l.limits.MaxConcurrent {
		worst(access.LimitConcurrent, time.Second)
	}
	year, month, day := now.In(l.zone).Date()
	requests, spent, used := l.since(time.Date(year, month, day, 0, 0, 0, 0, l.zone))
	untilMidnight := time.Date(year, month, day+1, 0, 0, 0, 0, l.zone).Sub(now)
	if l.limits.RequestsPerDay > 0 && requests >= l.limits.RequestsPerDay {
		worst(access.LimitRPD, untilMidnight)
	}
	tokens := func(name string, cap, spent, used int64, until time.Duration) {
		switch more := max(1, estimate); {
		case cap == 0 || used+more <= cap:
		case spent+more <= cap:
			worst(name, time.Second)
		default:
			worst(name, until)
		}
	}
	tokens(access.LimitTokensPerDay, l.limits.TokensPerDay, spent, used, untilMidnight)
	_, spent, used = l.since(time.Date(year, month, 1, 0, 0, 0, 0, l.zone))
	tokens(access.LimitBudget, l.limits.BudgetTokens, spent, used, time.Date(year, month+1, 1, 0, 0, 0, 0, l.zone).Sub(now))
	return limit, wait
}

// In any order of requests, endings, waits, edits and proper restarts the gate decides as the simple form does: the same requests go through, the
// same limit is named, and the same time to wait.
func TestTheGateDecidesAsTheSimpleFormOfTheLimitsDoes(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		zone := zoneNamed(t, rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"}).Draw(r, "zone"))
		w.zone = zone
		w.now = time.Date(2026, rapid.SampledFrom([]time.Month{3, 10, 12}).Draw(r, "month"), rapid.IntRange(24, 31).Draw(r, "day"), 20, 0, 0, 0, time.UTC)
		w.load()
		model := &ledger{zone: zone, limits: someLimits().Draw(r, "limits")}
		key, _ := w.createWith(access.Terms{})
		defer w.forget(key.ID)
		impose(w, key.ID, model.limits)
		r.Repeat(map[string]func(*rapid.T){
			"ask": func(r *rapid.T) {
				estimate := rapid.Int64Range(0, min(40, cmp.Or(model.limits.TokensPerDay, 40), cmp.Or(model.limits.BudgetTokens, 40))).Draw(r, "estimate")
				limit, wait := model.verdict(w.now, w.elapsed, estimate)
				permit, f := w.begin(key.ID, int(estimate))
				if got := cmp.Or(f, &fault.Error{}); got.Limit != limit || got.RetryAfter != wait {
					r.Fatalf("the gate says %q, %v; the simple form %q, %v", got.Limit, got.RetryAfter, limit, wait)
				}
				if f == nil {
					model.events = append(model.events, event{at: w.elapsed, wall: w.now, estimat: held(model.limits, estimate), cost: -1, permit: permit})
				}
			},
			"end": func(r *rapid.T) {
				if len(model.events) == 0 {
					r.Skip()
				}
				model.end(rapid.IntRange(0, len(model.events)-1).Draw(r, "which"), rapid.Int64Range(0, 60).Draw(r, "cost"))
			},
			"wait": func(r *rapid.T) {
				w.pass(time.Duration(rapid.OneOf(rapid.Int64Range(0, int64(30*time.Second)), rapid.Int64Range(0, int64(9*time.Hour))).Draw(r, "span")).Truncate(time.Millisecond))
			},
			"wait as told": func(r *rapid.T) {
				if _, wait := model.verdict(w.now, w.elapsed, 1); wait > 0 {
					w.pass((wait - rapid.SampledFrom([]time.Duration{0, time.Millisecond}).Draw(r, "short by") + time.Millisecond - 1).Truncate(time.Millisecond))
				}
			},
			"edit": func(r *rapid.T) {
				for i := range model.events { // what runs was estimated under the old limits
					model.end(i, 0)
				}
				model.limits = someLimits().Draw(r, "limits")
				impose(w, key.ID, model.limits)
			},
			"restart": func(*rapid.T) {
				for i := range model.events {
					model.end(i, 0)
				}
				w.reload()
			},
			"": func(r *rapid.T) {
				if got := w.get(key.ID); got.InFlight != model.running() {
					r.Fatalf("%d in flight, want %d", got.InFlight, model.running())
				}
			},
		})
	})
}

// held is what an estimate holds: nothing for a key that does not count tokens.
func held(l access.Limits, estimate int64) int64 {
	if !l.CountsTokens() {
		return 0
	}
	return estimate
}

func (l *ledger) end(i int, cost int64) {
	e := &l.events[i]
	if e.cost >= 0 {
		return
	}
	e.cost = cost
	e.permit.Spend(chat.Usage{Input: int(cost)})
	e.permit.Done()
}

func someLimits() *rapid.Generator[access.Limits] {
	return rapid.Custom(func(r *rapid.T) access.Limits {
		return access.Limits{
			RequestsPerMinute: rapid.IntRange(0, 6).Draw(r, "rpm"), RequestsPerDay: rapid.IntRange(0, 40).Draw(r, "rpd"),
			MaxConcurrent: rapid.IntRange(0, 4).Draw(r, "concurrent"), TokensPerDay: rapid.Int64Range(0, 300).Draw(r, "tokens"),
			BudgetTokens: rapid.Int64Range(0, 600).Draw(r, "budget"),
		}
	})
}

func impose(w *world, id int64, l access.Limits) {
	w.t.Helper()
	w.edit(id, access.Edit{RequestsPerMinute: &l.RequestsPerMinute, RequestsPerDay: &l.RequestsPerDay, Terms: access.Terms{
		MaxConcurrent: &l.MaxConcurrent, TokensPerDay: &l.TokensPerDay, BudgetTokens: &l.BudgetTokens,
	}})
}

func zoneNamed(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
