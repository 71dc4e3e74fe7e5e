package admin

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"amq2api/backend/settings"
	"amq2api/backend/usage"
)

// keyShares is what each key has of the requests of a window.
func (d *desk) keyShares(ctx context.Context, q url.Values) (p period, shares []UsageShare, err error) {
	return d.shares(ctx, q, usage.ByKey, func(sum usage.Sum) int64 { return sum.KeyID }, func(names usage.Names) map[int64]string { return names.Keys })
}

// accountShares is what each account has of them, and what failed with it.
func (d *desk) accountShares(ctx context.Context, q url.Values) (p period, shares []UsageShare, err error) {
	p, shares, err = d.shares(ctx, q, usage.ByAccount, func(sum usage.Sum) int64 { return sum.AccountID }, func(names usage.Names) map[int64]string { return names.Accounts })
	if err != nil {
		return p, shares, err
	}
	tries, err := d.Usage.Tries(ctx, p.from, p.to)
	if err != nil {
		return p, shares, err
	}
	names, err := d.names(ctx)
	for _, try := range tries {
		if try.Fault != "" {
			shares = withTries(shares, try, names.Accounts[try.AccountID])
		}
	}
	return p, shares, err
}

// withTries adds what failed with an account, which need not have served anything.
func withTries(shares []UsageShare, tries usage.Tries, name string) []UsageShare {
	at := slices.IndexFunc(shares, func(s UsageShare) bool { return s.ID == tries.AccountID })
	if at < 0 {
		none := share(nil, settings.Settings{})
		none.ID, none.Name = tries.AccountID, name
		at, shares = len(shares), append(shares, none)
	}
	shares[at].FailedAttempts = append(shares[at].FailedAttempts, FaultCount{tries.Fault, tries.Count})
	return shares
}

func (d *desk) shares(
	ctx context.Context, q url.Values, by usage.Dimension, id func(usage.Sum) int64, called func(usage.Names) map[int64]string,
) (p period, shares []UsageShare, err error) {
	p, f := readWindow(q, d.Now(), by)
	if f != nil {
		return p, nil, f
	}
	question := usage.Question{From: p.from, To: p.to, By: []usage.Dimension{by, usage.ByModel, usage.ByClient, usage.ByFault}, Zone: p.zone}
	sums, err := d.Usage.Sums(ctx, question)
	if err != nil {
		return p, nil, err
	}
	names, err := d.names(ctx)
	if err != nil {
		return p, nil, err
	}
	prices, of := d.Settings.Current(), map[int64][]usage.Sum{}
	for _, sum := range sums {
		of[id(sum)] = append(of[id(sum)], sum)
	}
	shares = []UsageShare{}
	for _, part := range parts(sums, id, prices) {
		share := share(of[part.of], prices)
		share.ID, share.Name, share.UsageTotals = part.of, called(names)[part.of], part.show(prices)
		shares = append(shares, share)
	}
	return p, shares, nil
}

// share breaks the sums of one key or account down.
func share(sums []usage.Sum, prices settings.Settings) UsageShare {
	share := UsageShare{Models: []UsagePart{}, Clients: []UsagePart{}, Faults: []FaultCount{}, FailedAttempts: []FaultCount{}}
	for _, part := range parts(sums, func(sum usage.Sum) string { return sum.Model }, prices) {
		share.Models = append(share.Models, UsagePart{Name: part.of, UsageTotals: part.show(prices)})
	}
	for _, part := range parts(sums, func(sum usage.Sum) string { return sum.Client }, prices) {
		share.Clients = append(share.Clients, UsagePart{Name: part.of, UsageTotals: part.show(prices)})
	}
	for _, part := range parts(sums, func(sum usage.Sum) string { return sum.Fault }, prices) {
		if part.of != "" {
			share.Faults = append(share.Faults, FaultCount{part.of, part.Requests})
		}
	}
	slices.SortStableFunc(share.Faults, func(a, b FaultCount) int { return cmp.Compare(b.Count, a.Count) })
	return share
}
