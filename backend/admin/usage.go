package admin

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/settings"
	"amq2api/backend/usage"
)

// dimensions are what the statistics can be asked by.
var dimensions = []usage.Dimension{
	usage.ByHour, usage.ByDay, usage.ByKey, usage.ByAccount, usage.ByModel, usage.ByClient, usage.ByDialect, usage.ByFault,
}

// usageQuestion is GET /admin/stats/usage as it was asked.
type usageQuestion struct {
	period
	by       usage.Dimension
	filter   usage.Filter
	compared *period
}

func readUsageQuestion(q url.Values, now time.Time) (asked usageQuestion, f *fault.Error) {
	if asked.by = usage.Dimension(q.Get("by")); asked.by == "" {
		asked.by = usage.ByDay
	}
	if !slices.Contains(dimensions, asked.by) {
		return asked, invalid("by", "by must be hour, day, key, account, model, client, dialect or fault, not %.40q.", asked.by)
	}
	if asked.period, f = readWindow(q, now, asked.by); f != nil {
		return asked, f
	}
	if asked.filter, f = readFilter(q); f != nil {
		return asked, f
	}
	asked.compared, f = readCompared(q, asked.period)
	return asked, f
}

func (d *desk) usageStats(w http.ResponseWriter, r *http.Request) {
	if wantsCSV(r) {
		d.usageTable(w, r)
		return
	}
	stats, err := d.usageOf(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, stats)
}

// usageOf answers a request for statistics.
func (d *desk) usageOf(r *http.Request) (stats UsageStats, err error) {
	query := r.URL.Query()
	asked, f := readUsageQuestion(query, d.Now())
	if f != nil {
		return stats, f
	}
	stats = UsageStats{By: string(asked.by), Zone: query.Get("zone"), Currency: currency}
	if stats.UsageWindow, err = d.usageWindow(r.Context(), asked, asked.period); err != nil {
		return stats, err
	}
	if stats.Gaps, err = d.gaps(r.Context(), asked.period); err != nil || asked.compared == nil {
		return stats, err
	}
	compared, err := d.usageWindow(r.Context(), asked, *asked.compared)
	stats.Compared = &compared
	return stats, err
}

func (d *desk) usageWindow(ctx context.Context, asked usageQuestion, p period) (window UsageWindow, err error) {
	question := usage.Question{From: p.from, To: p.to, By: []usage.Dimension{asked.by, usage.ByModel}, Filter: asked.filter, Zone: p.zone}
	sums, err := d.Usage.Sums(ctx, question)
	if err != nil {
		return window, err
	}
	names, err := d.names(ctx)
	if err != nil {
		return window, err
	}
	prices := d.Settings.Current()
	total := whole(sums, prices)
	window = UsageWindow{From: p.from.In(p.zone), To: p.to.In(p.zone), Total: total.show(prices)}
	if window.Rows = rowsOf(sums, asked.by, names, prices); asked.by == usage.ByHour || asked.by == usage.ByDay {
		window.Rows = rowsOfTime(sums, asked.by, p, prices)
	}
	return window, nil
}

// rowsOf has a row for each group there is.
func rowsOf(sums []usage.Sum, by usage.Dimension, names usage.Names, prices settings.Settings) []UsageRow {
	rows := []UsageRow{}
	for _, part := range parts(sums, func(sum usage.Sum) usage.Group { return groupBy(sum, by) }, prices) {
		row := UsageRow{UsageTotals: part.show(prices)}
		switch by {
		case usage.ByKey:
			row.ID, row.Name = &part.of.KeyID, names.Keys[part.of.KeyID]
		case usage.ByAccount:
			row.ID, row.Name = &part.of.AccountID, names.Accounts[part.of.AccountID]
		default:
			row.Name = part.of.Client + part.of.Dialect + part.of.Model + part.of.Fault
		}
		rows = append(rows, row)
	}
	return rows
}

// groupBy is a sum's group without the model that was asked for the sake of its price.
func groupBy(sum usage.Sum, by usage.Dimension) usage.Group {
	group := sum.Group
	if by != usage.ByModel {
		group.Model = ""
	}
	return group
}

// rowsOfTime has a row for each hour or day, whether there were requests in it or not.
func rowsOfTime(sums []usage.Sum, by usage.Dimension, p period, prices settings.Settings) []UsageRow {
	tallies := map[int64]*tally{}
	for _, part := range parts(sums, func(sum usage.Sum) int64 { return sum.At.UnixMilli() }, prices) {
		tallies[part.of] = &part.tally
	}
	rows, starts := []UsageRow{}, p.groups(by)
	for i, start := range starts[:len(starts)-1] {
		from, to := start.In(p.zone), starts[i+1].In(p.zone)
		row := UsageRow{Name: from.Format(time.DateOnly), From: &from, To: &to}
		if by == usage.ByHour {
			row.Name = from.Format("2006-01-02 15:04")
		}
		found := tallies[start.UnixMilli()]
		if found == nil {
			found = &tally{}
		}
		row.UsageTotals = found.show(prices)
		rows = append(rows, row)
	}
	return rows
}

func (d *desk) gaps(ctx context.Context, p period) ([]UsageGap, error) {
	found, err := d.Usage.Gaps(ctx, p.from, p.to)
	gaps := make([]UsageGap, 0, len(found))
	for _, gap := range found {
		gaps = append(gaps, UsageGap{From: gap.From.In(p.zone), To: gap.To.In(p.zone), Requests: gap.Count})
	}
	return gaps, err
}

// names are what keys and accounts are called now, or were when they were last used.
func (d *desk) names(ctx context.Context) (usage.Names, error) {
	names, err := d.Usage.Names(ctx)
	if err != nil {
		return names, err
	}
	keys, err := d.Keys.List(ctx)
	if err != nil {
		return names, err
	}
	for _, key := range keys {
		names.Keys[key.ID] = key.Name
	}
	accounts, err := d.Accounts.List(ctx)
	for _, account := range accounts {
		names.Accounts[account.ID] = account.Name
	}
	return names, err
}

// usageTable is the rows of the statistics as CSV.
func (d *desk) usageTable(w http.ResponseWriter, r *http.Request) {
	stats, err := d.usageOf(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	table := d.beginTable(w, "usage-by-"+stats.By)
	table.line(
		stats.By, "id", "from", "to", "requests", "errors", "canceled", "input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens",
		"derived_tokens", "estimated_tokens", "first_event_ms", "duration_ms", "bytes_in", "bytes_out", "cost_usd", "unpriced_tokens",
	)
	for _, row := range stats.Rows {
		cells := []string{row.Name, number(row.ID), instant(row.From), instant(row.To)}
		for _, count := range []int64{
			row.Requests, row.Errors, row.Canceled, row.InputTokens, row.OutputTokens, row.CacheReadTokens, row.CacheWriteTokens, row.DerivedTokens, row.EstimatedTokens,
		} {
			cells = append(cells, strconv.FormatInt(count, 10))
		}
		cells = append(cells, number(row.FirstEventMS), number(row.DurationMS), number(&row.BytesIn), number(&row.BytesOut), dollars(row.Cost), number(&row.UnpricedTokens))
		table.line(cells...)
	}
	table.end(nil)
}
