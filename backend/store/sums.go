package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amq2api/backend/usage"
)

// piece is a part of a question's time, in milliseconds, and the table that answers for it.
type piece struct {
	table    string
	from, to int64
}

const (
	rowsTable  = "requests"
	hoursTable = "hours"
	daysTable  = "days"
)

// fine cuts a time into whole hours and the rest, which rows answer for. Where rows are gone, an hour counts if it begins in the time.
func fine(from, to, rowsFrom int64) []piece {
	if from >= to {
		return nil
	}
	first, last := from+(hourMillis-from%hourMillis)%hourMillis, to-to%hourMillis
	if first > last {
		return []piece{rest(from, to, rowsFrom)}
	}
	return merged([]piece{rest(from, first, rowsFrom), {hoursTable, first, last}, rest(last, to, rowsFrom)})
}

func rest(from, to, rowsFrom int64) piece {
	if from < rowsFrom {
		return piece{hoursTable, from, to}
	}
	return piece{rowsTable, from, to}
}

// merged drops empty pieces and makes one of neighbours of the same table.
func merged(pieces []piece) []piece {
	var joined []piece
	for _, p := range pieces {
		switch last := len(joined) - 1; {
		case p.from >= p.to:
		case last >= 0 && joined[last].table == p.table && joined[last].to == p.from:
			joined[last].to = p.to
		default:
			joined = append(joined, p)
		}
	}
	return joined
}

// source is what to select from: the lines of a facet. Rows of requests look like such lines in it.
func (p piece) source(f facet) string {
	if p.table != rowsTable {
		return fmt.Sprintf(`(SELECT * FROM %s WHERE facet = %d)`, p.table, f)
	}
	return `(SELECT at, key_id, account_id, client, dialect, model_used AS model, status, fault, 1 AS requests, input_tokens, output_tokens, cache_read, cache_write,
		iif(source = 1, input_tokens + output_tokens, 0) AS derived_tokens, iif(source = 2, input_tokens + output_tokens, 0) AS estimated_tokens,
		first_event_us > 0 AS first_events, first_event_us, duration_us, bytes_in, bytes_out FROM requests WHERE fault <> '` + usage.Lost + `')`
}

// asked is a question on its way to an answer.
type asked struct {
	usage.Question
	own      bool // the days asked for are those of the days table
	rowsFrom int64
	found    map[usage.Group]usage.Totals
}

// Sums answers a question: the groups there are, in the order of time, the largest first.
//
// Whole days are read from the days, if they are the computer's; else hours and, at the ends of a time that ends within an hour, rows. An hour
// that another zone's midnight divides is exact as long as its rows are kept.
func (s *Usage) Sums(ctx context.Context, question usage.Question) (sums []usage.Sum, err error) {
	tx, err := s.db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // one moment for all pieces
	if err != nil {
		return nil, explain(err)
	}
	defer func() { err = errors.Join(err, tx.Rollback()) }()
	a := asked{Question: question, found: map[usage.Group]usage.Totals{}}
	var rules string
	if err := tx.QueryRowContext(ctx, `SELECT zone, rows_from FROM rollups`).Scan(&rules, &a.rowsFrom); err != nil {
		return nil, explain(err)
	}
	a.own = rules == usage.ZoneRules(question.Zone)
	for _, p := range a.pieces() {
		if err := a.read(ctx, tx, p); err != nil {
			return nil, err
		}
	}
	return a.sums(), nil
}

// pieces cuts the time of a question so that each piece is answered by the largest sums there are.
func (a *asked) pieces() []piece {
	if !a.own || a.Groups(usage.ByHour) {
		return a.cut()
	}
	first := usage.StartOfDay(a.From, a.Zone)
	if first.Before(a.From) {
		first = usage.NextDay(first, a.Zone)
	}
	last := usage.StartOfDay(a.To, a.Zone)
	if !first.Before(last) {
		return a.cut()
	}
	days := piece{daysTable, first.UnixMilli(), last.UnixMilli()}
	return slices.Concat(fine(a.From.UnixMilli(), days.from, a.rowsFrom), []piece{days}, fine(days.to, a.To.UnixMilli(), a.rowsFrom))
}

