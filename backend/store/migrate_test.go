package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// upTo is the schema with the steps up to a version.
func upTo(t *testing.T, version int) fstest.MapFS {
	t.Helper()
	return schemaOf(t, func(s step) bool { return s.version <= version })
}

func schemaOf(t *testing.T, wanted func(step) bool) fstest.MapFS {
	t.Helper()
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	schema := fstest.MapFS{}
	for _, step := range steps {
		if wanted(step) {
			schema[step.name] = &fstest.MapFile{Data: []byte(step.script)}
		}
	}
	return schema
}

// fixed are the columns that do not take just any value.
var fixed = map[string]string{
	"accounts.state": "'active'", "accounts.status_kind": "'internal'", "accounts.method": "'builder_id'", "requests.attempts": "'[]'",
	"requests.client": "'curl'", "requests.fault": "''", "settings.chosen": "'{}'", "keys.allowed_models": "'[]'", "keys.hash": "randomblob(32)",
	"diagnoses.found": "'{}'", "pool.id": "1", "settings.id": "1", "keys.active": "1",
	"usage_names.kind": "'key'", "key_periods.span": "'day'", "key_recent.bursts": "'[]'", "keys.allowed_dialects": "'[]'", "keys.accounts": "'[]'",
	"accounts.active": "1", "accounts.moved_out": "n % 2", "secret_slots.client": "n % 2", "secret_slots.rotated": "n % 2", "requests.streaming": "n % 2",
}

