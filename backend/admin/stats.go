package admin

import (
	"context"
	"net/http"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/usage"
)

// Usage is what was spent.
type Usage interface {
	Overview(ctx context.Context, now time.Time) (usage.Overview, error)
	Requests(ctx context.Context, search usage.Search) ([]usage.Record, error)
	Request(ctx context.Context, id string) (record usage.Record, known bool, err error)
	Sums(ctx context.Context, question usage.Question) ([]usage.Sum, error)
	Tries(ctx context.Context, from, to time.Time) ([]usage.Tries, error)
	Gaps(ctx context.Context, from, to time.Time) ([]usage.Gap, error)
	Names(ctx context.Context) (usage.Names, error)
}

func (d *desk) accountStats(w http.ResponseWriter, r *http.Request) {
	views, err := d.Accounts.List(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	window, shares, err := d.accountShares(r.Context(), r.URL.Query())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	stats := AccountStats{TotalAccounts: len(views), From: window.from.In(window.zone), To: window.to.In(window.zone), Accounts: shares}
	for _, v := range views {
		stats.TotalRequests += v.Totals.Requests
		stats.TotalTokens += v.Totals.Tokens
		if !v.Active {
			continue
		}
		stats.ActiveAccounts++
		if v.Health.Status == account.Ready {
			stats.HealthyAccounts++
		}
	}
	d.answer(w, http.StatusOK, stats)
}

func (d *desk) keyStats(w http.ResponseWriter, r *http.Request) {
	views, err := d.Keys.List(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	window, shares, err := d.keyShares(r.Context(), r.URL.Query())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	stats := KeyStats{TotalKeys: len(views), From: window.from.In(window.zone), To: window.to.In(window.zone), Keys: shares}
	for _, v := range views {
		stats.TotalRequests += v.TotalRequests
		if v.Active && !v.Expired(d.Now()) {
			stats.ActiveKeys++
		}
	}
	d.answer(w, http.StatusOK, stats)
}

func (d *desk) overview(w http.ResponseWriter, r *http.Request) {
	spent, err := d.Usage.Overview(r.Context(), d.Now())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	shown := Overview{
		RequestsLastMinute: spent.LastMinute, RequestsToday: spent.Requests, ErrorsToday: spent.Errors,
		InputTokensToday: spent.InputTokens, OutputTokensToday: spent.OutputTokens, Traffic: make([]Traffic, 0, len(spent.Traffic)),
	}
	if spent.FirstEvent != nil {
		p50, p95 := spent.FirstEvent.P50.Milliseconds(), spent.FirstEvent.P95.Milliseconds()
		shown.FirstEventP50MS, shown.FirstEventP95MS = &p50, &p95
	}
	for _, minute := range spent.Traffic {
		shown.Traffic = append(shown.Traffic, Traffic{At: minute.At.UTC(), Succeeded: minute.Succeeded, Failed: minute.Failed})
	}
	d.answer(w, http.StatusOK, shown)
}

func showRequest(r usage.Record) Request {
	served, _ := r.Served()
	return Request{
		ID: r.ID, At: r.At.UTC(), Key: r.KeyName, Client: r.Client, Dialect: r.Dialect, ModelAsked: r.ModelAsked, ModelUsed: r.ModelUsed,
		Account: served.Account, Attempts: showAttempts(r.Attempts), Streaming: r.Streaming, Status: r.Status, Fault: r.Fault, Message: r.Message,
		InputTokens: r.Usage.Input, OutputTokens: r.Usage.Output, TokensSource: r.Usage.Source.String(),
		FirstEventMS: r.FirstEvent.Milliseconds(), DurationMS: r.Duration.Milliseconds(),
		KeyID: r.KeyID, AccountID: served.AccountID, BytesIn: r.BytesIn, BytesOut: r.BytesOut,
	}
}

func showAttempts(attempts []usage.Attempt) []Attempt {
	shown := make([]Attempt, 0, len(attempts))
	for _, a := range attempts {
		one := Attempt{
			AccountID: a.AccountID, Account: a.Account, Fault: a.Fault, DurationMS: a.Duration.Milliseconds(), Ground: a.Ground,
			PassedOver: make([]Passed, 0, len(a.Passed)),
		}
		for _, p := range a.Passed {
			one.PassedOver = append(one.PassedOver, Passed{Account: p.Account, By: p.By, Kind: p.Kind, WaitS: int64(p.Wait / time.Second)})
		}
		shown = append(shown, one)
	}
	return shown
}
