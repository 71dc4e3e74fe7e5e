package admin

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// Usage is what was spent.
type Usage interface {
	Overview(ctx context.Context, now time.Time) (usage.Overview, error)
	Requests(ctx context.Context, limit int, before string) ([]usage.Record, error)
	Request(ctx context.Context, id string) (record usage.Record, known bool, err error)
}

func (d *desk) accountStats(w http.ResponseWriter, r *http.Request) {
	views, err := d.Accounts.List(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	stats := AccountStats{TotalAccounts: len(views)}
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
	stats := KeyStats{TotalKeys: len(views)}
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

// How many requests a page of the list has: unless asked for, and at most.
const (
	requestsShown = 50
	requestsMost  = 500
)

func (d *desk) listRequests(w http.ResponseWriter, r *http.Request) {
	query, limit := r.URL.Query(), requestsShown
	if asked := query.Get("limit"); asked != "" {
		count, err := strconv.Atoi(asked)
		if err != nil || count < 1 || count > requestsMost {
			d.refuse(w, r, &fault.Error{Kind: fault.Invalid, Param: "limit", Message: "limit must be from 1 to " + strconv.Itoa(requestsMost) + "."})
			return
		}
		limit = count
	}
	records, err := d.Usage.Requests(r.Context(), limit, query.Get("before"))
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	requests := make([]Request, 0, len(records))
	for _, record := range records {
		requests = append(requests, showRequest(record))
	}
	d.answer(w, http.StatusOK, requests)
}

func showRequest(r usage.Record) Request {
	served, _ := r.Served()
	return Request{
		ID: r.ID, At: r.At.UTC(), Key: r.KeyName, Client: r.Client, Dialect: r.Dialect, ModelAsked: r.ModelAsked, ModelUsed: r.ModelUsed,
		Account: served.Account, Attempts: showAttempts(r.Attempts), Streaming: r.Streaming, Status: r.Status, Fault: r.Fault, Message: r.Message,
		InputTokens: r.Usage.Input, OutputTokens: r.Usage.Output, TokensSource: r.Usage.Source.String(),
		FirstEventMS: r.FirstEvent.Milliseconds(), DurationMS: r.Duration.Milliseconds(),
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
