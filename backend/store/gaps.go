package store

import (
	"context"
	"database/sql"
	"time"

	"amq2api/backend/usage"
)

func insertGap(ctx context.Context, tx *sql.Tx, gap usage.Gap) error {
	if gap.Count == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO gaps (from_at, to_at, lost) VALUES (?, ?, ?)`, gap.From.UnixMilli(), gap.To.UnixMilli(), gap.Count)
	return err
}

// Gaps are the times in which requests were not recorded, as far as they touch the time from one to before another, oldest first.
func (s *Usage) Gaps(ctx context.Context, from, to time.Time) ([]usage.Gap, error) {
	scan := func(row *sql.Rows) (g usage.Gap, err error) {
		var from, to int64
		err = row.Scan(&from, &to, &g.Count)
		g.From, g.To = time.UnixMilli(from).UTC(), time.UnixMilli(to).UTC()
		return g, err
	}
	return list(ctx, s.db.read, scan, `SELECT from_at, to_at, lost FROM gaps WHERE to_at >= ? AND from_at < ? ORDER BY to_at`, from.UnixMilli(), to.UnixMilli())
}
