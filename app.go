//go:build production || dev || bindings

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	goruntime "runtime"
	"sync/atomic"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	wailsoptions "github.com/wailsapp/wails/v2/pkg/options"

	"amq2api/backend"
	"amq2api/backend/desktop"
)

// app is the window and the tray around a running backend. All its state besides the two flags is set before the window opens.
type app struct {
	backend  *backend.Backend
	ctx      context.Context // the window's, set when it starts
	tray     *desktop.Tray   // nil where there is none
	raiser   *desktop.Raiser // nil if it could not listen
	quitting atomic.Bool
}

func canOpenWindow() bool {
	return goruntime.GOOS != "linux" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// runWindow opens the window and returns when the user quits.
func runWindow(ctx context.Context, demo bool) error {
	if generatingBindings {
		return wails.Run(&wailsoptions.App{})
	}
	if !canOpenWindow() {
		return errors.New("there is no display to open a window on: use `amq2api serve`")
	}
	b, err := openForWindow(ctx, demo)
	if errors.Is(err, errRaised) {
		return nil
	}
	if err != nil {
		return err
	}
	a := &app{backend: b}
	err = wails.Run(a.options())
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), quitGrace)
	defer cancel()
	return errors.Join(err, b.Close(closing))
}

// errRaised says that a window of this profile was already open and came to the front.
var errRaised = errors.New("raised")

func openForWindow(ctx context.Context, demo bool) (*backend.Backend, error) {
	if demo {
		return openDemoForWindow(ctx)
	}
	env, err := backend.ReadEnvironment()
	if err != nil {
		return nil, err
	}
	b, err := backend.Open(ctx, options(env, true))
	if !errors.Is(err, backend.ErrProfileBusy) {
		return b, err
	}
	if raising := desktop.Raise(env.ProfileDir()); raising != nil {
		return nil, fmt.Errorf("%w (%w)", err, raising)
	}
	return nil, errRaised
}

// openDemoForWindow says on the terminal what to try, since the demo's key is shown nowhere else.
func openDemoForWindow(ctx context.Context) (*backend.Backend, error) {
	b, demo, err := openDemo(ctx, true)
	if err == nil {
		fmt.Print(demo.Introduction(b.Address(), b.HandoverCode()))
	}
	return b, err
}

func (a *app) options() *wailsoptions.App {
	return &wailsoptions.App{
		Title: "AMQ2API", Width: 1200, Height: 760, MinWidth: 940, MinHeight: 620,
		StartHidden:      true, // shown once the page is there, so that no white flash is seen
		BackgroundColour: &wailsoptions.RGBA{R: 250, G: 249, B: 247, A: 255},
		AssetServer:      &assetserver.Options{Assets: page(), Middleware: a.middleware},
		OnStartup:        a.startup,
		OnDomReady:       a.domReady,
		OnBeforeClose:    a.beforeClose,
		OnShutdown:       a.shutdown,
		Mac:              &mac.Options{TitleBar: mac.TitleBarHiddenInset()},
		Linux:            &linux.Options{ProgramName: "amq2api", WebviewGpuPolicy: linux.WebviewGpuPolicyOnDemand},
	}
}

func (a *app) startup(ctx context.Context) {
	a.ctx = ctx
	a.backend.OnWindow(backend.Window{
		Show:    a.show,
		Changed: a.changed,
		// WebKit takes over signal handlers whenever it likes; without this a nil dereference in Go ends the program.
		RepairSignals: runtime.ResetSignalHandlers,
	})
	if err := a.listenForSecondStarts(); err != nil {
		runtime.LogError(ctx, err.Error()) // the window works without
	}
	a.openTray()
	go a.quitOnSignal()
	if a.backend.Settings().StartProxy {
		a.start() // a failure shows in the page, with the way out
	}
}

// changed passes on what the page and the tray should look at again. A window that is closing has nobody to tell.
func (a *app) changed(noun string) {
	if a.quitting.Load() {
		return
	}
	runtime.EventsEmit(a.ctx, "changed", noun)
	a.refreshTray()
}

func (a *app) domReady(ctx context.Context) {
	runtime.ResetSignalHandlers()
	runtime.WindowShow(ctx)
}

// beforeClose hides the window where a tray can bring it back, and quits everywhere else.
func (a *app) beforeClose(ctx context.Context) (prevent bool) {
	if a.quitting.Load() || a.tray == nil {
		a.quitting.Store(true)
		return false
	}
	runtime.WindowHide(ctx)
	return true
}

func (a *app) shutdown(context.Context) {
	if a.raiser != nil {
		_ = a.raiser.Close() // the program ends either way
	}
	if a.tray != nil {
		a.tray.Close()
	}
}

func (a *app) show() {
	runtime.WindowUnminimise(a.ctx)
	runtime.WindowShow(a.ctx)
}

func (a *app) quit() {
	a.quitting.Store(true)
	runtime.Quit(a.ctx)
}

// listenForSecondStarts shows this window when the program is started again with the same profile.
func (a *app) listenForSecondStarts() (err error) {
	a.raiser, err = desktop.Listen(a.backend.ProfileDir(), a.show)
	return err
}
