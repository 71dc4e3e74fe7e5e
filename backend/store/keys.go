package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"amq2api/backend/access"
)

// Keys is the table of client keys, and of what is counted of them.
type Keys struct{ db *DB }

// edited are the columns that people edit, or that a rotation changes, in the order of editedValues.
const edited = `name, description, prefix, hash, active, requests_per_minute, requests_per_day, expires_at, updated_at, max_concurrent, tokens_per_day,
	budget_tokens, budget_cost, time_zone, colour, note, default_model, allowed_models, allowed_dialects, accounts, previous_prefix, previous_hash,
	previous_until`

func editedValues(k access.Key) ([]any, error) {
	models, dialects, accounts := lister{}, lister{}, lister{}
	values := []any{
		k.Name, k.Description, k.Prefix, k.Hash[:], k.Active, k.RequestsPerMinute, k.RequestsPerDay, millis(k.ExpiresAt), k.UpdatedAt.UnixMilli(),
		k.MaxConcurrent, k.TokensPerDay, k.BudgetTokens, k.BudgetCost, k.TimeZone, k.Colour, k.Note, k.DefaultModel, models.text(k.AllowedModels),
		dialects.text(k.AllowedDialects), accounts.text(k.Accounts), k.Previous.Prefix, previousHash(k), millis(k.Previous.Until),
	}
	return values, errors.Join(models.err, dialects.err, accounts.err)
}

// lister writes a list as JSON, [] if it is empty.
type lister struct{ err error }

func (l *lister) text(list any) string {
	encoded, err := json.Marshal(list)
	l.err = err
	if string(encoded) == "null" {
		return "[]"
	}
	return string(encoded)
}

// previousHash is null for a key that was never rotated.
func previousHash(k access.Key) []byte {
	if k.Previous.Prefix == "" {
		return nil
	}
	return k.Previous.Hash[:]
}

// All is every key, oldest first.
func (s *Keys) All(ctx context.Context) ([]access.Key, error) {
	return list(ctx, s.db.read, scanKey, `SELECT id, created_at, total_requests, last_used, last_client, last_address, `+edited+` FROM keys ORDER BY id`)
}

func scanKey(row *sql.Rows) (k access.Key, err error) {
	var hash, previous, models, dialects, accounts []byte
	var created, updated int64
	var expires, used, until sql.NullInt64
	err = row.Scan(&k.ID, &created, &k.TotalRequests, &used, &k.LastClient, &k.LastAddress,
		&k.Name, &k.Description, &k.Prefix, &hash, &k.Active, &k.RequestsPerMinute, &k.RequestsPerDay, &expires, &updated,
		&k.MaxConcurrent, &k.TokensPerDay, &k.BudgetTokens, &k.BudgetCost, &k.TimeZone, &k.Colour, &k.Note, &k.DefaultModel, &models,
		&dialects, &accounts, &k.Previous.Prefix, &previous, &until)
	if err != nil {
		return k, err
	}
	if copy(k.Hash[:], hash) != len(k.Hash) {
		return k, fmt.Errorf("the hash of key %d has %d bytes", k.ID, len(hash))
	}
	copy(k.Previous.Hash[:], previous)
	k.CreatedAt, k.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	k.ExpiresAt, k.LastUsed, k.Previous.Until = timeOf(expires), timeOf(used), timeOf(until)
	if k.AllowedModels, err = listOf[string](models); err != nil {
		return k, fmt.Errorf("decode the models of key %d: %w", k.ID, err)
	}
	if k.AllowedDialects, err = listOf[string](dialects); err != nil {
		return k, fmt.Errorf("decode the dialects of key %d: %w", k.ID, err)
	}
	if k.Accounts, err = listOf[int64](accounts); err != nil { // never "all accounts" by mistake
		return k, fmt.Errorf("decode the accounts of key %d: %w", k.ID, err)
	}
	return k, nil
}

// listOf reads a list written as JSON; an empty one is nil.
func listOf[T any](text []byte) (read []T, err error) {
	if err := json.Unmarshal(text, &read); err != nil || len(read) == 0 {
		return nil, err
	}
	return read, nil
}

// Insert adds a key and answers with its id, which no key had before.
func (s *Keys) Insert(ctx context.Context, k access.Key) (id int64, err error) {
	const insert = `INSERT INTO keys (` + edited + `, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	values, err := editedValues(k)
	if err != nil {
		return 0, err
	}
	err = s.db.change(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, insert, append(values, k.CreatedAt.UnixMilli())...)
		if err != nil {
			return err
		}
		id, err = result.LastInsertId()
		return err
	})
	return id, err
}

// Update changes what people edit of a key, and its text; its totals and its last use stay. A key that is not there is left alone.
func (s *Keys) Update(ctx context.Context, k access.Key) error {
	const update = `UPDATE keys SET (` + edited + `) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?`
	values, err := editedValues(k)
	if err != nil {
		return err
	}
	return s.db.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, update, append(values, k.ID)...)
		return err
	})
}

// Delete forgets a key. The requests made with it stay.
func (s *Keys) Delete(ctx context.Context, id int64) error {
	return s.db.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM keys WHERE id = ?`, id)
		return err
	})
}
