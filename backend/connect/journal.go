package connect

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// journal is what was written into tools' files, and what was there before. It is on the disk before a tool's file is touched, so that whatever
// is found later can be told from what others wrote.
type journal struct {
	Tools map[string]entry `json:"tools"`
}

// entry is what is known of one tool.
type entry struct {
	Key   int64     `json:"key"` // made for it; it is used again
	Model string    `json:"model"`
	At    time.Time `json:"at"`
	Files []kept    `json:"files"` // empty once it was undone
}

// kept is one file that was written.
type kept struct {
	Path    string     `json:"path"`
	Existed bool       `json:"existed"`
	Before  string     `json:"before"` // digest of what was there; a copy of that is beside the journal
	After   []string   `json:"after"`  // digests of what was written, the latest last
	Folders []string   `json:"folders"`
	Parts   []keptPart `json:"parts"`
}

// keptPart is one thing of ours in a file.
type keptPart struct {
	Path  []string `json:"path"`
	Had   bool     `json:"had"`   // something stood there
	Raw   string   `json:"raw"`   // that
	Depth int      `json:"depth"` // how many names of the path led somewhere before
	Wrote []string `json:"wrote"` // digests of what was written there, the latest last
	Soft  bool     `json:"soft"`  // the tool may change it
}

// rememberedWrites is how many earlier texts are still known as ours.
const rememberedWrites = 4

func (p keptPart) ours(raw string) bool { return slices.Contains(p.Wrote, digest([]byte(raw))) }

// ourOwn reports whether the name is ours, so that nobody else's settings stand under it.
func (p keptPart) ourOwn() bool {
	return !p.Had && slices.Contains([]string{ourAMQ, ourName, ourProvider}, p.Path[len(p.Path)-1])
}

// find is the entry of one file.
func (r entry) find(path string) (kept, bool) {
	for _, k := range r.Files {
		if k.Path == path {
			return k, true
		}
	}
	return kept{}, false
}

// books are the journal and the copies beside it.
type books struct{ folder string }

const originalSuffix = ".original"

func (b books) path() string                  { return filepath.Join(b.folder, "connect.json") }
func (b books) originals() string             { return filepath.Join(b.folder, "connect") }
func (b books) original(name string) string   { return filepath.Join(b.originals(), name+originalSuffix) }
func (b books) copyOf(k kept) ([]byte, error) { return os.ReadFile(b.original(k.Before)) }
func (b books) keep(before string, text []byte) error {
	if known, err := os.ReadFile(b.original(before)); err == nil && digest(known) == before {
		return nil
	}
	return writePrivately(b.original(before), text)
}

func (b books) read() (journal, error) {
	j := journal{Tools: map[string]entry{}}
	text, err := os.ReadFile(b.path())
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &j)
	}
	if err != nil {
		return j, fmt.Errorf("read the journal of connected tools: %w", err)
	}
	if j.Tools == nil {
		j.Tools = map[string]entry{}
	}
	return j, nil
}

func (b books) write(j journal) error {
	text, err := json.MarshalIndent(j, "", "  ")
	if err == nil {
		err = writePrivately(b.path(), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the journal of connected tools: %w", err)
	}
	return nil
}

// tidy removes copies that no entry needs any more.
func (b books) tidy(j journal) {
	needed := map[string]bool{}
	for _, r := range j.Tools {
		for _, k := range r.Files {
			needed[k.Before] = true
		}
	}
	entries, err := os.ReadDir(b.originals())
	if err != nil {
		return // there are none
	}
	for _, entry := range entries {
		if name, is := strings.CutSuffix(entry.Name(), originalSuffix); !is || !needed[name] {
			_ = os.Remove(filepath.Join(b.originals(), entry.Name())) // it is tried again next time
		}
	}
}
