package store

import (
	"context"
	"database/sql"
	"time"

	"amq2api/backend/usage"
)

// oldRequests is a step of forgetting rows, small enough to let others write meanwhile.
const oldRequests = `DELETE FROM requests WHERE seq IN (SELECT seq FROM requests WHERE at < ? ORDER BY at LIMIT 250)`

// ForgetRows forgets some of the requests from before a time, and the sums of their minutes; the roll-ups stay. It is one short step: more says
// whether there is another.
func (s *Usage) ForgetRows(ctx context.Context, before time.Time) (more bool, err error) {
	err = s.db.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE rollups SET rows_from = max(rows_from, ?)`, before.UnixMilli()); err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, oldRequests, before.UnixMilli())
		if err != nil {
			return err
		}
		deleted, err := result.RowsAffected()
		if more = deleted > 0; more || err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM minutes WHERE at < ?`, before.UnixMilli())
		return err
	})
	return more, err
}

const oldestSum = `
	SELECT min(at) FROM (SELECT min(at) AS at FROM days WHERE facet = ?1 UNION ALL SELECT min(at) FROM hours WHERE facet = ?1 UNION ALL SELECT min(at) FROM tries)`

// ForgetSums forgets the roll-ups of the oldest day that is over before that of a time, and the gaps in it; like ForgetRows in steps.
func (s *Usage) ForgetSums(ctx context.Context, before time.Time) (more bool, err error) {
	limit := usage.StartOfDay(before, s.db.zone)
	err = s.db.change(ctx, func(tx *sql.Tx) error {
		var oldest sql.NullInt64
		if err := tx.QueryRowContext(ctx, oldestSum, whole).Scan(&oldest); err != nil {
			return err
		}
		if more = oldest.Valid && oldest.Int64 < limit.UnixMilli(); !more {
			_, err := tx.ExecContext(ctx, `DELETE FROM gaps WHERE to_at < ?`, limit.UnixMilli())
			return err
		}
		until := usage.NextDay(timeOf(oldest), s.db.zone)
		return forgetUntil(ctx, tx, until.UnixMilli())
	})
	return more, err
}

func forgetUntil(ctx context.Context, tx *sql.Tx, until int64) error {
	for _, f := range facets {
		for _, table := range []string{hoursTable, daysTable} {
			if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE facet = ? AND at < ?`, f, until); err != nil {
				return err
			}
		}
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM tries WHERE at < ?`, until)
	return err
}
