package store

import (
	"context"
	"database/sql"
	"time"

	"amq2api/backend/usage"
)

const trafficMinutes = 60

const sumsOfDay = `
	SELECT coalesce(sum(succeeded + failed), 0), coalesce(sum(failed), 0), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0)
	FROM minutes WHERE at BETWEEN ? AND ?`

// Overview is the numbers and the traffic of the dashboard as of now.
func (s *Usage) Overview(ctx context.Context, now time.Time) (usage.Overview, error) {
	now = now.UTC()
	var o usage.Overview
	midnight := now.Truncate(24 * time.Hour)
	err := s.db.read.QueryRowContext(ctx, sumsOfDay, midnight.UnixMilli(), now.UnixMilli()).Scan(&o.Requests, &o.Errors, &o.InputTokens, &o.OutputTokens)
	if err != nil {
		return o, explain(err)
	}
	const lastMinute = `SELECT count(*) FROM requests WHERE at > ? AND at <= ? AND fault <> ?`
	err = s.db.read.QueryRowContext(ctx, lastMinute, now.Add(-time.Minute).UnixMilli(), now.UnixMilli(), usage.Lost).Scan(&o.LastMinute)
	if err != nil {
		return o, explain(err)
	}
	if o.FirstEvent, err = s.firstEvent(ctx, now.Add(-time.Hour)); err != nil {
		return o, err
	}
	o.Traffic, err = s.traffic(ctx, now)
	return o, err
}

const firstEvents = `
	SELECT min(first_event_us) FILTER (WHERE rank * 100 >= total * 50), min(first_event_us) FILTER (WHERE rank * 100 >= total * 95)
	FROM (
		SELECT first_event_us, row_number() OVER (ORDER BY first_event_us) AS rank, count(*) OVER () AS total
		FROM requests WHERE at > ? AND first_event_us > 0)`

// firstEvent is the quantiles of the time to the first event since a time, by nearest rank; nil if there was none.
func (s *Usage) firstEvent(ctx context.Context, since time.Time) (*usage.Quantiles, error) {
	var p50, p95 sql.NullInt64
	if err := s.db.read.QueryRowContext(ctx, firstEvents, since.UnixMilli()).Scan(&p50, &p95); err != nil {
		return nil, explain(err)
	}
	if !p50.Valid {
		return nil, nil
	}
	return &usage.Quantiles{P50: time.Duration(p50.Int64) * time.Microsecond, P95: time.Duration(p95.Int64) * time.Microsecond}, nil
}

// traffic is the hour that ends with the minute of now, with the minutes in which nothing happened.
func (s *Usage) traffic(ctx context.Context, now time.Time) ([]usage.Minute, error) {
	first := now.Truncate(time.Minute).Add(-(trafficMinutes - 1) * time.Minute)
	minutes := make([]usage.Minute, trafficMinutes)
	for i := range minutes {
		minutes[i].At = first.Add(time.Duration(i) * time.Minute)
	}
	scan := func(row *sql.Rows) (m usage.Minute, err error) {
		var at int64
		err = row.Scan(&at, &m.Succeeded, &m.Failed)
		m.At = time.UnixMilli(at).UTC()
		return m, err
	}
	busy, err := list(ctx, s.db.read, scan, `SELECT at, succeeded, failed FROM minutes WHERE at BETWEEN ? AND ?`, first.UnixMilli(), now.UnixMilli())
	if err != nil {
		return nil, err
	}
	for _, minute := range busy {
		minutes[minute.At.Sub(first)/time.Minute] = minute
	}
	return minutes, nil
}
