package store

import (
	"context"
	"database/sql"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// totals is what a batch adds to the sums.
type totals struct {
	minutes  map[int64]minuteTotal
	accounts map[int64]total
	keys     map[int64]keyTotal
}

type total struct{ requests, tokens, lastUsed int64 }

func (t total) plus(tokens int, at time.Time) total {
	return total{t.requests + 1, t.tokens + int64(tokens), max(t.lastUsed, at.UnixMilli())}
}

// keyTotal is what a batch adds to a key, and who used it last.
type keyTotal struct {
	total
	client, address string
}

func (t keyTotal) plus(r *usage.Record) keyTotal {
	if at := r.At.UnixMilli(); at >= t.lastUsed {
		t.client, t.address = r.Client, r.Address
	}
	t.total = t.total.plus(0, r.At)
	return t
}

type minuteTotal struct{ succeeded, failed, input, output int64 }

// sum adds up a batch. A request that a key's limit turned away does not count for the key.
func sum(records []*usage.Record) totals {
	t := totals{minutes: map[int64]minuteTotal{}, accounts: map[int64]total{}, keys: map[int64]keyTotal{}}
	for _, r := range records {
		t.addMinute(r)
		t.addAttempts(r)
		if r.KeyID != 0 && r.Fault != fault.Limited.String() {
			t.keys[r.KeyID] = t.keys[r.KeyID].plus(r)
		}
	}
	return t
}

func (t totals) addMinute(r *usage.Record) {
	minute := t.minutes[minuteOf(r.At)]
	if r.Failed() {
		minute.failed++
	} else {
		minute.succeeded++
	}
	minute.input += int64(r.Usage.Input)
	minute.output += int64(r.Usage.Output)
	t.minutes[minuteOf(r.At)] = minute
}

// addAttempts counts the request once for each account it was tried with, however often, and its tokens for the account that served it.
func (t totals) addAttempts(r *usage.Record) {
	served, _ := r.Served()
	tried := map[int64]bool{}
	for _, attempt := range r.Attempts {
		if tried[attempt.AccountID] {
			continue
		}
		tried[attempt.AccountID] = true
		tokens := 0
		if attempt.AccountID == served.AccountID {
			tokens = r.Usage.Total()
		}
		t.accounts[attempt.AccountID] = t.accounts[attempt.AccountID].plus(tokens, r.At)
	}
}

// add writes the totals. An account or key that is gone meanwhile is passed over.
func (t totals) add(ctx context.Context, tx *sql.Tx) error {
	const (
		minute = `
			INSERT INTO minutes (at, succeeded, failed, input_tokens, output_tokens) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (at) DO UPDATE SET succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed,
				input_tokens = input_tokens + excluded.input_tokens, output_tokens = output_tokens + excluded.output_tokens`
		account = `
			UPDATE accounts SET total_requests = total_requests + ?, total_tokens = total_tokens + ?, last_used = max(coalesce(last_used, 0), ?)
			WHERE id = ?`
		key = `
			UPDATE keys SET total_requests = total_requests + ?1, last_used = max(coalesce(last_used, 0), ?2),
				last_client = iif(?2 >= coalesce(last_used, 0), ?3, last_client), last_address = iif(?2 >= coalesce(last_used, 0), ?4, last_address)
			WHERE id = ?5`
	)
	for at, m := range t.minutes {
		if _, err := tx.ExecContext(ctx, minute, at, m.succeeded, m.failed, m.input, m.output); err != nil {
			return err
		}
	}
	for id, a := range t.accounts {
		if _, err := tx.ExecContext(ctx, account, a.requests, a.tokens, a.lastUsed, id); err != nil {
			return err
		}
	}
	for id, k := range t.keys {
		if _, err := tx.ExecContext(ctx, key, k.requests, k.lastUsed, clip(k.client, maxName), clip(k.address, maxName), id); err != nil {
			return err
		}
	}
	return nil
}

func minuteOf(at time.Time) int64 { return at.Truncate(time.Minute).UnixMilli() }
