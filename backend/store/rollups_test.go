package store

import (
	"database/sql"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amq2api/backend/usage"
)

func TestAFileFromBeforeTheRollUpsGetsThemForItsRows(t *testing.T) {
	path, now := filepath.Join(t.TempDir(), "amq2api.db"), openedIn(t, "Europe/Berlin")
	records := someRecords(t, now, rand.New(rand.NewPCG(9, 1)), 200)
	writeOldFile(t, path, now)
	db := openedAt(t, path)
	moveTo(t, db, "Europe/Berlin")
	for _, r := range records {
		r.BytesIn, r.BytesOut = 0, 0 // nobody counted them
	}
	random := rand.New(rand.NewPCG(10, 1))
	for range 20 {
		assertSums(t, db, records, anyQuestion(random, []*time.Location{db.zone}))
	}
	names, err := db.Usage().Names(t.Context())
	if err != nil || names.Keys[3] != "key 3" || names.Accounts[2] != "account 2" || len(names.Keys) != 3 {
		t.Errorf("names are %v, %v", names, err)
	}
	wantTries(t, db, records)
}

// writeOldFile makes a database as it was before the roll-ups, with the rows of another one.
func writeOldFile(t *testing.T, path string, rows *DB) {
	t.Helper()
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	const without = 8
	if _, err := prepare(path); err != nil {
		t.Fatal(err)
	}
	old, err := connect(path, durable)
	if err != nil {
		t.Fatal(err)
	}
	var source string
	const columns = `seq, id, at, key_id, key_name, client, dialect, model_asked, model_used, streaming, status, fault, message, attempts, input_tokens, output_tokens,
		cache_read, cache_write, source, first_event_us, duration_us`
	if err := old.migrate(t.Context(), steps[:without], func(int) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := rows.write.QueryRowContext(t.Context(), `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&source); err != nil {
		t.Fatal(err)
	}
	run(t, old, `ATTACH ? AS rows`, source)
	run(t, old, `INSERT INTO requests (`+columns+`) SELECT `+columns+` FROM rows.requests`)
	run(t, old, `DETACH rows`)
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, db *DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.write.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func wantTries(t *testing.T, db *DB, records []*usage.Record) {
	t.Helper()
	want := map[usage.Tries]int64{}
	for _, r := range records {
		for _, a := range r.Attempts {
			want[usage.Tries{AccountID: a.AccountID, Fault: a.Fault}]++
		}
	}
	tries, err := db.Usage().Tries(t.Context(), noon, noon.AddDate(0, 2, 0))
	if err != nil || len(tries) != len(want) {
		t.Fatalf("%d ends of tries, want %d, %v", len(tries), len(want), err)
	}
	for _, try := range tries {
		if want[usage.Tries{AccountID: try.AccountID, Fault: try.Fault}] != try.Count {
			t.Errorf("%+v", try)
		}
	}
}

func TestSumsOfWholeDaysReadNothingElse(t *testing.T) {
	db := openedIn(t, "Europe/Berlin")
	someRecords(t, db, rand.New(rand.NewPCG(11, 1)), 300)
	rules := usage.ZoneRules(db.zone)
	run(t, db, `UPDATE requests SET input_tokens = 0`)
	run(t, db, `DELETE FROM hours`) // what is not read need not be there
	whole := usage.Question{From: usage.StartOfDay(noon, db.zone), To: usage.AddDays(noon, 45, db.zone), Zone: db.zone}
	for _, by := range append(everyDimension, usage.ByDay) {
		whole.By = []usage.Dimension{by, usage.ByModel}
		sums, err := db.Usage().Sums(t.Context(), whole)
		tokens := int64(0)
		for _, sum := range sums {
			tokens += sum.InputTokens
		}
		if err != nil || tokens == 0 {
			t.Errorf("by %s: %d tokens, %v", by, tokens, err)
		}
		wantIndexed(t, db, asked{Question: whole, own: rules != ""}, "days")
	}
}

// wantIndexed wants each piece of a question to be a search in one table.
func wantIndexed(t *testing.T, db *DB, a asked, tables string) {
	t.Helper()
	var read []string
	for _, p := range a.pieces() {
		read = append(read, p.table)
		query, args := a.query(p)
		scan := func(row *sql.Rows) (detail string, err error) {
			var id, parent, unused int
			return detail, row.Scan(&id, &parent, &unused, &detail)
		}
		plan, err := list(t.Context(), db.read, scan, "EXPLAIN QUERY PLAN "+query, args...)
		want := map[string]string{daysTable: "SEARCH days USING PRIMARY KEY (facet=? AND at>? AND at<?)", hoursTable: "SEARCH hours USING PRIMARY KEY (facet=? AND at>? AND at<?)",
			rowsTable: "SEARCH requests USING INDEX requests_by_time (at>? AND at<?)"}[p.table]
		if text := strings.Join(plan, "; "); err != nil || !strings.Contains(text, want) || strings.Contains(text, "SCAN") {
			t.Errorf("%s\n%s, %v", query, text, err)
		}
	}
	if got := strings.Join(read, " "); got != tables {
		t.Errorf("by %v: read %q, want %q", a.By, got, tables)
	}
}

func TestOtherTimesReadTheLargestSumsThereAre(t *testing.T) {
	db := openedIn(t, "Europe/Berlin")
	ragged := usage.Question{From: noon.Add(17 * time.Minute), To: noon.AddDate(0, 0, 9).Add(40 * time.Minute), Zone: db.zone}
	wantIndexed(t, db, asked{Question: ragged, own: true}, "requests hours days hours requests")
	wantIndexed(t, db, asked{Question: ragged}, "requests hours requests")
	wantIndexed(t, db, asked{Question: ragged, own: true, rowsFrom: noon.AddDate(1, 0, 0).UnixMilli()}, "hours days hours")
	ragged.By = []usage.Dimension{usage.ByHour, usage.ByKey}
	wantIndexed(t, db, asked{Question: ragged, own: true}, "requests hours requests")
	hourly := usage.Question{From: noon, To: noon.AddDate(0, 0, 3), By: []usage.Dimension{usage.ByDay}, Zone: zoneOf(t, "America/New_York")}
	wantIndexed(t, db, asked{Question: hourly}, "hours")
}
