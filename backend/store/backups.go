package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"amq2api/backend/fault"
)

// Why a backup was made. One from before a migration has its number too: before-migration-9 has everything but step 9 and those after it.
const (
	Scheduled     = "scheduled"
	Manual        = "manual"
	BeforeRestore = "before-restore"
	migrationWord = "before-migration-"
)

func beforeMigration(step int) string { return migrationWord + strconv.Itoa(step) }

// Backup is one copy of the database. There are no secrets in it, only the names of the vault's items and the digests of client keys: a plain
// file, for its owner's eyes, is enough. Without the vault it was made beside, its accounts must sign in again.
type Backup struct {
	Name   string
	Reason string // as above
	At     time.Time
	Bytes  int64
}

// Backups is the folder of a profile's backups. Names sort by time and tell why a backup was made; other files in the folder are left alone.
type Backups struct {
	Folder string
	Now    func() time.Time
}

// BackupsOf is the folder beside a database.
func BackupsOf(database string, now func() time.Time) Backups {
	return Backups{Folder: filepath.Join(filepath.Dir(database), "backups"), Now: now}
}

const (
	nameTime   = "20060102T150405.000Z"
	nameEnding = ".db"
)

var nameForm = regexp.MustCompile(`^(\d{8}T\d{6}\.\d{3}Z)-(scheduled|manual|before-restore|before-migration-\d{1,6})\.db$`)

// List is every backup, the newest first.
func (b Backups) List() ([]Backup, error) {
	entries, err := os.ReadDir(b.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("look for backups: %w", err)
	}
	found := []Backup{}
	for _, entry := range entries {
		if one, is := parseName(entry.Name()); is && entry.Type().IsRegular() {
			if status, err := entry.Info(); err == nil { // else it has just been removed
				one.Bytes = status.Size()
				found = append(found, one)
			}
		}
	}
	slices.SortFunc(found, func(x, y Backup) int { return strings.Compare(y.Name, x.Name) })
	return found, nil
}

func parseName(name string) (Backup, bool) {
	parts := nameForm.FindStringSubmatch(name)
	if parts == nil {
		return Backup{}, false
	}
	at, err := time.Parse(nameTime, parts[1])
	return Backup{Name: name, Reason: parts[2], At: at}, err == nil
}

// Find is the backup of that name and the path of its file, or fault.NotFound.
func (b Backups) Find(name string) (found Backup, path string, err error) {
	found, is := parseName(name)
	path = filepath.Join(b.Folder, name)
	status, err := os.Lstat(path)
	if !is || err != nil || !status.Mode().IsRegular() {
		return Backup{}, "", fault.New(fault.NotFound, "There is no backup named %.80q.", name)
	}
	found.Bytes = status.Size()
	return found, path, nil
}

// Make writes a backup of an open database. It is complete as of one moment, checked, and on the disk before it gets its name; whoever writes to
// the database does not wait for it. If it fails, or ctx ends, nothing is left of it.
func (b Backups) Make(ctx context.Context, db *DB, reason string) (Backup, error) {
	if err := b.prepare(); err != nil {
		return Backup{}, err
	}
	made, err := b.free(reason)
	if err != nil {
		return Backup{}, err
	}
	path := filepath.Join(b.Folder, made.Name)
	if err := db.Backup(ctx, path); err != nil {
		return Backup{}, fmt.Errorf("make a backup: %w", err)
	}
	status, err := os.Stat(path)
	if err != nil {
		return Backup{}, fmt.Errorf("look at the backup: %w", err)
	}
	made.Bytes = status.Size()
	return made, nil
}

// MakeOf is Make for a database that this program need not understand, running or not: it may have any schema of ours.
func (b Backups) MakeOf(ctx context.Context, database, reason string) (made Backup, err error) {
	found, err := probe{path: database, check: quickCheck, options: shared()}.run(ctx)
	if err != nil {
		return Backup{}, err
	}
	if found.version == 0 {
		return Backup{}, fault.New(fault.NotFound, "There is nothing in the database %s yet.", database)
	}
	db, err := source(database)
	if err != nil {
		return Backup{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return b.Make(ctx, db, reason)
}

// Written is how much of the backup that is being made is on the disk by now.
func (b Backups) Written() int64 { return partialBytes(b.Folder) }

// prepare makes the folder, for its owner only.
func (b Backups) prepare() error {
	if err := os.MkdirAll(b.Folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of the backups: %w", explain(err))
	}
	if err := os.Chmod(b.Folder, 0o700); err != nil {
		return fmt.Errorf("close the folder of the backups to others: %w", err)
	}
	return nil
}

// free is a backup to be made now, at a time that none has yet.
func (b Backups) free(reason string) (Backup, error) {
	made, err := b.List()
	if err != nil {
		return Backup{}, err
	}
	at := b.Now().UTC().Truncate(time.Millisecond)
	for slices.ContainsFunc(made, func(one Backup) bool { return one.At.Equal(at) }) {
		at = at.Add(time.Millisecond)
	}
	return Backup{Name: at.Format(nameTime) + "-" + reason + nameEnding, Reason: reason, At: at}, nil
}

// Remove deletes a backup, or fails with fault.NotFound.
func (b Backups) Remove(name string) error {
	_, path, err := b.Find(name)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove a backup: %w", err)
	}
	return nil
}

// Prune deletes the oldest backups beyond keep: of those made on schedule, and of those made before a migration or a restore. What people made
// themselves stays, and so does the one named spare. A backup from the future, made while the clock was wrong, counts as the oldest.
func (b Backups) Prune(keep int, spare string) error {
	all, err := b.List()
	if err != nil {
		return err
	}
	now := b.Now()
	slices.SortStableFunc(all, func(x, y Backup) int { return cmp.Compare(rank(x, now), rank(y, now)) })
	kept := map[bool]int{} // by whether they were made on schedule
	for _, one := range all {
		if one.Reason == Manual {
			continue
		}
		kept[one.Reason == Scheduled]++
		if kept[one.Reason == Scheduled] > keep && one.Name != spare {
			err = errors.Join(err, os.Remove(filepath.Join(b.Folder, one.Name)))
		}
	}
	return err
}

func rank(one Backup, now time.Time) int {
	if one.At.After(now) {
		return 1
	}
	return 0
}

// Tidy removes what a program that was killed while it made a copy left in the folder.
func (b Backups) Tidy() error { return removePartials(b.Folder, b.Now()) }
