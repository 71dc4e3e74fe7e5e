package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks the file as ours, as SQLite's application_id: the letters AMQ2.
const applicationID = 0x414d5132

// step is one numbered change of the schema.
type step struct {
	version int
	name    string
	script  string
}

// readSteps reads migrations/NNNN_name.sql in order. No two may have one number; a number may be missing.
func readSteps(schema fs.FS) ([]step, error) {
	names, err := fs.Glob(schema, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list the migrations: %w", err)
	}
	var steps []step
	for _, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s has no number: %w", name, err)
		}
		script, err := fs.ReadFile(schema, name)
		if err != nil {
			return nil, fmt.Errorf("read a migration: %w", err)
		}
		steps = append(steps, step{version, name, string(script)})
	}
	slices.SortFunc(steps, func(a, b step) int { return cmp.Compare(a.version, b.version) })
	for i := 1; i < len(steps); i++ {
		if steps[i].version == steps[i-1].version {
			return nil, fmt.Errorf("%s and %s have one number", steps[i-1].name, steps[i].name)
		}
	}
	return steps, nil
}

// SchemaVersion is the highest step that this program brings a database up to.
func SchemaVersion() int {
	steps, err := readSteps(migrations)
	if err != nil {
		panic(err) // the files are embedded, and a test reads them
	}
	return latest(steps)
}

func latest(steps []step) int { return steps[len(steps)-1].version }

// applied is what a file says about its schema. Which steps it has is written down one by one: two that were made at the same time may
// reach a file in either order, and the one with the lower number must not be passed over because the higher is there.
type applied struct {
	version int   // user_version: the highest step it has; 0 is none
	steps   []int // every step it has; nil in files from before they were written down, which have all up to their version
}

func (a applied) has(version int) bool {
	if a.steps == nil {
		return version <= a.version
	}
	return slices.Contains(a.steps, version)
}

// missing are the steps that the file does not have yet, in order.
func (a applied) missing(known []step) []step {
	return slices.DeleteFunc(slices.Clone(known), func(s step) bool { return a.has(s.version) })
}

// beyond is the highest step of the file that this program does not know, 0 if it knows them all.
func (a applied) beyond(known []step) int {
	if a.version > latest(known) {
		return a.version
	}
	highest := 0
	for _, version := range a.steps {
		if !slices.ContainsFunc(known, func(s step) bool { return s.version == version }) {
			highest = max(highest, version)
		}
	}
	return highest
}

// The ledger of steps is no step itself: it must be there before the first.
const (
	createLedger = `CREATE TABLE IF NOT EXISTS schema_steps (version INTEGER PRIMARY KEY) STRICT`
	enterLedger  = `INSERT OR IGNORE INTO schema_steps (version) VALUES (?)`
)

// querier is a database or a transaction, to ask.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// readApplied asks a file of ours for its schema.
func readApplied(ctx context.Context, db querier) (a applied, err error) {
	var ledgers int
	const origin = `SELECT user_version, (SELECT count(*) FROM sqlite_schema WHERE name = 'schema_steps') FROM pragma_user_version`
	if err := db.QueryRowContext(ctx, origin).Scan(&a.version, &ledgers); err != nil || ledgers == 0 {
		return a, err
	}
	a.steps = []int{}
	rows, err := db.QueryContext(ctx, `SELECT version FROM schema_steps ORDER BY version`)
	if err != nil {
		return a, err
	}
	defer func() { err = cmp.Or(err, rows.Close()) }()
	for rows.Next() {
		var version int
		if err := rows.Scan(&version); err != nil {
			return a, err
		}
		a.steps = append(a.steps, version)
	}
	return a, rows.Err()
}

// migrate applies the steps the file does not have yet, each in a transaction of its own, so that a program that is ended in between goes
// on where it was. Before the first of them backUp keeps a file that is not new.
func (d *DB) migrate(ctx context.Context, steps []step, backUp func(before int) error) error {
	found, err := readApplied(ctx, d.write)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", explain(err))
	}
	missing := found.missing(steps)
	if found.version > 0 && len(missing) > 0 {
		if err := backUp(missing[0].version); err != nil {
			return fmt.Errorf("back up before migrating: %w", err)
		}
	}
	if found.steps == nil {
		if err := d.change(ctx, func(tx *sql.Tx) error { return found.writeDown(ctx, tx, steps) }); err != nil {
			return fmt.Errorf("write down the schema's steps: %w", err)
		}
	}
	for _, step := range missing {
		if err := d.change(ctx, func(tx *sql.Tx) error { return step.apply(ctx, tx) }); err != nil {
			return fmt.Errorf("apply %s: %w", step.name, err)
		}
	}
	return nil
}

// writeDown starts the ledger of a file that has none.
func (a applied) writeDown(ctx context.Context, tx *sql.Tx, known []step) error {
	if _, err := tx.ExecContext(ctx, createLedger); err != nil {
		return err
	}
	for _, step := range known {
		if !a.has(step.version) {
			continue
		}
		if _, err := tx.ExecContext(ctx, enterLedger, step.version); err != nil {
			return err
		}
	}
	_, err := tx.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, applicationID))
	return err
}

func (s step) apply(ctx context.Context, tx *sql.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("%s;\nPRAGMA user_version = %d", s.script, max(version, s.version))); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, enterLedger, s.version)
	return err
}
