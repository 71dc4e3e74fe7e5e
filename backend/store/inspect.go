package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"amq2api/backend/fault"
)

// The checks of a file, as SQLite knows them. The quick one does not compare indexes with their tables.
const (
	quickCheck = `PRAGMA quick_check(1)`
	fullCheck  = `PRAGMA integrity_check(1)`
)

// How a file is looked at: one that others may have open, or one that nobody has, beside which nothing is to be left.
func shared() url.Values { return url.Values{"mode": {"ro"}, "_busy_timeout": {"5000"}} }
func alone() url.Values  { return url.Values{"mode": {"ro"}, "immutable": {"1"}} }

// inspect looks at an existing file without changing it: is it a sound database, ours, and not from a newer program?
func inspect(ctx context.Context, path string, known []step, check string) (applied, error) {
	return probe{path: path, known: known, check: check, options: shared()}.run(ctx)
}

// checkBackup is the full check of a file that nobody has open. With known steps it is one to restore: a file that has others is refused, and one
// with something that would run by itself.
func checkBackup(ctx context.Context, path string, known []step) (applied, error) {
	found, err := probe{path: path, known: known, check: fullCheck, options: alone(), inert: known != nil}.run(ctx)
	if err == nil && found.version == 0 {
		return found, fault.New(fault.Invalid, "The file %s is empty. Choose a backup made by AMQ2API.", path)
	}
	return found, err
}

// probe is a look at a file that does not change it.
type probe struct {
	path    string
	known   []step // nil takes a file of whatever schema
	check   string
	options url.Values
	inert   bool // refuses triggers and views: this program makes none, so somebody else put them there
}

// run answers with the file's schema.
func (p probe) run(ctx context.Context) (found applied, err error) {
	db, err := sql.Open("sqlite", address(p.path, p.options))
	if err != nil {
		return found, fmt.Errorf("open the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const origin = `SELECT application_id, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id`
	var application, objects int
	if err := db.QueryRowContext(ctx, origin).Scan(&application, &objects); err != nil {
		return found, damagedBy(p.path, err)
	}
	if found, err = readApplied(ctx, db); err != nil {
		return found, damagedBy(p.path, err)
	}
	unused := application == 0 && found.version == 0 && objects == 0 // as a first start leaves it that is cut short
	if application != applicationID && !unused {
		return found, fault.New(fault.Invalid, "The file %s is a database of another program. Choose another file.", p.path)
	}
	if err := p.refuseNewer(found); err != nil {
		return found, err
	}
	if err := p.refuseAlive(ctx, db); err != nil {
		return found, err
	}
	var finding string
	if err := db.QueryRowContext(ctx, p.check).Scan(&finding); err != nil {
		return found, damagedBy(p.path, err)
	}
	if finding != "ok" {
		return found, &ErrDamaged{Path: p.path, Finding: finding}
	}
	return found, nil
}

func (p probe) refuseAlive(ctx context.Context, db *sql.DB) error {
	if !p.inert {
		return nil
	}
	var sort, name string
	err := db.QueryRowContext(ctx, `SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view') LIMIT 1`).Scan(&sort, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return damagedBy(p.path, err)
	}
	return fault.New(fault.Invalid, "The file %s was changed by another program: it has the %s %q, which AMQ2API never makes. Choose another backup.", p.path, sort, name)
}

func (p probe) refuseNewer(found applied) error {
	if p.known == nil {
		return nil
	}
	beyond := found.beyond(p.known)
	if beyond == 0 {
		return nil
	}
	return fault.New(fault.Invalid,
		"The database %s was written by a newer AMQ2API: its schema is number %d, this program knows %d. Install the newer version again, or go back with "+
			"`amq2api restore`: it lists the backups, and the one made before the update is called before-migration.",
		p.path, beyond, latest(p.known))
}
