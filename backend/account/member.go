package account

import (
	"slices"
	"time"

	"amq2api/backend/fault"
)

// modelMemory is how long an account is known not to have a model: catalogues change.
const modelMemory = 6 * time.Hour

// member is an account in the pool. The pool's lock guards all of it but the token, which has its own.
type member struct {
	account   Account
	started   []time.Time // of the requests within the last minute, oldest first
	inFlight  int
	turn      uint64 // the last lease's
	mark      mark
	failures  int                  // outages in a row, for the breaker
	endings   []ended              // how requests ended within the breaker's window, oldest first
	suspect   []time.Time          // suspicious answers within the last hour
	missing   map[string]time.Time // until when a model counts as one the account does not have
	recovered bool                 // a cool-down ended, and nobody was told yet
	comeback  comeback
	spent     spending
	knowledge
	token token
}

// recover ends a cool-down or exhaustion whose time has come.
func (m *member) recover(now time.Time) {
	h := &m.account.Health
	if (h.Status == CoolingDown || h.Status == Exhausted) && !h.Until.IsZero() && passed(now, h.Until) {
		m.comeback = comeback{under: h.Status == CoolingDown}
		h.Status, h.Kind, h.Reason, h.Said, h.Until = Ready, 0, "", fault.Said{}, time.Time{}
		m.recovered = true
	}
}

// ready reports whether the account may serve at all, pace aside.
func (m *member) ready(now time.Time) bool {
	m.recover(now)
	return m.account.Active && m.account.Health.Status == Ready
}

// lacks reports whether the account said lately that it does not have the model, or its list of models says so.
func (m *member) lacks(model string, now time.Time) bool {
	until, refused := m.missing[model]
	if refused && passed(now, until) {
		delete(m.missing, model)
		refused = false
	}
	return refused || model != "" && len(m.models) > 0 && !slices.ContainsFunc(m.models, func(offered Model) bool { return offered.ID == model })
}

// returns says when an account that is out comes back by itself, and false if it does not.
func (m *member) returns() (time.Time, bool) {
	h := m.account.Health
	return h.Until, m.account.Active && (h.Status == CoolingDown || h.Status == Exhausted) && !h.Until.IsZero()
}

// within drops the times, oldest first, that are a span or longer ago.
func within(times []time.Time, span time.Duration, now time.Time) []time.Time {
	for len(times) > 0 && now.Sub(times[0]) >= span {
		times = times[1:]
	}
	return times
}

// passed reports whether a moment has come by either clock: sleep stops the monotonic one, and people set the other.
func passed(now, moment time.Time) bool {
	return !now.Before(moment) || !now.Round(0).Before(moment.Round(0))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
