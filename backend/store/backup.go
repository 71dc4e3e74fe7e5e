package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// Backup writes a copy of the open database to dest, complete as of one moment, checked, and readable by its owner only. A file at dest is
// replaced, and only once the copy is on the disk.
func (d *DB) Backup(ctx context.Context, dest string) (err error) {
	partial, err := emptyFile(filepath.Dir(dest))
	if err != nil {
		return explain(err)
	}
	defer func() { _ = os.Remove(partial) }() // gone already if all went well
	if _, err := d.read.ExecContext(ctx, `VACUUM INTO ?`, partial); err != nil {
		return fmt.Errorf("copy the database: %w", explain(err))
	}
	if _, err := checkBackup(ctx, partial, nil); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	return explain(install(partial, dest))
}

// Files that are being written have names of this form.
const (
	partialStart  = ".amq2api-"
	partialEnding = ".partial"
	partialLife   = time.Hour // after which nobody writes to one any more
)

// removePartials removes what a program that was killed left in a folder.
func removePartials(folder string, now time.Time) error {
	left, err := filepath.Glob(filepath.Join(folder, partialStart+"*"+partialEnding+"*"))
	for _, path := range left {
		if status, failed := os.Lstat(path); failed == nil && now.Sub(status.ModTime()) > partialLife {
			err = errors.Join(err, os.Remove(path))
		}
	}
	return err
}

// emptyFile makes an empty file in folder that only the owner can read, so that what is written into it never was wider open.
func emptyFile(folder string) (string, error) {
	file, err := os.CreateTemp(folder, partialStart+"*"+partialEnding)
	if err != nil {
		return "", fmt.Errorf("create a file in %s: %w", folder, err)
	}
	return file.Name(), file.Close()
}

// partialBytes is how much of the file that is being written into a folder is there by now; 0 if nothing is written.
func partialBytes(folder string) int64 {
	left, _ := filepath.Glob(filepath.Join(folder, partialStart+"*"+partialEnding)) // the pattern is sound
	var newest os.FileInfo
	for _, path := range left {
		if status, err := os.Lstat(path); err == nil && (newest == nil || status.ModTime().After(newest.ModTime())) {
			newest = status
		}
	}
	if newest == nil {
		return 0
	}
	return newest.Size()
}

func copyFile(from, to string) (err error) {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()
	dest, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dest.Close()) }()
	_, err = io.Copy(dest, source)
	return err
}

// install puts a finished file in its place so that a crash leaves the old or the new one.
func install(partial, dest string) error {
	if err := syncFile(partial); err != nil {
		return fmt.Errorf("write the file to the disk: %w", err)
	}
	if err := os.Rename(partial, dest); err != nil {
		return fmt.Errorf("put the file in its place: %w", err)
	}
	if runtime.GOOS == "windows" { // it cannot sync a folder, and does not need to
		return nil
	}
	if err := syncFile(filepath.Dir(dest)); err != nil {
		return fmt.Errorf("write the folder to the disk: %w", err)
	}
	return nil
}

func syncFile(path string) (err error) {
	mode := os.O_RDWR
	if found, err := os.Stat(path); err != nil {
		return err
	} else if found.IsDir() {
		mode = os.O_RDONLY
	}
	file, err := os.OpenFile(path, mode, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return file.Sync()
}
