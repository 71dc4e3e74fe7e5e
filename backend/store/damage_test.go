package store

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"amq2api/backend/fault"
)

func TestDamagedFilesAreFoundAndMovedAsideWhole(t *testing.T) {
	damages := map[string]func(t *testing.T, path string){
		"some other file":          func(t *testing.T, path string) { overwrite(t, path, 0, strings.Repeat("not SQL ", 2000)) },
		"an empty file":            func(t *testing.T, path string) { truncate(t, path, 0) },
		"a file cut short":         func(t *testing.T, path string) { truncate(t, path, 4096+100) },
		"a page of noise":          func(t *testing.T, path string) { overwrite(t, path, 4096, strings.Repeat("\x13\x37", 2048)) },
		"a page of zeroes":         func(t *testing.T, path string) { overwrite(t, path, 4096, strings.Repeat("\x00", 4096)) },
		"a file gone, its log not": func(t *testing.T, path string) { leaveOnlyLog(t, path) },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			path := fileWithKeys(t, "laptop")
			damage(t, path)
			before := folder(t, path)

			_, err := Open(t.Context(), path)
			var damaged *ErrDamaged
			if !errors.As(err, &damaged) || damaged.Path != path {
				t.Fatalf("got %v, want damage at %s", err, path)
			}
			moved, err := Aside(path, noon)
			if err != nil {
				t.Fatal(err)
			}
			for file, text := range before {
				if got := contents(t, moved+strings.TrimPrefix(file, path)); got != text {
					t.Errorf("%s was changed on its way", filepath.Base(file))
				}
			}
			if names := keyNames(t, path); len(names) != 0 {
				t.Errorf("the new database has %v", names)
			}
		})
	}
}

func TestMovingAsideTwiceInOneSecondKeepsBoth(t *testing.T) {
	path := fileWithKeys(t, "laptop")
	first, err := Aside(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	second, err := Aside(path, noon)
	if err != nil {
		t.Fatal(err)
	}
	if first == second || contents(t, second) != "broken" || !slices.Equal(keyNames(t, first), []string{"laptop"}) {
		t.Errorf("moved to %s and %s", first, second)
	}
}

func TestAFullDiskIsSaidInWordsAndLosesNothing(t *testing.T) {
	db := opened(t)
	insertKey(t, db, "before")
	var pages int
	if err := db.write.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limitPages(t, db, pages) // SQLite fails at this limit as it does when the disk is full
	key := sampleKey("too much")
	key.Description = strings.Repeat("x", 100_000)
	_, err := db.Keys().Insert(t.Context(), key)
	if f := fault.Of(err); !strings.Contains(f.Message, "full") {
		t.Errorf("got %v", err)
	}
	limitPages(t, db, 1<<20)
	insertKey(t, db, "after")
	keys, err := db.Keys().All(t.Context())
	if err != nil || len(keys) != 2 || keys[1].Name != "after" {
		t.Errorf("the keys are %v, %v", keys, err)
	}
}

func TestADatabaseHeldByAnotherProgramIsSaidInWords(t *testing.T) {
	path := fileWithKeys(t)
	holder, db := openedAt(t, path), openedAt(t, path)
	if _, err := db.write.ExecContext(t.Context(), "PRAGMA busy_timeout = 1"); err != nil {
		t.Fatal(err)
	}
	tx, err := holder.write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	_, err = db.Keys().Insert(t.Context(), sampleKey("laptop"))
	if f := fault.Of(err); !strings.Contains(f.Message, "Another program") {
		t.Errorf("got %v", err)
	}
}

func limitPages(t *testing.T, db *DB, pages int) {
	t.Helper()
	if _, err := db.write.ExecContext(t.Context(), "PRAGMA max_page_count = "+strconv.Itoa(pages)); err != nil {
		t.Fatal(err)
	}
}

func overwrite(t *testing.T, path string, at int64, text string) {
	t.Helper()
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = file.WriteAt([]byte(text), at)
	if err := errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// leaveOnlyLog takes the file away and leaves a log as a crash would.
func leaveOnlyLog(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.Remove(path), os.WriteFile(path+"-wal", []byte("the only copy of something"), 0o600)); err != nil {
		t.Fatal(err)
	}
}

// folder is the contents of the database's files that are there, by path.
func folder(t *testing.T, path string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, file := range []string{path, path + "-wal"} {
		if _, err := os.Stat(file); err == nil {
			found[file] = contents(t, file)
		}
	}
	return found
}
