package backend

import (
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/admin"
	"amq2api/backend/settings"
	"amq2api/backend/store"
)

// keptDatabase is a database in a fresh profile with what looks after it.
func keptDatabase(t *testing.T, chosen *settings.Settings) (*safekeeping, *store.DB) {
	t.Helper()
	dir := t.TempDir()
	k, err := newSafekeeping(&Profile{Dir: dir, Database: filepath.Join(dir, "amq2api.db")}, time.Now, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	k.settings = func() *settings.Settings { return chosen }
	db, err := k.openDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return k, db
}

func scheduled(t *testing.T, k *safekeeping) (times []time.Time) {
	t.Helper()
	list, err := k.backups.List()
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range list {
		if one.Reason == store.Scheduled {
			times = append(times, one.At)
		}
	}
	return times
}

func TestBackupsAreMadeOnScheduleAndTheLastSevenStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		chosen := settings.Defaults()
		k, db := keptDatabase(t, &chosen)
		done := make(chan struct{})
		ctx := t.Context()
		go func() {
			defer close(done)
			k.tend(ctx, db)
		}()
		t.Cleanup(func() { <-done })
		start := time.Now()
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if got := scheduled(t, k); len(got) != 0 {
			t.Errorf("at the start: %v", got)
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := scheduled(t, k); len(got) != 1 {
			t.Errorf("after a minute: %v", got)
		}
		time.Sleep(10 * 24 * time.Hour)
		synctest.Wait()
		got := scheduled(t, k)
		if len(got) != 7 || got[0].Sub(start) < 9*24*time.Hour {
			t.Errorf("after ten days: %v", got)
		}
		for i := 1; i < len(got); i++ {
			if apart := got[i-1].Sub(got[i]); apart < 24*time.Hour || apart > 24*time.Hour+2*careTick {
				t.Errorf("two backups are %v apart", apart)
			}
		}
		if k.memo.read().CheckedAt.Before(start.Add(7 * 24 * time.Hour)) {
			t.Errorf("the last full check was at %v", k.memo.read().CheckedAt)
		}
	})
}

func TestABackupThatWasMissedIsMadeOnceAndNoneWhenSwitchedOff(t *testing.T) {
	chosen := settings.Defaults()
	k, db := keptDatabase(t, &chosen)
	now := time.Now()
	k.now = func() time.Time { return now }
	k.backups.Now = k.now
	count := func(want int) {
		t.Helper()
		k.round(t.Context(), db)
		if got := scheduled(t, k); len(got) != want {
			t.Errorf("there are %d backups, want %d", len(got), want)
		}
	}
	count(1)
	count(1)
	now = now.Add(100 * time.Hour) // the program was not running
	count(2)
	count(2)
	chosen.BackupEveryHours = 0
	now = now.Add(100 * time.Hour)
	count(2)
	chosen.BackupEveryHours = 1
	now = now.Add(-1000 * time.Hour) // the clock was wrong, and is set back
	count(3)
	count(3)
	now = now.Add(2 * time.Hour)
	k.note(func(m *memo) { m.Damage = &damage{Aside: "aside"} })
	count(3) // in safe mode they would push out the good ones
}

func TestABackupUnderWaySaysHowFarItIs(t *testing.T) {
	chosen := settings.Defaults()
	k, db := keptDatabase(t, &chosen)
	var seen []admin.Making
	k.changed = func() {
		if shown, err := (backups{k, db}).List(); err == nil && shown.Making != nil {
			seen = append(seen, *shown.Making)
		}
	}
	if shown, err := (backups{k, db}).List(); err != nil || shown.Making != nil {
		t.Errorf("before, it says %+v, %v", shown.Making, err)
	}
	if _, err := (backups{k, db}).Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 1 || seen[0].Of <= 0 || seen[0].Bytes > seen[0].Of {
		t.Errorf("while it was made it said %+v", seen)
	}
}

func TestABackupThatFailsIsSaidAndTriedAgainLater(t *testing.T) {
	chosen := settings.Defaults()
	k, db := keptDatabase(t, &chosen)
	told := 0
	k.changed = func() { told++ }
	now := time.Now()
	k.now = func() time.Time { return now }
	k.backups.Now = k.now
	if err := os.WriteFile(k.backups.Folder, []byte("in the way"), 0o600); err != nil {
		t.Fatal(err)
	}
	k.round(t.Context(), db)
	shown, err := backups{k, db}.List()
	if err == nil || told != 2 || k.failure == "" {
		t.Errorf("it says %+v, %v, %q, told %d", shown, err, k.failure, told)
	}
	if err := os.Remove(k.backups.Folder); err != nil {
		t.Fatal(err)
	}
	k.round(t.Context(), db)
	if got := scheduled(t, k); len(got) != 0 {
		t.Error("it was tried again at once")
	}
	now = now.Add(backupRetry + time.Minute)
	k.round(t.Context(), db)
	shown, err = backups{k, db}.List()
	if err != nil || shown.Failure != "" || len(shown.Backups) != 1 {
		t.Errorf("then it says %+v, %v", shown, err)
	}
}

// The weekly check finds what the quick one at the start does not, and the next start moves it aside.
func TestWhatTheWeeklyCheckFindsTheNextStartMovesAside(t *testing.T) {
	chosen := settings.Defaults()
	k, db := keptDatabase(t, &chosen)
	k.note(func(m *memo) { m.Suspect = true })
	if state := k.state(); !strings.Contains(state.Message, "Restart") {
		t.Errorf("%+v", state)
	}
	k.checkFully(t.Context(), db)
	if m := k.memo.read(); m.Suspect || m.CheckedAt.IsZero() {
		t.Errorf("a sound database is suspected: %+v", m)
	}
	if err := errors.Join(db.Close(), k.open.lower()); err != nil {
		t.Fatal(err)
	}
	spoilIndex(t, k.path)
	db, err := k.openDatabase(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if k.safe() {
		t.Fatalf("the quick check sees it too: %+v", *k.memo.read().Damage)
	}
	k.checkFully(t.Context(), db)
	if !k.memo.read().Suspect || k.safe() {
		t.Errorf("then %+v", k.memo.read())
	}
	if err := errors.Join(db.Close(), k.open.lower()); err != nil {
		t.Fatal(err)
	}
	if db, err := k.openDatabase(t.Context()); err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	if m := k.memo.read(); m.Suspect || m.Damage == nil {
		t.Errorf("after the next start %+v", m)
	}
}

// spoilIndex changes a row in a table, but not in one of its indexes.
func spoilIndex(t *testing.T, path string) {
	t.Helper()
	for _, script := range []string{
		`CREATE TABLE IF NOT EXISTS spare (type, name, tbl_name, rootpage, sql); INSERT OR IGNORE INTO responses VALUES ('one', x'00', 1); PRAGMA writable_schema = ON;
		 INSERT INTO spare SELECT * FROM sqlite_schema WHERE name = 'responses_until'; DELETE FROM sqlite_schema WHERE name = 'responses_until'`,
		`UPDATE responses SET until = until + 1`,
		`PRAGMA writable_schema = ON; INSERT INTO sqlite_schema SELECT * FROM spare; DELETE FROM spare`,
	} {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		_, err = db.ExecContext(t.Context(), script)
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAMemoThatCannotBeReadSaysNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, memoName), []byte(`{"damage": 7`), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := openMemo(dir)
	if err != nil || f.read() != (memo{}) {
		t.Errorf("%+v, %v", f.read(), err)
	}
}
