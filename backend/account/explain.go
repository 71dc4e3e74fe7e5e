package account

import (
	"slices"
	"time"

	"amq2api/backend/fault"
)

// Ground is what an account was chosen for.
type Ground string

// The grounds.
const (
	ByTurn     Ground = "turn"      // the highest priority, then the lowest rate, then the longest ago
	BySession  Ground = "session"   // it served the client's session before
	ByLeastBad Ground = "least_bad" // the breaker has taken every account, and this one would return first
)

// Choice is why an account was used.
type Choice struct {
	Ground     Ground
	PassedOver []PassedOver // accounts that would have come first; at most three
}

// PassedOver is an account that could not serve when it would have been its turn.
type PassedOver struct {
	Account string
	By      Hindrance
	Kind    fault.Kind    // behind a cool-down; means nothing for other hindrances
	Wait    time.Duration // until it returned; 0 is unknown
}

const mostPassedOver = 3

// choice says why the best is the best. The caller holds the lock.
func (p *Pool) choice(o outlook, want Want, now time.Time) Choice {
	c := Choice{Ground: ByTurn}
	switch {
	case o.best.account.Health.Status != Ready:
		c.Ground = ByLeastBad
	case o.best == o.seat:
		c.Ground = BySession
		return c
	}
	if len(p.members) == 1 {
		return c
	}
	var first []*member
	for _, m := range p.members {
		if m != o.best && (m == o.seat || turnOrder(m, o.best, now) < 0) {
			first = append(first, m)
		}
	}
	slices.SortFunc(first, func(a, b *member) int { return turnOrder(a, b, now) })
	for _, m := range first {
		if h := p.hindrance(m, want, now); h.by != "" && h.by != Disabled && h.by != NotAllowed && len(c.PassedOver) < mostPassedOver {
			c.PassedOver = append(c.PassedOver, PassedOver{Account: m.account.Name, By: h.by, Kind: m.account.Health.Kind, Wait: finite(h.wait)})
		}
	}
	return c
}

// finite is a wait that ends, else 0.
func finite(wait time.Duration) time.Duration {
	if wait == forEver {
		return 0
	}
	return wait
}

// Explanation is who would serve a request right now, and why each other account would not.
type Explanation struct {
	Next     int64         // the account; 0 if none could serve this moment
	Ground   Ground        // empty without Next
	Wait     time.Duration // how long the request would wait for one; 0 if none is needed or it is not known
	Refusal  *fault.Error  // what the request would be answered with at once; nil if it would be served or wait
	Waiting  int           // requests in the queue
	Caution  Caution
	Verdicts []Verdict // of every account, in the order of their turns
}

// Verdict is what the scheduler thinks of one account for one request.
type Verdict struct {
	AccountID int64
	Account   string
	By        Hindrance // empty if it could serve now
	Reason    string    // a sentence; empty if it could serve now
	Until     time.Time // when time alone ends the hindrance; zero if it does not
	Rate      int       // requests within the last minute
	InFlight  int
}

// Explain says who would serve a request, by the same judgement that hands out leases. Nothing changes by asking.
func (p *Pool) Explain(want Want) Explanation {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.config.Now()
	e := Explanation{Waiting: len(p.waiting), Caution: p.caution, Verdicts: p.verdicts(want, now)}
	o, refusal := p.offer(want, p.patience(), now)
	switch {
	case refusal != nil:
		e.Refusal = refusal
	case o.best == nil:
		e.Wait = finite(o.wait)
	default:
		e.Next, e.Ground = o.best.account.ID, p.choice(o, want, now).Ground
		e.yield()
	}
	return e
}

// yield gives those who could serve as well a reason why they do not.
func (e *Explanation) yield() {
	for i := range e.Verdicts {
		if v := &e.Verdicts[i]; v.By == "" && v.AccountID != e.Next {
			v.Reason = "It could serve too; it is another account's turn."
		}
	}
}

func (p *Pool) verdicts(want Want, now time.Time) []Verdict {
	members := make([]*member, 0, len(p.members))
	for _, m := range p.members {
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b *member) int { return turnOrder(a, b, now) })
	verdicts := make([]Verdict, 0, len(members))
	for _, m := range members {
		h := p.hindrance(m, want, now)
		if until := p.caution.PausedUntil; h.by == "" && !passed(now, until) {
			h = hindered{by: PoolPaused, wait: until.Sub(now)}
		}
		v := Verdict{AccountID: m.account.ID, Account: m.account.Name, By: h.by, Reason: p.reason(m, h, now), Rate: m.rpm(now), InFlight: m.inFlight}
		if h.by != "" && h.wait != forEver {
			v.Until = now.Add(h.wait)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}
