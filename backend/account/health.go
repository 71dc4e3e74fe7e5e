package account

import (
	"errors"
	"net"
	"time"

	"amq2api/backend/fault"
)

// The cool-downs by cause. Source: the policy table in ARCHITECTURE.md.
const (
	throttleBase   = 30 * time.Second
	throttleMost   = 5 * time.Minute
	refusedRest    = 5 * time.Minute
	suspiciousRest = 10 * time.Minute
	breakerAfter   = 5 // outages in a row
	breakerBase    = 30 * time.Second
	breakerMost    = 10 * time.Minute
	breakerJitter  = 5 // the share of a rest, one in so many, that it may be shorter or longer
	breakerWindow  = time.Minute
	breakerLeast   = 10 // requests within the window before a share of outages says anything; more than half then opens it
	suspiciousSpan = time.Hour
	suspiciousMost = 3 // within the span, then the account waits for the user
)

// mark counts what has happened to an account. A request carries the mark of its beginning, so that what it says about an account that
// has changed since is not taken for news: several requests throttled together are one throttle, and a success that began before a
// cool-down does not end it.
type mark struct {
	setbacks int // its health became worse
	words    int // the user cleared it or gave it new secrets
}

// ending is how a request or a check ended.
type ending struct {
	fault  *fault.Error // nil is success
	model  string
	began  mark
	last   bool                                    // no other account is ready
	jitter func(limit time.Duration) time.Duration // may be nil
}

// outcome applies what an ending says about the account's health. It reports whether anything visible changed.
func (m *member) outcome(e ending, now time.Time) bool {
	before := m.account.Health
	if e.fault == nil {
		m.success(e.began, now)
		h := m.account.Health
		return before.Error != h.Error || before.Strikes != h.Strikes
	}
	m.failure(e, now)
	return before != m.account.Health
}

func (m *member) success(began mark, now time.Time) {
	h := &m.account.Health
	h.CheckedAt = now
	if h.Status == CoolingDown && h.Kind == fault.Unavailable && began == m.mark {
		*h = Health{Status: Ready, CheckedAt: now} // the breaker had taken every account, and this one serves
	}
	if h.Status == Ready && began == m.mark {
		h.Strikes, h.Error, h.ErrorSaid = 0, "", fault.Said{}
		m.failures = 0
		m.remember(false, now)
		m.comeback.prove(now)
	}
}

// ended is how a request ended.
type ended struct {
	at     time.Time
	outage bool
}

// remember notes how a request ended.
func (m *member) remember(outage bool, now time.Time) {
	for len(m.endings) > 0 && now.Sub(m.endings[0].at) >= breakerWindow {
		m.endings = m.endings[1:]
	}
	m.endings = append(m.endings, ended{now, outage})
}

// mostlyOut reports whether more than half of enough requests ended in outages.
func (m *member) mostlyOut() bool {
	outages := 0
	for _, r := range m.endings {
		if r.outage {
			outages++
		}
	}
	return len(m.endings) >= breakerLeast && 2*outages > len(m.endings)
}

func (m *member) failure(e ending, now time.Time) {
	f, h := e.fault, &m.account.Health
	news := e.began.setbacks == m.mark.setbacks
	checked := h.CheckedAt
	h.CheckedAt = now
	switch f.Kind {
	case fault.Throttled:
		if news {
			h.Strikes++
		}
		m.rest(CoolingDown, f, now.Add(orElse(f.RetryAfter, grow(throttleBase, h.Strikes, throttleMost))))
	case fault.Exhausted:
		m.rest(Exhausted, f, resetAfter(now, f.Until))
	case fault.Credential:
		if e.began.words == m.mark.words {
			m.rest(NeedsSignIn, f, time.Time{})
		}
	case fault.Suspended:
		m.rest(Suspended, f, time.Time{})
	case fault.Suspicious:
		m.suspicious(f, news, now)
	case fault.Refused:
		m.rest(CoolingDown, f, now.Add(refusedRest))
	case fault.ModelUnavailable:
		if m.missing == nil {
			m.missing = map[string]time.Time{}
		}
		m.missing[e.model] = now.Add(modelMemory)
	case fault.Unavailable:
		h.Error, h.ErrorSaid = f.Message, f.Says()
		if news && !blameless(f) {
			m.outage(e, now)
		}
	case fault.Locked:
		h.Error, h.ErrorSaid, h.CheckedAt = f.Message, f.Says(), checked
	default:
		h.CheckedAt = checked
	}
}

// blameless reports whether an outage lies between the service and us: the network is the same for every account.
func blameless(f *fault.Error) bool {
	var network net.Error
	return errors.As(f, &network)
}

// outage counts towards the breaker, which opens for longer each time until the account serves again.
func (m *member) outage(e ending, now time.Time) {
	m.remember(true, now)
	mostly := m.mostlyOut()
	if e.last && (mostly || m.failures >= breakerAfter-1) {
		return
	}
	if m.failures++; m.failures < breakerAfter && !mostly {
		return
	}
	m.endings = nil
	m.failures = max(m.failures, breakerAfter)
	rest := grow(breakerBase, m.failures-breakerAfter+1, breakerMost)
	if e.jitter != nil {
		rest += e.jitter(2*rest/breakerJitter) - rest/breakerJitter
	}
	m.rest(CoolingDown, e.fault, now.Add(rest))
}

func (m *member) suspicious(f *fault.Error, news bool, now time.Time) {
	if news {
		m.suspect = append(within(m.suspect, suspiciousSpan, now), now)
	}
	if len(m.suspect) >= suspiciousMost {
		m.rest(Suspended, f, time.Time{})
		return
	}
	m.rest(CoolingDown, f, now.Add(max(f.RetryAfter, suspiciousRest*time.Duration(max(1, len(m.suspect))))))
}

// rest takes the account out. A graver status stays as it is, and of two rests of one kind the longer counts.
func (m *member) rest(status Status, f *fault.Error, until time.Time) {
	h := &m.account.Health
	h.Error, h.ErrorSaid = f.Message, f.Says()
	if gravity(h.Status) > gravity(status) || h.Status == status && until.Before(h.Until) {
		return
	}
	h.Status, h.Kind, h.Reason, h.Said, h.Until = status, f.Kind, f.Message, f.Says(), until
	m.mark.setbacks++
}

func gravity(s Status) int {
	switch s {
	case CoolingDown:
		return 1
	case Exhausted:
		return 2
	case NeedsSignIn:
		return 3
	case Suspended:
		return 4
	default:
		return 0
	}
}

// grow doubles base with every strike after the first, up to most.
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

// resetAfter is when a quota comes back: when the provider said, else with the next month.
func resetAfter(now, given time.Time) time.Time {
	if given.After(now) {
		return given
	}
	now = now.UTC()
	return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
}
