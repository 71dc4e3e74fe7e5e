package store

import (
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"amq2api/backend/access"
)

// Backups are made while others write. Each is sound, has everything that was acknowledged before it began, and holds nobody up.
func TestBackupsUnderLoad(t *testing.T) {
	rounds, rows, pace := 3, 5_000, 5*time.Millisecond
	if inFull() {
		rounds, rows = 50, 100_000
	}
	path := furnished(t, latestVersion(t), 10)
	db := openedAt(t, path)
	if _, err := db.write.ExecContext(t.Context(), `DELETE FROM requests`); err != nil {
		t.Fatal(err)
	}
	furnish(t, db, "requests", rows)

	var mu sync.Mutex
	var waits []time.Duration
	written := 0
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		ticker := time.NewTicker(pace)
		defer ticker.Stop()
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
			start := time.Now()
			key := access.Key{Name: "under load", Active: true, CreatedAt: noon, UpdatedAt: noon}
			key.Hash[0], key.Hash[1], key.Hash[2] = byte(n), byte(n>>8), 0xff
			if _, err := db.Keys().Insert(t.Context(), key); err != nil {
				t.Errorf("a write during a backup: %v", err)
				return
			}
			mu.Lock()
			waits, written = append(waits, time.Since(start)), written+1
			mu.Unlock()
		}
	})
	backups := BackupsOf(path, time.Now)
	start := time.Now()
	var last Backup
	for range rounds {
		mu.Lock()
		before := written
		mu.Unlock()
		made, err := backups.Make(t.Context(), db, Scheduled)
		if err != nil {
			t.Fatal(err)
		}
		copy, err := Peek(filepath.Join(backups.Folder, made.Name))
		if err != nil {
			t.Fatal(err)
		}
		var keys int
		err = copy.read.QueryRowContext(t.Context(), `SELECT count(*) FROM keys WHERE name = 'under load'`).Scan(&keys)
		if _ = copy.Close(); err != nil || keys < before {
			t.Errorf("a backup has %d of %d keys, %v", keys, before, err)
		}
		last = made
	}
	took := time.Since(start)
	close(stop)
	writing.Wait()

	// The drill: what the last backup restores has the backup's rows.
	of := digestsOf(t, filepath.Join(backups.Folder, last.Name))
	target := filepath.Join(t.TempDir(), "amq2api.db")
	if _, err := restored(t.Context(), filepath.Join(backups.Folder, last.Name), target); err != nil {
		t.Fatal(err)
	}
	if !same(of, digestsOf(t, target)) {
		t.Error("the restored rows are not the backup's")
	}
	if t.Failed() {
		return
	}
	slices.Sort(waits)
	t.Logf("A27 | %d hot backups of %d requests in %s during %d writes (%.0f a second) | each passes integrity, p99 of a write %s, worst %s, restored rows equal", rounds, rows,
		took.Round(time.Millisecond), len(waits), float64(len(waits))/took.Seconds(), waits[len(waits)*99/100].Round(time.Millisecond), waits[len(waits)-1].Round(time.Millisecond))
}
