package account

import "time"

// minute is the window of the requests-per-minute cap.
const minute = time.Minute

// What an account without caps of its own gets while the pool is slow.
const (
	slowPerMinute  = 10
	slowConcurrent = 2
)

// How an account comes back from a cool-down: one request at a time until one succeeded, then one more at a time for each step, and after
// the last step as ever.
const (
	comebackStep  = 15 * time.Second
	comebackSteps = 4
)

// comeback is the slow start after a cool-down. The zero value is none.
type comeback struct {
	under  bool
	proved time.Time // when a request succeeded; zero if none has yet
}

// most is how many requests may run at a time, 0 for any number, and how long until that grows.
func (c *comeback) most(now time.Time) (running int, wait time.Duration) {
	if !c.under {
		return 0, forEver
	}
	if c.proved.IsZero() {
		return 1, forEver
	}
	steps := int(now.Sub(c.proved) / comebackStep)
	if steps >= comebackSteps || steps < 0 {
		*c = comeback{}
		return 0, forEver
	}
	return 1 + steps, c.proved.Add(time.Duration(steps+1) * comebackStep).Sub(now)
}

// prove notes that a request succeeded.
func (c *comeback) prove(now time.Time) {
	if c.under && c.proved.IsZero() {
		c.proved = now
	}
}

// rpm counts the requests of the last minute.
func (m *member) rpm(now time.Time) int {
	m.started = within(m.started, minute, now)
	return len(m.started)
}

// limits are the account's caps of the moment; 0 is no cap.
func (m *member) limits(slow bool) (perMinute, concurrent int) {
	perMinute, concurrent = m.account.RequestsPerMinute, m.account.MaxConcurrent
	if slow {
		perMinute, concurrent = halved(perMinute, slowPerMinute), halved(concurrent, slowConcurrent)
	}
	return perMinute, concurrent
}

// halved is half a cap and at least 1, or a substitute for none.
func halved(limit, otherwise int) int {
	if limit == 0 {
		return otherwise
	}
	return max(1, limit/2)
}

// pace is what keeps a ready account from another request this moment.
func (m *member) pace(now time.Time, slow bool) hindered {
	perMinute, concurrent := m.limits(slow)
	if concurrent > 0 && m.inFlight >= concurrent {
		return hindered{by: AtConcurrency, paced: true, wait: forEver}
	}
	if running, wait := m.comeback.most(now); running > 0 && m.inFlight >= running {
		return hindered{by: SlowStart, paced: true, wait: wait}
	}
	if perMinute > 0 && m.rpm(now) >= perMinute {
		return hindered{by: AtRate, paced: true, wait: m.started[len(m.started)-perMinute].Add(minute).Sub(now)}
	}
	if n := len(m.started); m.account.Spacing > 0 && n > 0 {
		if wait := m.started[n-1].Add(m.account.Spacing).Sub(now); wait > 0 {
			return hindered{by: AtSpacing, paced: true, wait: wait}
		}
	}
	return hindered{}
}

// Load is how much of an account's envelope is in use.
type Load struct {
	Share float64   // from 0 to 1, of whichever cap is nearest
	Of    Hindrance // that cap; empty if there is none
}

// load is the account's one gauge. slow is whether the pool is.
func (m *member) load(now time.Time, slow bool) Load {
	var gauge Load
	perMinute, concurrent := m.limits(slow)
	for _, limit := range []struct {
		of         Hindrance
		used, most float64
	}{
		{AtRate, float64(m.rpm(now)), float64(perMinute)},
		{AtConcurrency, float64(m.inFlight), float64(concurrent)},
		{AtCeiling, m.spent.on(now), m.account.DailyCredits},
	} {
		if limit.most <= 0 {
			continue
		}
		if share := min(1, limit.used/limit.most); gauge.Of == "" || share > gauge.Share {
			gauge = Load{Share: share, Of: limit.of}
		}
	}
	return gauge
}
