package store

import (
	"context"
	"database/sql"

	"amq2api/backend/access"
)

// Standing is what makes a key good: the digests of its text and of the one that a rotation replaced, and whether it is in force.
type Standing struct {
	ID, CreatedAt  int64 // together they are one key's only, whatever database it is in
	Prefix         string
	Hash           []byte
	PreviousPrefix string
	PreviousHash   []byte // nil if the key was never rotated
	PreviousUntil  sql.NullInt64
	Active         bool
	Count          access.Count // what was counted of it
}

// Standings is the standing of every key.
func (s *Keys) Standings(ctx context.Context) ([]Standing, error) {
	scan := func(row *sql.Rows) (k Standing, err error) {
		return k, row.Scan(&k.ID, &k.CreatedAt, &k.Prefix, &k.Hash, &k.PreviousPrefix, &k.PreviousHash, &k.PreviousUntil, &k.Active)
	}
	standings, err := list(ctx, s.db.read, scan, `SELECT id, created_at, prefix, hash, previous_prefix, previous_hash, previous_until, active FROM keys`)
	if err != nil {
		return nil, err
	}
	counts, err := s.Counts(ctx)
	if err != nil {
		return nil, err
	}
	for _, count := range counts {
		for i := range standings {
			if standings[i].ID == count.KeyID {
				standings[i].Count = count
			}
		}
	}
	return standings, nil
}

// HoldTo keeps what was done to keys after the backup that this database was restored from: one that was revoked stays revoked, one that got
// another text does not get the old one back, and what was used since counts, so that a restore gives no budget back. Keys that were deleted are
// as in the backup.
func (s *Keys) HoldTo(ctx context.Context, present []Standing) error {
	const hold = `
		UPDATE keys SET prefix = ?, hash = ?, previous_prefix = ?, previous_hash = ?, previous_until = ?, active = min(active, ?)
		WHERE id = ? AND created_at = ?`
	return s.db.change(ctx, func(tx *sql.Tx) error {
		for _, k := range present {
			held, err := tx.ExecContext(ctx, hold, k.Prefix, k.Hash, k.PreviousPrefix, k.PreviousHash, k.PreviousUntil, k.Active, k.ID, k.CreatedAt)
			if err != nil {
				return err
			}
			if same, err := held.RowsAffected(); err != nil {
				return err
			} else if same == 0 {
				continue
			}
			if err := holdCount(ctx, tx, k.Count); err != nil {
				return err
			}
		}
		return nil
	})
}

// higherPeriod sets a period to the higher of what is counted and what was, and makes it the one written last.
const higherPeriod = `
	INSERT OR REPLACE INTO key_periods (key_id, span, starts_at, ends_at, requests, tokens, cost, carried_requests, carried_tokens, carried_cost)
	SELECT ?1, ?2, ?3, ?4, max(?5, coalesce(max(requests), 0)), max(?6, coalesce(max(tokens), 0)), max(?7, coalesce(max(cost), 0)),
		max(?8, coalesce(max(carried_requests), 0)), max(?9, coalesce(max(carried_tokens), 0)), max(?10, coalesce(max(carried_cost), 0))
	FROM key_periods WHERE key_id = ?1 AND span = ?2 AND starts_at = ?3 AND ends_at = ?4`

// holdCount has what was counted of a key count on.
func holdCount(ctx context.Context, tx *sql.Tx, c access.Count) error {
	for _, p := range c.Periods {
		_, err := tx.ExecContext(ctx, higherPeriod, c.KeyID, p.Span, p.Start.UnixMilli(), p.End.UnixMilli(), p.Aside.Requests, p.Aside.Tokens, p.Aside.Cost,
			p.Carried.Requests, p.Carried.Tokens, p.Carried.Cost)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, oldPeriods, c.KeyID, p.Span); err != nil {
			return err
		}
	}
	if c.Recent.At.IsZero() {
		return nil
	}
	return reserveRecent(ctx, tx, c)
}
