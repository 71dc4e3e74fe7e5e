package store

import (
	"context"
	"database/sql"
	"time"

	"amq2api/backend/usage"
)

const hourMillis = int64(time.Hour / time.Millisecond)

// facet is by which properties besides the model and the end the lines of a roll-up are told apart; the others are empty. The same requests are
// added up by each facet, so that a question reads few lines.
type facet int64

// The properties of a facet are added up.
const (
	byKey facet = 1 << iota
	byAccount
	byClient
	byDialect
	whole = byKey | byAccount | byClient | byDialect
)

// facets are those there are, the one with the fewest lines first.
var facets = []facet{0, byDialect, byKey | byClient, byAccount | byClient, whole}

// of is a cell without what the facet does not tell apart.
func (f facet) of(c cell) cell {
	c.facet = f
	if f&byKey == 0 {
		c.keyID = 0
	}
	if f&byAccount == 0 {
		c.accountID = 0
	}
	if f&byClient == 0 {
		c.client = ""
	}
	if f&byDialect == 0 {
		c.dialect = ""
	}
	return c
}

// cell is one line of a roll-up, without its sums: a span of time and what its requests had in common.
type cell struct {
	facet            facet
	at               int64
	keyID, accountID int64
	client, dialect  string
	model            string
	status           int
	fault            string
}

// try is one line of the roll-up of attempts.
type try struct {
	at, accountID int64
	fault         string
}

// nameOf is a key or an account, as usage_names calls them.
type nameOf struct {
	kind string
	id   int64
}

// rollups is what a batch adds to the roll-ups.
type rollups struct {
	hours, days map[cell]usage.Totals
	tries       map[try]int64
	names       map[nameOf]string
}

// rollUp adds up a batch by hours and by the days of a zone.
func rollUp(records []*usage.Record, zone *time.Location) rollups {
	r := rollups{hours: map[cell]usage.Totals{}, days: map[cell]usage.Totals{}, tries: map[try]int64{}, names: map[nameOf]string{}}
	for _, record := range records {
		r.add(record, zone)
	}
	return r
}

func (r rollups) add(record *usage.Record, zone *time.Location) {
	of, totals := cellOf(record), stored(record.Totals())
	of.at = startOfHour(record.At)
	addTo(r.hours, of, totals)
	for _, attempt := range record.Attempts {
		r.tries[try{of.at, attempt.AccountID, attempt.Fault}]++
		r.names[nameOf{"account", attempt.AccountID}] = attempt.Account
	}
	of.at = usage.StartOfDay(time.UnixMilli(record.At.UnixMilli()), zone).UnixMilli()
	addTo(r.days, of, totals)
	if record.KeyID != 0 {
		r.names[nameOf{"key", record.KeyID}] = record.KeyName
	}
}

func addTo(cells map[cell]usage.Totals, of cell, totals usage.Totals) {
	for _, facet := range facets {
		line := facet.of(of)
		cells[line] = cells[line].Plus(totals)
	}
}

// cellOf is the cell of a request, of no time yet, in the words its row has.
func cellOf(r *usage.Record) cell {
	served, _ := r.Served()
	return cell{
		keyID: r.KeyID, accountID: served.AccountID, client: clip(r.Client, maxName), dialect: r.Dialect, model: clip(r.ModelUsed, maxName),
		status: r.Status, fault: r.Fault,
	}
}

// stored is totals with times as exact as rows keep them, so that sums of rows and sums of roll-ups agree.
func stored(t usage.Totals) usage.Totals {
	t.FirstEvent, t.Duration = t.FirstEvent.Truncate(time.Microsecond), t.Duration.Truncate(time.Microsecond)
	if t.FirstEvent == 0 {
		t.FirstEvents = 0
	}
	return t
}

func startOfHour(at time.Time) int64 {
	millis := at.UnixMilli()
	return millis - millis%hourMillis
}

// sumColumns are the sums of hours and days, in the order that sumsOf has them.
const sumColumns = `requests, input_tokens, output_tokens, cache_read, cache_write, derived_tokens, estimated_tokens, first_events, first_event_us, duration_us,
	bytes_in, bytes_out`

// sumsOfColumns adds up lines of hours or days, or rows of requests made to look like them.
const sumsOfColumns = `sum(requests), sum(input_tokens), sum(output_tokens), sum(cache_read), sum(cache_write), sum(derived_tokens), sum(estimated_tokens),
	sum(first_events), sum(first_event_us), sum(duration_us), sum(bytes_in), sum(bytes_out)`

// addColumns adds the sums of an excluded line to one that is there.
const addColumns = `requests = requests + excluded.requests, input_tokens = input_tokens + excluded.input_tokens,
	output_tokens = output_tokens + excluded.output_tokens, cache_read = cache_read + excluded.cache_read, cache_write = cache_write + excluded.cache_write,
	derived_tokens = derived_tokens + excluded.derived_tokens, estimated_tokens = estimated_tokens + excluded.estimated_tokens,
	first_events = first_events + excluded.first_events, first_event_us = first_event_us + excluded.first_event_us,
	duration_us = duration_us + excluded.duration_us, bytes_in = bytes_in + excluded.bytes_in, bytes_out = bytes_out + excluded.bytes_out`

func sumsOf(t usage.Totals) []any {
	return []any{
		t.Requests, t.InputTokens, t.OutputTokens, t.CacheRead, t.CacheWrite, t.DerivedTokens, t.EstimatedTokens, t.FirstEvents, t.FirstEvent.Microseconds(),
		t.Duration.Microseconds(), t.BytesIn, t.BytesOut,
	}
}

// intoRollup adds a cell's sums to a table.
func intoRollup(table string) string {
	return `
		INSERT INTO ` + table + ` (facet, at, key_id, account_id, client, dialect, model, status, fault, ` + sumColumns + `)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET ` + addColumns
}

// write adds everything to the tables.
func (r rollups) write(ctx context.Context, tx *sql.Tx) error {
	if err := writeCells(ctx, tx, "hours", r.hours); err != nil {
		return err
	}
	if err := writeCells(ctx, tx, "days", r.days); err != nil {
		return err
	}
	const (
		tried = `INSERT INTO tries (at, account_id, fault, tries) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET tries = tries + excluded.tries`
		named = `INSERT INTO usage_names (kind, id, name) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name WHERE name <> excluded.name`
	)
	for of, count := range r.tries {
		if _, err := tx.ExecContext(ctx, tried, of.at, of.accountID, of.fault, count); err != nil {
			return err
		}
	}
	for of, name := range r.names {
		if _, err := tx.ExecContext(ctx, named, of.kind, of.id, clip(name, maxName)); err != nil {
			return err
		}
	}
	return nil
}

func writeCells(ctx context.Context, tx *sql.Tx, table string, cells map[cell]usage.Totals) error {
	statement, err := tx.PrepareContext(ctx, intoRollup(table))
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	for of, totals := range cells {
		args := append([]any{of.facet, of.at, of.keyID, of.accountID, of.client, of.dialect, of.model, of.status, of.fault}, sumsOf(totals)...)
		if _, err := statement.ExecContext(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}
