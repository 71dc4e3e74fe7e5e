package access

import (
	"context"
	"sync/atomic"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// Ask is what a request is going to use. Only keys that count tokens or cost look at it.
type Ask struct {
	Model    string // the upstream's id, for its price
	Estimate chat.Usage
}

// Permit is leave to run one generation request. Call Done when the request has ended, however it ended.
type Permit struct {
	Key        Key
	gate       *Gate
	counter    *counter
	ended      <-chan struct{}
	model      string
	day, month *period // that the request began in, and counts for
	estimate   Amount
	spent      Amount
	done       atomic.Bool
}

// Admit counts one generation request against the key's limits, at once: it never waits. Over a limit it is fault.Limited, with the limit and
// the time to wait; a key that has been revoked, deleted or has expired meanwhile is fault.Unauthenticated. What the request is estimated to
// use is held for it until it is done.
func (g *Gate) Admit(ctx context.Context, keyID int64, ask Ask) (*Permit, error) {
	e, ok := g.keys.Load().byID[keyID]
	if !ok {
		return nil, unknown()
	}
	if err := e.key.usable(g.config.Now()); err != nil {
		return nil, err
	}
	estimate, err := g.amount(e.key, ask)
	if err != nil {
		return nil, err
	}
	day, month, err := g.admit(ctx, e, estimate)
	if err != nil {
		return nil, err
	}
	g.inFlight.Add(1)
	return &Permit{
		Key: e.key, gate: g, counter: e.counter, ended: e.ended, model: ask.Model, day: day, month: month, estimate: estimate,
	}, nil
}

// amount is what an estimate holds. A budget of cost cannot be kept with a model that has no price.
func (g *Gate) amount(k Key, ask Ask) (Amount, error) {
	if !k.CountsTokens() {
		return Amount{}, nil
	}
	cost, priced := g.price(ask.Model, ask.Estimate)
	if k.BudgetCost > 0 && !priced {
		return Amount{}, fault.New(fault.Forbidden,
			"The model %s has no price, so this API key, which has a budget of cost, may not use it. Ask for another model, or give the key a budget of tokens in AMQ2API.", ask.Model)
	}
	return Amount{Tokens: tokens(ask.Estimate), Cost: cost}, nil
}

func (g *Gate) price(model string, usage chat.Usage) (cost int64, priced bool) {
	if g.config.Price == nil {
		return 0, false
	}
	price, priced := g.config.Price(model, usage)
	return millionths(price), priced
}

func tokens(usage chat.Usage) int64 { return int64(max(0, usage.Input)) + int64(max(0, usage.Output)) }

// Revoked is closed when the key is revoked or deleted: what still runs under it is to be ended.
func (p *Permit) Revoked() <-chan struct{} { return p.ended }

// Spend says what the request cost. Without it the request cost nothing. The last word before Done counts.
func (p *Permit) Spend(usage chat.Usage) {
	cost, _ := p.gate.price(p.model, usage)
	p.spent = Amount{Tokens: tokens(usage), Cost: cost}
}

// Done gives the permit back, and what was held for it. Calling it again does nothing.
func (p *Permit) Done() {
	if p.done.Swap(true) {
		return
	}
	p.gate.inFlight.Add(-1)
	p.gate.finish(p)
}
