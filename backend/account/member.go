package account

import (
	"math"
	"time"

	"amq2api/backend/fault"
)

// minute is the window of the requests-per-minute cap.
const minute = time.Minute

// member is an account in the pool. The pool's lock guards all of it but the token, which has its own.
type member struct {
	account  Account
	started  []time.Time // of the requests within the last minute, oldest first
	inFlight int
	turn     uint64 // the last lease's
	failures int    // outages in a row, for the breaker
	suspect  []time.Time
	missing  map[string]bool // models the account does not have
	token    token
}

// rpm counts the requests of the last minute.
func (m *member) rpm(now time.Time) int {
	for len(m.started) > 0 && now.Sub(m.started[0]) >= minute {
		m.started = m.started[1:]
	}
	return len(m.started)
}

// recover ends a cool-down or exhaustion whose time has come.
func (m *member) recover(now time.Time) {
	h := &m.account.Health
	if (h.Status == CoolingDown || h.Status == Exhausted) && !h.Until.IsZero() && !now.Before(h.Until) {
		h.Status, h.Kind, h.Reason, h.Until = Ready, 0, "", time.Time{}
	}
}

// ready reports whether the account may serve the model at all, pace aside.
func (m *member) ready(model string, now time.Time) bool {
	m.recover(now)
	return m.account.Active && m.account.Health.Status == Ready && !m.missing[model]
}

// pace is how long the account must rest before its next request: 0 is not at all, and for ever stands for "until another one ends".
func (m *member) pace(now time.Time) time.Duration {
	if limit := m.account.MaxConcurrent; limit > 0 && m.inFlight >= limit {
		return forEver
	}
	limit := m.account.RequestsPerMinute
	if limit == 0 || m.rpm(now) < limit {
		return 0
	}
	return m.started[len(m.started)-limit].Add(minute).Sub(now)
}

// forEver is longer than anyone waits.
const forEver = time.Duration(math.MaxInt64)

// returns says when an account that is out comes back by itself, and false if it does not.
func (m *member) returns() (time.Time, bool) {
	h := m.account.Health
	return h.Until, m.account.Active && (h.Status == CoolingDown || h.Status == Exhausted) && !h.Until.IsZero()
}

// The cool-downs by cause. Source: the policy table in ARCHITECTURE.md.
const (
	throttleBase   = 30 * time.Second
	throttleMost   = 5 * time.Minute
	refusedRest    = 5 * time.Minute
	suspiciousRest = 10 * time.Minute
	breakerAfter   = 5 // outages in a row
	breakerBase    = 30 * time.Second
	breakerMost    = 10 * time.Minute
	suspiciousSpan = time.Hour
	suspiciousMost = 3 // within the span, then the account waits for the user
)

// outcome applies what a request's end says about the account's health. It reports whether anything visible changed.
func (m *member) outcome(f *fault.Error, model string, now time.Time, last bool) bool {
	before := m.account.Health
	h := &m.account.Health
	h.CheckedAt = now
	if f == nil {
		*h = Health{Status: h.Status, Kind: h.Kind, Reason: h.Reason, Until: h.Until, CheckedAt: now}
		if h.Status == Ready || h.Status == CoolingDown || h.Status == NeedsSignIn {
			*h = Health{Status: Ready, CheckedAt: now}
		}
		m.failures = 0
		return before.Status != h.Status || before.Error != h.Error
	}
	switch f.Kind {
	case fault.Throttled:
		h.Strikes++
		m.rest(CoolingDown, f, now.Add(orElse(f.RetryAfter, grow(throttleBase, h.Strikes, throttleMost))))
	case fault.Exhausted:
		m.rest(Exhausted, f, orTime(f.Until, nextMonth(now)))
	case fault.Credential:
		m.rest(NeedsSignIn, f, time.Time{})
	case fault.Suspended:
		m.rest(Suspended, f, time.Time{})
	case fault.Suspicious:
		m.suspicious(f, now)
	case fault.Refused:
		m.rest(CoolingDown, f, now.Add(refusedRest))
	case fault.ModelUnavailable:
		if m.missing == nil {
			m.missing = map[string]bool{}
		}
		m.missing[model] = true
	case fault.Unavailable:
		m.failures++
		h.Error = f.Message
		if m.failures >= breakerAfter && !last {
			m.rest(CoolingDown, f, now.Add(grow(breakerBase, m.failures-breakerAfter+1, breakerMost)))
		}
	default:
		h.CheckedAt = before.CheckedAt
	}
	return before != *h
}

func (m *member) rest(status Status, f *fault.Error, until time.Time) {
	h := &m.account.Health
	if h.Status == Suspended || h.Status == NeedsSignIn && status == CoolingDown {
		return
	}
	h.Status, h.Kind, h.Reason, h.Error, h.Until = status, f.Kind, f.Message, f.Message, until
}

func (m *member) suspicious(f *fault.Error, now time.Time) {
	for len(m.suspect) > 0 && now.Sub(m.suspect[0]) >= suspiciousSpan {
		m.suspect = m.suspect[1:]
	}
	m.suspect = append(m.suspect, now)
	if len(m.suspect) >= suspiciousMost {
		m.rest(Suspended, f, time.Time{})
		return
	}
	m.rest(CoolingDown, f, now.Add(max(f.RetryAfter, suspiciousRest*time.Duration(len(m.suspect)))))
}

// grow doubles base with every strike, up to most.
func grow(base time.Duration, strikes int, most time.Duration) time.Duration {
	for range strikes - 1 {
		if base *= 2; base >= most {
			return most
		}
	}
	return base
}

func orElse(given, otherwise time.Duration) time.Duration {
	if given > 0 {
		return given
	}
	return otherwise
}

func orTime(given, otherwise time.Time) time.Time {
	if given.IsZero() {
		return otherwise
	}
	return given
}

func nextMonth(now time.Time) time.Time {
	now = now.UTC()
	return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}
