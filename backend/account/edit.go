package account

import (
	"context"
	"errors"

	"amq2api/backend/fault"
)

// Add takes an account into the roster. It makes no call to the provider.
func (r *Roster) Add(ctx context.Context, draft Draft) (View, error) {
	row, secrets, err := draft.row(r.config.Now())
	if err != nil {
		return View{}, err
	}
	r.editing.Lock()
	defer r.editing.Unlock()
	if err := r.refuseDuplicate(ctx, 0, secrets.RefreshToken); err != nil {
		return View{}, err
	}
	if row.ID, err = r.config.Store.Insert(ctx, row); err != nil {
		return View{}, err
	}
	if err := r.complete(ctx, &row, secrets); err != nil {
		return View{}, errors.Join(err, r.undo(ctx, row))
	}
	r.keepRow(row)
	view, _ := r.pool.view(row)
	return view, nil
}

// complete writes a new row's secrets into its slots and lets the row count.
func (r *Roster) complete(ctx context.Context, row *Row, secrets Secrets) error {
	if err := r.write(ctx, row.refreshSlot(), secrets.RefreshToken); err != nil {
		return err
	}
	if row.Method.HasClient() {
		if err := r.write(ctx, row.clientSlot(), secrets.ClientSecret); err != nil {
			return err
		}
	}
	row.State = Active
	return r.config.Store.Update(ctx, *row)
}

// undo takes back a row that could not be added. What cannot be taken back now is at the next start: the row says first that it is on its
// way out, so that it is not taken for one on its way in.
func (r *Roster) undo(ctx context.Context, row Row) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	row.State = Deleting
	return errors.Join(r.config.Store.Update(ctx, row), r.erase(ctx, row))
}

// Import adds an account from a source that counts once: what the user deletes of it stays deleted. It reports whether it was added.
func (r *Roster) Import(ctx context.Context, draft Draft) (bool, error) {
	before, err := r.config.Store.Imported(ctx, draft.Source)
	if err != nil || before {
		return false, err
	}
	_, err = r.Add(ctx, draft)
	if err != nil && fault.Of(err).Kind != fault.Conflict {
		return false, err
	}
	return err == nil, r.config.Store.MarkImported(ctx, draft.Source)
}

// Update changes what the edit names. A new refresh token ends a need to sign in.
func (r *Roster) Update(ctx context.Context, id int64, edit Edit) (View, error) {
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[id]
	if !known {
		return View{}, unknown(id)
	}
	if err := edit.apply(&row, r.config.Now()); err != nil {
		return View{}, err
	}
	if err := r.replaceSecrets(ctx, &row, edit); err != nil {
		return View{}, err
	}
	row.MovedOut = row.MovedOut && edit.RefreshToken == nil
	if err := r.config.Store.Update(ctx, row); err != nil {
		return View{}, err
	}
	if edit.RefreshToken != nil {
		delete(r.pending, id)
	}
	r.keepRow(row)
	if edit.RefreshToken != nil || edit.ClientSecret != nil || edit.ClientID != nil {
		r.pool.renewed(id)
		r.tidy(ctx, id)
	}
	return r.Get(ctx, id)
}

// replaceSecrets gives the row the edit's secrets in slots that nothing was written to before. What a failure leaves in them goes at once or
// at the next start.
func (r *Roster) replaceSecrets(ctx context.Context, row *Row, edit Edit) error {
	if edit.RefreshToken == nil && edit.ClientSecret == nil {
		return nil
	}
	journal, err := r.config.Store.Journal(ctx)
	if err != nil {
		return err
	}
	if edit.RefreshToken != nil {
		if err := r.refuseDuplicate(ctx, row.ID, *edit.RefreshToken); err != nil {
			return err
		}
		row.RefreshVersion = newest(journal, row.refreshSlot()) + 2 // the gap says that no token before it belongs to this sign-in
		if err := r.write(ctx, row.refreshSlot(), *edit.RefreshToken); err != nil {
			r.tidy(ctx, row.ID)
			return err
		}
	}
	if edit.ClientSecret != nil && row.Method.HasClient() {
		row.ClientVersion = newest(journal, row.clientSlot()) + 1
		if err := r.write(ctx, row.clientSlot(), *edit.ClientSecret); err != nil {
			r.tidy(ctx, row.ID)
			return err
		}
	}
	return nil
}

// Remove takes an account and its secrets away. What the vault will not give up now is removed at the next start.
func (r *Roster) Remove(ctx context.Context, id int64) error {
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[id]
	if !known {
		return unknown(id)
	}
	row.State = Deleting
	if err := r.config.Store.Update(ctx, row); err != nil {
		return err
	}
	delete(r.rows, id)
	delete(r.pending, id)
	delete(r.renewing, id)
	delete(r.prints, id)
	r.pool.drop(id)
	r.announce()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	if err := r.erase(ctx, row); err != nil {
		r.config.Log.Warn("an account's secrets could not be removed yet", "account", id, "err", err)
	}
	return nil
}

// Check renews the account's token now and asks for its quota and models. The result is in the view's health; only an unknown account is an
// error.
func (r *Roster) Check(ctx context.Context, id int64) (View, error) {
	if err := r.pool.check(ctx, id); err != nil {
		return View{}, err
	}
	r.pool.askNow(ctx, id)
	r.learnEmail(ctx, id)
	return r.Get(ctx, id)
}

// Explain says who would serve a request right now, and why each other account would not.
func (r *Roster) Explain(want Want) Explanation { return r.pool.Explain(want) }

// Relax ends the pause of the whole pool by the user's word, and the slowness after it.
func (r *Roster) Relax() { r.pool.relax() }

// Clear ends a cool-down, an exhaustion, a suspension or a need to sign in by the user's word.
// One that was moved out is refused with fault.Conflict: only new secrets bring it back.
func (r *Roster) Clear(ctx context.Context, id int64) (View, error) {
	r.editing.Lock()
	movedOut := r.rows[id].MovedOut
	r.editing.Unlock()
	if movedOut {
		return View{}, fault.New(fault.Conflict, "%s", moved().Message).Saying(fault.Said{Code: fault.AccountMoved})
	}
	if !r.pool.clear(id) {
		return View{}, unknown(id)
	}
	return r.Get(ctx, id)
}

func (r *Roster) keepRow(row Row) {
	r.rows[row.ID] = row
	r.pool.put(row.Account)
	r.announce()
}

func (r *Roster) announce() {
	if r.config.Changed != nil {
		r.config.Changed()
	}
}
