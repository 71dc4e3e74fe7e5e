package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// Accounts is the table of accounts, and the journal of their secrets' places.
type Accounts struct{ db *DB }

// Accounts is the table of accounts.
func (d *DB) Accounts() *Accounts { return &Accounts{d} }

// Rows is every account in whatever state, in the order they were added.
func (s *Accounts) Rows(ctx context.Context) ([]account.Row, error) {
	const query = `
		SELECT id, state, tag, name, service, method, start_url, sign_in_region, profile_arn, origin, email, client_id, client_expires_at, active,
		       requests_per_minute, max_concurrent, spacing_ms, daily_credits, reserve_credits, priority, weight, notes, source,
		       refresh_version, client_version, moved_out, status, status_kind, status_reason, status_until, strikes, checked_at, check_error, status_said, check_said,
		       created_at, updated_at, total_requests, total_tokens, last_used
		FROM accounts ORDER BY id`
	return list(ctx, s.db.read, scanAccount, query)
}

func scanAccount(row *sql.Rows) (r account.Row, err error) {
	var kind, said, errorSaid string
	var created, updated, spacing int64
	var until, checked, used, expires sql.NullInt64
	err = row.Scan(&r.ID, &r.State, &r.Tag, &r.Name, &r.Service, &r.Method, &r.StartURL, &r.SignInRegion, &r.ProfileARN, &r.Origin, &r.Email, &r.ClientID,
		&expires, &r.Active, &r.RequestsPerMinute, &r.MaxConcurrent, &spacing, &r.DailyCredits, &r.ReserveCredits, &r.Priority, &r.Weight, &r.Notes, &r.Source, &r.RefreshVersion, &r.ClientVersion, &r.MovedOut, &r.Health.Status, &kind, &r.Health.Reason, &until, &r.Health.Strikes, &checked,
		&r.Health.Error, &said, &errorSaid, &created, &updated, &r.Totals.Requests, &r.Totals.Tokens, &used)
	if err != nil {
		return r, err
	}
	if err := r.Health.Kind.UnmarshalText([]byte(kind)); err != nil {
		return r, fmt.Errorf("the status of account %d: %w", r.ID, err)
	}
	r.Health.Said, r.Health.ErrorSaid = readSaid(said), readSaid(errorSaid)
	r.Health.Until, r.Health.CheckedAt, r.Totals.LastUsed = timeOf(until), timeOf(checked), timeOf(used)
	r.ClientExpiresAt, r.Spacing = timeOf(expires), time.Duration(spacing)*time.Millisecond
	r.CreatedAt, r.UpdatedAt = time.UnixMilli(created).UTC(), time.UnixMilli(updated).UTC()
	return r, nil
}

// writeSaid is what is stored of what a message says.
func writeSaid(s fault.Said) string {
	if s.Code == "" {
		return ""
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "" // texts and numbers always have a form
	}
	return string(text)
}

// readSaid reads it. What cannot be read says nothing: the sentence beside it stands for itself.
func readSaid(text string) (s fault.Said) {
	if text == "" || json.Unmarshal([]byte(text), &s) != nil {
		return fault.Said{}
	}
	return s
}

