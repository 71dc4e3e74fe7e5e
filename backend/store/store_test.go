package store

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
)

var noon = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// opened is a fresh database that the test closes at its end.
func opened(t *testing.T) *DB {
	t.Helper()
	return openedAt(t, filepath.Join(t.TempDir(), "profile", "amq2api.db"))
}

func openedAt(t *testing.T, path string) *DB {
	t.Helper()
	db, err := Open(t.Context(), path)
	return closing(t, db, err)
}

// closing is the database just opened, closed at the test's end.
func closing(t *testing.T, db *DB, err error) *DB {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func sampleKey(name string) access.Key {
	key := access.Key{Name: name, Prefix: "amq-3fK9", Active: true, CreatedAt: noon, UpdatedAt: noon}
	key.RequestsPerMinute, key.RequestsPerDay = 60, 10000
	copy(key.Hash[:], name)
	return key
}

func insertKey(t *testing.T, db *DB, name string) int64 {
	t.Helper()
	id, err := db.Keys().Insert(t.Context(), sampleKey(name))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// keyNames is what the file at path has, opened and closed for the question.
func keyNames(t *testing.T, path string) []string {
	t.Helper()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := db.Keys().All(t.Context())
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, key := range keys {
		names = append(names, key.Name)
	}
	return names
}

// fileWithKeys is a closed database with these keys.
func fileWithKeys(t *testing.T, names ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "amq2api.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		insertKey(t, db, name)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEverythingIsReadableByItsOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // permissions are inherited from the folder there
	}
	path := filepath.Join(t.TempDir(), "profile", "amq2api.db")
	db := openedAt(t, path)
	insertKey(t, db, "laptop")
	if err := db.Backup(t.Context(), path+".copy"); err != nil {
		t.Fatal(err)
	}
	wanted := map[string]os.FileMode{
		filepath.Dir(path): os.ModeDir | 0o700, path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600, path + ".copy": 0o600,
	}
	for name, mode := range wanted {
		found, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if found.Mode() != mode {
			t.Errorf("%s has mode %v, want %v", filepath.Base(name), found.Mode(), mode)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 4 {
		t.Errorf("the folder has %v, want the database, its log, its shared memory and the copy (%v)", entries, err)
	}
}

func TestAFileThatWasOpenToOthersIsClosedToThem(t *testing.T) {
	path := fileWithKeys(t, "laptop")
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	openedAt(t, path)
	if found, err := os.Stat(path); err != nil || found.Mode() != 0o600 {
		t.Errorf("mode is %v, %v", found.Mode(), err)
	}
}

func TestAPathWithSignsThatMeanSomethingInAnAddress(t *testing.T) {
	path := filepath.Join(t.TempDir(), "50% of #1?mode=ro&x", "a b.db")
	db := openedAt(t, path)
	insertKey(t, db, "laptop")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestALinkIsNotADatabase(t *testing.T) {
	path := fileWithKeys(t, "laptop")
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), link); err == nil {
		t.Error("a symbolic link was opened")
	}
}

func TestTheConnectionsAreSetUpAsPromised(t *testing.T) {
	db := opened(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "5000", "foreign_keys": "1"} {
		var got string
		if err := db.write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s of the writer is %q, want %q (%v)", pragma, got, want, err)
		}
	}
	if _, err := db.read.ExecContext(t.Context(), "DELETE FROM keys"); err == nil {
		t.Error("a reader could write")
	}
}

func TestAFirstStartThatWasCutShortIsStartedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amq2api.db")
	if _, err := prepare(path); err != nil {
		t.Fatal(err)
	}
	db, err := connect(path, durable)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.write.PingContext(t.Context()), db.Close()); err != nil { // writes the header, no schema
		t.Fatal(err)
	}
	insertKey(t, openedAt(t, path), "laptop")
}

func TestADatabaseOfANewerProgramIsRefusedAndUntouched(t *testing.T) {
	path := fileWithKeys(t, "laptop")
	bump(t, path, "PRAGMA user_version = 9999")
	before := contents(t, path)
	_, err := Open(t.Context(), path)
	if f := fault.Of(err); f.Kind != fault.Invalid || !strings.Contains(f.Message, "newer AMQ2API") {
		t.Errorf("got %v", err)
	}
	if contents(t, path) != before {
		t.Error("the file was changed")
	}
}

func TestADatabaseOfAnotherProgramIsRefusedAndUntouched(t *testing.T) {
	path := fileWithKeys(t, "laptop")
	bump(t, path, "PRAGMA application_id = 0")
	before := contents(t, path)
	_, err := Open(t.Context(), path)
	if f := fault.Of(err); f.Kind != fault.Invalid || !strings.Contains(f.Message, "another program") {
		t.Errorf("got %v", err)
	}
	if contents(t, path) != before {
		t.Error("the file was changed")
	}
}

func TestAnOlderDatabaseIsBackedUpAndMigrated(t *testing.T) {
	path := fileWithKeys(t, "laptop")
	next := schemaWith(t, "migrations/9000_next.sql", "ALTER TABLE keys ADD COLUMN flavour TEXT NOT NULL DEFAULT 'mint'")
	db, err := open(t.Context(), Options{Path: path, Now: time.Now}, next)
	if err != nil {
		t.Fatal(err)
	}
	var flavour string
	err = db.read.QueryRowContext(t.Context(), "SELECT flavour FROM keys WHERE name = 'laptop'").Scan(&flavour)
	if err := errors.Join(err, db.Close()); err != nil || flavour != "mint" {
		t.Errorf("after migrating the key is %q, %v", flavour, err)
	}
	backups := BackupsOf(path, time.Now)
	made, err := backups.List()
	if err != nil || len(made) != 1 || made[0].Reason != "before-migration-9000" {
		t.Fatalf("the backups are %+v, %v", made, err)
	}
	if got := keyNames(t, filepath.Join(backups.Folder, made[0].Name)); len(got) != 1 || got[0] != "laptop" {
		t.Errorf("the backup has %v", got)
	}
}

func TestAMigrationThatFailsChangesNothing(t *testing.T) {
	path := fileWithKeys(t, "laptop")
	broken := schemaWith(t, "migrations/9000_broken.sql", "DELETE FROM keys; CREATE TABLE keys (id INTEGER)")
	if _, err := open(t.Context(), Options{Path: path, Now: time.Now}, broken); err == nil || !strings.Contains(err.Error(), "9000_broken") {
		t.Errorf("got %v, want the migration's name", err)
	}
	if got := keyNames(t, path); len(got) != 1 {
		t.Errorf("the keys are now %v", got)
	}
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	for i, step := range steps {
		if step.version != i+1 {
			t.Errorf("%s is number %d", step.name, i+1)
		}
	}
}

// schemaWith is our schema with one step more, or another one in its place.
func schemaWith(t *testing.T, name, script string) fstest.MapFS {
	t.Helper()
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	schema := fstest.MapFS{}
	for _, step := range steps {
		schema[step.name] = &fstest.MapFile{Data: []byte(step.script)}
	}
	schema[name] = &fstest.MapFile{Data: []byte(script)}
	return schema
}

// bump runs a statement on a closed database.
func bump(t *testing.T, path, statement string) {
	t.Helper()
	db, err := connect(path, durable)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.write.ExecContext(t.Context(), statement)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func contents(t *testing.T, path string) string {
	t.Helper()
	read, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(read)
}
