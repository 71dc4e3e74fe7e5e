package admin

import (
	"cmp"
	"math"
	"net/http"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/account"
)

// Scheduler says whose turn it is, and lets the pool go on after a pause.
type Scheduler interface {
	Explain(want account.Want) account.Explanation
	Relax()
}

// next explains the scheduler for a model, by default the one that stands in for unknown names, a client's session, and the id of a key.
func (d *desk) next(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	want := account.Want{Session: query.Get("session")}
	key, err := d.keyOf(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	want.Only = key.Accounts
	asked := cmp.Or(query.Get("model"), key.DefaultModel)
	if asked == "" {
		asked = d.Settings.Current().DefaultModel
	}
	found, err := d.Resolve(asked)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	want.Model = found.Model
	d.answer(w, http.StatusOK, showNext(want.Model, d.Accounts.Explain(want)))
}

// keyOf is the key that the query names, if it names one.
func (d *desk) keyOf(r *http.Request) (access.View, error) {
	text := r.URL.Query().Get("key")
	if text == "" {
		return access.View{}, nil
	}
	id, f := idOf(text)
	if f != nil {
		return access.View{}, f
	}
	return d.Keys.Get(r.Context(), id)
}

func showNext(model string, e account.Explanation) Next {
	shown := Next{
		Model: model, AccountID: e.Next, Ground: string(e.Ground), WaitS: wholeSeconds(e.Wait), Waiting: e.Waiting,
		PausedUntil: timeOrNull(e.Caution.PausedUntil), SlowUntil: timeOrNull(e.Caution.SlowUntil), Accounts: make([]Candidate, 0, len(e.Verdicts)),
	}
	if e.Refusal != nil {
		shown.RefusalSaid = e.Refusal.Says().OrNil()
		shown.Refusal, shown.RetryAfterS = e.Refusal.Message, wholeSeconds(e.Refusal.RetryAfter)
	}
	for _, v := range e.Verdicts {
		if v.AccountID == e.Next {
			shown.Account = v.Account
		}
		shown.Accounts = append(shown.Accounts, Candidate{
			AccountID: v.AccountID, Account: v.Account, By: string(v.By), Reason: v.Reason, Until: timeOrNull(v.Until), CurrentRPM: v.Rate, InFlight: v.InFlight,
		})
	}
	return shown
}

// wholeSeconds rounds up.
func wholeSeconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }

func (d *desk) resume(w http.ResponseWriter, r *http.Request) {
	d.Accounts.Relax()
	d.next(w, r)
}
