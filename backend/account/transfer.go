package account

import (
	"context"
	"fmt"
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

// Transfer is everything that another machine needs to go on with accounts, secrets included; no ids means every account. The caller seals it
// and then has the accounts let go of: two machines that share a rotating token lock each other out.
func (r *Roster) Transfer(ctx context.Context, ids []int64) ([]Draft, error) {
	r.editing.Lock()
	defer r.editing.Unlock()
	if len(ids) == 0 {
		for id := range r.rows {
			ids = append(ids, id)
		}
	}
	drafts := make([]Draft, 0, len(ids))
	for _, id := range ids {
		row, known := r.rows[id]
		if !known {
			return nil, unknown(id)
		}
		secrets, err := r.read(ctx, row)
		if err != nil {
			return nil, vaultFault(err)
		}
		if token, unfinished := r.pending[id]; unfinished && !token.IsZero() {
			secrets.RefreshToken = token
		}
		drafts = append(drafts, row.draft(secrets))
	}
	return drafts, nil
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

// LetGo takes accounts out of use because their secrets were moved away; no ids means every account. Signing in again brings one back.
func (r *Roster) LetGo(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		views, err := r.List(ctx)
		if err != nil {
			return err
		}
		for _, view := range views {
			ids = append(ids, view.ID)
		}
	}
	for _, id := range ids {
		moved := fault.New(fault.Credential, "Its tokens were moved to another machine. Sign in again to use it here as well.")
		if !r.pool.tend(id, func(m *member) {
			m.token.void()
			m.rest(NeedsSignIn, moved, time.Time{})
		}) {
			return fmt.Errorf("let go of an account: %w", unknown(id))
		}
	}
	return nil
}
