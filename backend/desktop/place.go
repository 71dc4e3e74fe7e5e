package desktop

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
)

// The least size of the window, and the size it has at first, in the toolkit's pixels.
const (
	MinWidth, MinHeight     = 940, 620
	UsualWidth, UsualHeight = 1200, 760
)

const placeFile = "window.json"

// Screen is the size of a monitor.
type Screen struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Place is where a window is and how large. Where it is counts only while the screens are the same.
type Place struct {
	X         int      `json:"x"`
	Y         int      `json:"y"`
	Width     int      `json:"width"`
	Height    int      `json:"height"`
	Maximised bool     `json:"maximised"` // the rest is then where it goes back to
	Screens   []Screen `json:"screens"`
}

// Same reports whether nothing differs.
func (p Place) Same(other Place) bool {
	screens := slices.Equal(p.Screens, other.Screens)
	p.Screens, other.Screens = nil, nil
	return screens && reflect.DeepEqual(p, other)
}

// ReadPlace is the place kept in the profile folder dir, or the usual size and no position. A file that cannot be read counts for nothing.
func ReadPlace(dir string) Place {
	var kept Place
	text, err := os.ReadFile(filepath.Join(dir, placeFile))
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.Width <= 0 || kept.Height <= 0 {
		return Place{Width: UsualWidth, Height: UsualHeight}
	}
	kept.Width, kept.Height = max(kept.Width, MinWidth), max(kept.Height, MinHeight)
	return kept
}

// Keep writes the place into the profile folder dir, whole or not at all.
func (p Place) Keep(dir string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, placeFile)
	draft := path + ".new"
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return errors.Join(err, removeIfThere(draft))
	}
	return os.Rename(draft, path)
}

func removeIfThere(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// On fits a place to the screens there are now, and reports whether its position counts: with one screen that is the same as before. The size
// fits into the largest screen, as far as the least size allows.
func (p Place) On(screens []Screen) (fitted Place, positioned bool) {
	room := Screen{MinWidth, MinHeight}
	for _, screen := range screens {
		if screen.Width*screen.Height > room.Width*room.Height {
			room = screen
		}
	}
	same := len(screens) == 1 && slices.Equal(p.Screens, screens)
	p.Screens = screens
	if len(screens) == 0 {
		return p, false
	}
	p.Width, p.Height = max(MinWidth, min(p.Width, room.Width)), max(MinHeight, min(p.Height, room.Height))
	p.X, p.Y = max(0, min(p.X, room.Width-p.Width)), max(0, min(p.Y, room.Height-p.Height))
	return p, same
}
