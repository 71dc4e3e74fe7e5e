package account

import (
	"context"
	"time"

	"amq2api/backend/fault"
)

// Caution is how the whole pool holds back after the provider disliked something. It survives restarts.
type Caution struct {
	PausedUntil time.Time // nothing is sent before
	SlowUntil   time.Time // until then accounts are used at half their pace
}

// slowSpan is how long the pool goes slowly after a suspicion's pause or a suspension.
const slowSpan = time.Hour

// beCareful takes in a restriction by the provider: a suspicion pauses the whole pool, longer each time within an hour; it and a suspension
// slow the pool down. Answers to requests that were under way when a pause began do not make it grow. The caller holds the lock.
func (p *Pool) beCareful(f *fault.Error, now time.Time) {
	before := p.caution
	switch f.Kind {
	case fault.Suspicious:
		if passed(now, p.caution.PausedUntil) {
			p.suspicions = append(within(p.suspicions, suspiciousSpan, now), now)
		}
		p.caution.PausedUntil = later(p.caution.PausedUntil, now.Add(max(f.RetryAfter, suspiciousRest*time.Duration(len(p.suspicions)))))
		p.caution.SlowUntil = later(p.caution.SlowUntil, p.caution.PausedUntil.Add(slowSpan))
	case fault.Suspended:
		p.caution.SlowUntil = later(p.caution.SlowUntil, now.Add(slowSpan))
	}
	if before != p.caution {
		p.tasks.Go(p.keepCaution)
	}
}

// relax ends the pool's pause and slowness by the user's word.
func (p *Pool) relax() {
	p.mu.Lock()
	p.caution, p.suspicions = Caution{}, nil
	p.dispatch()
	p.mu.Unlock()
	p.announce()
	p.keepCaution()
}

// keepCaution writes the caution down as it is by now.
func (p *Pool) keepCaution() {
	p.keeping.Lock()
	defer p.keeping.Unlock()
	p.mu.Lock()
	caution := p.caution
	p.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), keepTimeout)
	defer cancel()
	if err := p.config.Keeper.SaveCaution(ctx, caution); err != nil {
		p.config.Log.Warn("the pool's pause could not be saved", "err", err)
	}
}
