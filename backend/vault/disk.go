package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
)

// disk is what the file vault does to files; tests make it fail.
type disk interface {
	Read(path string) ([]byte, error)     // fs.ErrNotExist for a missing file
	Write(path string, body []byte) error // a new file for the user alone, on the disk when it returns
	Rename(from, to string) error         // in one step, over what is at to
	Sync(folder string) error             // makes the renames in the folder last
}

// folder is the real disk.
type folder struct{}

func (folder) Read(path string) ([]byte, error) { return os.ReadFile(path) }

func (folder) Write(path string, body []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove an unfinished file: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(body)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (folder) Rename(from, to string) error { return os.Rename(from, to) }

// Sync does nothing on Windows, where a folder cannot be opened for it.
func (folder) Sync(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
