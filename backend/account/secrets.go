package account

import (
	"context"
	"errors"
	"fmt"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Slot is the place of one secret in the vault. A new secret always gets a new slot, so that the old one is there until the new one is
// safe.
type Slot struct {
	Name      string
	AccountID int64
	Version   int
	Client    bool // a client secret; else a refresh token
}

func (r Row) refreshSlot() Slot { return refreshSlot(r.ID, r.RefreshVersion) }
func (r Row) clientSlot() Slot {
	return Slot{Name: fmt.Sprintf("account/%d/client-secret/%d", r.ID, r.ClientVersion), AccountID: r.ID, Version: r.ClientVersion, Client: true}
}

func refreshSlot(id int64, version int) Slot {
	return Slot{Name: fmt.Sprintf("account/%d/refresh-token/%d", id, version), AccountID: id, Version: version}
}

// write puts a secret into a slot that the journal knows first, and reads it back: a vault that cuts secrets short is found out here.
func (r *Roster) write(ctx context.Context, slot Slot, item secret.String) error {
	if err := r.config.Store.Enter(ctx, slot); err != nil {
		return err
	}
	if err := r.config.Vault.Set(ctx, slot.Name, item); err != nil {
		return fmt.Errorf("keep a secret: %w", err)
	}
	kept, err := r.config.Vault.Get(ctx, slot.Name)
	if err != nil {
		return fmt.Errorf("read a secret back: %w", err)
	}
	if !kept.Equal(item) {
		return fault.New(fault.Internal, "The vault did not keep a secret as it was given. Nothing was changed.")
	}
	return nil
}

// remove empties slots and strikes them from the journal.
func (r *Roster) remove(ctx context.Context, slots ...Slot) error {
	for _, slot := range slots {
		if err := r.config.Vault.Delete(ctx, slot.Name); err != nil {
			return fmt.Errorf("remove a secret: %w", err)
		}
		if err := r.config.Store.Strike(ctx, slot); err != nil {
			return err
		}
	}
	return nil
}

// erase removes a row with all its slots. It can be done again from wherever it stopped.
func (r *Roster) erase(ctx context.Context, row Row) error {
	journal, err := r.config.Store.Journal(ctx)
	if err != nil {
		return err
	}
	for _, slot := range journal {
		if slot.AccountID == row.ID {
			if err := r.remove(ctx, slot); err != nil {
				return err
			}
		}
	}
	return r.config.Store.Delete(ctx, row.ID)
}

// discard removes the slots that an edit replaced. A slot that stays behind is in the journal, and goes at the next start.
func (r *Roster) discard(ctx context.Context, old, row Row) {
	var replaced []Slot
	if old.RefreshVersion != row.RefreshVersion {
		replaced = append(replaced, old.refreshSlot())
	}
	if old.ClientVersion != row.ClientVersion {
		replaced = append(replaced, old.clientSlot())
	}
	if err := r.remove(context.WithoutCancel(ctx), replaced...); err != nil {
		r.config.Log.Warn("a replaced secret could not be removed yet", "account", row.ID, "err", err)
	}
}

// read gets the secrets a row points at.
func (r *Roster) read(ctx context.Context, row Row) (Secrets, error) {
	refresh, err := r.config.Vault.Get(ctx, row.refreshSlot().Name)
	if err != nil {
		return Secrets{}, err
	}
	client, err := r.config.Vault.Get(ctx, row.clientSlot().Name)
	return Secrets{RefreshToken: refresh, ClientSecret: client}, err
}

// SaveHealth writes an account's health down, for the pool.
func (r *Roster) SaveHealth(ctx context.Context, id int64, health Health) error {
	return r.config.Store.SaveHealth(ctx, id, health)
}

// Renew trades the account's refresh token, for the pool. A rotated token is in the vault, read back, and the row points at it before
// the access token that came with it is handed out. The one before it stays until the next rotation, since the answer that carried the
// new one proves that Amazon knows it, and nothing else does.
func (r *Roster) Renew(ctx context.Context, id int64) (Tokens, error) {
	r.editing.Lock()
	row, known := r.rows[id]
	r.editing.Unlock()
	if !known {
		return Tokens{}, unknown(id)
	}
	secrets, err := r.read(ctx, row)
	if err != nil {
		return Tokens{}, r.vaultFault(err)
	}
	tokens, err := r.config.Renewer.Renew(ctx, row.Account, secrets)
	if fault.Of(err) != nil && fault.Of(err).Kind == fault.Credential {
		tokens, err = r.renewWithPrevious(ctx, row, secrets, err)
	}
	if err != nil || tokens.RefreshToken.IsZero() || tokens.RefreshToken.Equal(secrets.RefreshToken) {
		return tokens, err
	}
	return tokens, r.rotate(ctx, row, tokens.RefreshToken)
}

// renewWithPrevious tries the token before the newest once: if an answer was lost after a rotation we never heard of, or a new token never
// came into force, that one still works.
func (r *Roster) renewWithPrevious(ctx context.Context, row Row, secrets Secrets, refused error) (Tokens, error) {
	previous, err := r.config.Vault.Get(ctx, refreshSlot(row.ID, row.RefreshVersion-1).Name)
	if err != nil {
		return Tokens{}, refused
	}
	tokens, err := r.config.Renewer.Renew(ctx, row.Account, Secrets{RefreshToken: previous, ClientSecret: secrets.ClientSecret})
	if err != nil {
		return Tokens{}, refused
	}
	if tokens.RefreshToken.IsZero() {
		tokens.RefreshToken = previous
	}
	return tokens, nil
}

// vaultFault says that the secrets cannot be reached. The account is not to blame.
func (r *Roster) vaultFault(err error) error {
	if errors.Is(err, ErrNoSecret) {
		return fault.Wrap(fault.Credential, err, "This account's secrets are not in the vault any more. Add its refresh token again.")
	}
	return fault.Wrap(fault.Unavailable, err, "The vault that holds this account's secrets cannot be reached right now. Unlock it and try again.")
}

// rotate makes a new refresh token the account's own.
func (r *Roster) rotate(ctx context.Context, from Row, token secret.String) error {
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[from.ID]
	if !known || row.RefreshVersion != from.RefreshVersion {
		return nil // removed, or given another token by the user, while the answer was on its way
	}
	row.RefreshVersion++
	if err := r.write(ctx, row.refreshSlot(), token); err != nil {
		return fault.Wrap(fault.Unavailable, err, "A renewed token could not be kept in the vault. Unlock it and try again.")
	}
	if err := r.config.Store.Update(ctx, row); err != nil {
		return err
	}
	r.rows[row.ID] = row
	if err := r.remove(ctx, refreshSlot(row.ID, row.RefreshVersion-2)); err != nil {
		r.config.Log.Warn("an old token could not be removed yet", "account", row.ID, "err", err)
	}
	return nil
}

// refuseDuplicate finds the account that has a refresh token already: two accounts sharing one would knock each other out.
func (r *Roster) refuseDuplicate(ctx context.Context, self int64, token secret.String) error {
	for id, row := range r.rows {
		if id == self {
			continue
		}
		kept, err := r.config.Vault.Get(ctx, row.refreshSlot().Name)
		if err == nil && kept.Equal(token) {
			return &fault.Error{Kind: fault.Conflict, Param: "refresh_token", Message: fmt.Sprintf("The account %q has this refresh token already.", row.Name)}
		}
	}
	return nil
}
