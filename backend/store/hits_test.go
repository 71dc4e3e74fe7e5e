package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

const pageBytes = 4096

// neverClosed is a database as a program leaves it that was killed: a part of it is in its write-ahead log only.
func neverClosed(t *testing.T) (path string, rows map[string]string) {
	t.Helper()
	open := openedAt(t, furnished(t, latestVersion(t), 300))
	if _, err := open.write.ExecContext(t.Context(), `PRAGMA wal_autocheckpoint = 0`); err != nil {
		t.Fatal(err)
	}
	for n := range 40 {
		insertKey(t, open, fmt.Sprintf("in the log %d", n))
		if _, err := open.write.ExecContext(t.Context(), `UPDATE accounts SET notes = 'in the log' WHERE id = ?`, 1+n*7); err != nil {
			t.Fatal(err)
		}
	}
	path = copied(t, pathOf(t, open))
	return path, digests(t, open)
}

func pathOf(t *testing.T, db *DB) (path string) {
	t.Helper()
	if err := db.read.QueryRowContext(t.Context(), `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		t.Fatal(err)
	}
	return path
}

// hit spoils one page of a file, at random. (A sound page of another table in its place is what no check without checksums can tell.)
func hit(t *testing.T, file string, pages int64, header int64, page int64) string {
	t.Helper()
	at, noise := header+rand.Int64N(pages)*page, make([]byte, page)
	how := "noise"
	if rand.IntN(3) == 0 {
		how = "zeroes"
	} else {
		for i := 0; i < len(noise); i += 8 {
			binary.LittleEndian.PutUint64(noise[i:], rand.Uint64())
		}
	}
	overwrite(t, file, at, string(noise))
	return fmt.Sprintf("%s at %d", how, at)
}

// Pages of the database and of its log are spoilt at random. What can be seen of it is seen before anything is written, and what cannot be seen
// has changed no account, no key and no place of a secret.
func TestNoDamageChangesAnAccountInSilence(t *testing.T) {
	hits := 15
	if inFull() {
		hits = 1000
	}
	template, rows := neverClosed(t)
	guarded := map[string]bool{"accounts": true, "keys": true, "secret_slots": true, "imports": true, "settings": true}
	status, err := os.Stat(template)
	if err != nil {
		t.Fatal(err)
	}
	logged, err := os.Stat(template + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	frames := (logged.Size() - logHeader) / (frameHeader + pageBytes)
	detected, harmless, inLog, slowest := 0, 0, 0, time.Duration(0)
	for n := range hits {
		path := copied(t, template)
		var how string
		if n%4 == 3 {
			inLog++
			const last = 10 // frames: of the last transaction nobody can tell whether it was ever written
			how = "the log: " + hit(t, path+"-wal", frames-last, logHeader, frameHeader+pageBytes)
		} else {
			how = hit(t, path, status.Size()/pageBytes, 0, pageBytes)
		}
		start := time.Now()
		db, err := Open(t.Context(), path)
		var damaged *ErrDamaged
		switch {
		case errors.As(err, &damaged):
			detected++
			if _, err := Aside(path, noon); err != nil {
				t.Fatal(err)
			}
			if db, err = Open(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			slowest = max(slowest, time.Since(start))
		case err != nil:
			t.Errorf("%s: %v", how, err)
			continue
		default:
			harmless++
			found := digests(t, db)
			for name, digest := range rows {
				table, _, _ := strings.Cut(name, ".")
				if guarded[table] && found[name] != digest {
					t.Errorf("%s changed %s in silence", how, name)
				}
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	if t.Failed() {
		return
	}
	t.Logf("A25 | %d random page hits, %d of them in the log | %d found and moved aside, %d without effect on accounts, keys and secrets' places, 0 silent changes, 0 panics | an empty database is open after %s at most",
		hits, inLog, detected, harmless, slowest.Round(time.Millisecond))
}
