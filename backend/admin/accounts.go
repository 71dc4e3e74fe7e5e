package admin

import (
	"context"
	"net/http"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/secret"
)

// Accounts is the roster as people edit it.
type Accounts interface {
	AccountList
	AccountEdit
	AccountCare
}

// AccountList reads the roster.
type AccountList interface {
	List(ctx context.Context) ([]account.View, error)
	Get(ctx context.Context, id int64) (account.View, error)
}

// AccountEdit changes the roster.
type AccountEdit interface {
	Add(ctx context.Context, draft account.Draft) (account.View, error)
	Update(ctx context.Context, id int64, edit account.Edit) (account.View, error)
	Remove(ctx context.Context, id int64) error
}

// AccountCare looks after one account: Check renews its token now, Clear ends a cool-down or suspension by the user's word.
type AccountCare interface {
	Check(ctx context.Context, id int64) (account.View, error)
	Clear(ctx context.Context, id int64) (account.View, error)
}

func (d *desk) listAccounts(w http.ResponseWriter, r *http.Request) {
	views, err := d.Accounts.List(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	accounts := make([]Account, 0, len(views))
	for _, view := range views {
		accounts = append(accounts, showAccount(view))
	}
	d.answer(w, http.StatusOK, accounts)
}

func (d *desk) addAccount(w http.ResponseWriter, r *http.Request) {
	var body AccountCreate
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	view, err := d.Accounts.Add(r.Context(), account.Draft{
		Name: body.Name, Service: account.Service(body.Service), Method: account.Method(body.Method), StartURL: body.StartURL,
		ClientID: body.ClientID, ProfileARN: body.ProfileARN, SignInRegion: body.SignInRegion, Origin: body.Origin,
		Secrets: account.Secrets{RefreshToken: secret.New(body.RefreshToken), ClientSecret: secret.New(body.ClientSecret)},
		Pace:    body.pace(), Notes: body.Notes, Active: body.IsActive, Source: "api",
	})
	d.answerAccount(w, r, http.StatusCreated, view, err)
}

func (d *desk) getAccount(w http.ResponseWriter, r *http.Request) {
	d.withAccount(w, r, d.Accounts.Get)
}

func (d *desk) checkAccount(w http.ResponseWriter, r *http.Request) {
	d.withAccount(w, r, d.Accounts.Check)
}

func (d *desk) clearAccount(w http.ResponseWriter, r *http.Request) {
	d.withAccount(w, r, d.Accounts.Clear)
}

func (d *desk) updateAccount(w http.ResponseWriter, r *http.Request) {
	var body AccountUpdate
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	edit := account.Edit{
		Name: body.Name, ClientID: body.ClientID, ProfileARN: body.ProfileARN, SignInRegion: body.SignInRegion, Origin: body.Origin,
		RefreshToken: secretOf(body.RefreshToken), ClientSecret: secretOf(body.ClientSecret),
		Pace: body.pace(), Notes: body.Notes, Active: body.IsActive,
	}
	d.withAccount(w, r, func(ctx context.Context, id int64) (account.View, error) { return d.Accounts.Update(ctx, id, edit) })
}

func (d *desk) removeAccount(w http.ResponseWriter, r *http.Request) {
	d.withID(w, r, d.Accounts.Remove)
}

// withAccount runs an action on the account of the path and answers with what it is afterwards.
func (d *desk) withAccount(w http.ResponseWriter, r *http.Request, action func(context.Context, int64) (account.View, error)) {
	id, f := pathID(r)
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	view, err := action(r.Context(), id)
	d.answerAccount(w, r, http.StatusOK, view, err)
}

// withID runs an action on the id of the path that leaves nothing to show.
func (d *desk) withID(w http.ResponseWriter, r *http.Request, action func(context.Context, int64) error) {
	id, f := pathID(r)
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	if err := action(r.Context(), id); err != nil {
		d.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (d *desk) answerAccount(w http.ResponseWriter, r *http.Request, status int, view account.View, err error) {
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, status, showAccount(view))
}

// pace is the envelope that a body names.
func (p AccountPace) pace() account.EnvelopeEdit {
	return account.EnvelopeEdit{
		RequestsPerMinute: p.RequestsPerMinute, MaxConcurrent: p.MaxConcurrent, SpacingMS: p.SpacingMS, DailyCredits: p.DailyCredits,
		ReserveCredits: p.ReserveCredits, Priority: p.Priority, Weight: p.Weight,
	}
}

// statusDisabled is shown for an account the user switched off, whatever its health.
const statusDisabled = "disabled"

func showAccount(v account.View) Account {
	shown := Account{
		ID: v.ID, Name: v.Name, Service: string(v.Service), ProfileARN: v.ProfileARN, SignInRegion: v.SignInRegion,
		IsActive: v.Active, IsHealthy: v.Health.Status == account.Ready, Status: string(v.Health.Status), StatusReason: v.Health.Reason,
		CooldownUntil: timeOrNull(v.Health.Until), TotalRequests: v.Totals.Requests, TotalTokens: v.Totals.Tokens,
		LastUsed: timeOrNull(v.Totals.LastUsed), LastHealthCheck: timeOrNull(v.Health.CheckedAt), HealthCheckError: v.Health.Error,
		RequestsPerMinute: v.RequestsPerMinute, MaxConcurrent: v.MaxConcurrent, CurrentRPM: v.CurrentRPM, InFlight: v.InFlight,
		Notes: v.Notes, Source: v.Source, CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(),
	}
	if v.Health.Status != account.Ready {
		shown.StatusKind = v.Health.Kind.String()
	}
	if !v.Active {
		shown.Status = statusDisabled
	}
	return shown
}

func secretOf(text *string) *secret.String {
	if text == nil {
		return nil
	}
	s := secret.New(*text)
	return &s
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