// cut does without the sums of days. Where days are asked for, it cuts at their beginnings.
func (a *asked) cut() (pieces []piece) {
	if !a.Groups(usage.ByDay) {
		return fine(a.From.UnixMilli(), a.To.UnixMilli(), a.rowsFrom)
	}
	for from := a.From; from.Before(a.To); {
		to := usage.NextDay(from, a.Zone)
		if to.After(a.To) {
			to = a.To
		}
		pieces = append(pieces, fine(from.UnixMilli(), to.UnixMilli(), a.rowsFrom)...)
		from = to
	}
	return merged(pieces)
}

// columns are the columns of each dimension.
var columns = []struct {
	by     usage.Dimension
	column string
}{{usage.ByKey, "key_id"}, {usage.ByAccount, "account_id"}, {usage.ByClient, "client"}, {usage.ByDialect, "dialect"}, {usage.ByModel, "model"}, {usage.ByFault, "fault"}}

// read adds what a piece has. Its rows are told apart by quarters of hours, which is where days begin.
func (a *asked) read(ctx context.Context, tx *sql.Tx, p piece) error {
	query, args := a.query(p)
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return explain(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var group usage.Group
		var totals usage.Totals
		var at int64
		into := append([]any{&at, &group.KeyID, &group.AccountID, &group.Client, &group.Dialect, &group.Model, &group.Fault, &totals.Failed, &totals.Canceled}, scanned(&totals)...)
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read sums: %w", err)
		}
		totals.FirstEvent, totals.Duration = totals.FirstEvent*time.Microsecond, totals.Duration*time.Microsecond
		group.At = a.bucket(max(at, p.from))
		a.found[group] = a.found[group].Plus(totals)
	}
	return explain(rows.Err())
}

// scanned takes sums in the order of sumsOfColumns, times in microseconds.
func scanned(t *usage.Totals) []any {
	return []any{
		&t.Requests, &t.InputTokens, &t.OutputTokens, &t.CacheRead, &t.CacheWrite, &t.DerivedTokens, &t.EstimatedTokens, &t.FirstEvents, &t.FirstEvent, &t.Duration,
		&t.BytesIn, &t.BytesOut,
	}
}

func (a *asked) query(p piece) (string, []any) {
	var selected, groups []string
	if a.Groups(usage.ByHour) || a.Groups(usage.ByDay) {
		selected, groups = append(selected, `at - at % 900000`), append(groups, `1`)
	} else {
		selected = append(selected, `0`)
	}
	for i, c := range columns {
		switch {
		case a.Groups(c.by):
			selected, groups = append(selected, c.column), append(groups, c.column)
		case i < 2:
			selected = append(selected, `0`)
		default:
			selected = append(selected, `''`)
		}
	}
	where, args := conditions(a.Filter, "model")
	query := `SELECT ` + strings.Join(selected, ", ") + `, sum(iif(fault IN ('', 'canceled'), 0, requests)), sum(iif(fault = 'canceled', requests, 0)), ` + sumsOfColumns +
		` FROM ` + p.source(a.facet()) + ` WHERE at >= ? AND at < ?` + where
	if len(groups) > 0 {
		query += ` GROUP BY ` + strings.Join(groups, ", ")
	} else {
		query += ` HAVING count(*) > 0`
	}
	return query, append([]any{p.from, p.to}, args...)
}

// facet is the one with the fewest lines that can answer.
func (a *asked) facet() facet {
	var needed facet
	for _, part := range []struct {
		facet    facet
		by       usage.Dimension
		filtered bool
	}{
		{byKey, usage.ByKey, len(a.Filter.Keys) > 0}, {byAccount, usage.ByAccount, len(a.Filter.Accounts) > 0},
		{byClient, usage.ByClient, len(a.Filter.Clients) > 0}, {byDialect, usage.ByDialect, len(a.Filter.Dialects) > 0},
	} {
		if part.filtered || a.Groups(part.by) {
			needed |= part.facet
		}
	}
	for _, f := range facets {
		if f&needed == needed {
			return f
		}
	}
	return whole
}

// bucket is the start of the hour or of the day that a time belongs to.
func (a *asked) bucket(at int64) time.Time {
	switch {
	case a.Groups(usage.ByHour):
		return time.UnixMilli(at - at%hourMillis).UTC()
	case a.Groups(usage.ByDay):
		return usage.StartOfDay(time.UnixMilli(at), a.Zone).UTC()
	default:
		return time.Time{}
	}
}

func (a *asked) sums() []usage.Sum {
	sums := make([]usage.Sum, 0, len(a.found))
	for group, totals := range a.found {
		sums = append(sums, usage.Sum{Group: group, Totals: totals})
	}
	slices.SortFunc(sums, compareSums)
	return sums
}
