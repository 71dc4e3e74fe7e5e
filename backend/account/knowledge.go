package account

import (
	"context"
	"slices"
	"time"

	"amq2api/backend/fault"
)

// knowledge is what the provider told about an account.
type knowledge struct {
	quota    Quota
	models   []Model   // empty is unknown: every model is worth trying then
	modelsAt time.Time // when it told them
	askAt    time.Time // when to ask again
	failed   int       // askings in a row that failed
	epoch    int       // grows when the account becomes another one, whose quota and models nobody knows
}

// When the provider is asked. A new account is left alone for a moment, and accounts are asked one after another, so that a start is not a
// burst.
const (
	askAfter      = 30 * time.Second // a start, give or take
	askWhileUsed  = 15 * time.Minute
	askWhileIdle  = time.Hour
	askExhausted  = 24 * time.Hour
	askFailed     = 5 * time.Minute // doubled with every failure, up to askWhileIdle
	askModels     = 6 * time.Hour
	askLimit      = 40 * time.Second // for one asking with all its calls
	longQuotaSpan = 24 * time.Hour   // an exhaustion that lasts longer is of a month's quota
)

// askSoon sets when a member that the pool has just got to know is asked first: at once if somebody has just signed in and looks at it.
func (m *member) askSoon(a Account, now time.Time, jitter func(time.Duration) time.Duration) {
	if a.Source == SourceSignIn && now.Sub(a.CreatedAt) < minute {
		m.askAt = now
		return
	}
	m.askAt = now.Add(askAfter)
	if jitter != nil {
		m.askAt = m.askAt.Add(jitter(askAfter))
	}
}

// unlearn forgets what was told about an account that has become another one: a new sign-in, or another service.
func (m *member) unlearn(now time.Time) {
	m.knowledge, m.missing = knowledge{askAt: now, epoch: m.epoch + 1}, nil
	if h := &m.account.Health; h.Status == Exhausted {
		*h = Health{Status: Ready, CheckedAt: h.CheckedAt}
		m.mark.words++
	}
}

// askable reports whether an account may be asked about itself: one that the provider restricts is left alone.
func (m *member) askable() bool {
	status := m.account.Health.Status
	return m.account.Active && (status == Ready || status == Exhausted)
}

// due is the member that has waited longest for being asked, nil if none has to be.
func (p *Pool) due(now time.Time) *member {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first *member
	if p.config.Provider == nil || !passed(now, p.caution.PausedUntil) {
		return nil
	}
	for _, m := range p.members {
		m.recover(now)
		if m.askable() && passed(now, m.askAt) && (first == nil || m.askAt.Before(first.askAt)) {
			first = m
		}
	}
	return first
}

// ask has the provider tell an account's quota and, now and then, its models.
func (p *Pool) ask(ctx context.Context, m *member) error {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	p.mu.Lock()
	epoch := m.epoch
	stale := p.config.Now().Sub(m.modelsAt) >= askModels || len(m.models) == 0
	p.mu.Unlock()
	var quota Quota
	err := p.withToken(ctx, m, func(c Credential) (err error) {
		quota, err = p.config.Provider.Quota(ctx, c)
		return err
	})
	var models []Model
	if err == nil && stale {
		err = p.withToken(ctx, m, func(c Credential) (err error) {
			models, err = p.config.Provider.Models(ctx, c)
			return err
		})
	}
	p.learnt(m, epoch, told{quota, models, err})
	return err
}

// told is what the provider said, as far as it did.
type told struct {
	quota  Quota
	models []Model
	err    error
}

// askNow asks about an account whatever the time, unless it must be left alone.
func (p *Pool) askNow(ctx context.Context, id int64) {
	p.mu.Lock()
	m, known := p.members[id]
	ready := known && p.config.Provider != nil && m.askable() && passed(p.config.Now(), p.caution.PausedUntil)
	p.mu.Unlock()
	if ready {
		_ = p.ask(ctx, m) // it is logged, and tried again later
	}
}

