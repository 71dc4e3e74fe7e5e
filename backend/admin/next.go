package admin

import (
	"math"
	"net/http"
	"time"

	"amq2api/backend/account"
)

// Scheduler says whose turn it is, and lets the pool go on after a pause.
type Scheduler interface {
	Explain(want account.Want) account.Explanation
	Relax()
}

// next explains the scheduler for a model, by default the one that stands in for unknown names, and a client's session.
func (d *desk) next(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	asked := query.Get("model")
	if asked == "" {
		asked = d.Settings.Current().DefaultModel
	}
	model, err := d.Resolve(asked)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, showNext(model, d.Accounts.Explain(account.Want{Model: model, Session: query.Get("session")})))
}

func showNext(model string, e account.Explanation) Next {
	shown := Next{
		Model: model, AccountID: e.Next, Ground: string(e.Ground), WaitS: wholeSeconds(e.Wait), Waiting: e.Waiting,
		PausedUntil: timeOrNull(e.Caution.PausedUntil), SlowUntil: timeOrNull(e.Caution.SlowUntil), Accounts: make([]Candidate, 0, len(e.Verdicts)),
	}
	if e.Refusal != nil {
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
