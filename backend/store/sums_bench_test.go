package store

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

const (
	benchRequests = 1_000_000
	benchDays     = 90
)

// million is a database with a million requests of ninety days. Each key belongs to one client, as people use them; mixed is anything with anything.
func million(b *testing.B, mixed bool) *DB {
	b.Helper()
	db, err := Open(b.Context(), filepath.Join(b.TempDir(), "amq2api.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	random := rand.New(rand.NewPCG(1, 1))
	const batchLength = 5000
	for done := 0; done < benchRequests; done += batchLength {
		batch := make([]*usage.Record, 0, batchLength)
		for n := range batchLength {
			at := noon.Add(time.Duration(done+n) * (benchDays * 24 * time.Hour / benchRequests))
			batch = append(batch, usual(random, at, mixed))
		}
		if err := db.Usage().InsertBatch(b.Context(), batch, usage.Gap{}); err != nil {
			b.Fatal(err)
		}
	}
	return db
}

func usual(random *rand.Rand, at time.Time, mixed bool) *usage.Record {
	key := random.Int64N(8) + 1
	client := int(key) % 4
	if mixed {
		client = random.IntN(4)
	}
	account := random.Int64N(4) + 1
	r := &usage.Record{
		ID: fmt.Sprintf("req_%026d", random.Uint64()), At: at, KeyID: key, KeyName: "key", Client: []string{"Claude Code", "Codex", "Cline", "OpenAI SDK"}[client],
		Dialect: []string{"anthropic", "responses", "openai", "openai"}[client], ModelAsked: "claude-sonnet-4-5-20250929",
		ModelUsed: []string{"claude-sonnet-4.5", "claude-haiku-4.5", "claude-opus-4.5"}[random.IntN(3)], Status: 200, FirstEvent: time.Second, Duration: 4 * time.Second,
		Usage: chat.Usage{Input: 20000, Output: 500, Source: chat.Derived}, BytesIn: 90000, BytesOut: 4000,
		Attempts: []usage.Attempt{{AccountID: account, Account: "account", Duration: time.Second, Ground: "turn"}},
	}
	if random.IntN(25) == 0 {
		r.Fault, r.Status = []string{"throttled", "canceled", "unavailable"}[random.IntN(3)], 429
	}
	return r
}

func BenchmarkAMillionRequests(b *testing.B) {
	for name, mixed := range map[string]bool{"usual": false, "mixed": true} {
		db := million(b, mixed)
		b.Logf("%s: %d hours, %d days", name, lines(b, db, "hours"), lines(b, db, "days"))
		other := zoneOf(b, "America/New_York")
		whole := usage.Question{From: usage.StartOfDay(noon, db.zone), To: usage.AddDays(noon, benchDays+1, db.zone), Zone: db.zone}
		for label, change := range map[string]func(*usage.Question){
			"by day": func(q *usage.Question) { q.By = []usage.Dimension{usage.ByDay, usage.ByModel} },
			"by key": func(q *usage.Question) { q.By = []usage.Dimension{usage.ByKey, usage.ByModel} },
			"by key of an account": func(q *usage.Question) {
				q.By, q.Filter.Accounts = []usage.Dimension{usage.ByKey, usage.ByModel}, []int64{2}
			},
			"by account": func(q *usage.Question) {
				q.By = []usage.Dimension{usage.ByAccount, usage.ByModel, usage.ByClient, usage.ByFault}
			},
			"by day of a key": func(q *usage.Question) {
				q.By, q.Filter.Keys = []usage.Dimension{usage.ByDay, usage.ByModel}, []int64{3}
			},
			"by day in another zone": func(q *usage.Question) { q.By, q.Zone = []usage.Dimension{usage.ByDay, usage.ByModel}, other },
			"by day, times within hours": func(q *usage.Question) {
				q.By, q.From, q.To = []usage.Dimension{usage.ByDay, usage.ByModel}, q.From.Add(13*time.Hour+17*time.Minute), q.To.Add(-38*time.Hour-13*time.Minute)
			},
			"by hour of two weeks": func(q *usage.Question) {
				q.By, q.To = []usage.Dimension{usage.ByHour, usage.ByModel}, q.From.AddDate(0, 0, 14)
			},
		} {
			q := whole
			change(&q)
			b.Run(name+"/"+label, func(b *testing.B) {
				for b.Loop() {
					if sums, err := db.Usage().Sums(b.Context(), q); err != nil || len(sums) == 0 {
						b.Fatal(len(sums), err)
					}
				}
			})
		}
		for label, search := range map[string]usage.Search{
			"first page":      {Limit: 50},
			"failed of a key": {Limit: 50, Filter: usage.Filter{Keys: []int64{3}, Classes: []usage.Class{usage.Failed}}},
			"a kind of fault": {Limit: 50, Filter: usage.Filter{Faults: []string{"unavailable"}}},
			"an old day":      {Limit: 50, From: noon.AddDate(0, 0, 2), To: noon.AddDate(0, 0, 3)},
			"text of nothing": {Limit: 50, Text: "nowhere"},
			"old half":        {Limit: 50, To: noon.AddDate(0, 0, 45)},
		} {
			b.Run(name+"/list/"+label, func(b *testing.B) {
				for b.Loop() {
					if _, err := db.Usage().Requests(b.Context(), search); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func lines(b *testing.B, db *DB, table string) (count int) {
	b.Helper()
	if err := db.read.QueryRowContext(b.Context(), `SELECT count(*) FROM `+table).Scan(&count); err != nil {
		b.Fatal(err)
	}
	return count
}
