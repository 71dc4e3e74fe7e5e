package desktop_test

import (
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend/desktop"
)

func TestASecondStartShowsTheFirstWindow(t *testing.T) {
	for name, dir := range map[string]string{
		"in the profile":        t.TempDir(),
		"with a very long path": filepath.Join(t.TempDir(), strings.Repeat("long", 40)),
	} {
		t.Run(name, func(t *testing.T) {
			shown := make(chan struct{}, 1)
			raiser, err := desktop.Listen(dir, func() { shown <- struct{}{} })
			if err != nil {
				t.Fatal(err)
			}
			if err := desktop.Raise(dir); err != nil {
				t.Fatal(err)
			}
			<-shown
			if err := raiser.Close(); err != nil {
				t.Fatal(err)
			}
			if err := desktop.Raise(dir); err == nil {
				t.Error("raising a window that is gone must fail")
			}
		})
	}
}

func TestASocketLeftByACrashIsReplaced(t *testing.T) {
	dir := t.TempDir()
	for range 2 { // the first raiser is never closed, as after kill -9
		raiser, err := desktop.Listen(dir, func() {})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = raiser.Close() })
	}
	if err := desktop.Raise(dir); err != nil {
		t.Error(err)
	}
}

func TestASecondStartWaitsForAFirstThatIsStillStarting(t *testing.T) {
	dir := t.TempDir()
	raised := make(chan error)
	go func() { raised <- desktop.RaiseSoon(t.Context(), dir) }()
	shown := make(chan struct{}, 1)
	raiser, err := desktop.Listen(dir, func() { shown <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raiser.Close() })
	if err := <-raised; err != nil {
		t.Fatal(err)
	}
	<-shown
}
