package admin

import (
	"cmp"
	"slices"

	"amq2api/backend/settings"
	"amq2api/backend/usage"
)

// currency is that of the prices.
const currency = "USD"

// tally is totals and what they cost by some prices.
type tally struct {
	usage.Totals
	cost     float64
	priced   bool
	unpriced int64 // tokens
}

// add adds a sum of one model.
func (t *tally) add(sum usage.Sum, prices settings.Settings) {
	t.Totals = t.Plus(sum.Totals)
	if sum.Tokens() == 0 {
		return
	}
	if cost, ok := prices.Cost(sum.Model, sum.InputTokens, sum.OutputTokens); ok {
		t.cost, t.priced = t.cost+cost, true
		return
	}
	t.unpriced += sum.Tokens()
}

// show is the totals for the wire. What has no tokens costs nothing, if there are prices at all.
func (t *tally) show(prices settings.Settings) UsageTotals {
	shown := UsageTotals{
		Requests: t.Requests, Errors: t.Failed, Canceled: t.Canceled, InputTokens: t.InputTokens, OutputTokens: t.OutputTokens,
		CacheReadTokens: t.CacheRead, CacheWriteTokens: t.CacheWrite, DerivedTokens: t.DerivedTokens, EstimatedTokens: t.EstimatedTokens,
		BytesIn: t.BytesIn, BytesOut: t.BytesOut, UnpricedTokens: t.unpriced,
	}
	if t.FirstEvents > 0 {
		mean := t.FirstEvent.Milliseconds() / t.FirstEvents
		shown.FirstEventMS = &mean
	}
	if t.Requests > 0 {
		mean := t.Duration.Milliseconds() / t.Requests
		shown.DurationMS = &mean
	}
	if t.priced || t.unpriced == 0 && len(prices.Prices) > 0 {
		shown.Cost = &t.cost
	}
	return shown
}

// part is the tally of what sums have in common.
type part[K comparable] struct {
	of K
	tally
}

// parts tallies sums by what they have in common, the part with the most requests first.
func parts[K comparable](sums []usage.Sum, of func(usage.Sum) K, prices settings.Settings) []part[K] {
	at, found := map[K]int{}, []part[K]{}
	for _, sum := range sums {
		key := of(sum)
		if _, ok := at[key]; !ok {
			at[key] = len(found)
			found = append(found, part[K]{of: key})
		}
		found[at[key]].add(sum, prices)
	}
	slices.SortStableFunc(found, func(a, b part[K]) int { return cmp.Compare(b.Requests, a.Requests) })
	return found
}

// whole tallies all of it.
func whole(sums []usage.Sum, prices settings.Settings) (t tally) {
	for _, sum := range sums {
		t.add(sum, prices)
	}
	return t
}
