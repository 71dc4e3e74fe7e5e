package account

import (
	"context"
	"errors"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// SaveHealth writes an account's health down, for the pool.
func (r *Roster) SaveHealth(ctx context.Context, id int64, health Health) error {
	return r.config.Store.SaveHealth(ctx, id, health)
}

// SaveSpending writes down what an account spent on a day, for the pool.
func (r *Roster) SaveSpending(ctx context.Context, id int64, day int64, credits float64) error {
	return r.config.Store.SaveSpending(ctx, id, day, credits)
}

// SaveCaution writes down how the pool holds back, for the pool.
func (r *Roster) SaveCaution(ctx context.Context, caution Caution) error {
	return r.config.Store.SaveCaution(ctx, caution)
}

// Renew trades the account's refresh token, for the pool. A rotated token is in the vault, read back, and the row points at it before
// the access token that came with it is handed out. The one before it stays until the next rotation, since nothing proves that the new one
// is in force until it has been used.
func (r *Roster) Renew(ctx context.Context, id int64) (Tokens, error) {
	release, err := r.alone(ctx, id)
	if err != nil {
		return Tokens{}, err
	}
	defer release()
	row, err := r.latest(ctx, id)
	if err != nil {
		return Tokens{}, err
	}
	secrets, err := r.read(ctx, row)
	if err != nil {
		return Tokens{}, vaultFault(err)
	}
	tokens, err := r.config.Renewer.Renew(ctx, row.Account, secrets)
	if err != nil && fault.Of(err).Kind == fault.Credential {
		tokens, err = r.renewWithPrevious(ctx, row, secrets, err)
	}
	if err != nil {
		return Tokens{}, err
	}
	if !tokens.RefreshToken.IsZero() && !tokens.RefreshToken.Equal(secrets.RefreshToken) {
		if err := r.rotate(ctx, row, tokens.RefreshToken); err != nil {
			return Tokens{}, err
		}
	}
	r.learnProfile(ctx, row, tokens.ProfileARN)
	return tokens, nil
}

// alone waits until no other renewal of the account runs: one that was let go of when the user gave new secrets may still be under way,
// and Amazon locks out whoever uses a token twice.
func (r *Roster) alone(ctx context.Context, id int64) (release func(), err error) {
	r.editing.Lock()
	turn, known := r.renewing[id]
	if !known {
		turn = make(chan struct{}, 1)
		r.renewing[id] = turn
	}
	r.editing.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, fault.Wrap(fault.Unavailable, ctx.Err(), "Another renewal of this account's token does not end. Try again in a moment.").Saying(fault.Said{Code: fault.RenewalStuck})
	}
}

// latest is the account's row, once it points at the newest refresh token that was received for it.
func (r *Roster) latest(ctx context.Context, id int64) (Row, error) {
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[id]
	if !known {
		return row, fault.New(fault.Credential, "This account was removed while a request was using it.").Saying(fault.Said{Code: fault.AccountGone})
	}
	if row.MovedOut {
		return row, moved()
	}
	token, unfinished := r.pending[id]
	switch {
	case unfinished && token.IsZero():
		return r.adoptLate(ctx, row)
	case unfinished:
		return r.keepRotated(ctx, row, token)
	default:
		return row, nil
	}
}

// renewWithPrevious tries the token before the newest once: if a new token never came into force, that one still works. Only if Amazon
// refuses both must the user sign in.
func (r *Roster) renewWithPrevious(ctx context.Context, row Row, secrets Secrets, refused error) (Tokens, error) {
	previous, err := r.config.Vault.Get(ctx, row.refreshSlotOf(row.RefreshVersion-1).Name)
	switch {
	case errors.Is(err, ErrNoSecret):
		return Tokens{}, refused
	case err != nil:
		return Tokens{}, vaultFault(err)
	}
	tokens, err := r.config.Renewer.Renew(ctx, row.Account, Secrets{RefreshToken: previous, ClientSecret: secrets.ClientSecret})
	switch {
	case err == nil && tokens.RefreshToken.IsZero():
		tokens.RefreshToken = previous
	case err != nil && fault.Of(err).Kind == fault.Credential:
		err = refused
	}
	return tokens, err
}

// vaultFault says that the secrets cannot be reached. The account is not to blame, unless they are gone.
func vaultFault(err error) error {
	if errors.Is(err, ErrNoSecret) {
		return fault.Wrap(fault.Credential, err, "This account's secrets are not in the vault any more. Add its refresh token again.").Saying(fault.Said{Code: fault.SecretsMissing})
	}
	return locked(err, "The vault that holds this account's secrets cannot be reached right now. Unlock it and try again.")
}

// lockedPause is how long a client should wait for the vault.
const lockedPause = 5 * time.Second

func locked(err error, message string) *fault.Error {
	f := fault.Wrap(fault.Locked, errors.Join(errVault, err), "%s", message).Saying(fault.Said{Code: fault.VaultUnread})
	f.RetryAfter = lockedPause
	return f
}

// rotate makes a new refresh token the account's own. It takes the time it needs: without it the account would be lost.
func (r *Roster) rotate(ctx context.Context, from Row, token secret.String) error {
	r.editing.Lock()
	defer r.editing.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout) // from here on: waiting for the lock must not use it up
	defer cancel()
	row, known := r.rows[from.ID]
	if !known || row.RefreshVersion != from.RefreshVersion {
		return nil // removed, or given another token by the user, while the answer was on its way
	}
	_, err := r.keepRotated(ctx, row, token)
	return err
}

// keepRotated writes a rotated token down and lets the row point at it. If that fails the token stays in memory, and the next renewal
// begins with writing it down: the one before is used up. The caller holds the lock.
func (r *Roster) keepRotated(ctx context.Context, row Row, token secret.String) (Row, error) {
	r.pending[row.ID] = token
	row.RefreshVersion++
	slot := row.refreshSlot()
	slot.Rotated = true
	err := r.write(ctx, slot, token)
	if err == nil {
		err = r.config.Store.Update(ctx, row)
	}
	if err != nil {
		return row, locked(err, "A renewed token could not be written down. Unlock the vault, see that the disk is not full, and try again.")
	}
	r.rows[row.ID] = row
	delete(r.pending, row.ID)
	r.tidy(ctx, row.ID)
	return row, nil
}
