package account

import (
	"context"
	"errors"
	"slices"

	"amq2api/backend/secret"
)

// repair finishes what a crash left: rows on their way in are completed if their secrets are there and taken back if not, rows on their
// way out go, a rotated token that the row does not point at yet is adopted, and slots nobody needs are emptied.
func (r *Roster) repair(ctx context.Context) error {
	rows, err := r.config.Store.Rows(ctx)
	if err != nil {
		return err
	}
	journal, err := r.config.Store.Journal(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.State == Active {
			if err := r.takeIn(ctx, row, journal); err != nil {
				return err
			}
		}
	}
	for _, row := range rows {
		if row.State != Active {
			if err := r.finish(ctx, row); err != nil {
				return err
			}
		}
	}
	return r.sweep(ctx)
}

// takeIn takes a row in. If the vault is out of reach, what may have to be adopted waits for the account's next renewal.
func (r *Roster) takeIn(ctx context.Context, row Row, journal []Slot) error {
	r.rows[row.ID] = row
	adopted, err := r.adopt(ctx, row, journal)
	if err == nil && doubts(row, journal) {
		adopted, err = r.settle(ctx, adopted)
	}
	if errors.Is(err, errVault) {
		r.pending[row.ID] = secret.String{}
		return nil
	}
	r.rows[row.ID] = adopted
	return err
}

// finish brings a row on its way in or out to its end. Without the vault it waits.
func (r *Roster) finish(ctx context.Context, row Row) error {
	if row.State == Adding {
		secrets, err := r.read(ctx, row)
		switch {
		case err == nil && r.refuseDuplicate(ctx, row.ID, secrets.RefreshToken) == nil:
			row.State = Active
			r.rows[row.ID] = row
			return r.config.Store.Update(ctx, row)
		case err != nil && !errors.Is(err, ErrNoSecret):
			return nil
		}
	}
	if err := r.erase(ctx, row); err != nil {
		r.config.Log.Warn("an account could not be removed yet", "account", row.ID, "err", err)
	}
	return nil
}

// adopt points the row at a newer refresh token that a rotation kept just before a crash.
func (r *Roster) adopt(ctx context.Context, row Row, journal []Slot) (Row, error) {
	latest := row
	for _, slot := range journal {
		if slot.AccountID != row.ID || !slot.Rotated || slot.Version <= latest.RefreshVersion {
			continue
		}
		switch _, err := r.config.Vault.Get(ctx, slot.Name); {
		case err == nil:
			latest.RefreshVersion = slot.Version
		case !errors.Is(err, ErrNoSecret):
			return row, vaultFault(err)
		}
	}
	if latest.RefreshVersion == row.RefreshVersion {
		return row, nil
	}
	return latest, r.config.Store.Update(ctx, latest)
}

// adoptLate does what repair could not do without the vault. The caller holds the lock.
func (r *Roster) adoptLate(ctx context.Context, row Row) (Row, error) {
	journal, err := r.config.Store.Journal(ctx)
	if err != nil {
		return row, err
	}
	if row, err = r.adopt(ctx, row, journal); err != nil {
		return row, err
	}
	r.rows[row.ID] = row
	delete(r.pending, row.ID)
	r.tidy(ctx, row.ID)
	return row, nil
}

// sweep empties the slots that no row needs.
func (r *Roster) sweep(ctx context.Context) error {
	rows, err := r.config.Store.Rows(ctx)
	if err != nil {
		return err
	}
	journal, err := r.config.Store.Journal(ctx)
	if err != nil {
		return err
	}
	for _, slot := range journal {
		unfinished := slices.ContainsFunc(rows, func(row Row) bool { return row.ID == slot.AccountID && row.State != Active })
		if unfinished || r.needs(slot) {
			continue
		}
		if err := r.remove(ctx, slot); err != nil {
			r.config.Log.Warn("a secret that is not needed could not be removed yet", "account", slot.AccountID, "err", err)
		}
	}
	return nil
}
