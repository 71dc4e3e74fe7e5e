package capture

import (
	"errors"
	"os"
	"path/filepath"
)

// unfinished is how the names of files begin that a crash left half written.
const unfinished = ".writing-"

// writeWhole puts a file into a folder, which is made if it is not there: the whole file, durably, or nothing.
func writeWhole(folder, name string, text []byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(folder, unfinished+"*")
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), filepath.Join(folder, name))
	}
	if err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return nil
}
