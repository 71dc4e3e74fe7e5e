package store

import (
	"bytes"
	"errors"
	"os"
	"testing"
)

func TestALogThatIsGoneOrDamagedInTheMiddleIsNotTakenForAShortOne(t *testing.T) {
	template, _ := neverClosed(t)
	whole := contents(t, template+"-wal")
	const frame = frameHeader + pageBytes
	for name, story := range map[string]struct {
		spoil   func(t *testing.T, path string)
		damaged bool
	}{
		"as it was":              {func(*testing.T, string) {}, false},
		"cut in a frame":         {func(t *testing.T, path string) { truncate(t, path+"-wal", int64(len(whole)-100)) }, false},
		"its last frame spoilt":  {func(t *testing.T, path string) { overwrite(t, path+"-wal", int64(len(whole)-50), "spoilt") }, false},
		"its first frame spoilt": {func(t *testing.T, path string) { overwrite(t, path+"-wal", logHeader+100, "spoilt") }, true},
		"a frame gone": {func(t *testing.T, path string) {
			overwrite(t, path+"-wal", logHeader+3*frame, string(make([]byte, frame)))
		}, true},
		"its header spoilt": {func(t *testing.T, path string) { overwrite(t, path+"-wal", 16, "spoilt") }, true},
		"empty":             {func(t *testing.T, path string) { truncate(t, path+"-wal", 0) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := copied(t, template)
			story.spoil(t, path)
			db, err := Open(t.Context(), path)
			var damaged *ErrDamaged
			if errors.As(err, &damaged) != story.damaged || !story.damaged && err != nil {
				t.Errorf("got %v", err)
			}
			if err == nil {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	path := copied(t, template)
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	var damaged *ErrDamaged
	if _, err := OpenWith(t.Context(), Options{Path: path, CutOff: true}); !errors.As(err, &damaged) {
		t.Errorf("without its log: %v", err)
	}
}

func FuzzBrokenLog(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, 5000))
	f.Add([]byte("\x37\x7f\x06\x82\x00\x2d\xe2\x18\x00\x00\x10\x00 and then some more than that"))
	f.Fuzz(func(t *testing.T, log []byte) {
		if _, err := brokenLog(bytes.NewReader(log), int64(len(log))); err != nil {
			t.Error(err)
		}
	})
}
