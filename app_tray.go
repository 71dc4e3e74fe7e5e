//go:build production || dev || bindings

package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/wailsapp/wails/v2/pkg/runtime"

	"amq2api/backend/desktop"
)

func (a *app) openTray() {
	a.tray = desktop.OpenTray(a.labels(), desktop.Actions{
		Start: a.start, Stop: a.stop, Open: a.show, Quit: a.quit,
		CopyClaude: func() { a.copyText(a.backend.Address()) },
		CopyOpenAI: func() { a.copyText(a.backend.Address() + "/v1") },
	})
	a.refreshTray()
}

// refreshTray brings the tray up to date. It runs for every change of anything, so it asks nothing slow.
func (a *app) refreshTray() {
	if a.tray != nil {
		a.tray.Show(a.labels(), a.backend.ProxyState().Running)
	}
}

func (a *app) labels() desktop.Labels {
	return labels(messages, a.backend.Settings().Language)
}

// start and stop leave a failure in the proxy's state, where the page explains it.
func (a *app) start() { _ = a.backend.Start(a.ctx, 0) }

func (a *app) stop() { _ = a.backend.Stop(context.WithoutCancel(a.ctx)) }

func (a *app) copyText(text string) { _ = runtime.ClipboardSetText(a.ctx, text) }

// quitOnSignal makes SIGTERM quit even while closing the window only hides it.
func (a *app) quitOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	<-signals
	a.quit()
}
