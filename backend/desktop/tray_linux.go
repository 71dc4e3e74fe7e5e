//go:build production || dev || bindings

package desktop

import (
	"fyne.io/systray"
	"github.com/godbus/dbus/v5"
)

// watcher is the bus name a panel owns that shows status icons. Source: the StatusNotifierItem specification.
const watcher = "org.kde.StatusNotifierWatcher"

// trayPossible asks whether there is a session bus. Without one the tray library would crash at the end; without a panel it waits for one.
func trayPossible() bool {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return false
	}
	return bus.Close() == nil
}

// trayShown asks the session bus whether a panel shows status icons. A watcher may say of itself that it has no panel to show them in.
func trayShown() bool {
	bus, err := dbus.ConnectSessionBus()
	if err != nil {
		return false
	}
	defer func() { _ = bus.Close() }()
	var owned bool
	if bus.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, watcher).Store(&owned) != nil || !owned {
		return false
	}
	hosted, err := bus.Object(watcher, "/StatusNotifierWatcher").GetProperty(watcher + ".IsStatusNotifierHostRegistered")
	if err != nil {
		return true // it does not say
	}
	is, said := hosted.Value().(bool)
	return is || !said
}

func runTray(ready func()) { go systray.Run(ready, nil) }

func endTray() { systray.Quit() }

func setIcon(look Look) { systray.SetIcon(Icon(look)) }
