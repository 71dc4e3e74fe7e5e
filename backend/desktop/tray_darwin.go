//go:build production || dev || bindings

package desktop

// On macOS the tray library and the window both want the main thread's event loop. Until that has been tried on a Mac there is no tray
// there, and closing the window quits.
func trayAvailable() bool { return false }

func runTray(func()) {}

func endTray() {}

func platformIcon() []byte { return trayIcon }
