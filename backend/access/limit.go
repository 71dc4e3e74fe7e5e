package access

import (
	"strings"
	"time"

	"amq2api/backend/fault"
)

// The limits as answers name them.
const (
	LimitRPM          = "rpm"
	LimitRPD          = "rpd"
	LimitConcurrent   = "concurrent"
	LimitTokensPerDay = "tokens_per_day"
	LimitBudget       = "budget"
)

// runningRetry is when to try again where only running requests stand in the way: nobody knows when they end.
const runningRetry = time.Second

// refusal says which limit keeps a request out, and until when; nil if none does. Of several it is the one that lasts longest.
func (c *counter) refusal(k Key, estimate Amount, now time.Time, elapsed time.Duration) *fault.Error {
	if f := tooLarge(k, estimate); f != nil {
		return f
	}
	var longest *fault.Error
	for _, f := range [...]*fault.Error{
		c.atRate(k, now, elapsed), c.atConcurrency(k), c.atRequests(k, now), c.atTokens(k, estimate, now), c.atBudget(k, estimate, now),
	} {
		if f != nil && (longest == nil || f.RetryAfter > longest.RetryAfter) {
			longest = f
		}
	}
	return longest
}

// tooLarge refuses a request that no waiting would let in.
func tooLarge(k Key, estimate Amount) *fault.Error {
	var f *fault.Error
	switch {
	case k.TokensPerDay > 0 && estimate.Tokens > k.TokensPerDay:
		f = fault.New(fault.Forbidden, "This request alone is about %d tokens, and this API key has %d a day. Make it shorter, or raise the limit in AMQ2API.",
			estimate.Tokens, k.TokensPerDay)
		f.Limit = LimitTokensPerDay
	case k.BudgetTokens > 0 && estimate.Tokens > k.BudgetTokens:
		f = fault.New(fault.Forbidden, "This request alone is about %d tokens, and this API key has %d a month. Make it shorter, or raise the budget in AMQ2API.",
			estimate.Tokens, k.BudgetTokens)
		f.Limit = LimitBudget
	case k.BudgetCost > 0 && estimate.Cost > k.budgetCost():
		f = fault.New(fault.Forbidden, "This request alone costs about %.2f, and this API key has %.2f a month. Make it shorter, or raise the budget in AMQ2API.",
			float64(estimate.Cost)/million, k.BudgetCost)
		f.Limit = LimitBudget
	}
	return f
}

func (c *counter) atRate(k Key, now time.Time, elapsed time.Duration) *fault.Error {
	wait := c.window.wait(elapsed, k.RequestsPerMinute)
	if wait == 0 {
		return nil
	}
	return limited(LimitRPM, wait, now.Add(wait), "This API key has used its %d requests per minute. Try again in %s, or raise the limit in AMQ2API.",
		k.RequestsPerMinute, inWords(wait))
}

func (c *counter) atConcurrency(k Key) *fault.Error {
	if k.MaxConcurrent == 0 || c.running < k.MaxConcurrent {
		return nil
	}
	return limited(LimitConcurrent, runningRetry, time.Time{},
		"This API key has %d requests running, as many as it may have. Try again when one of them has ended, or raise the limit in AMQ2API.", c.running)
}

func (c *counter) atRequests(k Key, now time.Time) *fault.Error {
	if k.RequestsPerDay == 0 || c.day.current.used().Requests < int64(k.RequestsPerDay) {
		return nil
	}
	wait := c.day.end().Sub(now)
	return limited(LimitRPD, wait, c.day.end(), "This API key has used its %d requests per day. Try again in %s, or raise the limit in AMQ2API.",
		k.RequestsPerDay, inWords(wait))
}

func (c *counter) atTokens(k Key, estimate Amount, now time.Time) *fault.Error {
	p := c.day.current
	switch {
	case fits(p.used().Tokens, estimate.Tokens, k.TokensPerDay):
		return nil
	case fits(p.spent().Tokens, estimate.Tokens, k.TokensPerDay):
		return limited(LimitTokensPerDay, runningRetry, time.Time{},
			"The requests that run with this API key hold what is left of its %d tokens per day. Try again when one of them has ended, or raise the limit in AMQ2API.", k.TokensPerDay)
	}
	wait := p.end.Sub(now)
	return limited(LimitTokensPerDay, wait, p.end,
		"This request would go over the %d tokens per day of this API key; %d are used. Try again in %s, or raise the limit in AMQ2API.",
		k.TokensPerDay, p.spent().Tokens, inWords(wait))
}

func (c *counter) atBudget(k Key, estimate Amount, now time.Time) *fault.Error {
	p := c.month.current
	fitsIn := func(used Amount) bool {
		return fits(used.Tokens, estimate.Tokens, k.BudgetTokens) && fits(used.Cost, estimate.Cost, k.budgetCost())
	}
	switch {
	case fitsIn(p.used()):
		return nil
	case fitsIn(p.spent()):
		return limited(LimitBudget, runningRetry, time.Time{},
			"The requests that run with this API key hold what is left of its budget. Try again when one of them has ended, or raise the budget in AMQ2API.")
	}
	wait := p.end.Sub(now)
	return limited(LimitBudget, wait, p.end, "This request would go over the monthly budget of this API key. Try again in %s, or raise the budget in AMQ2API.", inWords(wait))
}

// fits reports whether a limit, if it is one, has room for more. What costs nothing needs room for a little.
func fits(used, more, limit int64) bool { return limit == 0 || used+max(more, 1) <= limit }

func limited(limit string, wait time.Duration, until time.Time, format string, args ...any) *fault.Error {
	f := fault.New(fault.Limited, format, args...)
	f.Limit, f.RetryAfter, f.Until = limit, wait, until
	return f
}

// inWords rounds up to seconds, or to minutes where seconds no longer matter: 12s, 5h13m.
func inWords(wait time.Duration) string {
	if wait > 2*time.Minute {
		return strings.TrimSuffix((wait + time.Minute - 1).Truncate(time.Minute).String(), "0s")
	}
	return (wait + time.Second - 1).Truncate(time.Second).String()
}
