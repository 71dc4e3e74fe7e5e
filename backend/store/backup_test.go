package store

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
)

func TestABackupMadeWhileWritingIsSoundAndComplete(t *testing.T) {
	db := opened(t)
	insertKey(t, db, "acknowledged before")
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
				if _, err := db.Keys().Insert(t.Context(), sampleKey("during "+strconv.Itoa(n))); err != nil {
					t.Errorf("a write during the backup: %v", err)
					return
				}
			}
		}
	})
	dest := filepath.Join(t.TempDir(), "backup.db")
	for range 5 {
		if err := db.Backup(t.Context(), dest); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	writing.Wait()
	if names := keyNames(t, dest); !slices.Contains(names, "acknowledged before") {
		t.Errorf("the backup has %v", names)
	}
}

func TestABackupThatFailsLeavesTheOldOne(t *testing.T) {
	db := opened(t)
	dest := filepath.Join(t.TempDir(), "backup.db")
	if err := os.Mkdir(dest, 0o700); err != nil { // nothing can be renamed over a folder
		t.Fatal(err)
	}
	if err := db.Backup(t.Context(), dest); err == nil {
		t.Error("the backup reports success")
	}
	entries, err := os.ReadDir(filepath.Dir(dest))
	if err != nil || len(entries) != 1 {
		t.Errorf("a half-made copy stayed: %v, %v", entries, err)
	}
}