// furnished is an old database, of the schema as it was at a version, with rows in every table.
func furnished(t *testing.T, version, rows int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "amq2api.db")
	db, err := open(t.Context(), Options{Path: path, Now: time.Now}, upTo(t, version))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables(t, db) {
		furnish(t, db, table, rows)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// tables are those with something of the user's: the sums of days are made anew of the hours, in the zone that rollups says.
func tables(t *testing.T, db *DB) []string {
	t.Helper()
	scan := func(row *sql.Rows) (name string, err error) { return name, row.Scan(&name) }
	found, err := list(t.Context(), db.read, scan, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT IN ('schema_steps', 'rollups', 'days') ORDER BY rowid`)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

type column struct{ name, kind string }

func columnsOf(t *testing.T, db *DB, table string) []column {
	t.Helper()
	scan := func(row *sql.Rows) (c column, err error) { return c, row.Scan(&c.name, &c.kind) }
	found, err := list(t.Context(), db.read, scan, `SELECT name, type FROM pragma_table_info(?)`, table)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// furnish fills a table with made-up rows.
func furnish(t *testing.T, db *DB, table string, rows int) {
	t.Helper()
	if table == "pool" || table == "settings" {
		rows = 1
	}
	var names, values []string
	for _, c := range columnsOf(t, db, table) {
		value, special := fixed[table+"."+c.name]
		switch {
		case special:
		case c.kind == "TEXT":
			value = "'" + c.name + " ' || n"
		case c.kind == "BLOB":
			value = "randomblob(100)"
		default:
			value = "n"
		}
		names, values = append(names, c.name), append(values, value)
	}
	statement := fmt.Sprintf(`WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < %d) INSERT INTO %s (%s) SELECT %s FROM counted`,
		rows, table, strings.Join(names, ", "), strings.Join(values, ", "))
	if _, err := db.write.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", table, err)
	}
}

// digests are those of every column that was there, by its table and name.
func digests(t *testing.T, db *DB) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, table := range tables(t, db) {
		for _, c := range columnsOf(t, db, table) {
			scan := func(row *sql.Rows) (value any, err error) { return value, row.Scan(&value) }
			values, err := list(t.Context(), db.read, scan, fmt.Sprintf(`SELECT %s FROM %s ORDER BY 1`, c.name, table))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.New()
			for _, value := range values {
				fmt.Fprintf(sum, "%T %v\n", value, value)
			}
			found[table+"."+c.name] = fmt.Sprintf("%d rows, %x", len(values), sum.Sum(nil))
		}
	}
	return found
}

func digestsOf(t *testing.T, path string) map[string]string {
	t.Helper()
	db, err := Peek(path)
	if err != nil {
		t.Fatal(err)
	}
	found := digests(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return found
}

// expectKept checks that every column of before that is still there is as it was, and that those nobody may lose are there.
func expectKept(t *testing.T, before, after map[string]string) {
	t.Helper()
	for name, digest := range before {
		now, there := after[name]
		table, _, _ := strings.Cut(name, ".")
		if there && now != digest || !there && slices.Contains([]string{"accounts", "secret_slots", "keys", "settings", "requests", "imports"}, table) {
			t.Errorf("%s was %s and is %q", name, digest, now)
		}
	}
}

// versions are those that a file may have.
func versions(t *testing.T) []int {
	t.Helper()
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	var found []int
	for _, step := range steps {
		found = append(found, step.version)
	}
	return found
}

func TestEverySchemaThereWasIsBroughtUpToDateWithItsRows(t *testing.T) {
	for _, version := range versions(t) {
		for _, ledger := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d, ledger %v", version, ledger), func(t *testing.T) {
				path := furnished(t, version, 3)
				if !ledger { // as before steps were written down
					bump(t, path, "DROP TABLE schema_steps")
				}
				before := digestsOf(t, path)
				db := openedAt(t, path)
				expectKept(t, before, digests(t, db))
				if rows, err := db.Accounts().Rows(t.Context()); err != nil || len(rows) != 3 {
					t.Errorf("%d accounts, %v", len(rows), err)
				}
				if keys, err := db.Keys().All(t.Context()); err != nil || version >= 2 && len(keys) != 3 {
					t.Errorf("%d keys, %v", len(keys), err)
				}
				backups, err := BackupsOf(path, time.Now).List()
				if err != nil || (len(backups) == 1) != (version < latestVersion(t)) {
					t.Errorf("the backups are %v, %v", backups, err)
				}
				for _, one := range backups { // the way back
					expectKept(t, before, digestsOf(t, filepath.Join(filepath.Dir(path), "backups", one.Name)))
				}
			})
		}
	}
}

func latestVersion(t *testing.T) int {
	t.Helper()
	return slices.Max(versions(t))
}

// Two steps were made at the same time, and the one with the higher number reached a file first.
func TestAStepThatComesLaterThanAHigherOneIsApplied(t *testing.T) {
	path := filepath.Join(t.TempDir(), "amq2api.db")
	add := func(names ...string) fstest.MapFS {
		schema := upTo(t, latestVersion(t))
		for _, name := range names {
			schema["migrations/"+name+".sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE of_" + name[:4] + " (id INTEGER)")}
		}
		return schema
	}
	for i, schema := range []fstest.MapFS{add("5002_second"), add("5001_first", "5002_second")} {
		db, err := open(t.Context(), Options{Path: path, Now: time.Now}, schema)
		if err != nil {
			t.Fatal(err)
		}
		found, err := readApplied(t.Context(), db.read)
		if there := slices.Contains(tables(t, db), "of_5001"); there != (i == 1) || found.version != 5002 || err != nil {
			t.Errorf("start %d: the first step is there: %v, version %d, %v", i, there, found.version, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := open(t.Context(), Options{Path: path, Now: time.Now}, add("5002_second")); err == nil || !strings.Contains(err.Error(), "number 5001") {
		t.Errorf("a program that does not know the first: %v", err)
	}
	if _, err := open(t.Context(), Options{Path: path, Now: time.Now}, add("5002_second", "5002_third")); err == nil || !strings.Contains(err.Error(), "one number") {
		t.Errorf("two steps of one number: %v", err)
	}
}

// A start is killed while it brings an old database up to date. The next one goes on where it was.
func TestKilledWhileMigratingNothingIsLost(t *testing.T) {
	rows, kills := 5_000, 3
	if inFull() {
		rows, kills = 1_000_000, 50
	}
	const old = 3
	template := furnished(t, old, 10)
	bump(t, template, `WITH RECURSIVE counted (n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM counted WHERE n < `+fmt.Sprint(rows)+`)
		INSERT INTO requests SELECT n, 'id ' || n, n, 1, 'key', 'curl', 'openai', 'a', 'b', 1, 200, '', '', '[]', n, n, 0, 0, 0, n, n FROM counted`)
	before := digestsOf(t, template)
	whole := copied(t, template)
	start := time.Now()
	migrated := openedAt(t, whole)
	took := time.Since(start)
	expectKept(t, before, digests(t, migrated))

	killed, path := 0, ""
	for n := range kills {
		path = copied(t, template)
		victim := startVictim(t, "migrate", path)
		time.Sleep(rand.N(took))
		_ = victim.Process.Kill()
		if err := victim.Wait(); err != nil {
			killed++
		}
		db := openedAt(t, path)
		if inFull() && n%10 != 0 { // reading a million rows takes a while
			continue
		}
		expectKept(t, before, digests(t, db))
		if err := db.FullCheck(t.Context()); err != nil {
			t.Errorf("after a kill: %v", err)
		}
	}
	if t.Failed() {
		return
	}
	t.Logf("A26 | schema %d with %d requests brought to %d in %s | %d kills while migrating | rows equal after each, backups restore equal rows", old, rows, latestVersion(t), took.Round(10*time.Millisecond), killed)
}

// copied is a copy of a closed database in a folder of its own.
func copied(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "profile")
	if err != nil {
		t.Fatal(err)
	}
	dest := filepath.Join(dir, "amq2api.db")
	for _, part := range []string{"", "-wal"} {
		text, err := os.ReadFile(path + part)
		if part != "" && errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := errors.Join(err, os.WriteFile(dest+part, text, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dest
}

// act is what the victim does to a database before it says that it has.
func act(operation, path string) error {
	ctx := context.Background()
	switch operation {
	case "migrate":
		db, err := Open(ctx, path)
		if err != nil {
			return err
		}
		return db.Close()
	case "backup":
		_, err := BackupsOf(path, time.Now).MakeOf(ctx, path, Manual)
		return err
	case "restore":
		_, err := restored(ctx, path+".source", path)
		return err
	default:
		return fmt.Errorf("no operation %q", operation)
	}
}
