//go:build production && !bindings

package main

import (
	"github.com/wailsapp/wails/v2/pkg/runtime"

	"amq2api/backend/desktop"
)

// The window's page gets responses whole, so the playground's answers come to it by events: it emits playground:ask with an id, a path and a
// body, hears playground:<id> with the pieces, and emits playground:stop with the id to end it early.
func (a *app) openPlayground() {
	courier := desktop.NewCourier(a.backend.WindowAdmin(), "/admin/playground/", func(id string, piece desktop.Piece) {
		if !a.quitting.Load() {
			runtime.EventsEmit(a.ctx, "playground:"+id, piece)
		}
	})
	runtime.EventsOn(a.ctx, "playground:ask", func(said ...any) {
		if id, path, body := firstTexts(said); id != "" {
			go courier.Ask(a.ctx, id, path, body)
		}
	})
	runtime.EventsOn(a.ctx, "playground:stop", func(said ...any) {
		id, _, _ := firstTexts(said)
		courier.Stop(id)
	})
}
