package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"amq2api/backend/fault"
)

// ErrDamaged says that the file at Path is not a sound database. It has not been changed; Aside moves it out of the way.
type ErrDamaged struct {
	Path    string
	Finding string // what is wrong with it
	Err     error  // may be nil
}

// Error names the file and the damage.
func (e *ErrDamaged) Error() string {
	return fmt.Sprintf("the database %s is damaged: %s", e.Path, e.Finding)
}

// Unwrap returns the cause.
func (e *ErrDamaged) Unwrap() error { return e.Err }

// Aside renames a database, with its log and shared memory, to a free name beside it and returns that name. Nothing is deleted. The
// database must be closed.
func Aside(path string, now time.Time) (moved string, err error) {
	moved, err = freeName(path + ".aside-" + now.UTC().Format("20060102T150405"))
	if err != nil {
		return "", err
	}
	for _, part := range []string{"", "-wal", "-shm"} {
		if err := os.Rename(path+part, moved+part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return moved, fmt.Errorf("move the database aside: %w", err)
		}
	}
	return moved, nil
}

func freeName(wanted string) (string, error) {
	name := wanted
	for n := 2; ; n++ {
		taken, err := anyExists(name, name+"-wal", name+"-shm")
		if err != nil || !taken {
			return name, err
		}
		name = fmt.Sprintf("%s-%d", wanted, n)
	}
}

func anyExists(paths ...string) (bool, error) {
	for _, path := range paths {
		if _, err := os.Lstat(path); err == nil {
			return true, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("look for a free name: %w", err)
		}
	}
	return false, nil
}

// damagedBy turns SQLite's word for a malformed file into *ErrDamaged; other errors are explained.
func damagedBy(path string, err error) error {
	switch resultCode(err) {
	case sqlite3.SQLITE_NOTADB:
		return &ErrDamaged{Path: path, Finding: "the file is not a database", Err: err}
	case sqlite3.SQLITE_CORRUPT:
		return &ErrDamaged{Path: path, Finding: "the file is malformed", Err: err}
	default:
		return explain(err)
	}
}

// resultCode is SQLite's primary result code of an error, 0 if the error is not SQLite's.
func resultCode(err error) int {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return sqlite3.SQLITE_OK
	}
	return failure.Code() & 0xff
}

// explain gives SQLite's failures that a person can do something about a sentence.
func explain(err error) error {
	var explained *fault.Error
	if errors.As(err, &explained) {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) {
		return diskFull(err)
	}
	switch resultCode(err) {
	case sqlite3.SQLITE_FULL:
		return diskFull(err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fault.Wrap(fault.Internal, err, "Another program is holding AMQ2API's database. Close it and try again.")
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return fault.Wrap(fault.Internal, err, "AMQ2API's database could not be read or written. Check the disk and the permissions of its folder.")
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fault.Wrap(fault.Internal, err, "AMQ2API's database is damaged. Restart the program, which moves a damaged file aside, or restore a backup.")
	default:
		return err
	}
}

func diskFull(err error) error {
	return fault.Wrap(fault.Internal, err, "The disk that holds AMQ2API's database is full. Free some space and try again.")
}
