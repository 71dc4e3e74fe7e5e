package admin

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// spent is a request that cost something.
func spent(id string, at time.Time, change func(*usage.Record)) *usage.Record {
	r := &usage.Record{
		ID: id, At: at, KeyID: 1, KeyName: "laptop", Client: "Claude Code", Dialect: "anthropic", ModelAsked: "claude-sonnet-4-5", ModelUsed: "claude-sonnet-4.5",
		Status: 200, FirstEvent: time.Second, Duration: 2 * time.Second, Usage: chat.Usage{Input: 1000, Output: 100, Source: chat.Derived}, BytesIn: 400, BytesOut: 90,
		Attempts: []usage.Attempt{{AccountID: 7, Account: "Work"}},
	}
	if change != nil {
		change(r)
	}
	return r
}

func failing(kind string, status int) func(*usage.Record) {
	return func(r *usage.Record) {
		r.Fault, r.Status, r.Message, r.Usage, r.FirstEvent = kind, status, "It went wrong.", chat.Usage{}, 0
		r.Attempts[0].Fault = kind
	}
}

func (o *office) record(t *testing.T, records ...*usage.Record) {
	t.Helper()
	if err := o.usage.InsertBatch(t.Context(), records, usage.Gap{}); err != nil {
		t.Fatal(err)
	}
}

// ask reads an answer of the owner's door.
func ask[T any](t *testing.T, o *office, path string) (answer T) {
	t.Helper()
	got := o.asOwner("GET", path, "")
	if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || got.Code != http.StatusOK {
		t.Fatalf("%s answered %d %s, %v", path, got.Code, got.Body, err)
	}
	return answer
}

func day(hour int) time.Time { return time.Date(2026, 3, 10, hour, 0, 0, 0, time.UTC) }

func TestWhatWasUsedByDay(t *testing.T) {
	o := openOffice(t)
	o.record(t, spent("a", day(1), nil), spent("b", day(23), nil), spent("c", day(30), failing("throttled", 429)), spent("d", day(31), failing("canceled", 499)))
	stats := ask[UsageStats](t, o, "/admin/stats/usage?zone=UTC&from=2026-03-09&to=2026-03-12")
	var days []string
	for _, row := range stats.Rows {
		days = append(days, fmt.Sprintf("%s:%d/%d/%d", row.Name, row.Requests, row.Errors, row.Canceled))
	}
	if got := strings.Join(days, " "); got != "2026-03-09:0/0/0 2026-03-10:2/0/0 2026-03-11:2/1/1 2026-03-12:0/0/0" {
		t.Errorf("days are %s", got)
	}
	total := stats.Total
	if total.Requests != 4 || total.InputTokens != 2000 || total.OutputTokens != 200 || total.DerivedTokens != 2200 || *total.FirstEventMS != 1000 || total.BytesIn != 1600 {
		t.Errorf("the total is %+v", total)
	}
	if stats.By != "day" || stats.Zone != "UTC" || stats.Currency != "USD" || total.Cost != nil || stats.Compared != nil || !stats.To.Equal(day(72)) {
		t.Errorf("got %+v", stats)
	}
}

func TestTheDayTheClockIsChangedHasItsHours(t *testing.T) {
	o := openOffice(t)
	spring, autumn := time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC)
	for _, change := range []struct {
		date   string
		begins time.Time
		hours  int
	}{{"2026-03-29", spring, 23}, {"2026-10-25", autumn, 25}} {
		for hour := -1; hour <= change.hours; hour++ { // one before the day and one after it
			o.record(t, spent(fmt.Sprint(change.date, hour), change.begins.Add(time.Duration(hour)*time.Hour+30*time.Minute), nil))
		}
		query := "&zone=Europe/Berlin&from=" + change.date + "&to=" + change.date
		if hours := ask[UsageStats](t, o, "/admin/stats/usage?by=hour"+query); len(hours.Rows) != change.hours || hours.Total.Requests != int64(change.hours) {
			t.Errorf("%s has %d hours with %d requests", change.date, len(hours.Rows), hours.Total.Requests)
		}
		days := ask[UsageStats](t, o, "/admin/stats/usage?by=day"+query)
		if len(days.Rows) != 1 || days.Rows[0].Name != change.date || days.Rows[0].Requests != int64(change.hours) {
			t.Errorf("%s: %+v", change.date, days.Rows)
		}
	}
}

