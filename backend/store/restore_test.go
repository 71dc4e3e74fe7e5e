package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amq2api/backend/fault"
)

// wholly is the full check of a closed database.
func wholly(t *testing.T, path string) error {
	t.Helper()
	_, err := checkBackup(t.Context(), path, nil)
	return err
}

// restored runs the three steps of a restore.
func restored(ctx context.Context, backup, path string) (aside string, err error) {
	draft, db, err := Draft(ctx, backup, path)
	if err != nil {
		return "", err
	}
	if err := errors.Join(db.Close(), Ready(draft, path)); err != nil {
		return "", err
	}
	return Swap(ctx, path, noon)
}

func files(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestARestoreReplacesADatabaseAndLeavesTheBackup(t *testing.T) {
	backup, path := fileWithKeys(t, "of the backup"), fileWithKeys(t, "of today")
	before := contents(t, backup)
	aside, err := restored(t.Context(), backup, path)
	if err != nil || aside != "" {
		t.Fatalf("moved %q aside, %v", aside, err)
	}
	if got := files(t, path); !slices.Equal(got, []string{"amq2api.db"}) {
		t.Errorf("the folder has %v", got)
	}
	if got := keyNames(t, path); !slices.Equal(got, []string{"of the backup"}) {
		t.Errorf("restored %v", got)
	}
	if contents(t, backup) != before {
		t.Error("the backup was changed")
	}
}

func TestARestoreMovesWhatIsNotSoundAside(t *testing.T) {
	backup, path := fileWithKeys(t, "of the backup"), fileWithKeys(t, "of today")
	overwrite(t, path, 0, strings.Repeat("not SQL ", 2000))
	before := contents(t, path)
	aside, err := restored(t.Context(), backup, path)
	if err != nil || aside == "" || contents(t, aside) != before {
		t.Fatalf("moved %q aside, %v", aside, err)
	}
	if got := keyNames(t, path); !slices.Equal(got, []string{"of the backup"}) {
		t.Errorf("restored %v", got)
	}
}

func TestARestoreIntoAnEmptyProfile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new profile", "amq2api.db")
	aside, err := restored(t.Context(), fileWithKeys(t, "laptop"), path)
	if err != nil || aside != "" {
		t.Errorf("moved %q aside, %v", aside, err)
	}
	if got := keyNames(t, path); !slices.Equal(got, []string{"laptop"}) {
		t.Errorf("restored %v", got)
	}
}

func TestARestoreOfADatabaseThatWasNeverClosedHasWhatItsLogHas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amq2api.db")
	said := runAndKill(t, path, 5)
	if _, err := os.Stat(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	target := fileWithKeys(t, "of today")
	if _, err := restored(t.Context(), path, target); err != nil {
		t.Fatal(err)
	}
	if got := keyNames(t, target); len(got) < len(said) || !slices.Equal(got[:len(said)], said) {
		t.Errorf("restored %v, acknowledged were %v", got, said)
	}
}

func TestARestoreRefusesWhatIsNotASoundBackup(t *testing.T) {
	backups := map[string]func(t *testing.T, path string){
		"some other file": func(t *testing.T, path string) { overwrite(t, path, 0, "not SQL at all, but long enough") },
		"a page of noise": func(t *testing.T, path string) { overwrite(t, path, 8192, strings.Repeat("\x13\x37", 2048)) },
		"a newer schema":  func(t *testing.T, path string) { bump(t, path, "PRAGMA user_version = 9999") },
		"an unknown step": func(t *testing.T, path string) { bump(t, path, "INSERT INTO schema_steps VALUES (7777)") },
		"a trigger": func(t *testing.T, path string) {
			bump(t, path, "CREATE TRIGGER thief AFTER INSERT ON keys BEGIN DELETE FROM keys; END")
		},
		"a view in a table's place": func(t *testing.T, path string) { bump(t, path, "CREATE VIEW mirror AS SELECT 1") },
		"another program's":         func(t *testing.T, path string) { bump(t, path, "PRAGMA application_id = 7") },
		"nothing":                   func(t *testing.T, path string) { truncate(t, path, 0) },
		"no file":                   func(t *testing.T, path string) { _ = os.Remove(path) },
	}
	for name, spoil := range backups {
		t.Run(name, func(t *testing.T) {
			backup, path := fileWithKeys(t, "of the backup"), fileWithKeys(t, "of today")
			spoil(t, backup)
			aside, err := restored(t.Context(), backup, path)
			if err == nil || aside != "" {
				t.Errorf("moved %q aside, %v", aside, err)
			}
			if got := keyNames(t, path); !slices.Equal(got, []string{"of today"}) {
				t.Errorf("the profile now has %v", got)
			}
			if got := files(t, path); len(got) != 1 {
				t.Errorf("the folder has %v", got)
			}
		})
	}
}

