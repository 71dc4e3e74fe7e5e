package donor

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	busyTimeout = "1000" // milliseconds
	patience    = 5 * time.Second
)

// contents is what a CLI's database holds, by key.
type contents struct {
	auth  map[string][]byte // the table auth_kv
	state map[string][]byte // the keys of the table state that are of use
}

// readDatabase reads a CLI's database without changing it or anything beside it. It reads the file itself where SQLite can do so without
// making files of its own, and else a copy. Errors: errLocked, errDamaged, errTooLarge, errNotRegular, and those of the file system.
func readDatabase(ctx context.Context, path string) (contents, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	path, err := filepath.EvalSymlinks(path) // the log lies beside the file, not beside the link
	if err != nil {
		return contents{}, err
	}
	logged, err := inspect(path)
	if err != nil {
		return contents{}, err
	}
	if !logged || exists(path+"-wal") && exists(path+"-shm") {
		// readonly_shm: even a reader would write to the shared memory, and fold the log into the file when it leaves.
		read, err := query(ctx, path, url.Values{"mode": {"ro"}, "readonly_shm": {"1"}, "_busy_timeout": {busyTimeout}})
		switch resultCode(err) {
		case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR:
		default:
			return read, explain(err)
		}
	}
	return readCopy(ctx, path)
}

const (
	magic         = "SQLite format 3\x00"
	headerSize    = 100
	readVersion   = 19 // where the header says how the file is to be read
	withLog       = 2
	newestReading = 2
)

// inspect checks a file's kind, size and header, and tells whether it is written by way of a log. SQLite must not see an empty file:
// it would delete the log beside it.
func inspect(path string) (logged bool, err error) {
	if _, err := stat(path, maxDatabase); err != nil {
		return false, err
	}
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	header := make([]byte, headerSize)
	if _, err := io.ReadFull(file, header); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, errDamaged
		}
		return false, err
	}
	if string(header[:len(magic)]) != magic || header[readVersion] > newestReading {
		return false, errDamaged
	}
	return header[readVersion] == withLog, nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// query reads both tables as they are at one moment.
func query(ctx context.Context, path string, options url.Values) (read contents, err error) {
	db, err := sql.Open("sqlite", address(path, options))
	if err != nil {
		return contents{}, fmt.Errorf("open a tool's database: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return contents{}, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	read.auth, err = rows(ctx, tx, `auth_kv`, `SELECT key, value FROM auth_kv WHERE length(value) <= ?`)
	if err == nil {
		read.state, err = rows(ctx, tx, `state`, `SELECT key, value FROM state WHERE length(value) <= ? AND key IN ('`+profileKey+`', '`+regionKey+`')`)
	}
	return read, err
}

// address is the file's URI with options. Whatever the path holds, a question mark in it starts no options.
func address(path string, options url.Values) string {
	location := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: options.Encode()}
	return location.String()
}

// rows reads pairs from a table; a table that is not there has none.
func rows(ctx context.Context, tx *sql.Tx, table, statement string) (map[string][]byte, error) {
	var there bool
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?`, table).Scan(&there); err != nil || !there {
		return nil, err
	}
	found, err := tx.QueryContext(ctx, statement, maxJSON)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // its error is in Err
	pairs := make(map[string][]byte)
	for found.Next() {
		var key sql.NullString
		var value []byte
		if err := found.Scan(&key, &value); err != nil {
			return nil, err
		}
		pairs[key.String] = value
	}
	return pairs, found.Err()
}

func resultCode(err error) int {
	var failure *sqlite.Error
	if !errors.As(err, &failure) {
		return sqlite3.SQLITE_OK
	}
	return failure.Code() & 0xff
}

// explain turns SQLite's failures into ours.
func explain(err error) error {
	switch resultCode(err) {
	case sqlite3.SQLITE_OK:
		if errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("%w: %w", errLocked, err)
		}
		return err
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_INTERRUPT:
		return fmt.Errorf("%w: %w", errLocked, err)
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR:
		return fmt.Errorf("%w: %w", errDamaged, err)
	default:
		return err
	}
}
