package access_test

import (
	"path/filepath"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/chat"
	"amq2api/backend/store"
)

// What the way through the gate costs a request, with the store's writes: one for a block of requests, never one for each.
func BenchmarkAdmit(b *testing.B) {
	for name, limits := range map[string]access.Limits{
		"no limits": {},
		"requests":  {RequestsPerMinute: 1_000_000, RequestsPerDay: 1_000_000},
		"all limits": {RequestsPerMinute: 1_000_000, RequestsPerDay: 1_000_000, MaxConcurrent: 100, TokensPerDay: 1_000_000_000_000,
			BudgetTokens: 1_000_000_000_000},
	} {
		b.Run(name, func(b *testing.B) {
			gate, id, disk := benchGate(b, limits)
			ask := access.Ask{Model: "claude-sonnet-4.5", Estimate: chat.Usage{Input: 20_000, Output: 1000}}
			b.ReportAllocs()
			for b.Loop() {
				permit, err := gate.Admit(b.Context(), id, ask)
				if err != nil {
					b.Fatal(err)
				}
				permit.Spend(chat.Usage{Input: 21_000, Output: 400})
				permit.Done()
			}
			b.ReportMetric(float64(disk.tried)/float64(b.N), "writes/op")
		})
	}
}

// The same without the disk: what is left is the work of each request.
func BenchmarkAdmitBetweenWrites(b *testing.B) {
	gate, id, disk := benchGate(b, access.Limits{TokensPerDay: 1_000_000_000_000, MaxConcurrent: 100})
	disk.broken = true // tried once in five seconds
	b.ReportAllocs()
	for b.Loop() {
		permit, err := gate.Admit(b.Context(), id, access.Ask{Estimate: chat.Usage{Input: 20_000}})
		if err != nil {
			b.Fatal(err)
		}
		permit.Done()
	}
}

func benchGate(b *testing.B, limits access.Limits) (*access.Gate, int64, *full) {
	b.Helper()
	db, err := store.Open(b.Context(), filepath.Join(b.TempDir(), "amq2api.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	disk := &full{Store: db.Keys()}
	now := time.Now()
	ticks := time.Duration(0)
	gate, err := access.NewGate(b.Context(), access.Config{
		Store: disk, Now: func() time.Time { return now }, Elapsed: func() time.Duration { ticks += time.Millisecond; return ticks }, Zone: time.UTC,
	})
	if err != nil {
		b.Fatal(err)
	}
	key, _, err := gate.Create(b.Context(), access.Draft{
		Name: "laptop", RequestsPerMinute: &limits.RequestsPerMinute, RequestsPerDay: &limits.RequestsPerDay,
		Terms: access.Terms{MaxConcurrent: &limits.MaxConcurrent, TokensPerDay: &limits.TokensPerDay, BudgetTokens: &limits.BudgetTokens},
	})
	if err != nil {
		b.Fatal(err)
	}
	return gate, key.ID, disk
}
