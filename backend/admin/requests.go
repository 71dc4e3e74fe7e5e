package admin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/settings"
	"amq2api/backend/usage"
)

// How many requests a page of the list has: unless asked for, and at most.
const (
	requestsShown = 50
	requestsMost  = 500
	longestText   = 200 // bytes of a text to look for
)

// readSearch reads which requests are asked for, without how many.
func readSearch(q url.Values) (search usage.Search, zone *time.Location, f *fault.Error) {
	p, f := readPeriod(q)
	if f != nil {
		return search, nil, f
	}
	search = usage.Search{From: p.from, To: p.to, Text: strings.TrimSpace(q.Get("text")), Before: q.Get("before")}
	if len(search.Text) > longestText {
		return search, nil, invalid("text", "text must be at most %d bytes long.", longestText)
	}
	search.Filter, f = readFilter(q)
	return search, p.zone, f
}

func readLimit(q url.Values) (int, *fault.Error) {
	asked := q.Get("limit")
	if asked == "" {
		return requestsShown, nil
	}
	limit, err := strconv.Atoi(asked)
	if err != nil || limit < 1 || limit > requestsMost {
		return 0, invalid("limit", "limit must be from 1 to %d.", requestsMost)
	}
	return limit, nil
}

// listRequests answers with a page. The header Link has the address of the next one, if there is one.
func (d *desk) listRequests(w http.ResponseWriter, r *http.Request) {
	if wantsCSV(r) {
		d.requestsTable(w, r)
		return
	}
	query := r.URL.Query()
	search, _, f := readSearch(query)
	limit, wrong := readLimit(query)
	if f == nil {
		f = wrong
	}
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	search.Limit = limit + 1
	records, err := d.Usage.Requests(r.Context(), search)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	if len(records) > limit {
		records = records[:limit]
		query.Set("before", records[limit-1].ID)
		w.Header().Set("Link", "<"+r.URL.Path+"?"+query.Encode()+`>; rel="next"`)
	}
	requests := make([]Request, 0, len(records))
	for _, record := range records {
		requests = append(requests, showRequest(record))
	}
	d.answer(w, http.StatusOK, requests)
}

func (d *desk) getRequest(w http.ResponseWriter, r *http.Request) {
	record, known, err := d.Usage.Request(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		d.refuse(w, r, err)
	case !known:
		d.refuse(w, r, fault.New(fault.NotFound, "There is no request %.60q on record.", r.PathValue("id")))
	default:
		detail := RequestDetail{Request: showRequest(record), CacheReadTokens: record.Usage.CacheRead, CacheWriteTokens: record.Usage.CacheWrite}
		detail.Cost = costOfRequest(record, d.Settings.Current())
		d.answer(w, http.StatusOK, detail)
	}
}

func costOfRequest(r usage.Record, prices settings.Settings) *float64 {
	cost, ok := prices.Cost(r.ModelUsed, int64(r.Usage.Input), int64(r.Usage.Output))
	if !ok {
		return nil
	}
	return &cost
}

// requestsTable is all requests that a search finds as CSV, page by page.
func (d *desk) requestsTable(w http.ResponseWriter, r *http.Request) {
	search, zone, f := readSearch(r.URL.Query())
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	table := d.beginTable(w, "requests")
	table.line(
		"id", "at", "key_id", "key", "account_id", "account", "client", "dialect", "model_asked", "model_used", "streaming", "status", "fault", "message", "attempts",
		"input_tokens", "output_tokens", "tokens_source", "first_event_ms", "duration_ms", "bytes_in", "bytes_out", "cost_usd",
	)
	if r.Method == http.MethodHead {
		table.end(nil)
		return
	}
	table.end(d.writeRequests(r.Context(), table, search, zone))
}

func (d *desk) writeRequests(ctx context.Context, table *table, search usage.Search, zone *time.Location) error {
	prices := d.Settings.Current()
	for search.Limit = requestsMost; ; {
		records, err := d.Usage.Requests(ctx, search)
		if err != nil {
			return err
		}
		for _, record := range records {
			if !table.line(cellsOf(record, zone, prices)...) {
				return nil // nobody reads any more
			}
		}
		if len(records) < search.Limit {
			return nil
		}
		search.Before = records[len(records)-1].ID
	}
}

func cellsOf(record usage.Record, zone *time.Location, prices settings.Settings) []string {
	r := showRequest(record)
	return []string{
		r.ID, record.At.In(zone).Format("2006-01-02T15:04:05.000Z07:00"), number(&r.KeyID), r.Key, number(&r.AccountID), r.Account, r.Client, r.Dialect,
		r.ModelAsked, r.ModelUsed, strconv.FormatBool(r.Streaming), strconv.Itoa(r.Status), r.Fault, r.Message, strconv.Itoa(len(r.Attempts)),
		strconv.Itoa(r.InputTokens), strconv.Itoa(r.OutputTokens), r.TokensSource, number(&r.FirstEventMS), number(&r.DurationMS),
		number(&r.BytesIn), number(&r.BytesOut), dollars(costOfRequest(record, prices)),
	}
}
