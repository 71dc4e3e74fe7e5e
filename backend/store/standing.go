package store

import (
	"context"
	"database/sql"
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
}

// Standings is the standing of every key.
func (s *Keys) Standings(ctx context.Context) ([]Standing, error) {
	scan := func(row *sql.Rows) (k Standing, err error) {
		return k, row.Scan(&k.ID, &k.CreatedAt, &k.Prefix, &k.Hash, &k.PreviousPrefix, &k.PreviousHash, &k.PreviousUntil, &k.Active)
	}
	return list(ctx, s.db.read, scan, `SELECT id, created_at, prefix, hash, previous_prefix, previous_hash, previous_until, active FROM keys`)
}

// HoldTo keeps what was done to keys after the backup that this database was restored from: one that was revoked stays revoked, one that got
// another text does not get the old one back. Keys that were deleted are as in the backup.
func (s *Keys) HoldTo(ctx context.Context, present []Standing) error {
	const hold = `
		UPDATE keys SET prefix = ?, hash = ?, previous_prefix = ?, previous_hash = ?, previous_until = ?, active = min(active, ?)
		WHERE id = ? AND created_at = ?`
	return s.db.change(ctx, func(tx *sql.Tx) error {
		for _, k := range present {
			if _, err := tx.ExecContext(ctx, hold, k.Prefix, k.Hash, k.PreviousPrefix, k.PreviousHash, k.PreviousUntil, k.Active, k.ID, k.CreatedAt); err != nil {
				return err
			}
		}
		return nil
	})
}