func TestASwapThatWasCutOffIsFinished(t *testing.T) {
	for _, damaged := range []bool{false, true} {
		backup, path := fileWithKeys(t, "of the backup"), fileWithKeys(t, "of today")
		if damaged {
			overwrite(t, path, 0, "not SQL any more")
		}
		draft, db, err := Draft(t.Context(), backup, path)
		if err := errors.Join(err, db.Close(), Ready(draft, path)); err != nil {
			t.Fatal(err)
		}
		if damaged { // the program was killed after it had moved the old one aside
			if _, err := Aside(path, noon); err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if _, err := Swap(t.Context(), path, noon); err != nil {
				t.Fatal(err)
			}
			if got := keyNames(t, path); !slices.Equal(got, []string{"of the backup"}) {
				t.Errorf("restored %v", got)
			}
		}
	}
}

func TestBackupsSortByTimeAndTellWhy(t *testing.T) {
	db, now := opened(t), noon
	backups := Backups{Folder: filepath.Join(t.TempDir(), "backups"), Now: func() time.Time { return now }}
	for _, reason := range []string{Scheduled, Manual, BeforeRestore, beforeMigration(12), Manual} {
		made, err := backups.Make(t.Context(), db, reason)
		if err != nil {
			t.Fatal(err)
		}
		if found, path, err := backups.Find(made.Name); err != nil || found != made || wholly(t, path) != nil {
			t.Errorf("made %+v, found %+v, %v", made, found, err)
		}
	}
	list, err := backups.List()
	var reasons []string
	for _, one := range list {
		reasons = append(reasons, one.Reason)
	}
	if err != nil || !slices.Equal(reasons, []string{Manual, "before-migration-12", BeforeRestore, Manual, Scheduled}) {
		t.Errorf("the list is %v, %v", reasons, err)
	}
	status, err := os.Stat(backups.Folder)
	if err != nil || status.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v", status.Mode(), err)
	}
}

func TestOldBackupsGoAndThoseThatPeopleMadeStay(t *testing.T) {
	db, now := opened(t), noon
	backups := Backups{Folder: filepath.Join(t.TempDir(), "backups"), Now: func() time.Time { return now }}
	make := func(reason string) {
		t.Helper()
		now = now.Add(time.Hour)
		if _, err := backups.Make(t.Context(), db, reason); err != nil {
			t.Fatal(err)
		}
	}
	now = noon.Add(1000 * time.Hour) // the clock is wrong
	make(Scheduled)
	now = noon
	for _, reason := range []string{Manual, BeforeRestore, Scheduled, beforeMigration(9), Scheduled, Scheduled} {
		make(reason)
	}
	if err := backups.Prune(2, ""); err != nil {
		t.Fatal(err)
	}
	list, err := backups.List()
	var left []string
	for _, one := range list {
		left = append(left, one.At.Sub(noon).String()+" "+one.Reason)
	}
	if err != nil || !slices.Equal(left, []string{"6h0m0s scheduled", "5h0m0s scheduled", "4h0m0s before-migration-9", "2h0m0s before-restore", "1h0m0s manual"}) {
		t.Errorf("left are %q, %v", left, err)
	}
}

func TestOnlyABackupOfTheFolderIsFound(t *testing.T) {
	db := opened(t)
	backups := Backups{Folder: filepath.Join(t.TempDir(), "backups"), Now: time.Now}
	if _, err := backups.Make(t.Context(), db, Manual); err != nil {
		t.Fatal(err)
	}
	outside := filepath.Join(filepath.Dir(backups.Folder), "20260310T120000.000Z-manual.db")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../20260310T120000.000Z-manual.db", outside, "20260310T120000.000Z-manual.db", "passwd"} {
		if _, _, err := backups.Find(name); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("%q: %v", name, err)
		}
		if err := backups.Remove(name); fault.Of(err).Kind != fault.NotFound {
			t.Errorf("%q was removed: %v", name, err)
		}
	}
}

func TestABackupThatIsCalledOffLeavesNothing(t *testing.T) {
	db := opened(t)
	backups := Backups{Folder: filepath.Join(t.TempDir(), "backups"), Now: time.Now}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := backups.Make(ctx, db, Manual); err == nil {
		t.Error("it was made")
	}
	if entries, err := os.ReadDir(backups.Folder); err != nil || len(entries) != 0 {
		t.Errorf("left is %v, %v", entries, err)
	}
}

func TestWhatAKilledProgramLeftIsTidiedUp(t *testing.T) {
	backups := Backups{Folder: t.TempDir(), Now: time.Now}
	old, young := filepath.Join(backups.Folder, ".amq2api-1.partial-journal"), filepath.Join(backups.Folder, ".amq2api-2.partial")
	for _, path := range []string{old, young} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yesterday := time.Now().Add(-24 * time.Hour)
	if err := errors.Join(os.Chtimes(old, yesterday, yesterday), backups.Tidy()); err != nil {
		t.Fatal(err)
	}
	if entries, err := os.ReadDir(backups.Folder); err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(young) {
		t.Errorf("left is %v, %v", entries, err)
	}
}
