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

// Options say how to open a database.
type Options struct {
	Path     string
	Now      func() time.Time
	Thorough bool // check everything, indexes too, which takes as long as reading the whole file
	CutOff   bool // the program that had it open last did not close it, so that its write-ahead log must be there
}

// Open opens the database at path and brings it to this program's schema; a missing file is created, readable by its owner only.
//
// A file that is not a sound database gives *ErrDamaged, one written by a newer program or by another program a fault that says so;
// none of them is changed. Before an older file is migrated, a backup of it is made in the folder of its backups.
func Open(ctx context.Context, path string) (*DB, error) {
	return OpenWith(ctx, Options{Path: path, Now: time.Now})
}

// OpenWith is Open with more to say.
func OpenWith(ctx context.Context, o Options) (*DB, error) {
	db, err := open(ctx, o, migrations)
	if err != nil {
		return nil, err
	}
	if err := db.alignDays(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func open(ctx context.Context, o Options, schema fs.FS) (*DB, error) {
	steps, err := readSteps(schema)
	if err != nil {
		return nil, err
	}
	created, err := prepare(o.Path)
	if err != nil {
		return nil, err
	}
	if !created {
		if err := o.examine(ctx, steps); err != nil {
			return nil, err
		}
	}
	db, err := connect(o.Path, durable)
	if err != nil {
		return nil, err
	}
	err = db.migrate(ctx, steps, func(before int) error {
		_, err := BackupsOf(o.Path, o.Now).Make(ctx, db, beforeMigration(before))
		return err
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// examine refuses an existing file that is not fit to be opened.
func (o Options) examine(ctx context.Context, known []step) error {
	if err := checkLog(o.Path, o.CutOff); err != nil {
		return err
	}
	check := quickCheck
	if o.Thorough {
		check = fullCheck
	}
	_, err := inspect(ctx, o.Path, known, check)
	return err
}

// Look opens a database to read it only, also while the program runs. It fails as Open does, and if the file has an older schema: a start of
// the program brings it up.
func Look(ctx context.Context, path string) (*DB, error) {
	steps, err := readSteps(migrations)
	if err != nil {
		return nil, err
	}
	found, err := inspect(ctx, path, steps, quickCheck)
	if err != nil {
		return nil, err
	}
	if len(found.missing(steps)) > 0 {
		return nil, fault.New(fault.Invalid, "The database %s has an older schema. Start AMQ2API once, which brings it up to date.", path)
	}
	return source(path)
}

// source opens a database of whatever schema to read it only.
func source(path string) (*DB, error) {
	read, err := sql.Open("sqlite", address(path, shared()))
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

// FullCheck compares everything in the open database, indexes too. What it finds is *ErrDamaged. It takes as long as reading the whole file,
// and holds nobody up.
func (d *DB) FullCheck(ctx context.Context) error {
	var finding, path string
	if err := d.read.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		return explain(err)
	}
	if err := d.read.QueryRowContext(ctx, fullCheck).Scan(&finding); err != nil {
		return damagedBy(path, err)
	}
	if finding != "ok" {
		return &ErrDamaged{Path: path, Finding: finding}
	}
	return nil
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

// How sure SQLite makes that what was written is on the disk: a database's changes one by one, a draft's all at its end.
const (
	durable = "FULL"
	drafted = "OFF"
)

// connect opens the pools. Pragmas go into the address because one set by a statement reaches a single connection of a pool.
func connect(path string, synchronous string) (*DB, error) {
	write, err := sql.Open("sqlite", address(path, url.Values{
		"_journal_mode": {"WAL"}, "_synchronous": {synchronous}, "_busy_timeout": {"5000"}, "_foreign_keys": {"1"}, "_txlock": {"immediate"},
	}))
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	write.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", address(path, shared()))
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
