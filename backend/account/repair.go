package account

import (
	"context"
	"errors"
	"maps"
	"slices"
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
		if err := r.settle(ctx, row, journal); err != nil {
			return err
		}
	}
	return r.sweep(ctx, journal)
}

// settle brings one row to an end state.
func (r *Roster) settle(ctx context.Context, row Row, journal []Slot) error {
	if row.State == Adding {
		_, err := r.read(ctx, row)
		switch {
		case err == nil:
			row.State = Active
			if err := r.config.Store.Update(ctx, row); err != nil {
				return err
			}
		case errors.Is(err, ErrNoSecret):
			row.State = Deleting
		default:
			return nil // the vault is out of reach: the row waits
		}
	}
	if row.State == Deleting {
		if err := r.erase(ctx, row); err != nil {
			r.config.Log.Warn("an account could not be removed yet", "account", row.ID, "err", err)
		}
		return nil
	}
	adopted, err := r.adopt(ctx, row, journal)
	r.rows[row.ID] = adopted
	return err
}

// adopt points the row at a newer refresh token that was kept just before a crash.
func (r *Roster) adopt(ctx context.Context, row Row, journal []Slot) (Row, error) {
	newest := row
	for _, slot := range journal {
		if slot.AccountID != row.ID || slot.Client || slot.Version <= newest.RefreshVersion {
			continue
		}
		if _, err := r.config.Vault.Get(ctx, slot.Name); err == nil {
			newest.RefreshVersion = slot.Version
		}
	}
	if newest.RefreshVersion == row.RefreshVersion {
		return row, nil
	}
	return newest, r.config.Store.Update(ctx, newest)
}

// sweep empties the slots that no row points at. The refresh token before the newest stays.
func (r *Roster) sweep(ctx context.Context, journal []Slot) error {
	needed := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(r.rows)) {
		row := r.rows[id]
		for _, slot := range []Slot{row.refreshSlot(), refreshSlot(id, row.RefreshVersion-1), row.clientSlot()} {
			needed[slot.Name] = true
		}
	}
	rows, err := r.config.Store.Rows(ctx)
	if err != nil {
		return err
	}
	for _, slot := range journal {
		waiting := slices.ContainsFunc(rows, func(row Row) bool { return row.ID == slot.AccountID && row.State != Active })
		if needed[slot.Name] || waiting {
			continue
		}
		if err := r.remove(ctx, slot); err != nil {
			r.config.Log.Warn("a secret that is not needed could not be removed yet", "account", slot.AccountID, "err", err)
		}
	}
	return nil
}
