package account

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"amq2api/backend/fault"
)

// Hindrance is why an account cannot serve a request right now. A Status other than Ready is one too.
type Hindrance string

// The hindrances besides those of an account's health.
const (
	NotAllowed    Hindrance = "not_allowed"   // the client's key may not use it
	Disabled      Hindrance = "disabled"      // the user switched it off
	LacksModel    Hindrance = "lacks_model"   // it does not have the model
	AtCeiling     Hindrance = "daily_credits" // it spent what it may spend a day
	AtReserve     Hindrance = "reserve"       // what is left of its quota is held back
	Tried         Hindrance = "tried"         // this request was there already
	AtConcurrency Hindrance = "concurrency"   // as many requests as it may have are running
	AtRate        Hindrance = "rate"          // as many requests as it may have began within a minute
	AtSpacing     Hindrance = "spacing"       // the last request began a moment ago
	SlowStart     Hindrance = "slow_start"    // it comes back from a cool-down step by step
	PoolPaused    Hindrance = "pool_paused"   // the provider's suspicion keeps the whole pool quiet
)

// forEver is longer than anyone waits.
const forEver = time.Duration(math.MaxInt64)

// hindered is what keeps an account from a request. The zero value is nothing.
type hindered struct {
	by    Hindrance
	paced bool          // the account is ready, only not this moment: the request queues for it
	wait  time.Duration // until time alone may end it; forEver if it does not
}

// hindrance is the one judgement of whether an account can serve: leases are handed out by it, and Explain tells it. The caller holds the
// lock.
func (p *Pool) hindrance(m *member, want Want, now time.Time) hindered {
	m.recover(now)
	health := m.account.Health
	until, heals := m.returns()
	switch {
	case !want.allows(m):
		return hindered{by: NotAllowed, wait: forEver}
	case !m.account.Active:
		return hindered{by: Disabled, wait: forEver}
	case health.Status != Ready && !heals:
		return hindered{by: Hindrance(health.Status), wait: forEver}
	case m.lacks(want.Model, now):
		return hindered{by: LacksModel, wait: forEver}
	case health.Status != Ready:
		return hindered{by: Hindrance(health.Status), wait: max(until.Sub(now), time.Nanosecond)}
	}
	if h := m.credit(now); h.by != "" {
		return h
	}
	if slices.Contains(want.Exclude, m.account.ID) {
		return hindered{by: Tried, wait: forEver}
	}
	slowUntil := p.caution.SlowUntil
	slow := !passed(now, slowUntil)
	h := m.pace(now, slow)
	if h.paced && slow {
		h.wait = min(h.wait, max(slowUntil.Sub(now), time.Nanosecond))
	}
	return h
}

// credit is what the account's ceiling and reserve say.
func (m *member) credit(now time.Time) hindered {
	ceiling, reserve := m.account.DailyCredits, m.account.ReserveCredits
	if ceiling > 0 && m.spent.on(now) >= ceiling {
		return hindered{by: AtCeiling, wait: nextDay(now).Sub(now)}
	}
	left, known := m.quota.Left()
	startedAnew := !m.quota.ResetsAt.IsZero() && passed(now, m.quota.ResetsAt)
	if reserve > 0 && known && left <= reserve && !startedAnew {
		return hindered{by: AtReserve, wait: resetAfter(now, m.quota.ResetsAt).Sub(now)}
	}
	return hindered{}
}

// stuck reports whether only the user can end a hindrance.
func (h hindered) stuck() bool {
	return h.by == Disabled || h.by == Hindrance(NeedsSignIn) || h.by == Hindrance(Suspended)
}

// rests reports whether the account comes back by itself, later than its pace would have it.
func (h hindered) rests() bool { return h.by != "" && !h.paced && h.wait != forEver }

// reason says a hindrance in a sentence.
func (p *Pool) reason(m *member, h hindered, now time.Time) string {
	a := m.account
	switch h.by {
	case "":
		return ""
	case NotAllowed:
		return "This key may not use it."
	case Disabled:
		return "It is switched off."
	case LacksModel:
		return "It does not have this model."
	case AtCeiling:
		return fmt.Sprintf("It has spent its %g credits of the day.", a.DailyCredits)
	case AtReserve:
		return fmt.Sprintf("The last %g credits of its quota are held back.", a.ReserveCredits)
	case Tried:
		return "This request tried it already."
	case AtConcurrency:
		return fmt.Sprintf("%d requests are running on it, as many as it may have.", m.inFlight)
	case AtRate:
		perMinute, _ := m.limits(!passed(now, p.caution.SlowUntil))
		return fmt.Sprintf("It is at its %d requests a minute.", perMinute)
	case AtSpacing:
		return "Its last request began a moment ago."
	case PoolPaused:
		return "All accounts pause."
	case SlowStart:
		return "It has just come back from a cool-down and is used more step by step."
	default:
		return a.Health.Reason
	}
}

