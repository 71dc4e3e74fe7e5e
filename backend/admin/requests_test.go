package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"amq2api/backend/usage"
)

func ids(requests []Request) string {
	var ids []string
	for _, r := range requests {
		ids = append(ids, r.ID)
	}
	return strings.Join(ids, " ")
}

func TestRequestsAreFoundByWhatIsKnownOfThem(t *testing.T) {
	o := openOffice(t)
	o.record(t,
		spent("plain", day(1), nil),
		spent("codex", day(2), func(r *usage.Record) { r.Client, r.Dialect, r.KeyID, r.KeyName = "Codex", "responses", 2, "desk" }),
		spent("haiku", day(3), func(r *usage.Record) { r.ModelAsked, r.ModelUsed = "gpt-5-mini", "claude-haiku-4.5" }),
		spent("throttled", day(4), failing("throttled", 429)),
		spent("left", day(5), failing("canceled", 499)),
		spent("broken", day(6), func(r *usage.Record) { failing("unavailable", 502)(r); r.Message = "100% of it_broke" }),
		spent("nobody", day(7), func(r *usage.Record) { failing("unauthenticated", 401)(r); r.KeyID, r.KeyName, r.Attempts = 0, "", nil }),
	)
	for query, want := range map[string]string{
		"":                                       "nobody broken left throttled haiku codex plain",
		"key=2":                                  "codex",
		"key=2&key=0":                            "nobody codex",
		"account=0":                              "nobody",
		"account=7&client=Claude+Code":           "broken left throttled haiku plain",
		"dialect=responses":                      "codex",
		"model=claude-haiku-4.5":                 "haiku",
		"model=gpt-5-mini":                       "haiku",
		"status=succeeded":                       "haiku codex plain",
		"status=failed":                          "nobody broken throttled",
		"status=canceled":                        "left",
		"status=4xx":                             "nobody left throttled",
		"status=5xx&status=throttled":            "broken throttled",
		"status=2xx":                             "haiku codex plain",
		"status=unavailable":                     "broken",
		"text=WENT+wrong":                        "nobody left throttled",
		"text=100%25":                            "broken",
		"text=it_b":                              "broken",
		"text=it%25b":                            "",
		"text=desk":                              "codex",
		"text=haik":                              "haiku",
		"text=plain&key=2":                       "",
		"text='%20OR%201=1--":                    "",
		"from=2026-03-10T05:00:00Z":              "nobody broken left",
		"to=2026-03-10T02:00:00Z":                "plain",
		"zone=UTC&from=2026-03-10&to=2026-03-10": "nobody broken left throttled haiku codex plain",
		"zone=Asia/Shanghai&to=2026-03-10&from=2026-03-10":                       "nobody broken left throttled haiku codex plain",
		"zone=Pacific/Auckland&to=2026-03-10":                                    "nobody broken left throttled haiku codex plain",
		"zone=America/Los_Angeles&from=2026-03-10":                               "nobody",
		"from=2026-03-10T02:00:00Z&to=2026-03-10T04:00:00.001Z&status=throttled": "throttled",
		"before=left&status=succeeded":                                           "haiku codex plain",
		"key=&client=&status=&text=&to=":                                         "nobody broken left throttled haiku codex plain",
	} {
		if got := ids(ask[[]Request](t, o, "/admin/requests?"+query)); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for query, field := range map[string]string{"status=odd": "status", "key=x": "key", "from=never": "from", "zone=x": "zone", "text=" + strings.Repeat("x", 201): "text"} {
		o.play(t, []step{{"GET", "/admin/requests?" + query, "", 400, []string{`"field":"` + field + `"`}, nil}, {"GET", "/admin/requests.csv?" + query, "", 400, []string{`"field":"` + field + `"`}, nil}})
	}
}

var nextPage = regexp.MustCompile(`^<([^>]+)>; rel="next"$`)

func TestPagesStayApartWhileRequestsCome(t *testing.T) {
	o := openOffice(t)
	for n := range 100 {
		change := failing("throttled", 429)
		if n%2 == 0 {
			change = nil
		}
		o.record(t, spent(fmt.Sprintf("r%03d", n), day(n/10), change))
	}
	var seen []string
	path, pages := "/admin/requests?limit=7&status=failed&from=2026-03-10T00:00:00Z", 0
	for path != "" {
		pages++
		o.record(t, spent(fmt.Sprintf("late%d", pages), day(1), failing("throttled", 429)), spent(fmt.Sprintf("new%d", pages), day(40), failing("throttled", 429)))
		answer := o.asOwner("GET", path, "")
		for _, r := range ask[[]Request](t, o, path) {
			if !strings.HasPrefix(r.ID, "late1") && !strings.HasPrefix(r.ID, "new1") {
				seen = append(seen, r.ID)
			}
		}
		next := nextPage.FindStringSubmatch(answer.Header().Get("Link"))
		if path = ""; next != nil {
			path = next[1]
		}
	}
	if len(seen) != 50 || pages != 8 {
		t.Fatalf("%d requests on %d pages", len(seen), pages)
	}
	for i, id := range seen {
		if want := fmt.Sprintf("r%03d", 99-2*i); id != want {
			t.Errorf("%s where %s should be", id, want)
		}
	}
}

func TestARequestHasItsAttempts(t *testing.T) {
	o := openOffice(t)
	o.play(t, []step{{"PUT", "/admin/settings", `{"prices":[{"model":"*","input":1,"output":1}]}`, 200, nil, nil}})
	o.record(t, spent("req_1", day(1), func(r *usage.Record) {
		r.Attempts = []usage.Attempt{{AccountID: 8, Account: "Spare", Fault: "throttled", Duration: time.Second}, {AccountID: 7, Account: "Work", Ground: "turn"}}
	}))
	o.play(t, []step{
		{"GET", "/admin/requests/req_1", "", 200, []string{
			`"id":"req_1"`, `"account":"Work"`, `"account_id":7`, `"attempts":[{"account_id":8,"account":"Spare","fault":"throttled","duration_ms":1000`, `"bytes_in":400,"bytes_out":90`,
			`"cost":0.0011`, `"tokens_source":"derived"`,
		}, nil},
		{"GET", "/admin/requests/req_2", "", 404, []string{`"code":"not_found"`}, nil},
	})
}

func TestRequestsAsATable(t *testing.T) {
	o := openOffice(t)
	evil := []string{"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\u3000=1"}
	for n, text := range evil {
		o.record(t, spent(fmt.Sprintf("evil%d", n), day(0), func(r *usage.Record) {
			r.KeyName, r.Client, r.ModelAsked, r.Message, r.Fault, r.Attempts[0].Account = text, text, text, text, "internal", text
		}))
	}
	for n := range 1200 { // more than two of the pages it is read by
		o.record(t, spent(fmt.Sprintf("r%04d", n), day(1), func(r *usage.Record) { r.Message = `He said "no",` + "\nthen left" }))
	}
	table := o.table(t, "/admin/requests.csv?zone=Asia/Tokyo&limit=5")
	if len(table) != 1+1200+len(evil) || table[1][0] != "r1199" || table[1][1] != "2026-03-10T10:00:00.000+09:00" || table[1][13] != "He said \"no\",\nthen left" {
		t.Fatalf("%d lines; the first are %q", len(table), table[:2])
	}
	for _, line := range table[1201:] {
		for column, cell := range line {
			if strings.ContainsAny(cell[:min(len(cell), 1)], "=+-@\t\r") || strings.Contains(cell, "1") && column == 13 && !strings.HasPrefix(cell, "'") {
				t.Errorf("column %s has %q", table[0][column], cell)
			}
		}
	}
	if few := o.table(t, "/admin/requests.csv?status=failed&before=evil3"); len(few) != 4 {
		t.Errorf("%d lines of the failed ones", len(few))
	}
	if head := o.asOwner("HEAD", "/admin/requests.csv", ""); head.Code != http.StatusOK {
		t.Errorf("HEAD answered %d", head.Code)
	}
}

// breaking is a store that fails at the second page.
type breaking struct {
	Usage
	pages, largest int
}

func (b *breaking) Requests(ctx context.Context, search usage.Search) ([]usage.Record, error) {
	b.largest = max(b.largest, search.Limit)
	if b.pages++; b.pages > 1 {
		return nil, errors.New("disk is gone")
	}
	return b.Usage.Requests(ctx, search)
}

func TestATableThatBreaksOffSaysSoAndIsNeverAllInMemory(t *testing.T) {
	o := openOffice(t)
	for n := range 600 {
		o.record(t, spent(fmt.Sprint(n), day(1), nil))
	}
	from := &breaking{Usage: o.usage}
	o.config.Usage = from
	text := call(New(o.config), "GET", "/admin/requests.csv", "", "Authorization", "Bearer "+theToken).Body.String()
	if from.largest > requestsMost || strings.Count(text, "\n") != 502 || !strings.HasSuffix(text, "This table is not complete: the rest could not be read.\n") || strings.Contains(text, "disk") {
		t.Errorf("pages of %d; it ends with %q", from.largest, text[len(text)-100:])
	}
	if !strings.Contains(o.log.String(), "disk is gone") {
		t.Error("the log does not know why")
	}
}
