//go:build production || dev || bindings

package desktop

import "fyne.io/systray"

// On macOS the tray library and the window both want the main thread's event loop. Until that has been tried on a Mac there is no tray
// there, and closing the window asks.
func trayPossible() bool { return false }

func trayShown() bool { return false }

func runTray(func()) {}

func endTray() {}

func setIcon(look Look) { systray.SetTemplateIcon(TemplateIcon(look), Icon(look)) }
