package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
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
	Rotated   bool // Amazon gave it in exchange for the one before, which may not work any more
}

func (r Row) refreshSlot() Slot { return r.refreshSlotOf(r.RefreshVersion) }

func (r Row) refreshSlotOf(version int) Slot {
	return Slot{Name: fmt.Sprintf("account/%s/refresh-token/%d", r.Tag, version), AccountID: r.ID, Version: version}
}

func (r Row) clientSlot() Slot {
	return Slot{Name: fmt.Sprintf("account/%s/client-secret/%d", r.Tag, r.ClientVersion), AccountID: r.ID, Version: r.ClientVersion, Client: true}
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
	if !slot.Client {
		r.prints[slot.AccountID] = print{slot.Version, r.digest(item)}
	}
	return nil
}

// remove empties a slot and strikes it from the journal.
func (r *Roster) remove(ctx context.Context, slot Slot) error {
	if err := r.config.Vault.Delete(ctx, slot.Name); err != nil {
		return fmt.Errorf("remove a secret: %w", err)
	}
	return r.config.Store.Strike(ctx, slot)
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

// tidy removes the slots of an account that nothing needs any more. A slot that stays behind is in the journal, and goes at the next start.
func (r *Roster) tidy(ctx context.Context, id int64) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	journal, err := r.config.Store.Journal(ctx)
	for _, slot := range journal {
		if slot.AccountID == id && !r.needs(slot) {
			err = errors.Join(err, r.remove(ctx, slot))
		}
	}
	if err != nil {
		r.config.Log.Warn("a secret that is not needed could not be removed yet", "account", id, "err", err)
	}
}

// needs reports whether an account uses a slot: for its client secret, its refresh token or the one before that, or because a rotation has
// not been finished yet.
func (r *Roster) needs(slot Slot) bool {
	row, known := r.rows[slot.AccountID]
	switch _, unfinished := r.pending[slot.AccountID]; {
	case !known:
		return false
	case slot.Client:
		return slot.Version == row.ClientVersion && row.Method.HasClient()
	default:
		return slot.Version == row.RefreshVersion || slot.Version == row.RefreshVersion-1 || unfinished && slot.Rotated
	}
}

// newest is the highest version that an account has, or may have, of a secret.
func newest(journal []Slot, of Slot) int {
	for _, slot := range journal {
		if slot.AccountID == of.AccountID && slot.Client == of.Client {
			of.Version = max(of.Version, slot.Version)
		}
	}
	return of.Version
}

// read gets the secrets a row points at.
func (r *Roster) read(ctx context.Context, row Row) (Secrets, error) {
	refresh, err := r.config.Vault.Get(ctx, row.refreshSlot().Name)
	if err != nil || !row.Method.HasClient() {
		return Secrets{RefreshToken: refresh}, err
	}
	client, err := r.config.Vault.Get(ctx, row.clientSlot().Name)
	return Secrets{RefreshToken: refresh, ClientSecret: client}, err
}

// refuseDuplicate refuses a refresh token that another account has already: two accounts sharing one would knock each other out.
func (r *Roster) refuseDuplicate(ctx context.Context, self int64, token secret.String) error {
	if row, held := r.holder(ctx, self, token); held {
		return &fault.Error{
			Kind: fault.Conflict, Param: "refresh_token", Message: fmt.Sprintf("The account %q has this refresh token already.", row.Name),
			Said: fault.Said{Code: fault.RowTokenTaken, Name: row.Name},
		}
	}
	return nil
}

// holder finds the account, other than self, that has a refresh token. The caller holds the lock.
func (r *Roster) holder(ctx context.Context, self int64, token secret.String) (Row, bool) {
	wanted := r.digest(token)
	for id, row := range r.rows {
		if id == self {
			continue
		}
		if held, known := r.printOf(ctx, row); known && held == wanted {
			return row, true
		}
	}
	return Row{}, false
}

// print tells a refresh token from others without keeping it: asking the vault for every account's each time would take too long.
type print struct {
	version int
	digest  [sha256.Size]byte
}

// printOf is the print of a row's refresh token, and false if the vault does not give it. The caller holds the lock.
func (r *Roster) printOf(ctx context.Context, row Row) ([sha256.Size]byte, bool) {
	if known, have := r.prints[row.ID]; have && known.version == row.RefreshVersion {
		return known.digest, true
	}
	token, err := r.config.Vault.Get(ctx, row.refreshSlot().Name)
	if err != nil {
		return [sha256.Size]byte{}, false
	}
	r.prints[row.ID] = print{row.RefreshVersion, r.digest(token)}
	return r.prints[row.ID].digest, true
}

// digest is keyed with what nobody knows, not even the next process.
func (r *Roster) digest(token secret.String) (sum [sha256.Size]byte) {
	mac := hmac.New(sha256.New, r.printKey)
	mac.Write([]byte(token.Reveal()))
	mac.Sum(sum[:0])
	return sum
}
