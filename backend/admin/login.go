package admin

import (
	"context"
	"net/http"

	"amq2api/backend/fault"
)

// Logins are the sign-ins under way. Unknown ids are fault.NotFound.
type Logins interface {
	Start(ctx context.Context, wanted LoginStart) (Login, error)
	List() []Login
	Get(id string) (Login, error)
	Choose(ctx context.Context, id, profileARN string) (Login, error)
	Cancel(id string) (Login, error)
}

// startLogin refuses until the user has been told once what may come of it.
func (d *desk) startLogin(w http.ResponseWriter, r *http.Request) {
	var body LoginStart
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	if !d.Settings.Current().NoticeAcknowledged {
		d.refuse(w, r, notice())
		return
	}
	login, err := d.Logins.Start(r.Context(), body)
	d.answerLogin(w, r, http.StatusCreated, login, err)
}

// notice is what everyone must have read before the first sign-in.
func notice() *fault.Error {
	return &fault.Error{Kind: fault.Conflict, Param: "notice_acknowledged", Message: "Read this once before the first sign-in. AMQ2API uses your own accounts, for you alone. " +
		"Amazon's terms apply, and using accounts outside the official clients may breach them or get an account suspended. AMQ2API paces each account, takes every throttling answer " +
		"as an order to slow down, and never works around a suspension; nobody can promise that this is enough. To go on, PUT {\"notice_acknowledged\": true} to /admin/settings."}
}

func (d *desk) listLogins(w http.ResponseWriter, _ *http.Request) {
	d.answer(w, http.StatusOK, d.Logins.List())
}

func (d *desk) getLogin(w http.ResponseWriter, r *http.Request) {
	login, err := d.Logins.Get(r.PathValue("login"))
	d.answerLogin(w, r, http.StatusOK, login, err)
}

func (d *desk) chooseProfile(w http.ResponseWriter, r *http.Request) {
	var body LoginUpdate
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	login, err := d.Logins.Choose(r.Context(), r.PathValue("login"), body.ProfileARN)
	d.answerLogin(w, r, http.StatusOK, login, err)
}

func (d *desk) cancelLogin(w http.ResponseWriter, r *http.Request) {
	login, err := d.Logins.Cancel(r.PathValue("login"))
	d.answerLogin(w, r, http.StatusOK, login, err)
}

func (d *desk) answerLogin(w http.ResponseWriter, r *http.Request, status int, login Login, err error) {
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, status, login)
}
