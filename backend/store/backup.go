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
		return err
	}
	defer func() { _ = os.Remove(partial) }() // gone already if all went well
	if _, err := d.read.ExecContext(ctx, `VACUUM INTO ?`, partial); err != nil {
		return fmt.Errorf("copy the database: %w", explain(err))
	}
	if err := check(ctx, partial); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	return install(partial, dest)
}

// Restore puts a checked copy of a backup in the place of the database at path, which must be closed. What was there is moved aside, and
// its new name returned; it is empty if nothing was there.
func Restore(ctx context.Context, backup, path string, now time.Time) (aside string, err error) {
	if err := check(ctx, backup); err != nil {
		return "", fmt.Errorf("check the backup: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("create the database's folder: %w", err)
	}
	partial, err := emptyFile(filepath.Dir(path))
	if err != nil {
		return "", err
	}
	defer func() { _ = os.Remove(partial) }()
	if err := copyFile(backup, partial); err != nil {
		return "", fmt.Errorf("copy the backup: %w", err)
	}
	if err := check(ctx, partial); err != nil {
		return "", fmt.Errorf("check the copy of the backup: %w", err)
	}
	if there, err := anyExists(path, path+"-wal"); err != nil {
		return "", err
	} else if there {
		if aside, err = Aside(path, now); err != nil {
			return aside, err
		}
	}
	return aside, install(partial, path)
}

// emptyFile makes an empty file in folder that only the owner can read, so that what is written into it never was wider open.
func emptyFile(folder string) (string, error) {
	file, err := os.CreateTemp(folder, ".amq2api-*.partial")
	if err != nil {
		return "", fmt.Errorf("create a file in %s: %w", folder, err)
	}
	return file.Name(), file.Close()
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
