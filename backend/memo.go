package backend

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// memo is what a profile must remember about its database, and therefore outside of it.
type memo struct {
	Damage    *damage   `json:"damage,omitempty"`  // the database was moved aside, and none was restored since
	Restore   string    `json:"restore,omitempty"` // the backup that takes the database's place at the next start
	Failure   string    `json:"failure,omitempty"` // why the last one could not
	Suspect   bool      `json:"suspect,omitempty"` // a full check failed while the database was in use: the next start makes one first
	CheckedAt time.Time `json:"checked_at"`        // when the last full check was made
}

// damage is a database that could not be opened.
type damage struct {
	At      time.Time `json:"at"`
	Aside   string    `json:"aside"` // the file's name now, in the profile
	Finding string    `json:"finding"`
}

const memoName = "database.json"

// memoFile keeps a memo in the profile.
type memoFile struct {
	path string
	mu   sync.Mutex
	held memo
}

// openMemo reads the memo. One that cannot be understood is as good as none: it says nothing that the files in the profile do not show.
func openMemo(dir string) (*memoFile, error) {
	f := &memoFile{path: filepath.Join(dir, memoName)}
	text, err := os.ReadFile(f.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", memoName, err)
	}
	if json.Unmarshal(text, &f.held) != nil {
		f.held = memo{}
	}
	return f, nil
}

func (f *memoFile) read() memo {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held
}

// change edits the memo. What could not be written is in force until the program ends all the same.
func (f *memoFile) change(edit func(*memo)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	edit(&f.held)
	text, err := json.MarshalIndent(f.held, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", memoName, err)
	}
	if err := writeFile(f.path, append(text, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", memoName, err)
	}
	return nil
}

// flag is an empty file that is there while the database is open. A database whose flag is there when the program starts was never closed, so
// its write-ahead log must be there as well.
type flag string

func flagOf(dir string) flag { return flag(filepath.Join(dir, "database.open")) }

func (f flag) raised() bool {
	_, err := os.Lstat(string(f))
	return err == nil
}

func (f flag) raise() error {
	file, err := os.OpenFile(string(f), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("note that the database is open: %w", err)
	}
	return file.Close()
}

func (f flag) lower() error {
	if err := os.Remove(string(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("note that the database is closed: %w", err)
	}
	return nil
}