func TestWhatWasUsedByWhatRequestsHaveInCommon(t *testing.T) {
	o := openOffice(t)
	o.newKey(t)
	codex := func(r *usage.Record) { r.Client, r.Dialect, r.KeyID, r.KeyName = "Codex", "responses", 2, "gone" }
	o.record(t, spent("a", day(1), nil), spent("b", day(2), nil), spent("c", day(3), codex), spent("d", day(3), failing("limited", 429)),
		spent("e", day(3), func(r *usage.Record) { r.KeyID, r.KeyName, r.Attempts, r.ModelUsed = 0, "", nil, "" }))
	const window = "&zone=UTC&from=2026-03-10&to=2026-03-10"
	for query, want := range map[string]string{
		"by=key":                              "laptop=3 =1 gone=1",
		"by=account":                          "Work=4 =1",
		"by=client":                           "Claude Code=4 Codex=1",
		"by=dialect":                          "anthropic=4 responses=1",
		"by=model":                            "claude-sonnet-4.5=4 =1",
		"by=fault":                            "=4 limited=1",
		"by=client&key=2":                     "Codex=1",
		"by=client&key=2&key=0":               "Claude Code=1 Codex=1",
		"by=client&status=failed":             "Claude Code=1",
		"by=client&status=4xx":                "Claude Code=1",
		"by=client&status=5xx":                "",
		"by=client&status=limited&status=5xx": "Claude Code=1",
		"by=key&client=Codex":                 "gone=1",
		"by=key&account=7&dialect=anthropic":  "laptop=3",
		"by=key&model=claude-haiku-4.5":       "",
		"by=key&client=":                      "laptop=3 =1 gone=1",
	} {
		var rows []string
		for _, row := range ask[UsageStats](t, o, "/admin/stats/usage?"+query+window).Rows {
			rows = append(rows, fmt.Sprintf("%s=%d", row.Name, row.Requests))
		}
		if got := strings.Join(rows, " "); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func TestWhatTokensCostByThePricesOfNow(t *testing.T) {
	o := openOffice(t)
	o.record(t, spent("a", day(1), nil), spent("b", day(2), func(r *usage.Record) { r.ModelUsed = "auto" }), spent("c", day(30), nil))
	const path = "/admin/stats/usage?zone=UTC&from=2026-03-10&to=2026-03-11"
	if total := ask[UsageStats](t, o, path).Total; total.Cost != nil || total.UnpricedTokens != 3300 {
		t.Errorf("without prices: %v, %d", total.Cost, total.UnpricedTokens)
	}
	o.play(t, []step{{"PUT", "/admin/settings", `{"prices":[{"model":"claude-*","input":3,"output":15}]}`, 200, []string{`"prices":[{"model":"claude-*","input":3,"output":15}]`}, nil}})
	stats := ask[UsageStats](t, o, path)
	if total := stats.Total; total.Cost == nil || math.Abs(*total.Cost-2*0.0045) > 1e-12 || total.UnpricedTokens != 1100 {
		t.Errorf("the total is %+v", total)
	}
	if cost := stats.Rows[1].Cost; cost == nil || math.Abs(*cost-0.0045) > 1e-12 {
		t.Errorf("the second day costs %v", cost)
	}
	models := ask[UsageStats](t, o, path+"&by=model")
	if auto := models.Rows[1]; auto.Name != "auto" || auto.Cost != nil || auto.UnpricedTokens != 1100 {
		t.Errorf("got %+v", auto)
	}
	o.play(t, []step{
		{"PUT", "/admin/settings", `{"prices":null}`, 200, []string{`"model":"claude-*"`}, nil},
		{"PUT", "/admin/settings", `{"prices":[{"input":1}]}`, 400, []string{`"field":"prices"`, "Price 1 has no model."}, nil},
		{"PUT", "/admin/settings", `{"prices":[{"model":"a","input":-1}]}`, 400, []string{`"field":"prices"`}, nil},
		{"PUT", "/admin/settings", `{"usage_retention_days":800}`, 400, []string{`"field":"rollup_retention_days"`}, nil},
		{"PUT", "/admin/settings", `{"usage_retention_days":7,"rollup_retention_days":0,"prices":[]}`, 200, []string{`"usage_retention_days":7,"rollup_retention_days":0,"prices":[]`}, nil},
	})
}

func TestAWindowIsComparedWithTheOneBeforeIt(t *testing.T) {
	o := openOffice(t)
	o.record(t, spent("march", day(1), nil), spent("the day before", day(-1), nil), spent("a week before", day(-24*7), nil))
	for compare, want := range map[string]string{
		"previous": "2026-03-09 1", "2026-03-03": "2026-03-03 1", "2026-03-01": "2026-03-01 0", "2026-03-03T00:00:00Z": "2026-03-03 1",
	} {
		compared := ask[UsageStats](t, o, "/admin/stats/usage?zone=UTC&from=2026-03-10&to=2026-03-10&compare="+compare).Compared
		if got := fmt.Sprintf("%s %d", compared.Rows[0].Name, compared.Total.Requests); got != want || len(compared.Rows) != 1 {
			t.Errorf("%s: %s, want %s", compare, got, want)
		}
	}
	// The clock changed in between: a day is compared with a day, however long.
	changed := ask[UsageStats](t, o, "/admin/stats/usage?zone=Europe/Berlin&from=2026-03-30&to=2026-03-30&compare=previous").Compared
	if changed.To.Sub(changed.From) != 23*time.Hour {
		t.Errorf("from %s to %s", changed.From, changed.To)
	}
}

func TestTimesWithoutRecordsAreShown(t *testing.T) {
	o := openOffice(t)
	gap := usage.Gap{From: day(10).Add(time.Minute), To: day(10).Add(9 * time.Minute), Count: 1234}
	if err := o.usage.InsertBatch(t.Context(), []*usage.Record{spent("a", day(11), nil)}, gap); err != nil {
		t.Fatal(err)
	}
	stats := ask[UsageStats](t, o, "/admin/stats/usage?zone=UTC&from=2026-03-10&to=2026-03-10")
	if len(stats.Gaps) != 1 || stats.Gaps[0].Requests != 1234 || !stats.Gaps[0].From.Equal(gap.From) || !stats.Gaps[0].To.Equal(gap.To) || stats.Total.Requests != 1 {
		t.Errorf("got %+v of %d", stats.Gaps, stats.Total.Requests)
	}
	o.play(t, []step{
		{"GET", "/admin/requests", "", 200, []string{"1234 requests from 10:01:00 to 10:09:00 UTC were not recorded."}, nil},
		{"GET", "/admin/requests?key=1", "", 200, []string{`"id":"a"`}, []string{"not recorded"}},
		{"GET", "/admin/requests?status=not_recorded", "", 200, []string{"not recorded"}, []string{`"id":"a"`}},
		{"GET", "/admin/requests?status=failed", "", 200, []string{"[]"}, nil},
		{"GET", "/admin/stats/usage?zone=UTC&from=2026-03-11", "", 200, []string{`"gaps":[]`}, nil},
	})
}

func TestSharesOfAccountsAndKeys(t *testing.T) {
	o := openOffice(t)
	now := time.Now()
	rescued := func(r *usage.Record) {
		r.Attempts = []usage.Attempt{{AccountID: 8, Account: "Spare", Fault: "throttled"}, {AccountID: 7, Account: "Work"}}
	}
	o.record(t, spent("a", now, nil), spent("b", now, rescued), spent("c", now, func(r *usage.Record) {
		failing("throttled", 429)(r)
		r.Attempts[0].AccountID, r.Attempts[0].Account, r.Client = 8, "Spare", "Codex"
	}))
	accounts := ask[AccountStats](t, o, "/admin/stats/accounts").Accounts
	if len(accounts) != 2 || accounts[0].Name != "Work" || accounts[0].Requests != 2 || len(accounts[0].Faults) != 0 || len(accounts[0].FailedAttempts) != 0 {
		t.Fatalf("got %+v", accounts)
	}
	spare := accounts[1]
	if fmt.Sprint(spare.Faults, spare.FailedAttempts, spare.Models[0].Requests) != "[{throttled 1}] [{throttled 2}] 1" || spare.Clients[0].Name != "Codex" {
		t.Errorf("got %+v", spare)
	}
	never := func(r *usage.Record) {
		r.Attempts = []usage.Attempt{{AccountID: 9, Account: "Never", Fault: "suspended"}, {AccountID: 7, Account: "Work"}}
	}
	o.record(t, spent("d", now, never))
	if last := ask[AccountStats](t, o, "/admin/stats/accounts").Accounts[2]; last.Name != "Never" || last.Requests != 0 || last.FailedAttempts[0] != (FaultCount{"suspended", 1}) {
		t.Errorf("an account that never served: %+v", last)
	}
	keys := ask[KeyStats](t, o, "/admin/stats/api-keys").Keys
	if len(keys) != 1 || keys[0].Name != "laptop" || keys[0].Errors != 1 || len(keys[0].Clients) != 2 || keys[0].Clients[0].Requests != 3 {
		t.Errorf("got %+v", keys)
	}
	if old := ask[KeyStats](t, o, "/admin/stats/api-keys?to=2026-01-01").Keys; len(old) != 0 {
		t.Errorf("before that: %+v", old)
	}
}

func TestWhatIsWrongWithAQuestionIsNamed(t *testing.T) {
	o := openOffice(t)
	for query, field := range map[string]string{
		"by=week": "by", "zone=Mars/Olympus": "zone", "zone=../etc/passwd": "zone", "from=yesterday": "from", "to=2026-13-01": "to", "from=1969-12-31": "from",
		"from=2026-03-11&to=2026-03-10": "from", "key=laptop": "key", "account=-1": "account", "status=bad": "status", "status=6xx": "status",
		"by=hour&from=2020-01-01&to=2026-01-01": "by", "from=1970-01-02": "by", "compare=never": "compare", "to=9999-12-31": "to",
		strings.Repeat("client=x&", 51): "client",
	} {
		for _, path := range []string{"/admin/stats/usage?", "/admin/stats/usage.csv?"} {
			o.play(t, []step{{"GET", path + query, "", 400, []string{`"code":"invalid"`, `"field":"` + field + `"`}, nil}})
		}
	}
	for _, query := range []string{"", "?from=2199-01-01", "?by=hour&to=1980-01-01", "?from=2026-03-10T10:00:00+01:00&to=2026-03-10T12:00:00Z", "?by=key&from=1970-01-01"} {
		o.play(t, []step{{"GET", "/admin/stats/usage" + query, "", 200, []string{`"rows":[`}, []string{"null,null"}}})
	}
}

func TestUsageAsATable(t *testing.T) {
	o := openOffice(t)
	o.record(t, spent("a", day(1), func(r *usage.Record) { r.Client = "=HYPERLINK(1)" }), spent("b", day(2), nil), spent("c", day(2), nil))
	const query = "?zone=UTC&from=2026-03-10&to=2026-03-10"
	table := o.table(t, "/admin/stats/usage.csv"+query+"&by=client")
	if table[0][0] != "client" || table[1][0] != "Claude Code" || table[1][4] != "2" || table[2][0] != "'=HYPERLINK(1)" || len(table) != 3 {
		t.Errorf("got %q", table)
	}
	if days := o.table(t, "/admin/stats/usage.csv"+query); days[1][0] != "2026-03-10" || days[1][2] != "2026-03-10T00:00:00Z" || days[1][4] != "3" || len(days) != 2 {
		t.Errorf("got %q", days)
	}
	accepted := call(o.listener, "GET", "/admin/stats/usage"+query, "", "Authorization", "Bearer "+theToken, "Accept", "application/xml, text/csv;q=0.9")
	if kind := accepted.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") {
		t.Errorf("it is %q", kind)
	}
}

// table reads a CSV answer.
func (o *office) table(t *testing.T, path string) [][]string {
	t.Helper()
	answer := o.asOwner("GET", path, "")
	lines, err := csv.NewReader(answer.Body).ReadAll()
	if err != nil || answer.Code != http.StatusOK || !strings.HasPrefix(answer.Header().Get("Content-Type"), "text/csv") ||
		!strings.HasPrefix(answer.Header().Get("Content-Disposition"), "attachment; filename=") {
		t.Fatalf("%s answered %d %v, %v", path, answer.Code, answer.Header(), err)
	}
	return lines
}
