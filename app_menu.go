//go:build production || dev || bindings

package main

import (
	goruntime "runtime"

	"github.com/wailsapp/wails/v2/pkg/menu"
)

// windowMenu is what macOS needs at the top of the screen: without an Edit menu its keys for copy and paste do nothing. Elsewhere there is none.
func windowMenu() *menu.Menu {
	if goruntime.GOOS != "darwin" {
		return nil
	}
	return menu.NewMenuFromItems(menu.AppMenu(), menu.EditMenu(), menu.WindowMenu())
}
