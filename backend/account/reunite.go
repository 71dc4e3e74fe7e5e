package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"amq2api/backend/fault"
)

// Holdings is what a database knows of accounts and of where in the vault their secrets are.
type Holdings struct {
	Rows    []Row
	Journal []Slot
	Caution Caution
	day     int64             // days since 1970, UTC
	spent   map[int64]float64 // on that day, by account
}

// ReadHoldings reads them, with what was spent on the day of now.
func ReadHoldings(ctx context.Context, store Store, now time.Time) (h Holdings, err error) {
	h.day = dayOf(now)
	if h.spent, err = store.Spending(ctx, h.day); err != nil {
		return h, fmt.Errorf("read what the accounts spent: %w", err)
	}
	if h.Caution, err = store.Caution(ctx); err != nil {
		return h, fmt.Errorf("read how the accounts hold back: %w", err)
	}
	if h.Journal, err = store.Journal(ctx); err != nil {
		return h, fmt.Errorf("read the journal of secrets: %w", err)
	}
	if h.Rows, err = store.Rows(ctx); err != nil {
		return h, fmt.Errorf("read the accounts: %w", err)
	}
	return h, nil
}

// Reunion is what became of the accounts of a database that was restored.
type Reunion struct {
	Kept     []string // names of accounts that the backup does not have: they stay, switched off
	Doubtful []string // names of accounts that the present database does not have: whether they are still signed in, the next start finds out
}

// Reunite makes a restored database fit the vault, which went on since the backup was made and is never restored itself. Nothing that the vault
// has may be forgotten by it:
//
// An account of both keeps how it signs in, where its secrets are, and its health from the present, the rest is as in the backup. An account
// of the present only stays, switched off, so that its secrets still have an owner who can be removed, or switched on. An account of the backup
// only may have had its token renewed since, by a database that is damaged now: the journal is given the names that up to ahead renewals would
// have used, and the repair at the next start looks there. What the provider's warnings made the pool do goes on.
func Reunite(ctx context.Context, restored Store, present Holdings, ahead int) (result Reunion, err error) {
	before, err := ReadHoldings(ctx, restored, time.Unix(0, 0))
	if err != nil {
		return result, err
	}
	owners := map[string]int64{} // of the vault's items, by tag
	for _, row := range before.Rows {
		owners[row.Tag] = row.ID
		at := slices.IndexFunc(present.Rows, func(p Row) bool { return p.Tag == row.Tag && p.State != Deleting })
		if at >= 0 {
			err = errors.Join(err, present.rejoin(ctx, restored, row, present.Rows[at]))
			continue
		}
		if row.State == Active {
			result.Doubtful = append(result.Doubtful, row.Name)
			err = errors.Join(err, lookAhead(ctx, restored, row, ahead))
		}
	}
	for _, row := range present.Rows {
		if _, there := owners[row.Tag]; there {
			continue
		}
		id, kept := keepOn(ctx, restored, row)
		owners[row.Tag], err = id, errors.Join(err, kept)
		if row.State == Active {
			result.Kept = append(result.Kept, row.Name)
		}
	}
	for _, slot := range present.Journal {
		slot.AccountID = owners[slot.tag()] // nobody's if it was nobody's before: the next start empties it
		err = errors.Join(err, restored.Enter(ctx, slot))
	}
	caution := Caution{PausedUntil: later(before.Caution.PausedUntil, present.Caution.PausedUntil), SlowUntil: later(before.Caution.SlowUntil, present.Caution.SlowUntil)}
	return result, errors.Join(err, restored.SaveCaution(ctx, caution))
}

// tag is the one of the account that a slot was made for.
func (s Slot) tag() string {
	rest, _ := strings.CutPrefix(s.Name, "account/")
	tag, _, _ := strings.Cut(rest, "/")
	return tag
}

// rejoin gives a restored row what goes with its secrets.
func (h Holdings) rejoin(ctx context.Context, restored Store, row, present Row) error {
	row.State, row.RefreshVersion, row.ClientVersion, row.MovedOut = present.State, present.RefreshVersion, present.ClientVersion, present.MovedOut
	row.Service, row.Method, row.StartURL, row.SignInRegion = present.Service, present.Method, present.StartURL, present.SignInRegion
	row.ProfileARN, row.Origin, row.Email = present.ProfileARN, present.Origin, present.Email
	row.ClientID, row.ClientExpiresAt = present.ClientID, present.ClientExpiresAt
	err := errors.Join(restored.Update(ctx, row), restored.SaveHealth(ctx, row.ID, present.Health))
	if spent := h.spent[present.ID]; spent > 0 {
		err = errors.Join(err, restored.SaveSpending(ctx, row.ID, h.day, spent))
	}
	return err
}

// keepOn adds a row that the backup does not have.
func keepOn(ctx context.Context, restored Store, row Row) (id int64, err error) {
	row.Active = false
	health := row.Health
	if row.ID, err = restored.Insert(ctx, row); err != nil {
		return 0, err
	}
	return row.ID, errors.Join(restored.Update(ctx, row), restored.SaveHealth(ctx, row.ID, health))
}

// lookAhead enters the slots that renewals after the backup would have used.
func lookAhead(ctx context.Context, restored Store, row Row, ahead int) error {
	for version := row.RefreshVersion + 1; version <= row.RefreshVersion+ahead; version++ {
		slot := row.refreshSlotOf(version)
		slot.Rotated = true
		if err := restored.Enter(ctx, slot); err != nil {
			return err
		}
	}
	return nil
}

// Ahead is how many renewals an account may have had in a time: twice what the lives of Amazon's tokens come to, and some by hand, within reason.
func Ahead(since time.Duration) int {
	const byHand, most = 16, 400
	return min(byHand+2*max(0, int(since/time.Hour)), most)
}

// doubts reports whether the journal names a newer token of a row than it points at: a renewal was cut off, or the row comes from a backup.
func doubts(row Row, journal []Slot) bool {
	return slices.ContainsFunc(journal, func(slot Slot) bool {
		return slot.AccountID == row.ID && slot.Rotated && slot.Version > row.RefreshVersion
	})
}

// settle says of a row in doubt that it must sign in if the vault has not got what it points at.
func (r *Roster) settle(ctx context.Context, row Row) (Row, error) {
	_, err := r.read(ctx, row)
	switch {
	case err == nil || row.Health.Status == Suspended || spoilt(err):
		return row, nil
	case !errors.Is(err, ErrNoSecret):
		return row, vaultFault(err)
	}
	row.Health = Health{
		Status: NeedsSignIn, Kind: fault.Credential, CheckedAt: row.Health.CheckedAt, Reason: "Its sign-in is not in the vault any more. Sign in again.",
		Said: fault.Said{Code: fault.SecretsMissing},
	}
	return row, r.config.Store.SaveHealth(ctx, row.ID, row.Health)
}
