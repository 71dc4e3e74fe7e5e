package backend

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"amq2api/backend/usage"
)

// gapFile keeps the count of requests that were not recorded when the program closed, until the database can be written again. Its place on the
// disk is taken while there is room, because what has to be written into it comes when there is none.
type gapFile struct{ path string }

// gapPlace is its size in bytes.
const gapPlace = 512

func (b *Backend) gapFile() gapFile { return gapFile{filepath.Join(b.profile.Dir, "usage-gap")} }

// Read is the gap that was kept; none if nothing that can be understood was.
func (f gapFile) Read() (gap usage.Gap) {
	text, err := os.ReadFile(f.path)
	if err != nil || json.Unmarshal(bytes.TrimSpace(text), &gap) != nil || gap.Count < 0 {
		return usage.Gap{}
	}
	return gap
}

// Keep writes a gap over what is there, in the place that is taken. An empty one is none.
func (f gapFile) Keep(gap usage.Gap) error {
	text, err := json.Marshal(gap)
	if err != nil {
		return err
	}
	text = append(text, bytes.Repeat([]byte(" "), max(0, gapPlace-len(text)))...)
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(text, 0)
	return errors.Join(err, file.Sync(), file.Close())
}
