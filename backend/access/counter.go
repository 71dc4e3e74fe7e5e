package access

import (
	"context"
	"sync"
	"time"
)

const (
	reserveTimeout = 2 * time.Second
	reserveRetry   = 5 * time.Second
	largestBlock   = 10
	uncappedBlock  = 100
)

// counter is what is counted of one key.
type counter struct {
	mu      sync.Mutex
	window  window
	day     ledger
	month   ledger
	running int
	touched bool          // the store's last minute is not exact
	warned  time.Time     // the month whose warning was given
	retryAt time.Duration // while the store cannot be written: when to try again
}

func newCounter() *counter { return &counter{day: ledger{span: Day}, month: ledger{span: Month}} }

// restore takes over what the store has of a key.
func (c *counter) restore(stored Count, wall time.Time, elapsed time.Duration) {
	for _, p := range stored.Periods {
		if p.Span == Month {
			c.month.restore(p)
		} else {
			c.day.restore(p)
		}
	}
	c.window.restore(stored.Recent, wall, elapsed)
	c.touched = stored.Recent.Spare > 0
}

func (c *counter) roll(now time.Time, zone *time.Location) {
	c.day.roll(now, zone)
	c.month.roll(now, zone)
}

// admit counts one request in, or says which limit is reached. Nothing is counted unless all limits allow it.
func (g *Gate) admit(ctx context.Context, e *entry, estimate Amount) (day, month *period, err error) {
	c := e.counter
	c.mu.Lock()
	defer c.mu.Unlock()
	now, elapsed := g.config.Now(), g.config.Elapsed()
	c.roll(now, e.zone)
	if f := c.refusal(e.key, estimate, now, elapsed); f != nil {
		if c.short(Amount{}, e.key.Limits) { // the store could not be written; there is time to try again
			g.setAside(ctx, e, Amount{})
		}
		return nil, nil, f
	}
	if one := estimate.plus(Amount{Requests: 1}); c.short(one, e.key.Limits) {
		g.setAside(ctx, e, c.block(e.key, one))
	}
	day, month = c.day.current, c.month.current
	day.begin(estimate)
	month.begin(estimate)
	c.window.add(elapsed)
	c.running++
	c.touched = true
	return day, month, nil
}

func (c *counter) short(more Amount, l Limits) bool {
	return c.day.current.short(more, l) || c.month.current.short(more, l)
}

// block is how much is set aside at once, with at least one request's need: after a crash so much at most is counted that never was, and
// nothing is forgotten. It shrinks as a limit comes near. Without a limit only the number shown is at stake.
func (c *counter) block(k Key, need Amount) Amount {
	day, month := c.day.current.used(), c.month.current.used()
	requests := int64(uncappedBlock)
	if k.RequestsPerDay > 0 {
		requests = share(int64(k.RequestsPerDay)-day.Requests, largestBlock)
	}
	if k.RequestsPerMinute > 0 {
		requests = min(requests, largestBlock, int64(k.RequestsPerMinute)/6)
	}
	tokens, cost := largestBlock*need.Tokens, largestBlock*need.Cost
	if k.TokensPerDay > 0 {
		tokens = share(k.TokensPerDay-day.Tokens, tokens)
	}
	if k.BudgetTokens > 0 {
		tokens = share(k.BudgetTokens-month.Tokens, tokens)
	}
	if k.BudgetCost > 0 {
		cost = share(k.budgetCost()-month.Cost, cost)
	}
	return Amount{requests, tokens, cost}.most(need)
}

// share is a tenth of what is left of a limit, and at most so much.
func share(left, most int64) int64 { return min(left/10, most) }

// setAside sets a block aside before it is used. A store that cannot be written does not stop clients: counting then goes on in memory, and
// the store is tried again after a while. The client's leaving must not undo what all requests of the key rely on.
func (g *Gate) setAside(ctx context.Context, e *entry, block Amount) {
	c := e.counter
	if g.config.Elapsed() < c.retryAt {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reserveTimeout)
	defer cancel()
	if err := g.write(ctx, e, block); err != nil {
		c.retryAt = g.config.Elapsed() + reserveRetry
		g.config.Log.Warn("a key's counts cannot be written; they go on in memory", "key", e.key.Name, "err", err)
	}
}

// write has the store keep what is counted and a block more. The caller holds the lock.
func (g *Gate) write(ctx context.Context, e *entry, block Amount) error {
	c := e.counter
	count := Count{KeyID: e.key.ID}
	var written []*period
	for _, l := range []*ledger{&c.month, &c.day} {
		for _, p := range l.kept {
			if p != l.current && !p.short(Amount{}, e.key.Limits) {
				continue
			}
			after := *p
			after.aside = p.own.plus(p.held)
			if p == l.current {
				after.aside = after.aside.plus(block)
			}
			count.Periods = append(count.Periods, l.stored(&after))
			written = append(written, p)
		}
	}
	if e.key.RequestsPerMinute > 0 || block == (Amount{}) {
		count.Recent = c.window.recent(g.config.Now(), g.config.Elapsed(), int(block.Requests))
	}
	if err := g.config.Store.Reserve(ctx, count); err != nil {
		return err
	}
	for i, p := range written {
		p.aside, p.noted = count.Periods[i].Aside, count.Periods[i].Carried
	}
	return nil
}

// finish replaces a request's estimate by what it cost. What is over the estimate must not be forgotten in a crash, so more may be set aside.
func (g *Gate) finish(p *Permit) {
	e, present := g.keys.Load().byID[p.Key.ID]
	c := p.counter
	c.mu.Lock()
	c.running--
	p.day.finish(p.estimate, p.spent)
	p.month.finish(p.estimate, p.spent)
	news := false
	if present && e.counter == c {
		c.roll(g.config.Now(), e.zone)
		if e.key.CountsTokens() && c.short(Amount{}, e.key.Limits) {
			g.setAside(context.Background(), e, c.block(e.key, p.spent.most(p.estimate)))
		}
		news = c.warn(e.key)
	}
	c.mu.Unlock()
	if news {
		g.changed()
	}
}

// Budget is how a key stands with its month's budget.
type Budget struct {
	Used    float64 // of the budget, from 0; 1 is all of it, 0 also if there is none
	Warning bool    // most of it is used
}

// warningAt is how much of a budget is most of it.
const warningAt = 0.8

func (c *counter) budget(k Key) Budget {
	spent := c.month.current.spent()
	var used float64
	if k.BudgetTokens > 0 {
		used = float64(spent.Tokens) / float64(k.BudgetTokens)
	}
	if k.BudgetCost > 0 {
		used = max(used, float64(spent.Cost)/float64(max(1, k.budgetCost())))
	}
	return Budget{Used: used, Warning: used >= warningAt}
}

// warn reports whether the warning is news in this month.
func (c *counter) warn(k Key) bool {
	if !c.budget(k).Warning {
		c.warned = time.Time{}
		return false
	}
	news := !c.warned.Equal(c.month.current.start)
	c.warned = c.month.current.start
	return news
}

// settle writes the exact counts, if they are not what the store has.
func (g *Gate) settle(ctx context.Context, e *entry) error {
	c := e.counter
	c.mu.Lock()
	defer c.mu.Unlock()
	exact := !c.touched
	for _, l := range []*ledger{&c.day, &c.month} {
		for _, p := range l.kept {
			exact = exact && p.own.plus(p.held) == p.aside && p.carried == p.noted
		}
	}
	if exact {
		return nil
	}
	if err := g.write(ctx, e, Amount{}); err != nil {
		return err
	}
	c.touched = false
	return nil
}