// turnOrder compares two accounts by whose turn it is: the higher priority, else the lower rate for its weight, else the longer ago its last
// turn.
func turnOrder(a, b *member, now time.Time) int {
	return cmp.Or(
		cmp.Compare(b.account.Priority, a.account.Priority),
		cmp.Compare(a.rpm(now)*b.weight(), b.rpm(now)*a.weight()),
		cmp.Compare(a.turn, b.turn),
		cmp.Compare(a.account.ID, b.account.ID),
	)
}

func (m *member) weight() int { return max(1, m.account.Weight) }

// nobody says why no account can serve. The caller holds the lock.
func (p *Pool) nobody(want Want, now time.Time) *fault.Error {
	if len(p.members) == 0 {
		return fault.New(fault.Credential, "No Amazon Q account yet. Add one in AMQ2API under Accounts, then try again.").Saying(fault.Said{Code: fault.NoAccount})
	}
	var next *member
	var first hindered
	var allowed, lacking, tried bool
	for _, m := range p.members {
		h := p.hindrance(m, want, now)
		allowed = allowed || h.by != NotAllowed
		switch {
		case h.by == NotAllowed, h.stuck():
		case h.by == LacksModel:
			lacking = true
		case !h.rests():
			tried = true
		case next == nil || h.wait < first.wait || h.wait == first.wait && m.account.ID < next.account.ID:
			next, first = m, h
		}
	}
	switch {
	case !allowed:
		return fault.New(fault.Credential, "The accounts that this API key may use are no longer there. Choose others for it in AMQ2API.").Saying(fault.Said{Code: fault.AccountsGone})
	case next != nil:
		return p.resting(next, first, want, now)
	case tried:
		return fault.New(fault.Unavailable, "Every account that could serve this was tried without success. Try again in a moment.").Saying(fault.Said{Code: fault.AllTried})
	case lacking && len(want.Only) > 0:
		return fault.New(fault.ModelUnavailable, "None of the accounts that this API key may use has the model %s. Choose another one.", want.Model).Saying(fault.Said{Code: fault.ModelNotForKey, Name: want.Model})
	case lacking:
		return fault.New(fault.ModelUnavailable, "None of your accounts has the model %s. Choose another one.", want.Model).Saying(fault.Said{Code: fault.ModelMissing, Name: want.Model})
	case len(want.Only) > 0:
		return fault.New(fault.Credential, "No account that this API key may use can serve: every one is switched off, suspended, or must sign in again. AMQ2API shows under Accounts what to do.").Saying(fault.Said{Code: fault.NobodyForKey})
	default:
		return fault.New(fault.Credential, "No account can serve: every one is switched off, suspended, or must sign in again. AMQ2API shows under Accounts what to do.").Saying(fault.Said{Code: fault.NobodyServes})
	}
}

// resting says that every account is out, and when the first one returns.
func (p *Pool) resting(next *member, h hindered, want Want, now time.Time) *fault.Error {
	kind := fault.Exhausted
	if h.by == Hindrance(CoolingDown) {
		kind = fault.Throttled
	}
	who := "Every account"
	if len(want.Only) > 0 {
		who = "Every account that this API key may use"
	}
	said := fault.Said{Code: fault.AllRest, Name: next.account.Name, Count: int64(math.Ceil(h.wait.Seconds()))}
	return &fault.Error{Kind: kind, RetryAfter: h.wait, Until: now.Add(h.wait), Said: said,
		Message: fmt.Sprintf("%s is resting. The first to return is %s, in %s: %s", who, next.account.Name, inWords(h.wait), p.reason(next, h, now))}
}

// inWords rounds up to seconds, or to minutes where seconds no longer matter: 12s, 5h13m.
func inWords(wait time.Duration) string {
	if wait > 2*time.Minute {
		return strings.TrimSuffix((wait + time.Minute - 1).Truncate(time.Minute).String(), "0s")
	}
	return (wait + time.Second - 1).Truncate(time.Second).String()
}
