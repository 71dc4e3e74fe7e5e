package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Holder is the name of the account that has a refresh token already, and false if none has.
func (r *Roster) Holder(ctx context.Context, token secret.String) (name string, held bool) {
	r.editing.Lock()
	defer r.editing.Unlock()
	row, held := r.holder(ctx, 0, token)
	return row.Name, held
}

// moved is why an account that was moved out does not serve.
func moved() *fault.Error {
	return fault.New(fault.Credential, "Its tokens were moved to another machine. Sign in again, or enter new secrets, to use it here as well.").Saying(fault.Said{Code: fault.AccountMoved})
}

// MoveOut hands everything that another machine needs to go on with accounts, secrets included, to seal; no ids means every account that is
// still here. If seal succeeds, the accounts wait for a new sign-in here: two machines that trade one rotating token lock each other out. Meanwhile no token of
// theirs is traded, so that what is sealed is the newest.
func (r *Roster) MoveOut(ctx context.Context, ids []int64, seal func([]Draft) error) error {
	ids, err := r.known(ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		release, err := r.alone(ctx, id)
		if err != nil {
			return err
		}
		defer release()
	}
	drafts := make([]Draft, 0, len(ids))
	for _, id := range ids {
		row, err := r.latest(ctx, id)
		if err != nil {
			return err
		}
		secrets, err := r.read(ctx, row)
		if err != nil {
			return vaultFault(err)
		}
		drafts = append(drafts, row.draft(secrets))
	}
	if err := seal(drafts); err != nil {
		return err
	}
	return r.letGo(ctx, ids)
}

// known are the ids, each once and in order, or those of every account if there are none.
func (r *Roster) known(ids []int64) ([]int64, error) {
	r.editing.Lock()
	defer r.editing.Unlock()
	ids = slices.Clone(ids)
	if len(ids) == 0 {
		for id, row := range r.rows {
			if !row.MovedOut {
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		if _, known := r.rows[id]; !known {
			return nil, unknown(id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// draft is what would make the same account again.
func (r Row) draft(secrets Secrets) Draft {
	spacing := int(r.Spacing.Milliseconds())
	return Draft{
		Name: r.Name, Service: r.Service, Method: r.Method, StartURL: r.StartURL, ClientID: r.ClientID, ClientExpiresAt: r.ClientExpiresAt,
		ProfileARN: r.ProfileARN, SignInRegion: r.SignInRegion, Origin: r.Origin, Email: r.Email, Secrets: secrets, Notes: r.Notes, Active: &r.Active,
		Pace: EnvelopeEdit{
			RequestsPerMinute: &r.RequestsPerMinute, MaxConcurrent: &r.MaxConcurrent, SpacingMS: &spacing, DailyCredits: &r.DailyCredits,
			ReserveCredits: &r.ReserveCredits, Priority: &r.Priority, Weight: &r.Weight,
		},
		Source: r.Source,
	}
}

// letGo takes accounts out of use: all of them, or none.
func (r *Roster) letGo(ctx context.Context, ids []int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	for i, id := range ids {
		if err := r.setMoved(ctx, id, true); err != nil {
			for _, done := range ids[:i] {
				err = errors.Join(err, r.setMoved(ctx, done, false))
			}
			return err
		}
	}
	for _, id := range ids {
		r.pool.amend(id, func(m *member) {
			m.token.void()
			m.mark.words++
			m.rest(NeedsSignIn, moved(), time.Time{})
		})
	}
	return nil
}

func (r *Roster) setMoved(ctx context.Context, id int64, movedOut bool) error {
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[id]
	if !known {
		return unknown(id)
	}
	row.MovedOut = movedOut
	if err := r.config.Store.Update(ctx, row); err != nil {
		return err
	}
	r.rows[id] = row
	return nil
}
