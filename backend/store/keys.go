package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"amq2api/backend/access"
)

// Keys is the table of client keys, and of what is set aside of their daily limits.
type Keys struct{ db *DB }

// All is every key, oldest first.
func (s *Keys) All(ctx context.Context) ([]access.Key, error) {
	const query = `
		SELECT id, name, description, prefix, hash, active, requests_per_minute, requests_per_day, expires_at, default_model, allowed_models,
		       created_at, updated_at, total_requests, last_used
		FROM keys ORDER BY id`
	return list(ctx, s.db.read, scanKey, query)
}

func scanKey(row *sql.Rows) (k access.Key, err error) {
	var hash, models []byte
	var created, updated int64
	var expires, used sql.NullInt64
	err = row.Scan(&k.ID, &k.Name, &k.Description, &k.Prefix, &hash, &k.Active, &k.RequestsPerMinute, &k.RequestsPerDay, &expires, &k.DefaultModel, &models,
		&created, &updated, &k.TotalRequests, &used)
	if err != nil {
		return k, err
	}
	if copy(k.Hash[:], hash) != len(k.Hash) {
		return k, fmt.Errorf("the hash of key %d has %d bytes", k.ID, len(hash))
	}
	if err := json.Unmarshal(models, &k.AllowedModels); err != nil {
		return k, fmt.Errorf("the models of key %d: %w", k.ID, err)
	}
	if len(k.AllowedModels) == 0 {
		k.AllowedModels = nil
	}
	k.CreatedAt, k.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	k.ExpiresAt, k.LastUsed = timeOf(expires), timeOf(used)
	return k, nil
}

// Insert adds a key and answers with its id, which no key had before.
func (s *Keys) Insert(ctx context.Context, k access.Key) (id int64, err error) {
	const insert = `
		INSERT INTO keys (name, description, prefix, hash, active, requests_per_minute, requests_per_day, expires_at, default_model,
		                  allowed_models, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	err = s.db.change(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, insert, k.Name, k.Description, k.Prefix, k.Hash[:], k.Active, k.RequestsPerMinute, k.RequestsPerDay,
			millis(k.ExpiresAt), k.DefaultModel, namesOf(k.AllowedModels), k.CreatedAt.UnixMilli(), k.UpdatedAt.UnixMilli())
		if err != nil {
			return err
		}
		id, err = result.LastInsertId()
		return err
	})
	return id, err
}

// Update changes what people edit of a key; its text and its totals stay. A key that is not there is left alone.
func (s *Keys) Update(ctx context.Context, k access.Key) error {
	const update = `
		UPDATE keys SET name = ?, description = ?, active = ?, requests_per_minute = ?, requests_per_day = ?, expires_at = ?,
		                default_model = ?, allowed_models = ?, updated_at = ?
		WHERE id = ?`
	return s.db.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, update, k.Name, k.Description, k.Active, k.RequestsPerMinute, k.RequestsPerDay, millis(k.ExpiresAt),
			k.DefaultModel, namesOf(k.AllowedModels), k.UpdatedAt.UnixMilli(), k.ID)
		return err
	})
}

// namesOf is a list as it is stored.
func namesOf(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // strings always become JSON
	}
	return string(text)
}

// Delete forgets a key. The requests made with it stay.
func (s *Keys) Delete(ctx context.Context, id int64) error {
	return s.db.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM keys WHERE id = ?`, id)
		return err
	})
}

// Days is what is set aside, the last written last.
func (s *Keys) Days(ctx context.Context) ([]access.Day, error) {
	scan := func(row *sql.Rows) (d access.Day, err error) { return d, row.Scan(&d.KeyID, &d.Day, &d.Reserved) }
	return list(ctx, s.db.read, scan, `SELECT key_id, day, reserved FROM key_days ORDER BY seq`)
}

const oldReservations = `
	DELETE FROM key_days WHERE key_id = ?1 AND seq <= (
		SELECT seq FROM key_days WHERE key_id = ?1 ORDER BY seq DESC LIMIT 1 OFFSET 8)`

// Reserve sets what is set aside of a key's day, and forgets all but the eight days of that key that were written last.
func (s *Keys) Reserve(ctx context.Context, d access.Day) error {
	const replace = `INSERT OR REPLACE INTO key_days (key_id, day, reserved) VALUES (?, ?, ?)`
	return s.db.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, replace, d.KeyID, d.Day, d.Reserved); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, oldReservations, d.KeyID)
		return err
	})
}
