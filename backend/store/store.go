// Package store keeps everything but secrets in one SQLite file: accounts, client keys, usage and settings.
//
// One connection writes, a few read. Times are integer milliseconds since 1970 in UTC, null where there is none.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver

	"amq2api/backend/fault"
)

const readers = 4

// DB is an open database. Use its parts: Accounts, Keys, Usage, Settings.
type DB struct {
	write, read *sql.DB
	zone        *time.Location // whose days usage is summed up by
}

// Open opens the database at path and brings it to this program's schema; a missing file is created, readable by its owner only.
//
// A file that is not a sound database gives *ErrDamaged, one written by a newer program or by another program a fault that says so;
// none of them is changed. Before an older file is migrated, a copy is left beside it as path.bak-v and the old schema's number.
func Open(ctx context.Context, path string) (*DB, error) {
	db, err := open(ctx, path, migrations)
	if err != nil {
		return nil, err
	}
	if err := db.alignDays(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func open(ctx context.Context, path string, schema fs.FS) (*DB, error) {
	steps, err := readSteps(schema)
	if err != nil {
		return nil, err
	}
	created, err := prepare(path)
	if err != nil {
		return nil, err
	}
	if !created {
		if err := inspect(ctx, path, latest(steps)); err != nil {
			return nil, err
		}
	}
	db, err := connect(path)
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx, path, steps); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// Look opens a database to read it only, also while the program runs. It fails as Open does, and if the file has an older schema: a start of
// the program brings it up.
func Look(ctx context.Context, path string) (*DB, error) {
	steps, err := readSteps(migrations)
	if err != nil {
		return nil, err
	}
	version, err := probe{path, latest(steps), `PRAGMA quick_check(1)`, url.Values{"mode": {"ro"}, "_busy_timeout": {"5000"}}}.run(ctx)
	if err != nil {
		return nil, err
	}
	if version < latest(steps) {
		return nil, fault.New(fault.Invalid, "The database %s has an older schema. Start AMQ2API once, which brings it up to date.", path)
	}
	read, err := sql.Open("sqlite", address(path, url.Values{"_busy_timeout": {"5000"}, "mode": {"ro"}}))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return &DB{read: read, zone: time.Local}, nil
}

// Close ends all connections and folds the write-ahead log into the file.
func (d *DB) Close() error {
	if d.write == nil {
		return d.read.Close()
	}
	return errors.Join(d.read.Close(), d.write.Close())
}

// Keys is the table of client keys.
func (d *DB) Keys() *Keys { return &Keys{d} }

// Usage is the record of requests.
func (d *DB) Usage() *Usage { return &Usage{d} }

// Settings is what the user chose.
func (d *DB) Settings() *Settings { return &Settings{d} }

// change runs one write transaction, committed if do returns nil.
func (d *DB) change(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := d.write.BeginTx(ctx, nil)
	if err != nil {
		return explain(err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit it does nothing
	if err := do(tx); err != nil {
		return explain(err)
	}
	return explain(tx.Commit())
}

// prepare creates the file, and its folder, before SQLite can do so with wider permissions. SQLite gives its log and its shared memory
// the permissions of the file.
func prepare(path string) (created bool, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, fmt.Errorf("create the database's folder: %w", err)
	}
	found, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return create(path)
	case err != nil:
		return false, fmt.Errorf("look at the database: %w", err)
	case !found.Mode().IsRegular():
		return false, fmt.Errorf("the database %s is not a regular file", path)
	case found.Size() == 0:
		return false, &ErrDamaged{Path: path, Finding: "the file is empty"}
	default:
		return false, os.Chmod(path, 0o600)
	}
}

func create(path string) (bool, error) {
	if _, err := os.Lstat(path + "-wal"); err == nil {
		return false, &ErrDamaged{Path: path, Finding: "its write-ahead log is there, but the file is not"}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false, fmt.Errorf("create the database: %w", err)
	}
	return true, file.Close()
}

// connect opens the pools. Pragmas go into the address because one set by a statement reaches a single connection of a pool.
func connect(path string) (*DB, error) {
	write, err := sql.Open("sqlite", address(path, url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_busy_timeout": {"5000"}, "_foreign_keys": {"1"}, "_txlock": {"immediate"},
	}))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", address(path, url.Values{"_busy_timeout": {"5000"}, "mode": {"ro"}}))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database: %w", err), write.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &DB{write: write, read: read, zone: time.Local}, nil
}

// address is the file's URI with options. Whatever the path holds, a question mark in it starts no options.
func address(path string, options url.Values) string {
	location := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: options.Encode()}
	return location.String()
}
