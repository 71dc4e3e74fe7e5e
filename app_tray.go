//go:build production || dev || bindings

package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"

	"amq2api/backend/desktop"
)

// How long the tray's two pauses last.
const (
	shortPause = 15 * time.Minute
	longPause  = time.Hour
)

func (a *app) openTray() {
	a.pause = desktop.NewPause(a.stopProxy, a.start, a.refreshTray, time.Now)
	a.tray = desktop.OpenTray(a.face, desktop.Actions{
		Start: a.start, Stop: a.stop, Open: a.show, Quit: a.quit,
		PauseShort: func() { a.pause.For(shortPause) },
		PauseLong:  func() { a.pause.For(longPause) },
		CopyClaude: func() { a.copyText(a.backend.Address()) },
		CopyOpenAI: func() { a.copyText(a.backend.Address() + "/v1") },
	})
}

// refreshTray runs for every change of anything, on whichever goroutine made it.
func (a *app) refreshTray() { a.tray.Refresh() }

// face is what the tray shows now. A proxy that somebody started ends a pause.
func (a *app) face() desktop.Face {
	proxy, accounts := a.backend.ProxyState(), a.backend.Accounts()
	if proxy.Running {
		a.pause.Forget()
	}
	status := desktop.Status{
		Running: proxy.Running, Address: fmt.Sprintf("127.0.0.1:%d", proxy.Port), Port: proxy.Port, PausedUntil: a.pause.Until(),
		Ready: accounts.Ready, All: accounts.All, QuotaUsed: -1,
	}
	if accounts.QuotaUsed >= 0 {
		status.QuotaUsed = int(math.Round(accounts.QuotaUsed * 100))
	}
	if proxy.Error != nil {
		status.Failure = proxy.Error.Code
	}
	return desktop.FaceOf(labels(messages, a.backend.Settings().Language), status)
}

// start and stop leave a failure in the proxy's state, where the page explains it.
func (a *app) start() { _ = a.backend.Start(a.ctx, 0) }

func (a *app) stop() {
	a.pause.Forget()
	a.stopProxy()
}

func (a *app) stopProxy() { _ = a.backend.Stop(context.WithoutCancel(a.ctx)) }

func (a *app) copyText(text string) { _ = runtime.ClipboardSetText(a.ctx, text) }
