package donor

import (
	"context"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// parts are the endings of a database's files. The shared memory is left out: SQLite works it out from the log.
var parts = []string{"", "-wal", "-journal"}

// copyTries is how often a copy is begun again because the files changed meanwhile.
const copyTries = 3

// readCopy copies a database into a folder of our own, reads it there and deletes it.
func readCopy(ctx context.Context, path string) (read contents, err error) {
	folder, err := os.MkdirTemp("", "amq2api-")
	if err != nil {
		return contents{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	into := filepath.Join(folder, databaseName)
	for range copyTries {
		before := stampsOf(path)
		if err := copyParts(ctx, path, into); err != nil {
			return contents{}, err
		}
		if stampsOf(path) == before {
			read, err = query(ctx, into, url.Values{"mode": {"rw"}, "_busy_timeout": {busyTimeout}})
			return read, explain(err)
		}
	}
	return contents{}, errLocked
}

// stamp tells whether a file has changed.
type stamp struct {
	size    int64
	changed time.Time
}

func stampsOf(path string) (stamps [3]stamp) {
	for i, part := range parts {
		if found, err := os.Stat(path + part); err == nil {
			stamps[i] = stamp{found.Size(), found.ModTime()}
		}
	}
	return stamps
}

// copyParts copies a database with its log and its journal, as far as there are any.
func copyParts(ctx context.Context, from, into string) error {
	for _, part := range parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := copyFile(from+part, into+part)
		if part != "" && absent(err) {
			err = os.RemoveAll(into + part) // left by the try before
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, into string) (err error) {
	if _, err := stat(from, maxDatabase); err != nil {
		return err
	}
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }() // nothing was written
	target, err := os.OpenFile(into, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	copied, err := io.Copy(target, io.LimitReader(source, maxDatabase+1))
	if err == nil && copied > maxDatabase {
		err = errTooLarge // it grew
	}
	return err
}
