package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"amq2api/backend/usage"
)

// alignDays makes the sums of days anew if they are of another zone's days, or not there yet.
func (d *DB) alignDays(ctx context.Context) error {
	rules := usage.ZoneRules(d.zone)
	var zone string
	if err := d.write.QueryRowContext(ctx, `SELECT zone FROM rollups`).Scan(&zone); err != nil {
		return fmt.Errorf("read the zone of the days: %w", explain(err))
	}
	if zone == rules {
		return nil
	}
	return d.change(ctx, func(tx *sql.Tx) error {
		if err := d.fillDays(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE rollups SET zone = ?`, rules)
		return err
	})
}

func (d *DB) fillDays(ctx context.Context, tx *sql.Tx) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM days`); err != nil {
		return err
	}
	var first, last sql.NullInt64
	var rowsFrom int64
	if err := tx.QueryRowContext(ctx, `SELECT (SELECT min(at) FROM hours WHERE facet = ?1), (SELECT max(at) FROM hours WHERE facet = ?1), rows_from FROM rollups`, whole).Scan(&first, &last, &rowsFrom); err != nil {
		return err
	}
	if !first.Valid {
		return nil
	}
	for day := usage.StartOfDay(timeOf(first), d.zone); day.UnixMilli() < last.Int64+hourMillis; day = usage.NextDay(day, d.zone) {
		if err := d.fillDay(ctx, tx, day, rowsFrom); err != nil {
			return err
		}
	}
	return spread(ctx, tx, daysTable)
}

// spread adds up the lines of the whole facet by the others.
func spread(ctx context.Context, tx *sql.Tx, table string) error {
	for _, f := range facets[:len(facets)-1] {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO `+table+` (facet, at, key_id, account_id, client, dialect, model, status, fault, `+sumColumns+`)
			SELECT ?1, at, iif(?1 & 1, key_id, 0), iif(?1 & 2, account_id, 0), iif(?1 & 4, client, ''), iif(?1 & 8, dialect, ''), model, status, fault, `+sumsOfColumns+`
			FROM `+table+` WHERE facet = ?2 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9`, f, whole)
		if err != nil {
			return err
		}
	}
	return nil
}

// fillDay adds up a day: its hours, and the rows of an hour that belongs to two days. Where those are gone, the hour belongs to the day it begins in.
func (d *DB) fillDay(ctx context.Context, tx *sql.Tx, day time.Time, rowsFrom int64) error {
	for _, piece := range fine(day.UnixMilli(), usage.NextDay(day, d.zone).UnixMilli(), rowsFrom) {
		const cells = `?4, ?3, key_id, account_id, client, dialect, model, status, fault, `
		_, err := tx.ExecContext(ctx, `
			INSERT INTO days (facet, at, key_id, account_id, client, dialect, model, status, fault, `+sumColumns+`)
			SELECT `+cells+sumsOfColumns+` FROM `+piece.source(whole)+` WHERE at >= ?1 AND at < ?2 GROUP BY key_id, account_id, client, dialect, model, status, fault
			ON CONFLICT DO UPDATE SET `+addColumns, piece.from, piece.to, day.UnixMilli(), whole)
		if err != nil {
			return err
		}
	}
	return nil
}
