package connect

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"amq2api/backend/fault"
)

// maxFile bounds a settings file, in bytes.
const maxFile = 1 << 20

// file is a tool's file as it is now.
type file struct {
	path    string
	target  string // path, or what the links in it lead to
	status  fs.FileInfo
	text    []byte
	trouble *trouble // why nothing may be written; nil if something may
}

// trouble is why a file is not written.
type trouble struct {
	state  State
	reason Reason
	detail string
}

func (f file) exists() bool { return f.status != nil }

// absent is the digest of no file.
const absent = "absent"

func (f file) digest() string {
	if !f.exists() {
		return absent
	}
	return digest(f.text)
}

func digest(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// look reads a file, and sees whether it and its folder may be written. A file that is not there may be made.
func look(path string) file {
	f := file{path: path, target: path}
	target, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.lookForNothing()
		return f
	case err != nil:
		return f.in(Locked, Unreadable, plain(err))
	}
	f.target = target
	status, err := os.Stat(target)
	switch {
	case err != nil:
		return f.in(Locked, Unreadable, plain(err))
	case !status.Mode().IsRegular():
		return f.in(Locked, NoFile, "")
	}
	f.status = status
	return f.read()
}

func (f file) in(state State, reason Reason, detail string) file {
	f.trouble = &trouble{state, reason, detail}
	return f
}

// lookForNothing tells a file that is not there from a link to nothing, and sees whether it could be made.
func (f *file) lookForNothing() {
	if _, err := os.Lstat(f.path); err == nil {
		f.trouble = &trouble{Locked, NoFile, "It is a link to something that is not there."}
		return
	}
	for folder := filepath.Dir(f.path); ; folder = filepath.Dir(folder) {
		status, err := os.Stat(folder)
		if errors.Is(err, fs.ErrNotExist) && folder != filepath.Dir(folder) {
			continue
		}
		switch {
		case err != nil:
			f.trouble = &trouble{Locked, Unwritable, plain(err)}
		case !status.IsDir():
			f.trouble = &trouble{Locked, NoFile, folder + " is not a folder."}
		case status.Mode().Perm()&0o200 == 0:
			f.trouble = &trouble{Locked, Unwritable, "Nothing may be written in " + folder + "."}
		}
		return
	}
}

func (f file) read() file {
	if f.status.Mode().Perm()&0o400 == 0 {
		return f.in(Locked, Unreadable, "")
	}
	if f.status.Size() > maxFile {
		return f.in(Broken, TooLarge, "")
	}
	opened, err := os.Open(f.target)
	if err != nil {
		return f.in(Locked, Unreadable, plain(err))
	}
	defer func() { _ = opened.Close() }() // it was only read
	if f.text, err = io.ReadAll(io.LimitReader(opened, maxFile+1)); err != nil {
		return f.in(Locked, Unreadable, plain(err))
	}
	switch folder, err := os.Stat(filepath.Dir(f.target)); {
	case len(f.text) > maxFile:
		return f.in(Broken, TooLarge, "")
	case !utf8.Valid(f.text):
		return f.in(Broken, Invalid, "It is not UTF-8 text.")
	case f.status.Mode().Perm()&0o200 == 0:
		return f.in(Locked, Unwritable, "The file is read-only.")
	case err != nil || folder.Mode().Perm()&0o200 == 0:
		return f.in(Locked, Unwritable, "Nothing may be written in its folder.")
	}
	return f
}

// plain is an error of the system without the path, which is shown beside it.
func plain(err error) string {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err.Error()
	}
	return err.Error()
}

// tempMark is in the names of files that are being written.
const tempMark = ".amq2api-"

// sweep removes what a program left that was killed while it wrote.
func (f file) sweep() {
	left, err := filepath.Glob(filepath.Join(filepath.Dir(f.target), "."+filepath.Base(f.target)+tempMark+"*"))
	if err != nil {
		return // the folder's name reads as a pattern
	}
	for _, path := range left {
		_ = os.Remove(path) // it is tried again next time
	}
}

// write replaces the file by a text, in one step, with the mode and owner it had; a new file is the user's alone.
func (f file) write(text []byte) error {
	folder := filepath.Dir(f.target)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return unwritten(f.path, err)
	}
	f.sweep()
	temp, err := os.CreateTemp(folder, "."+filepath.Base(f.target)+tempMark+"*") // made 0600
	if err != nil {
		return unwritten(f.path, err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // it is gone if all went well
	_, err = temp.Write(text)
	if err == nil && f.exists() {
		err = keepLooks(temp, f.status)
	}
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), f.target)
	}
	if err != nil {
		return unwritten(f.path, err)
	}
	syncFolder(folder)
	return nil
}

// remove takes the file away, and the folders that were made for it if nothing is in them.
func (f file) remove(folders []string) error {
	f.sweep()
	if err := os.Remove(f.target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unwritten(f.path, err)
	}
	for _, folder := range slices.Backward(folders) {
		if os.Remove(folder) != nil { // something is in it
			break
		}
	}
	return nil
}

// missingFolders are those that must be made for a file, the outermost first.
func missingFolders(path string) (missing []string) {
	for folder := filepath.Dir(path); !exists(folder) && folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		missing = append(missing, folder)
	}
	slices.Reverse(missing)
	return missing
}

func unwritten(path string, err error) error {
	return fault.Wrap(fault.Conflict, err, "%s cannot be written: %s. Nothing in it was changed.", path, plain(err))
}

// syncFolder has a rename outlive a power cut, where the system can.
func syncFolder(folder string) {
	if opened, err := os.Open(folder); err == nil {
		_ = opened.Sync()
		_ = opened.Close()
	}
}

// writePrivately replaces a file of our own.
func writePrivately(path string, text []byte) error {
	return file{path: path, target: path}.write(text)
}