// withToken makes one call to the provider. A token that is refused is renewed once.
func (p *Pool) withToken(ctx context.Context, m *member, call func(Credential) error) error {
	for renewed := false; ; renewed = true {
		access, err := m.token.get(ctx, p, m)
		if err != nil {
			return err
		}
		p.mu.Lock()
		credential := m.account.credential(access)
		p.mu.Unlock()
		if err = call(credential); err == nil || renewed || fault.Of(err).Kind != fault.Credential {
			return err
		}
		m.token.forget(access)
	}
}

// learnt takes in what the provider told, unless the account has become another one meanwhile.
func (p *Pool) learnt(m *member, epoch int, t told) {
	p.mu.Lock()
	if m.epoch != epoch {
		p.mu.Unlock()
		return
	}
	now := p.config.Now()
	id := m.account.ID
	if !t.quota.At.IsZero() {
		m.quota = t.quota
		m.settleExhaustion(now)
	}
	if len(t.models) > 0 {
		m.models, m.modelsAt, m.missing = t.models, now, nil
		p.offering = nil
	}
	if t.err != nil {
		m.failed++
		m.askAt = now.Add(grow(askFailed, m.failed, askWhileIdle))
	} else {
		m.failed = 0
		m.askAt = now.Add(m.askPause() + p.spread(time.Minute))
	}
	p.dispatch()
	p.mu.Unlock()
	if f := fault.Of(t.err); f != nil && restricts(f.Kind) {
		_, began := p.standing(m)
		p.note(m, ending{fault: f, began: began})
	}
	if t.err != nil {
		p.config.Log.Info("an account's provider did not tell its quota and models", "account", id, "err", t.err)
	}
	p.announce()
	p.tasks.Go(func() {
		p.keep(m)
		p.keepReading(m, epoch, t.quota)
	})
}

// restricts reports whether a refusal counts though no request met it: the provider says to stay away.
func restricts(kind fault.Kind) bool {
	return kind == fault.Suspended || kind == fault.Suspicious || kind == fault.Throttled
}

func (m *member) askPause() time.Duration {
	if m.account.Health.Status == Exhausted {
		return askExhausted
	}
	return askWhileIdle
}

// askSooner brings the next asking forward, because a request has spent something. One that failed keeps its distance.
func (m *member) askSooner(now time.Time) {
	if soon := now.Add(askWhileUsed); m.failed == 0 && soon.Before(m.askAt) {
		m.askAt = soon
	}
}

// settleExhaustion corrects an exhaustion of a month's quota by what the provider tells: when it ends, or that it has ended. That of a day's
// quota is not in what it tells.
func (m *member) settleExhaustion(now time.Time) {
	h := &m.account.Health
	if h.Status != Exhausted || h.Until.Sub(now) <= longQuotaSpan {
		return
	}
	if left, known := m.quota.Left(); known && left > 0 && now.Sub(h.CheckedAt) > longQuotaSpan/2 {
		*h = Health{Status: Ready, CheckedAt: h.CheckedAt}
		m.recovered = true
		return
	}
	if m.quota.ResetsAt.After(now) {
		h.Until = m.quota.ResetsAt
	}
}

// offering is the models of all accounts together.
type offering struct {
	ids      []string
	complete bool // every account has told its own
}

// Models are the models of all accounts that are switched on, and false if not all of them have told theirs. The ids are not to be changed.
func (p *Pool) Models() (ids []string, complete bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.offering == nil {
		p.offering = p.gather(Want{})
	}
	return p.offering.ids, p.offering.complete
}

// ModelsOf is Models for some accounts only; no ids are all accounts.
func (p *Pool) ModelsOf(accounts []int64) (ids []string, complete bool) {
	if len(accounts) == 0 {
		return p.Models()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.gather(Want{Only: accounts})
	return o.ids, o.complete && len(o.ids) > 0 // that none of them is there any more is for Lease to say
}

// gather joins what the accounts have told that may serve a request. The caller holds the lock.
func (p *Pool) gather(want Want) *offering {
	o := &offering{complete: len(p.members) > 0}
	for _, m := range p.ordered() {
		if !m.account.Active || !want.allows(m) {
			continue
		}
		o.complete = o.complete && len(m.models) > 0
		for _, model := range m.models {
			if !slices.Contains(o.ids, model.ID) {
				o.ids = append(o.ids, model.ID)
			}
		}
	}
	return o
}
