package store

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// The bounds of what is kept of responses, the newest.
const (
	maxResponses     = 1000
	maxResponseBytes = 64 << 20
)

// Responses is what is kept of answers, encoded.
type Responses struct{ db *DB }

// Responses is the table of stored responses.
func (d *DB) Responses() *Responses { return &Responses{d} }

// Load finds a response that is kept beyond now, and until when it is; found is false if there is none.
func (s *Responses) Load(ctx context.Context, id string, now time.Time) (body []byte, until time.Time, found bool, err error) {
	var end int64
	err = s.db.read.QueryRowContext(ctx, `SELECT body, until FROM responses WHERE id = ? AND until > ?`, id, now.UnixMilli()).Scan(&body, &end)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, false, nil
	}
	return body, time.UnixMilli(end), err == nil, explain(err)
}

// Purge drops what is not kept beyond now.
func (s *Responses) Purge(ctx context.Context, now time.Time) error {
	return s.db.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM responses WHERE until <= ?`, now.UnixMilli())
		return err
	})
}

// Save keeps a response until a time, and drops those whose time is over, and the oldest when there are too many.
func (s *Responses) Save(ctx context.Context, id string, body []byte, now, until time.Time) error {
	const crowded = `
		DELETE FROM responses WHERE id IN (
			SELECT id FROM (
				SELECT id, row_number() OVER newest AS place, sum(length(body)) OVER newest AS bytes
				FROM responses WINDOW newest AS (ORDER BY until DESC, id)
			) WHERE place > ? OR bytes > ?
		)`
	return s.db.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO responses (id, body, until) VALUES (?, ?, ?)`, id, body, until.UnixMilli()); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM responses WHERE until <= ?`, now.UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, crowded, maxResponses, maxResponseBytes)
		return err
	})
}

// Delete forgets a response, and tells whether it was there.
func (s *Responses) Delete(ctx context.Context, id string) (found bool, err error) {
	err = s.db.change(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM responses WHERE id = ?`, id)
		if err != nil {
			return err
		}
		rows, err := result.RowsAffected()
		found = rows > 0
		return err
	})
	return found, err
}

// Clear forgets all of them.
func (s *Responses) Clear(ctx context.Context) error {
	return s.db.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM responses`)
		return err
	})
}
