package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"amq2api/backend/fault"
)

// inspect looks at an existing file without changing it: is it a sound database, ours, and not from a newer program?
func inspect(ctx context.Context, path string, newest int) error {
	_, err := probe{path, newest, `PRAGMA quick_check(1)`, url.Values{"mode": {"ro"}, "_busy_timeout": {"5000"}}}.run(ctx)
	return err
}

// check is the full check of a file that nobody has open. It leaves nothing beside it.
func check(ctx context.Context, path string) error {
	steps, err := readSteps(migrations)
	if err != nil {
		return err
	}
	version, err := probe{path, latest(steps), `PRAGMA integrity_check(1)`, url.Values{"mode": {"ro"}, "immutable": {"1"}}}.run(ctx)
	if err == nil && version == 0 {
		return fault.New(fault.Invalid, "The file %s is empty. Choose a backup made by AMQ2API.", path)
	}
	return err
}

// probe is a look at a file that does not change it.
type probe struct {
	path    string
	newest  int // the newest schema this program knows
	check   string
	options url.Values
}

// run answers with the number of the file's schema, 0 if it has none yet.
func (p probe) run(ctx context.Context) (version int, err error) {
	db, err := sql.Open("sqlite", address(p.path, p.options))
	if err != nil {
		return 0, fmt.Errorf("open the database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	const origin = `SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version`
	var application, objects int
	if err := db.QueryRowContext(ctx, origin).Scan(&application, &version, &objects); err != nil {
		return 0, damagedBy(p.path, err)
	}
	unused := application == 0 && version == 0 && objects == 0 // as a first start leaves it that is cut short
	switch {
	case application != applicationID && !unused:
		return version, fault.New(fault.Invalid, "The file %s is a database of another program. Choose another file.", p.path)
	case version > p.newest:
		return version, fault.New(fault.Invalid,
			"The database %s was written by a newer AMQ2API: its schema is number %d, this program knows %d. Install the newer version, or restore an older backup.",
			p.path, version, p.newest)
	}
	var finding string
	if err := db.QueryRowContext(ctx, p.check).Scan(&finding); err != nil {
		return 0, damagedBy(p.path, err)
	}
	if finding != "ok" {
		return version, &ErrDamaged{Path: p.path, Finding: finding}
	}
	return version, nil
}
