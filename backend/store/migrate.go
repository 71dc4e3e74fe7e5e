package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
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

// readSteps reads migrations/NNNN_name.sql in order.
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
	return steps, nil
}

func latest(steps []step) int { return steps[len(steps)-1].version }

// migrate applies the steps the file does not have yet.
func (d *DB) migrate(ctx context.Context, path string, steps []step) error {
	var current int
	if err := d.write.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&current); err != nil {
		return fmt.Errorf("read the schema's version: %w", explain(err))
	}
	if current > 0 && current < latest(steps) {
		if err := d.Backup(ctx, fmt.Sprintf("%s.bak-v%d", path, current)); err != nil {
			return fmt.Errorf("back up before migrating: %w", err)
		}
	}
	for _, step := range steps {
		if step.version <= current {
			continue
		}
		if err := d.change(ctx, step.apply); err != nil {
			return fmt.Errorf("apply %s: %w", step.name, err)
		}
	}
	return nil
}

func (s step) apply(tx *sql.Tx) error {
	_, err := tx.Exec(fmt.Sprintf("%s;\nPRAGMA application_id = %d; PRAGMA user_version = %d", s.script, applicationID, s.version))
	return err
}
