//go:build production || dev || bindings

package desktop

import (
	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

// watcher is the bus name a panel owns that shows status icons.
const watcher = "org.kde.StatusNotifierWatcher"

// trayAvailable asks the session bus whether anything shows status icons. Without a bus the tray library would crash at the end, and
// without a watcher a window that hides itself could not be found again.
func trayAvailable() bool {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return false
	}
	defer func() { _ = bus.Close() }()
	var owned bool
	err = bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&owned)
	return err == nil && owned
}

func runTray(ready func()) { go systray.Run(ready, nil) }

func endTray() { systray.Quit() }

func platformIcon() []byte { return trayIcon }
