package account

import "context"

// learnProfile notes the profile that a renewal named for an account that has none. Losing it does no harm: the next renewal names it again.
func (r *Roster) learnProfile(ctx context.Context, from Row, arn string) {
	if arn == "" {
		return
	}
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[from.ID]
	if !known || row.Service != from.Service || row.Method != from.Method || row.ProfileARN != "" || validARN("profile_arn", arn) != nil {
		return
	}
	row.ProfileARN = arn
	if err := r.config.Store.Update(ctx, row); err != nil {
		r.config.Log.Warn("an account's profile could not be written down", "account", from.ID, "err", err)
		return
	}
	r.keepRow(row)
}

// learnEmail notes the e-mail address that the provider told. Losing it does no harm: it is told again.
func (r *Roster) learnEmail(ctx context.Context, id int64) {
	view, present := r.pool.view(Row{Account: Account{ID: id}})
	r.editing.Lock()
	defer r.editing.Unlock()
	row, known := r.rows[id]
	email := view.Quota.Email
	if !present || !known || email == "" || email == row.Email || validEmail("email", email) != nil {
		return
	}
	row.Email = email
	if err := r.config.Store.Update(ctx, row); err != nil {
		r.config.Log.Warn("an account's e-mail address could not be written down", "account", id, "err", err)
		return
	}
	r.keepRow(row)
}
