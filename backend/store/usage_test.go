package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

func record(id string, at time.Time) *usage.Record {
	return &usage.Record{
		ID: id, At: at, KeyID: 1, KeyName: "laptop", Client: "Claude Code", Dialect: "anthropic", ModelAsked: "claude-sonnet-4-5-20250929",
		ModelUsed: "claude-sonnet-4.5", Streaming: true, Status: 200, FirstEvent: 1500 * time.Millisecond, Duration: 4 * time.Second, BytesIn: 4000, BytesOut: 900,
		Usage:    chat.Usage{Input: 1000, Output: 50, CacheRead: 7, CacheWrite: 8, Source: chat.Derived},
		Attempts: []usage.Attempt{{AccountID: 8, Account: "spare", Fault: "throttled", Duration: time.Second}, {AccountID: 9, Account: "work", Duration: time.Second}},
	}
}

func failed(r *usage.Record, kind string) *usage.Record {
	r.Fault, r.FirstEvent, r.Usage = kind, 0, chat.Usage{}
	return r
}

func insert(t *testing.T, db *DB, records ...*usage.Record) {
	t.Helper()
	if err := db.Usage().InsertBatch(t.Context(), records, usage.Gap{}); err != nil {
		t.Fatal(err)
	}
}

func requestIDs(t *testing.T, db *DB, limit int, before string) string {
	t.Helper()
	records, err := db.Usage().Requests(t.Context(), usage.Search{Limit: limit, Before: before})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	return strings.Join(ids, " ")
}

func TestARequestComesBackAsItWasRecorded(t *testing.T) {
	db := opened(t)
	insert(t, db, record("req-1", noon))
	got, err := db.Usage().Requests(t.Context(), usage.Search{Limit: 10})
	if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], *record("req-1", noon)) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRequestsAreListedNewestFirstPageByPage(t *testing.T) {
	db := opened(t)
	for n := 1; n <= 5; n++ {
		insert(t, db, record(fmt.Sprintf("r%d", n), noon))
	}
	for _, page := range []struct{ before, want string }{{"", "r5 r4"}, {"r4", "r3 r2"}, {"r2", "r1"}, {"r1", ""}, {"gone", ""}} {
		if got := requestIDs(t, db, 2, page.before); got != page.want {
			t.Errorf("before %q: %q, want %q", page.before, got, page.want)
		}
	}
}

func TestALongNameOfAModelDoesNotFillTheDisk(t *testing.T) {
	db := opened(t)
	long := record("req-1", noon)
	long.ModelAsked = strings.Repeat("模", 100_000)
	long.Message = strings.Repeat("é", 100_000)
	insert(t, db, long)
	got, err := db.Usage().Requests(t.Context(), usage.Search{Limit: 1})
	if err != nil || len(got[0].ModelAsked) != 198 || len(got[0].Message) != 1000 {
		t.Errorf("%d and %d bytes, %v", len(got[0].ModelAsked), len(got[0].Message), err)
	}
}

func TestABatchAddsToTheTotalsOfItsAccountsAndKeys(t *testing.T) {
	// What else is kept of an account is not this test's subject.
	accounts := schemaWith(t, "migrations/0001_accounts.sql", `
		CREATE TABLE accounts (id INTEGER PRIMARY KEY, profile_arn TEXT DEFAULT '', total_requests INTEGER DEFAULT 0, total_tokens INTEGER DEFAULT 0, last_used INTEGER);
		INSERT INTO accounts (id) VALUES (8), (9)`)
	made, err := open(t.Context(), Options{Path: filepath.Join(t.TempDir(), "amq2api.db"), Now: time.Now}, accounts)
	db := closing(t, made, err)
	id := insertKey(t, db, "laptop")
	retried := record("r2", noon.Add(-time.Hour))
	retried.Attempts = append(retried.Attempts[1:], retried.Attempts[1])
	limited := failed(record("r3", noon.Add(time.Hour)), "limited")
	limited.Attempts = nil
	stranger := record("r4", noon)
	stranger.KeyID, stranger.Attempts[1].AccountID = 4711, 4711 // both deleted meanwhile
	batch := []*usage.Record{record("r1", noon), retried, limited, stranger}
	batch[0].KeyID, retried.KeyID, limited.KeyID = id, id, id
	insert(t, db, batch...)

	keys, err := db.Keys().All(t.Context())
	if err != nil || keys[0].TotalRequests != 2 || !keys[0].LastUsed.Equal(noon) {
		t.Errorf("the key has %d requests, last at %v, %v", keys[0].TotalRequests, keys[0].LastUsed, err)
	}
	wantAccount(t, db, 8, "2 0 true")    // tried first, twice, and served nothing
	wantAccount(t, db, 9, "2 2100 true") // served r1, and r2 at the second try
}