// Insert adds an account and answers with its id, which no account had before.
func (s *Accounts) Insert(ctx context.Context, r account.Row) (id int64, err error) {
	const insert = `
		INSERT INTO accounts (state, tag, name, service, method, start_url, sign_in_region, profile_arn, origin, email, client_id, client_expires_at,
		                      active, requests_per_minute, max_concurrent, spacing_ms, daily_credits, reserve_credits, priority, weight, notes,
		                      source, refresh_version, client_version, status, status_kind, status_reason, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	err = s.db.change(ctx, func(tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, insert, r.State, r.Tag, r.Name, r.Service, r.Method, r.StartURL, r.SignInRegion, r.ProfileARN, r.Origin, r.Email,
			r.ClientID, millis(r.ClientExpiresAt), r.Active, r.RequestsPerMinute, r.MaxConcurrent, r.Spacing.Milliseconds(), r.DailyCredits,
			r.ReserveCredits, r.Priority, r.Weight, r.Notes, r.Source, r.RefreshVersion, r.ClientVersion, r.Health.Status, r.Health.Kind.String(),
			r.Health.Reason, r.CreatedAt.UnixMilli(), r.UpdatedAt.UnixMilli())
		if err != nil {
			return err
		}
		id, err = result.LastInsertId()
		return err
	})
	return id, err
}

// Update changes an account's state, what people edit of it, and where its secrets are; its health and totals stay.
func (s *Accounts) Update(ctx context.Context, r account.Row) error {
	const update = `
		UPDATE accounts SET state = ?, name = ?, service = ?, method = ?, start_url = ?, sign_in_region = ?, profile_arn = ?, origin = ?, email = ?,
		       client_id = ?, client_expires_at = ?, active = ?, requests_per_minute = ?, max_concurrent = ?, spacing_ms = ?, daily_credits = ?,
		       reserve_credits = ?, priority = ?, weight = ?, notes = ?, refresh_version = ?, client_version = ?,
		       moved_out = ?, updated_at = ?
		WHERE id = ?`
	return s.exec(ctx, update, r.State, r.Name, r.Service, r.Method, r.StartURL, r.SignInRegion, r.ProfileARN, r.Origin, r.Email, r.ClientID,
		millis(r.ClientExpiresAt), r.Active, r.RequestsPerMinute, r.MaxConcurrent, r.Spacing.Milliseconds(), r.DailyCredits, r.ReserveCredits,
		r.Priority, r.Weight, r.Notes, r.RefreshVersion, r.ClientVersion, r.MovedOut, r.UpdatedAt.UnixMilli(), r.ID)
}

// SaveHealth changes an account's health. An account that is not there is left alone.
func (s *Accounts) SaveHealth(ctx context.Context, id int64, h account.Health) error {
	const update = `
		UPDATE accounts SET status = ?, status_kind = ?, status_reason = ?, status_until = ?, strikes = ?, checked_at = ?, check_error = ?,
		       status_said = ?, check_said = ?
		WHERE id = ?`
	return s.exec(ctx, update, h.Status, h.Kind.String(), h.Reason, millis(h.Until), h.Strikes, millis(h.CheckedAt), h.Error, writeSaid(h.Said), writeSaid(h.ErrorSaid), id)
}

// Delete forgets an account. The requests it served stay.
func (s *Accounts) Delete(ctx context.Context, id int64) error {
	return s.exec(ctx, `DELETE FROM accounts WHERE id = ?`, id)
}

// Journal is every slot that may hold a secret.
func (s *Accounts) Journal(ctx context.Context) ([]account.Slot, error) {
	scan := func(row *sql.Rows) (slot account.Slot, err error) {
		return slot, row.Scan(&slot.Name, &slot.AccountID, &slot.Version, &slot.Client, &slot.Rotated)
	}
	return list(ctx, s.db.read, scan, `SELECT name, account_id, version, client, rotated FROM secret_slots ORDER BY account_id, client, version`)
}

// Enter notes a slot before something is written to it, in place of what was noted of it before.
func (s *Accounts) Enter(ctx context.Context, slot account.Slot) error {
	const insert = `INSERT OR REPLACE INTO secret_slots (name, account_id, version, client, rotated) VALUES (?, ?, ?, ?, ?)`
	return s.exec(ctx, insert, slot.Name, slot.AccountID, slot.Version, slot.Client, slot.Rotated)
}

// Strike forgets a slot after it was emptied.
func (s *Accounts) Strike(ctx context.Context, slot account.Slot) error {
	return s.exec(ctx, `DELETE FROM secret_slots WHERE name = ?`, slot.Name)
}

// Imported reports whether a source was imported before.
func (s *Accounts) Imported(ctx context.Context, source string) (bool, error) {
	scan := func(row *sql.Rows) (found string, err error) { return found, row.Scan(&found) }
	found, err := list(ctx, s.db.read, scan, `SELECT source FROM imports WHERE source = ?`, source)
	return len(found) > 0, err
}

// MarkImported remembers that a source was imported.
func (s *Accounts) MarkImported(ctx context.Context, source string) error {
	return s.exec(ctx, `INSERT OR IGNORE INTO imports (source) VALUES (?)`, source)
}

// Spending is what each account spent on a day.
func (s *Accounts) Spending(ctx context.Context, day int64) (map[int64]float64, error) {
	type spent struct {
		id      int64
		credits float64
	}
	scan := func(row *sql.Rows) (found spent, err error) { return found, row.Scan(&found.id, &found.credits) }
	found, err := list(ctx, s.db.read, scan, `SELECT account_id, credits FROM account_days WHERE day = ?`, day)
	byAccount := map[int64]float64{}
	for _, one := range found {
		byAccount[one.id] = one.credits
	}
	return byAccount, err
}

// SaveSpending changes what an account spent on a day, and forgets the days before. An account that is not there spent nothing.
func (s *Accounts) SaveSpending(ctx context.Context, id int64, day int64, credits float64) error {
	const save = `
		INSERT INTO account_days (account_id, day, credits) SELECT id, ?, ? FROM accounts WHERE id = ?
		ON CONFLICT (account_id, day) DO UPDATE SET credits = excluded.credits`
	return s.db.change(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM account_days WHERE account_id = ? AND day < ?`, id, day); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, save, day, credits, id)
		return err
	})
}

// Caution is how the pool holds back.
func (s *Accounts) Caution(ctx context.Context) (account.Caution, error) {
	scan := func(row *sql.Rows) (account.Caution, error) {
		var paused, slow sql.NullInt64
		err := row.Scan(&paused, &slow)
		return account.Caution{PausedUntil: timeOf(paused), SlowUntil: timeOf(slow)}, err
	}
	found, err := list(ctx, s.db.read, scan, `SELECT paused_until, slow_until FROM pool`)
	if err != nil || len(found) == 0 {
		return account.Caution{}, err
	}
	return found[0], nil
}

// SaveCaution changes how the pool holds back.
func (s *Accounts) SaveCaution(ctx context.Context, c account.Caution) error {
	return s.exec(ctx, `INSERT OR REPLACE INTO pool (id, paused_until, slow_until) VALUES (1, ?, ?)`, millis(c.PausedUntil), millis(c.SlowUntil))
}

func (s *Accounts) exec(ctx context.Context, query string, args ...any) error {
	return s.db.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}
