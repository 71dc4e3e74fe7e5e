package store

import (
	"context"
	"database/sql"
	"time"

	"amq2api/backend/account"
)

// SaveQuota keeps a reading as that of its hour, and forgets those that are older than account.QuotaMemory. An account that is not there has none.
func (s *Accounts) SaveQuota(ctx context.Context, id int64, r account.QuotaReading) error {
	const save = `
		INSERT INTO account_quotas (account_id, hour, at, used, total) SELECT id, ?, ?, ?, ? FROM accounts WHERE id = ?
		ON CONFLICT (account_id, hour) DO UPDATE SET at = excluded.at, used = excluded.used, total = excluded.total`
	return s.db.change(ctx, func(tx *sql.Tx) error {
		at := r.At.UnixMilli()
		if _, err := tx.ExecContext(ctx, `DELETE FROM account_quotas WHERE account_id = ? AND at < ?`, id, r.At.Add(-account.QuotaMemory).UnixMilli()); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, save, at/hourMillis, at, r.Used, r.Limit, id)
		return err
	})
}

// Quotas are an account's readings from a time on, the oldest first.
func (s *Accounts) Quotas(ctx context.Context, id int64, since time.Time) ([]account.QuotaReading, error) {
	scan := func(row *sql.Rows) (r account.QuotaReading, err error) {
		var at int64
		err = row.Scan(&at, &r.Used, &r.Limit)
		r.At = time.UnixMilli(at).UTC()
		return r, err
	}
	return list(ctx, s.db.read, scan, `SELECT at, used, total FROM account_quotas WHERE account_id = ? AND at >= ? ORDER BY hour`, id, since.UnixMilli())
}

// ForgetQuotas forgets an account's readings.
func (s *Accounts) ForgetQuotas(ctx context.Context, id int64) error {
	return s.exec(ctx, `DELETE FROM account_quotas WHERE account_id = ?`, id)
}
