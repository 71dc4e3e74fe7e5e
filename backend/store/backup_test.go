package store

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
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

func TestRestoreSwapsAndKeepsWhatWasThere(t *testing.T) {
	backup, path := fileWithKeys(t, "of the backup"), fileWithKeys(t, "of today")
	before := contents(t, backup)
	aside, err := Restore(t.Context(), backup, path, noon)
	if err != nil {
		t.Fatal(err)
	}
	if got := keyNames(t, path); !slices.Equal(got, []string{"of the backup"}) {
		t.Errorf("restored %v", got)
	}
	if got := keyNames(t, aside); !slices.Equal(got, []string{"of today"}) {
		t.Errorf("kept %v", got)
	}
	if contents(t, backup) != before {
		t.Error("the backup was changed")
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 2 {
		t.Errorf("the folder has %v, want the database and what was there (%v)", entries, err)
	}
}

func TestRestoreIntoAnEmptyProfile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new profile", "amq2api.db")
	aside, err := Restore(t.Context(), fileWithKeys(t, "laptop"), path, noon)
	if err != nil || aside != "" {
		t.Errorf("moved %q aside, %v", aside, err)
	}
	if got := keyNames(t, path); !slices.Equal(got, []string{"laptop"}) {
		t.Errorf("restored %v", got)
	}
}

func TestRestoreRefusesWhatIsNotASoundBackup(t *testing.T) {
	backups := map[string]func(t *testing.T, path string){
		"some other file":   func(t *testing.T, path string) { overwrite(t, path, 0, "not SQL at all, but long enough") },
		"a page of noise":   func(t *testing.T, path string) { overwrite(t, path, 8192, strings.Repeat("\x13\x37", 2048)) },
		"a newer schema":    func(t *testing.T, path string) { bump(t, path, "PRAGMA user_version = 9999") },
		"another program's": func(t *testing.T, path string) { bump(t, path, "PRAGMA application_id = 7") },
		"nothing":           func(t *testing.T, path string) { truncate(t, path, 0) },
		"no file":           func(t *testing.T, path string) { _ = os.Remove(path) },
	}
	for name, spoil := range backups {
		t.Run(name, func(t *testing.T) {
			backup, path := fileWithKeys(t, "of the backup"), fileWithKeys(t, "of today")
			spoil(t, backup)
			aside, err := Restore(t.Context(), backup, path, noon)
			if err == nil || aside != "" {
				t.Errorf("moved %q aside, %v", aside, err)
			}
			if got := keyNames(t, path); !slices.Equal(got, []string{"of today"}) {
				t.Errorf("the profile now has %v", got)
			}
			entries, err := os.ReadDir(filepath.Dir(path))
			if err != nil || len(entries) != 1 {
				t.Errorf("the folder has %v (%v)", entries, err)
			}
		})
	}
}
