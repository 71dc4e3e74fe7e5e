package admin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/secret"
)

// Accounts is the roster as people edit it.
type Accounts interface {
	AccountList
	AccountEdit
	AccountCare
	Scheduler
}

// AccountList reads the roster.
type AccountList interface {
	List(ctx context.Context) ([]account.View, error)
	Get(ctx context.Context, id int64) (account.View, error)
	Readings(ctx context.Context, id int64, since time.Time) ([]account.QuotaReading, error)
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
		accounts = append(accounts, d.showAccount(view))
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
	d.answer(w, status, d.showAccount(view))
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

func (d *desk) showAccount(v account.View) Account {
	shown := Account{
		ID: v.ID, Name: v.Name, Service: string(v.Service), Method: string(v.Method), Email: v.Email, ProfileARN: v.ProfileARN, StartURL: v.StartURL,
		SignInRegion: v.SignInRegion, Origin: v.Origin, IsActive: v.Active, IsHealthy: v.Health.Status == account.Ready, Status: string(v.Health.Status),
		StatusReason: v.Health.Reason, StatusSaid: v.Health.Said.OrNil(), HealthCheckSaid: v.Health.ErrorSaid.OrNil(), CooldownUntil: timeOrNull(v.Health.Until), TotalRequests: v.Totals.Requests, TotalTokens: v.Totals.Tokens,
		LastUsed: timeOrNull(v.Totals.LastUsed), LastHealthCheck: timeOrNull(v.Health.CheckedAt), HealthCheckError: v.Health.Error,
		RequestsPerMinute: v.RequestsPerMinute, MaxConcurrent: v.MaxConcurrent, SpacingMS: v.Spacing.Milliseconds(), DailyCredits: v.DailyCredits,
		ReserveCredits: v.ReserveCredits, Priority: v.Priority, Weight: v.Weight, CurrentRPM: v.CurrentRPM, InFlight: v.InFlight,
		CreditsToday: v.CreditsToday, Load: v.Load.Share, LoadOf: string(v.Load.Of), Quota: showQuota(v.Quota), Models: make([]string, 0, len(v.Models)),
		Ends: d.ends(v), TokenEnds: timeOrNull(v.TokenEnds), Notes: v.Notes, Source: v.Source, CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(),
	}
	for _, model := range v.Models {
		shown.Models = append(shown.Models, model.ID)
	}
	if next, _, known := v.Service.Successor(); known {
		shown.Successor = string(next)
	}
	if v.Health.Status != account.Ready {
		shown.StatusKind = v.Health.Kind.String()
	}
	shown.SignInAgain = v.Method.HasClient() && v.Health.Status == account.NeedsSignIn
	if !v.Active {
		shown.Status = statusDisabled
	}
	return shown
}

func showQuota(q account.Quota) *Quota {
	if q.At.IsZero() {
		return nil
	}
	shown := &Quota{Plan: q.Plan, Unit: q.Unit, Used: q.Used, Limit: q.Limit, ResetsAt: timeOrNull(q.ResetsAt), Overage: q.Overage, At: q.At.UTC()}
	if left, known := q.Left(); known {
		shown.Left = &left
	}
	return shown
}

// How long ahead people are warned: of a registration they renew by signing in, of a service they move away from.
const (
	registrationWarning = 14 * 24 * time.Hour
	serviceWarning      = 90 * 24 * time.Hour
)

// ends is what of an account comes to an end, the soonest first.
func (d *desk) ends(v account.View) []End {
	ends, now := []End{}, d.Now()
	if at := v.ClientExpiresAt; !at.IsZero() {
		ends = append(ends, End{What: "registration", At: at.UTC(), Soon: at.Sub(now) < registrationWarning})
	}
	if _, at, known := v.Service.Successor(); known {
		ends = append(ends, End{What: "service", At: at, Soon: at.Sub(now) < serviceWarning})
	}
	slices.SortFunc(ends, func(a, b End) int { return a.At.Compare(b.At) })
	return ends
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
