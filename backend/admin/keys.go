package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Keys is the client keys as people edit them.
type Keys interface {
	KeyList
	KeyEdit
}

// KeyList reads the keys.
type KeyList interface {
	List(ctx context.Context) ([]access.View, error)
	Get(ctx context.Context, id int64) (access.View, error)
}

// KeyEdit changes the keys. Create returns the key's text, which is kept nowhere.
type KeyEdit interface {
	Create(ctx context.Context, draft access.Draft) (access.View, secret.String, error)
	Update(ctx context.Context, id int64, edit access.Edit) (access.View, error)
	Revoke(ctx context.Context, id int64) (access.View, error)
	Delete(ctx context.Context, id int64) error
	Rotate(ctx context.Context, id int64, grace time.Duration) (access.View, secret.String, error)
	EndPrevious(ctx context.Context, id int64) (access.View, error)
}

func (d *desk) listKeys(w http.ResponseWriter, r *http.Request) {
	views, err := d.Keys.List(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	keys := make([]Key, 0, len(views))
	for _, view := range views {
		keys = append(keys, showKey(view, d.Now()))
	}
	d.answer(w, http.StatusOK, keys)
}

func (d *desk) createKey(w http.ResponseWriter, r *http.Request) {
	var body KeyCreate
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	if err := d.knownAccounts(r.Context(), body.Accounts); err != nil {
		d.refuse(w, r, err)
		return
	}
	if f := d.knownModel(body.DefaultModel, ""); f != nil {
		d.refuse(w, r, f)
		return
	}
	view, text, err := d.Keys.Create(r.Context(), access.Draft{
		Name: body.Name, Description: body.Description, RequestsPerMinute: body.RequestsPerMinute, RequestsPerDay: body.RequestsPerDay,
		ExpiresDays: body.ExpiresDays, Terms: body.terms(),
	})
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusCreated, NewKey{Key: showKey(view, d.Now()), Text: text.Reveal()})
}

func (d *desk) getKey(w http.ResponseWriter, r *http.Request)    { d.withKey(w, r, d.Keys.Get) }
func (d *desk) revokeKey(w http.ResponseWriter, r *http.Request) { d.withKey(w, r, d.Keys.Revoke) }
func (d *desk) deleteKey(w http.ResponseWriter, r *http.Request) { d.withID(w, r, d.Keys.Delete) }

func (d *desk) endPrevious(w http.ResponseWriter, r *http.Request) {
	d.withKey(w, r, d.Keys.EndPrevious)
}

func (d *desk) updateKey(w http.ResponseWriter, r *http.Request) {
	var body KeyUpdate
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	edit := access.Edit{
		Name: body.Name, Description: body.Description, RequestsPerMinute: body.RequestsPerMinute, RequestsPerDay: body.RequestsPerDay, Active: body.IsActive,
		Terms: body.terms(),
	}
	if body.ExpiresDays.Given {
		edit.ExpiresDays = &body.ExpiresDays.Count
	}
	d.withKey(w, r, func(ctx context.Context, id int64) (access.View, error) {
		before, err := d.Keys.Get(ctx, id)
		if err != nil {
			return before, err
		}
		if err := d.knownAccounts(ctx, body.Accounts, before.Accounts...); err != nil {
			return before, err
		}
		if f := d.knownModel(body.DefaultModel, before.DefaultModel); f != nil {
			return before, f
		}
		return d.Keys.Update(ctx, id, edit)
	})
}

func (d *desk) rotateKey(w http.ResponseWriter, r *http.Request) {
	var body RotationStart
	id, f := pathID(r)
	if f == nil {
		f = readOptional(r, &body)
	}
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	grace := time.Duration(min(max(body.GraceS, -1), longGrace)) * time.Second
	view, text, err := d.Keys.Rotate(r.Context(), id, grace)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, NewKey{Key: showKey(view, d.Now()), Text: text.Reveal()})
}

// longGrace is too long a grace, and short enough for a Duration.
const longGrace = 1 << 30

