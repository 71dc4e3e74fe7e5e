//go:build production || dev || bindings

package main

import (
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"sync"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	wailsoptions "github.com/wailsapp/wails/v2/pkg/options"

	"amq2api/backend/desktop"
)

var errNoDisplay = errors.New("there is no display to open a window on: use `amq2api serve`")

func canOpenWindow() bool { return desktop.HasDisplay(os.Getenv) }

// openWindow runs the window until it closes. A display that answers may still refuse us, for which the toolkit panics.
func openWindow(options *wailsoptions.App) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w (%v)", errNoDisplay, cause)
		}
	}()
	return wails.Run(options)
}

// pane is the window's place while the program runs.
type pane struct {
	mu    sync.Mutex
	place desktop.Place // as it was last kept
	shown bool          // a window that is hidden has no place
}

// show brings the window to the front, from wherever it is. One that was hidden comes back to its place: window managers forget it.
func (a *app) show() {
	a.pane.mu.Lock()
	defer a.pane.mu.Unlock()
	if a.quitting.Load() {
		return // there is no window any more, and GTK does not survive being asked about it
	}
	hidden := !a.pane.shown
	a.pane.shown = true
	runtime.WindowUnminimise(a.ctx)
	runtime.WindowShow(a.ctx)
	if hidden {
		a.putBack()
	}
}

// putBack runs once the window is shown: a place that is asked for before counts with some window managers only. It is called with the lock held.
func (a *app) putBack() {
	place, positioned := a.pane.place.On(a.screens())
	if positioned && canPlace() {
		runtime.WindowSetPosition(a.ctx, place.X, place.Y)
	}
	if place.Maximised {
		runtime.WindowMaximise(a.ctx)
	}
}

func (a *app) hide() {
	a.keepPlace()
	a.pane.mu.Lock()
	defer a.pane.mu.Unlock()
	a.pane.shown = false
	runtime.WindowHide(a.ctx)
}

// fit makes the window as large as it was, as far as the screens allow. It runs once, before the window is shown.
func (a *app) fit() {
	a.pane.mu.Lock()
	defer a.pane.mu.Unlock()
	place, _ := a.pane.place.On(a.screens())
	if place.Width != a.pane.place.Width || place.Height != a.pane.place.Height {
		runtime.WindowSetSize(a.ctx, place.Width, place.Height)
	}
}

// keepPlace writes down where the window is, if that changed. The page asks for it a moment after its size changed; moves alone are noticed when
// it hides or closes.
func (a *app) keepPlace() {
	a.pane.mu.Lock()
	defer a.pane.mu.Unlock()
	if a.quitting.Load() || !a.pane.shown || runtime.WindowIsMinimised(a.ctx) || runtime.WindowIsFullscreen(a.ctx) {
		return
	}
	now := a.pane.place
	now.Screens = a.screens()
	if now.Maximised = runtime.WindowIsMaximised(a.ctx); !now.Maximised {
		now.X, now.Y = runtime.WindowGetPosition(a.ctx)
		now.Width, now.Height = runtime.WindowGetSize(a.ctx)
	}
	if now.Same(a.pane.place) {
		return
	}
	if err := now.Keep(a.backend.ProfileDir()); err != nil {
		runtime.LogError(a.ctx, err.Error()) // it opens where it did before
		return
	}
	a.pane.place = now
}

func (a *app) screens() (screens []desktop.Screen) {
	known, err := runtime.ScreenGetAll(a.ctx)
	if err != nil {
		return nil
	}
	for _, screen := range known {
		screens = append(screens, desktop.Screen{Width: screen.Size.Width, Height: screen.Size.Height})
	}
	return screens
}

// canPlace is false where windows may not say where they want to be.
func canPlace() bool {
	return goruntime.GOOS != "linux" || os.Getenv("XDG_SESSION_TYPE") != "wayland" || os.Getenv("GDK_BACKEND") == "x11"
}