func wantAccount(t *testing.T, db *DB, id int64, want string) {
	t.Helper()
	var requests, tokens, used int64
	err := db.read.QueryRowContext(t.Context(), "SELECT total_requests, total_tokens, last_used FROM accounts WHERE id = ?", id).Scan(&requests, &tokens, &used)
	if got := fmt.Sprint(requests, tokens, used == noon.UnixMilli()); err != nil || got != want {
		t.Errorf("account %d: %s, want %s (%v)", id, got, want, err)
	}
}

func TestABatchIsKeptWholeOrNotAtAll(t *testing.T) {
	db := opened(t)
	if _, err := db.write.ExecContext(t.Context(), "DROP TABLE minutes"); err != nil {
		t.Fatal(err)
	}
	if err := db.Usage().InsertBatch(t.Context(), []*usage.Record{record("r1", noon)}, usage.Gap{}); err == nil {
		t.Error("the batch reports success")
	}
	if got := requestIDs(t, db, 10, ""); got != "" {
		t.Errorf("%q stayed of it", got)
	}
}

func TestAGapShowsInTheListAndNowhereElse(t *testing.T) {
	db := opened(t)
	gap := usage.Gap{From: noon.Add(-8 * time.Minute), To: noon, Count: 1234}
	if err := db.Usage().InsertBatch(t.Context(), nil, gap); err != nil {
		t.Fatal(err)
	}
	got, err := db.Usage().Requests(t.Context(), usage.Search{Limit: 10})
	if err != nil || len(got) != 1 || got[0].Fault != usage.Lost || got[0].Message != "1234 requests from 11:52:00 to 12:00:00 UTC were not recorded." {
		t.Errorf("got %+v, %v", got, err)
	}
	o, err := db.Usage().Overview(t.Context(), noon)
	if err != nil || o.LastMinute != 0 || o.Requests != 0 || o.Errors != 0 {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestTheOverviewOfAnEmptyDatabase(t *testing.T) {
	o, err := opened(t).Usage().Overview(t.Context(), noon)
	if err != nil || o.Requests != 0 || o.FirstEvent != nil || len(o.Traffic) != 60 {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestTheOverviewOfADay(t *testing.T) {
	db := opened(t)
	now := noon.Add(30 * time.Second)
	yesterday, morning := record("yesterday", noon.Add(-13*time.Hour)), record("morning", noon.Add(-12*time.Hour))
	insert(t, db, yesterday, morning, failed(record("failed", now.Add(-59*time.Minute)), "unavailable"), failed(record("left", now), "canceled"))
	for n := 1; n <= 20; n++ {
		recent := record("recent", now.Add(-10*time.Minute))
		recent.FirstEvent = time.Duration(n) * time.Second
		insert(t, db, recent)
	}
	o, err := db.Usage().Overview(t.Context(), now.In(time.FixedZone("", -5*3600)))
	if err != nil {
		t.Fatal(err)
	}
	if o.LastMinute != 1 || o.Requests != 23 || o.Errors != 1 || o.InputTokens != 21_000 || o.OutputTokens != 21*50 {
		t.Errorf("sums are %+v", o)
	}
	if o.FirstEvent == nil || *o.FirstEvent != (usage.Quantiles{P50: 10 * time.Second, P95: 19 * time.Second}) {
		t.Errorf("quantiles are %v", o.FirstEvent)
	}
	at := func(ago int) usage.Minute { return o.Traffic[59-ago] }
	if at(59) != (usage.Minute{At: noon.Add(-59 * time.Minute), Failed: 1}) || at(10).Succeeded != 20 || at(0).Succeeded != 1 || at(1) != (usage.Minute{At: noon.Add(-time.Minute)}) {
		t.Errorf("traffic is %v", o.Traffic)
	}
}

func TestOldRequestsAreForgottenAndTotalsStay(t *testing.T) {
	db := opened(t)
	id := insertKey(t, db, "laptop")
	old := record("old", noon.AddDate(0, 0, -31))
	old.KeyID = id
	insert(t, db, old, record("new", noon))
	forgetRows(t, db, noon.AddDate(0, 0, -30))
	if got := requestIDs(t, db, 10, ""); got != "new" {
		t.Errorf("left: %q", got)
	}
	if keys, err := db.Keys().All(t.Context()); err != nil || keys[0].TotalRequests != 2 {
		t.Errorf("the key's total is %v, %v", keys, err)
	}
}

func TestTheCommonQueriesUseTheirIndexes(t *testing.T) {
	db := opened(t)
	scan := func(row *sql.Rows) (detail string, err error) {
		var id, parent, unused int
		return detail, row.Scan(&id, &parent, &unused, &detail)
	}
	page, _ := searching(usage.Search{Before: "r1", Limit: 1})
	for _, query := range []string{page, oldRequests, firstEvents, sumsOfDay, oldPeriods} {
		plan, err := list(t.Context(), db.read, scan, "EXPLAIN QUERY PLAN "+query, 1, 1)
		text := strings.Join(plan, "; ")
		if err != nil || text == "" || strings.Contains(text, "SCAN requests") || strings.Contains(text, "SCAN minutes") || strings.Contains(text, "SCAN key_periods") {
			t.Errorf("%s\n%s %v", query, text, err)
		}
	}
}
