package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A restore has three steps: Draft makes a copy of a backup that has this program's schema, Ready puts it beside the database under a name that
// says it is complete, Swap puts it in the database's place. Whoever has the profile next finishes a swap that was cut off.

// Draft copies a backup into the folder of the database at path, checks the copy and brings it to this program's schema. The backup is not
// changed. The caller closes the draft and hands it to Ready, or to Discard.
func Draft(ctx context.Context, backup, path string) (draft string, db *DB, err error) {
	steps, err := readSteps(migrations)
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", nil, fmt.Errorf("create the database's folder: %w", err)
	}
	draft, err = emptyFile(filepath.Dir(path))
	if err != nil {
		return "", nil, explain(err)
	}
	db, err = fill(ctx, backup, draft, steps)
	if err != nil {
		Discard(draft)
		return "", nil, explain(err)
	}
	return draft, db, nil
}

// fill makes the draft.
func fill(ctx context.Context, backup, draft string, steps []step) (*DB, error) {
	if err := copyWhole(ctx, backup, draft); err != nil {
		return nil, err
	}
	if _, err := checkBackup(ctx, draft, steps); err != nil {
		return nil, fmt.Errorf("check the copy of the backup: %w", err)
	}
	db, err := connect(draft, drafted)
	if err != nil {
		return nil, err
	}
	if err := db.migrate(ctx, steps, func(int) error { return nil }); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// copyWhole copies a closed database, with what its log has if it was never closed.
func copyWhole(ctx context.Context, from, to string) error {
	logged, err := anyExists(from + "-wal")
	if err != nil {
		return err
	}
	if !logged {
		if err := copyFile(from, to); err != nil {
			return fmt.Errorf("copy the backup: %w", err)
		}
		return nil
	}
	if _, err := inspect(ctx, from, nil, fullCheck); err != nil {
		return fmt.Errorf("check the backup: %w", err)
	}
	db, err := source(from)
	if err != nil {
		return err
	}
	return errors.Join(db.Backup(ctx, to), db.Close())
}

// Discard removes a draft.
func Discard(draft string) {
	for _, part := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(draft + part)
	}
}

// readyOf is where a finished draft waits to be swapped in.
func readyOf(path string) string { return path + ".restore" }

// Ready declares a closed draft finished: from here on a swap will happen.
func Ready(draft, path string) error { return explain(install(draft, readyOf(path))) }

// IsReady reports whether a finished draft waits for the database at path.
func IsReady(path string) (bool, error) { return anyExists(readyOf(path)) }

// Swap puts a finished draft in the place of the database at path, which nobody may have open. A sound database is replaced in one step; its
// backup is the caller's business. One that is not is moved aside, and its new name returned. It can be done again from wherever it was cut off.
func Swap(ctx context.Context, path string, now time.Time) (aside string, err error) {
	if waits, err := IsReady(path); err != nil || !waits {
		return "", err
	}
	if folded := fold(ctx, path); folded != nil {
		there, err := anyExists(path, path+"-wal")
		if err != nil {
			return "", err
		}
		if there {
			if aside, err = Aside(path, now); err != nil {
				return aside, err
			}
		}
	}
	for _, part := range []string{"-wal", "-shm"} { // a log of the database that goes would be played into the one that comes
		if err := os.Remove(path + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return aside, fmt.Errorf("remove what is left of the log: %w", err)
		}
	}
	return aside, install(readyOf(path), path)
}

// fold brings everything of a closed database into its one file. It fails if that is not a sound database of ours.
func fold(ctx context.Context, path string) error {
	if err := checkLog(path, false); err != nil {
		return err
	}
	if _, err := (probe{path: path, check: quickCheck, options: shared()}).run(ctx); err != nil {
		return err
	}
	db, err := connect(path, durable)
	if err != nil {
		return err
	}
	var busy, pages, moved int
	err = db.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
	if err == nil && busy != 0 {
		err = fmt.Errorf("another program reads the database %s", path)
	}
	return errors.Join(err, db.Close())
}

// Verify is the full check of a backup that this program could restore.
func Verify(ctx context.Context, backup string) error {
	steps, err := readSteps(migrations)
	if err != nil {
		return err
	}
	check := checkBackup
	if logged, err := anyExists(backup + "-wal"); err != nil {
		return err
	} else if logged {
		check = func(ctx context.Context, path string, known []step) (applied, error) {
			return probe{path: path, known: known, check: fullCheck, options: shared(), inert: true}.run(ctx)
		}
	}
	_, err = check(ctx, backup, steps)
	return err
}

// Peek opens a closed database to read it only, whatever schema of ours it has: a newer one may have what is asked for in the same place.
func Peek(path string) (*DB, error) { return source(path) }
