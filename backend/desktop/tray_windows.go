//go:build production || dev || bindings

package desktop

import (
	"bytes"
	"encoding/binary"
	"runtime"

	"fyne.io/systray"
)

func trayAvailable() bool { return true }

// runTray gives the tray a thread of its own: its hidden window and its message loop must share one.
func runTray(ready func()) {
	go func() {
		runtime.LockOSThread()
		systray.Run(ready, nil)
	}()
}

func endTray() { systray.Quit() }

// iconSide is the width and height of tray.png in pixels.
const iconSide = 64

// platformIcon puts the PNG into an ICO file of one picture, the only form Windows takes.
func platformIcon() []byte {
	const headerBytes = 22
	var ico bytes.Buffer
	for _, field := range []any{
		uint16(0), uint16(1), uint16(1), // reserved, type icon, one picture
		uint8(iconSide), uint8(iconSide), uint8(0), uint8(0), // no palette
		uint16(1), uint16(32), uint32(len(trayIcon)), uint32(headerBytes),
	} {
		_ = binary.Write(&ico, binary.LittleEndian, field) // a bytes.Buffer does not fail
	}
	ico.Write(trayIcon)
	return ico.Bytes()
}
