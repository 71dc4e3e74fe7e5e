package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"amq2api/backend/access"
)

// Counts is what is counted of each key, the periods in the order they were last written.
func (s *Keys) Counts(ctx context.Context) ([]access.Count, error) {
	const periods = `
		SELECT key_id, span, starts_at, ends_at, requests, tokens, cost, carried_requests, carried_tokens, carried_cost
		FROM key_periods ORDER BY seq`
	rows, err := list(ctx, s.db.read, scanPeriod, periods)
	if err != nil {
		return nil, err
	}
	recent, err := list(ctx, s.db.read, scanRecent, `SELECT key_id, at, spare, bursts FROM key_recent`)
	if err != nil {
		return nil, err
	}
	return join(append(rows, recent...)), nil
}

// join makes one count of all that have the same key.
func join(parts []access.Count) []access.Count {
	var joined []access.Count
	place := map[int64]int{}
	for _, part := range parts {
		at, known := place[part.KeyID]
		if !known {
			at = len(joined)
			place[part.KeyID] = at
			joined = append(joined, access.Count{KeyID: part.KeyID})
		}
		joined[at].Periods = append(joined[at].Periods, part.Periods...)
		if !part.Recent.At.IsZero() {
			joined[at].Recent = part.Recent
		}
	}
	return joined
}

func scanPeriod(row *sql.Rows) (c access.Count, err error) {
	var p access.Period
	var starts, ends int64
	err = row.Scan(&c.KeyID, &p.Span, &starts, &ends, &p.Aside.Requests, &p.Aside.Tokens, &p.Aside.Cost,
		&p.Carried.Requests, &p.Carried.Tokens, &p.Carried.Cost)
	p.Start, p.End = time.UnixMilli(starts).UTC(), time.UnixMilli(ends).UTC()
	c.Periods = []access.Period{p}
	return c, err
}

func scanRecent(row *sql.Rows) (c access.Count, err error) {
	var at int64
	var bursts []byte
	if err := row.Scan(&c.KeyID, &at, &c.Recent.Spare, &bursts); err != nil {
		return c, err
	}
	c.Recent.At = time.UnixMilli(at).UTC()
	if err := json.Unmarshal(bursts, &c.Recent.Bursts); err != nil {
		return c, fmt.Errorf("decode the last minute of key %d: %w", c.KeyID, err)
	}
	return c, nil
}

const (
	setPeriod = `
		INSERT OR REPLACE INTO key_periods (key_id, span, starts_at, ends_at, requests, tokens, cost, carried_requests, carried_tokens, carried_cost)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	oldPeriods = `
		DELETE FROM key_periods WHERE key_id = ?1 AND span = ?2 AND seq <= (
			SELECT seq FROM key_periods WHERE key_id = ?1 AND span = ?2 ORDER BY seq DESC LIMIT 1 OFFSET 8)`
	setRecent    = `INSERT OR REPLACE INTO key_recent (key_id, at, spare, bursts) VALUES (?, ?, ?, ?)`
	forgetRecent = `DELETE FROM key_recent WHERE key_id = ?`
)

// Reserve sets what is counted of a key's periods and of its last minute, and forgets all but the eight days and months of that key that were
// written last.
func (s *Keys) Reserve(ctx context.Context, c access.Count) error {
	return s.db.change(ctx, func(tx *sql.Tx) error {
		for _, p := range c.Periods {
			_, err := tx.ExecContext(ctx, setPeriod, c.KeyID, p.Span, p.Start.UnixMilli(), p.End.UnixMilli(), p.Aside.Requests, p.Aside.Tokens, p.Aside.Cost,
				p.Carried.Requests, p.Carried.Tokens, p.Carried.Cost)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, oldPeriods, c.KeyID, p.Span); err != nil {
				return err
			}
		}
		return reserveRecent(ctx, tx, c)
	})
}

func reserveRecent(ctx context.Context, tx *sql.Tx, c access.Count) error {
	if c.Recent.At.IsZero() {
		_, err := tx.ExecContext(ctx, forgetRecent, c.KeyID)
		return err
	}
	bursts, err := json.Marshal(c.Recent.Bursts)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, setRecent, c.KeyID, c.Recent.At.UnixMilli(), c.Recent.Spare, string(bursts))
	return err
}