// knownAccounts refuses a pin to an account that is not there, unless the key had it before: then the account is gone, and the key must not come
// to use others by that.
func (d *desk) knownAccounts(ctx context.Context, wanted *[]int64, before ...int64) error {
	if wanted == nil || len(*wanted) == 0 {
		return nil
	}
	views, err := d.Accounts.List(ctx)
	if err != nil {
		return err
	}
	for _, id := range *wanted {
		present := slices.ContainsFunc(views, func(v account.View) bool { return v.ID == id })
		if !present && !slices.Contains(before, id) {
			f := fault.New(fault.Invalid, "accounts has %d, and there is no account with that id.", id)
			f.Param = "accounts"
			return f
		}
	}
	return nil
}

// knownModel refuses a default model that nobody has, unless it was there before.
func (d *desk) knownModel(wanted *string, before string) *fault.Error {
	if wanted == nil || strings.TrimSpace(*wanted) == "" || *wanted == before {
		return nil
	}
	if found, err := d.Resolve(*wanted); err != nil || found.Substituted {
		return invalid("default_model", "There is no model %.80q. default_model must be one that GET /v1/models lists, or an alias.", *wanted).Saying(fault.Said{Code: fault.ModelUnknown, Name: *wanted})
	}
	return nil
}

// withKey runs an action on the key of the path and answers with what it is afterwards.
func (d *desk) withKey(w http.ResponseWriter, r *http.Request, action func(context.Context, int64) (access.View, error)) {
	id, f := pathID(r)
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	view, err := action(r.Context(), id)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, showKey(view, d.Now()))
}

func showKey(v access.View, now time.Time) Key {
	shown := Key{
		ID: v.ID, Name: v.Name, Description: v.Description, KeyPrefix: v.Prefix, IsActive: v.Active, TotalRequests: v.TotalRequests,
		LastUsed: timeOrNull(v.LastUsed), LastClient: v.LastClient, LastAddress: v.LastAddress,
		RequestsPerMinute: v.RequestsPerMinute, RequestsPerDay: v.RequestsPerDay, MaxConcurrent: v.MaxConcurrent, TokensPerDay: v.TokensPerDay,
		BudgetTokens: v.BudgetTokens, BudgetCost: v.BudgetCost, TimeZone: v.TimeZone, CurrentRPM: v.CurrentRPM, CurrentRPD: v.CurrentRPD,
		InFlight: v.InFlight, TokensToday: v.TokensToday, TokensMonth: v.MonthTokens, CostMonth: v.MonthCost, BudgetUsed: v.Budget.Used,
		BudgetWarning: v.Budget.Warning, DayEndsAt: v.DayEnds, MonthEndsAt: v.MonthEnds, Colour: v.Colour, Note: v.Note, DefaultModel: v.DefaultModel,
		AllowedModels: append([]string{}, v.AllowedModels...), AllowedDialects: append([]string{}, v.AllowedDialects...),
		Accounts: append([]int64{}, v.Accounts...), CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(), ExpiresAt: timeOrNull(v.ExpiresAt),
	}
	if now.Before(v.Previous.Until) {
		shown.PreviousPrefix, shown.PreviousUntil = v.Previous.Prefix, timeOrNull(v.Previous.Until)
	}
	return shown
}

// terms are the members in the keys' own words.
func (t KeyTerms) terms() access.Terms {
	terms := access.Terms{
		MaxConcurrent: t.MaxConcurrent, TokensPerDay: t.TokensPerDay, BudgetTokens: t.BudgetTokens, BudgetCost: t.BudgetCost, TimeZone: t.TimeZone,
		Colour: t.Colour, Note: t.Note, DefaultModel: t.DefaultModel, AllowedModels: t.AllowedModels, AllowedDialects: t.AllowedDialects, Accounts: t.Accounts,
	}
	if t.ExpiresAt.Given {
		terms.ExpiresAt = &t.ExpiresAt.Text
	}
	return terms
}

// UnmarshalJSON reads a text or null.
func (m *Moment) UnmarshalJSON(text []byte) error {
	m.Given, m.Text = true, ""
	if string(text) == "null" {
		return nil
	}
	return json.Unmarshal(text, &m.Text)
}

// UnmarshalJSON reads a number or null.
func (d *Days) UnmarshalJSON(text []byte) error {
	d.Given, d.Count = true, 0
	if string(text) == "null" {
		return nil
	}
	return json.Unmarshal(text, &d.Count)
}
