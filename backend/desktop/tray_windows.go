//go:build production || dev || bindings

package desktop

import (
	"runtime"

	"fyne.io/systray"
)

func trayPossible() bool { return true }

func trayShown() bool { return true }

// runTray gives the tray a thread of its own: its hidden window and its message loop must share one.
func runTray(ready func()) {
	go func() {
		runtime.LockOSThread()
		systray.Run(ready, nil)
	}()
}

func endTray() { systray.Quit() }

func setIcon(look Look) { systray.SetIcon(ICO(Icon(look))) }
