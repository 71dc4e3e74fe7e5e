package store

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

var everyDimension = []usage.Dimension{usage.ByKey, usage.ByAccount, usage.ByClient, usage.ByDialect, usage.ByModel, usage.ByFault}

func zoneOf(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// openedIn is a database of a computer in a zone.
func openedIn(t *testing.T, zone string) *DB {
	t.Helper()
	db := opened(t)
	moveTo(t, db, zone)
	return db
}

func moveTo(t *testing.T, db *DB, zone string) {
	t.Helper()
	db.zone = zoneOf(t, zone)
	if err := db.alignDays(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// anyRecord is a request somewhere in the weeks around the changes of the clock.
func anyRecord(random *rand.Rand, n int) *usage.Record {
	r := &usage.Record{
		ID: fmt.Sprintf("r%d", n), At: noon.AddDate(0, 0, random.IntN(40)).Add(time.Duration(random.Int64N(int64(24 * time.Hour)))),
		KeyID: random.Int64N(4), Client: []string{"Claude Code", "Codex", "=cmd"}[random.IntN(3)], Dialect: []string{"anthropic", "openai"}[random.IntN(2)],
		ModelUsed: []string{"", "claude-sonnet-4.5", "claude-haiku-4.5"}[random.IntN(3)], Status: 200,
		FirstEvent: time.Duration(random.IntN(3)) * 700500 * time.Nanosecond, Duration: time.Duration(random.IntN(1e9)),
		Usage:   chat.Usage{Input: random.IntN(1e5), Output: random.IntN(1e4), CacheRead: random.IntN(10), CacheWrite: random.IntN(10), Source: chat.Source(random.IntN(3))},
		BytesIn: random.Int64N(1e6), BytesOut: random.Int64N(1e6),
	}
	r.KeyName, r.ModelAsked = fmt.Sprintf("key %d", r.KeyID), r.ModelUsed
	if kind := fault.Kind(random.IntN(40)); kind <= fault.Canceled {
		r.Fault, r.Status = kind.String(), kind.Status()
	}
	for range random.IntN(3) {
		id := random.Int64N(3) + 1
		r.Attempts = append(r.Attempts, usage.Attempt{AccountID: id, Account: fmt.Sprintf("account %d", id), Fault: r.Fault})
	}
	return r
}

// someRecords are written in batches, some of them with a gap.
func someRecords(t *testing.T, db *DB, random *rand.Rand, count int) []*usage.Record {
	t.Helper()
	records := make([]*usage.Record, 0, count)
	for len(records) < count {
		var batch []*usage.Record
		for range 1 + random.IntN(100) {
			batch = append(batch, anyRecord(random, len(records)+len(batch)))
		}
		gap := usage.Gap{From: noon, To: noon.Add(time.Minute), Count: random.IntN(2)}
		if err := db.Usage().InsertBatch(t.Context(), batch, gap); err != nil {
			t.Fatal(err)
		}
		records = append(records, batch...)
	}
	return records
}

// byHand answers a question from records.
func byHand(records []*usage.Record, q usage.Question) []usage.Sum {
	a := asked{Question: q, found: map[usage.Group]usage.Totals{}}
	for _, r := range records {
		at := time.UnixMilli(r.At.UnixMilli())
		if at.Before(q.From) || !at.Before(q.To) || !fits(r, q.Filter) {
			continue
		}
		served, _ := r.Served()
		group := usage.Group{At: a.bucket(at.UnixMilli())}
		for by, set := range map[usage.Dimension]func(){
			usage.ByKey: func() { group.KeyID = r.KeyID }, usage.ByAccount: func() { group.AccountID = served.AccountID },
			usage.ByClient: func() { group.Client = r.Client }, usage.ByDialect: func() { group.Dialect = r.Dialect },
			usage.ByModel: func() { group.Model = r.ModelUsed }, usage.ByFault: func() { group.Fault = r.Fault },
		} {
			if q.Groups(by) {
				set()
			}
		}
		a.found[group] = a.found[group].Plus(stored(r.Totals()))
	}
	return a.sums()
}

func fits(r *usage.Record, f usage.Filter) bool {
	served, _ := r.Served()
	class := usage.Failed
	switch r.Fault {
	case "":
		class = usage.Succeeded
	case "canceled":
		class = usage.Canceled
	}
	number := usage.Class(fmt.Sprintf("%dxx", r.Status/100))
	return in(f.Keys, r.KeyID) && in(f.Accounts, served.AccountID) && in(f.Clients, r.Client) && in(f.Dialects, r.Dialect) && in(f.Models, r.ModelUsed) &&
		(len(f.Faults)+len(f.Classes) == 0 || slices.Contains(f.Faults, r.Fault) || slices.Contains(f.Classes, class) || slices.Contains(f.Classes, number))
}

func in[T comparable](list []T, value T) bool { return len(list) == 0 || slices.Contains(list, value) }

// anyQuestion asks about an arbitrary time in arbitrary groups.
func anyQuestion(random *rand.Rand, zones []*time.Location) usage.Question {
	q := usage.Question{Zone: zones[random.IntN(len(zones))]}
	q.From = noon.Add(time.Duration(random.Int64N(int64(40 * 24 * time.Hour)))).Truncate(time.Millisecond)
	q.To = q.From.Add(time.Duration(random.Int64N(int64(30 * 24 * time.Hour)))).Truncate(time.Millisecond)
	if random.IntN(2) == 0 {
		q.From, q.To = usage.StartOfDay(q.From, q.Zone), usage.NextDay(q.To, q.Zone)
	}
	for _, by := range everyDimension {
		if random.IntN(3) == 0 {
			q.By = append(q.By, by)
		}
	}
	if by := random.IntN(3); by > 0 {
		q.By = append(q.By, []usage.Dimension{"", usage.ByHour, usage.ByDay}[by])
	}
	q.Filter = anyFilter(random)
	return q
}

func anyFilter(random *rand.Rand) (f usage.Filter) {
	choose := func() bool { return random.IntN(6) == 0 }
	if choose() {
		f.Keys = []int64{1, 3}
	}
	if choose() {
		f.Accounts = []int64{0, 2}
	}
	if choose() {
		f.Clients = []string{"Codex"}
	}
	if choose() {
		f.Models = []string{"", "claude-haiku-4.5"}
	}
	if choose() {
		f.Dialects = []string{"openai"}
	}
	if choose() {
		f.Faults = []string{"throttled", "canceled"}
	}
	if choose() {
		f.Classes = []usage.Class{[]usage.Class{usage.Succeeded, usage.Failed, usage.Canceled, "4xx", "5xx"}[random.IntN(5)]}
	}
	return f
}

// assertSums compares what the database answers with what the records say.
func assertSums(t *testing.T, db *DB, records []*usage.Record, q usage.Question) {
	t.Helper()
	got, err := db.Usage().Sums(t.Context(), q)
	want := byHand(records, q)
	if err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v in %s: %v\ngot  %+v\nwant %+v", q, q.Zone, err, got, want)
	}
}

func TestRollUpsAreTheSumsOfTheRows(t *testing.T) {
	for seed := range uint64(6) {
		random := rand.New(rand.NewPCG(seed, 1))
		home := []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "America/Havana", "Pacific/Chatham", "Asia/Beirut"}[seed]
		db := openedIn(t, home)
		records := someRecords(t, db, random, 300)
		zones := []*time.Location{db.zone, db.zone, zoneOf(t, "Asia/Kathmandu"), zoneOf(t, "America/New_York")}
		for range 25 {
			assertSums(t, db, records, anyQuestion(random, zones))
		}
		moveTo(t, db, "Australia/Lord_Howe") // the computer travels
		more := someRecords(t, db, random, 100)
		for range 15 {
			assertSums(t, db, slices.Concat(records, more), anyQuestion(random, []*time.Location{db.zone, zones[0]}))
		}
	}
}

// assertSumsAfterKill compares the roll-ups of a closed database with its rows, whatever they are.
func assertSumsAfterKill(t *testing.T, path string) {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	records, err := db.Usage().Requests(t.Context(), usage.Search{Limit: 1e6})
	if err != nil || len(records) == 0 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	rows := make([]*usage.Record, 0, len(records))
	for i := range records {
		rows = append(rows, &records[i])
	}
	from := usage.StartOfDay(time.Now().AddDate(0, 0, -2), db.zone)
	for _, to := range []time.Time{usage.AddDays(from, 4, db.zone), time.Now()} {
		assertSums(t, db, rows, usage.Question{From: from, To: to, By: everyDimension, Zone: db.zone})
	}
	tries, err := db.Usage().Tries(t.Context(), from, time.Now())
	if err != nil || len(tries) != 1 || tries[0].Count != int64(len(rows)) {
		t.Errorf("tries are %v, %v", tries, err)
	}
}
