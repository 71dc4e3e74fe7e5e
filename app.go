//go:build production || dev || bindings

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
	"github.com/wailsapp/wails/v2/pkg/options/mac"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	wailsoptions "github.com/wailsapp/wails/v2/pkg/options"

	"amq2api/backend"
	"amq2api/backend/desktop"
	"amq2api/backend/fault"
)

// app is the window and the tray around a running backend. All its state besides the flags is set before the window opens.
type app struct {
	backend  *backend.Backend
	ended    context.Context // is done when a signal ends the program
	ctx      context.Context // the window's, set when it starts
	tray     *desktop.Tray   // nil where there is none
	pause    *desktop.Pause
	raiser   *desktop.Raiser // nil if it could not listen
	quitting atomic.Bool
	demoing  atomic.Bool // a demo's window is open
	pane     pane
	farewell farewell
}

// buildSort is what the version says about the build.
const buildSort = "desktop"

// runWindow opens the window and returns when the user quits.
func runWindow(ctx context.Context, demo bool) error {
	if generatingBindings {
		return wails.Run(&wailsoptions.App{})
	}
	if !canOpenWindow() {
		return errNoDisplay
	}
	desktop.CareForWebKit()
	b, err := openOrExplain(ctx, demo)
	if b == nil {
		return err
	}
	a := &app{backend: b, ended: ctx, pane: pane{place: desktop.ReadPlace(b.ProfileDir())}}
	err = openWindow(a.options())
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), quitGrace)
	defer cancel()
	return errors.Join(err, b.Close(closing))
}

// openOrExplain opens the profile, or raises the window that has it, or shows why it cannot be opened as often as the user tries again. Without
// a backend there is nothing left to do.
func openOrExplain(ctx context.Context, demo bool) (*backend.Backend, error) {
	if demo {
		return openDemoForWindow(ctx)
	}
	env, err := backend.ReadEnvironment()
	if err != nil {
		return nil, giveUp(ctx, err)
	}
	for {
		b, err := backend.Open(ctx, options(env, true))
		if err == nil {
			return b, nil
		}
		if errors.Is(err, backend.ErrProfileBusy) {
			if desktop.RaiseSoon(ctx, env.ProfileDir()) == nil {
				return nil, nil
			}
			err = fault.Wrap(fault.Conflict, err, "AMQ2API already runs without a window (profile %s). Open the address of its dashboard in a browser, usually "+
				"http://127.0.0.1:8080/admin/dashboard/, or stop it and try again.", env.ProfileDir())
		}
		choices := []string{retryChoice, quitChoice}
		if errors.Is(err, backend.ErrVaultUnused) {
			choices = slices.Insert(choices, 1, fileVaultChoice)
		}
		switch explain(ctx, err, choices...) {
		case retryChoice:
		case fileVaultChoice:
			if err := backend.ChooseFileVault(&env); err != nil {
				return nil, giveUp(ctx, err)
			}
		default:
			return nil, said{err}
		}
	}
}

// giveUp says what cannot be mended from here.
func giveUp(ctx context.Context, err error) error {
	explain(ctx, err, quitChoice)
	return said{err}
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
		Title: "AMQ2API", Width: a.pane.place.Width, Height: a.pane.place.Height, MinWidth: desktop.MinWidth, MinHeight: desktop.MinHeight,
		StartHidden:      true, // shown once the page is there, so that no white flash is seen
		BackgroundColour: &wailsoptions.RGBA{R: 250, G: 249, B: 247, A: 255},
		AssetServer:      &assetserver.Options{Assets: page(), Middleware: a.middleware},
		OnStartup:        a.startup,
		OnDomReady:       a.domReady,
		OnBeforeClose:    a.beforeClose,
		OnShutdown:       a.shutdown,
		Menu:             windowMenu(),
		Mac:              &mac.Options{TitleBar: mac.TitleBarHiddenInset()},
		Linux:            &linux.Options{ProgramName: "amq2api", WebviewGpuPolicy: linux.WebviewGpuPolicyOnDemand},
	}
}

func (a *app) startup(ctx context.Context) {
	a.ctx = ctx
	a.openTray()
	a.backend.OnWindow(backend.Window{
		Show:    a.show,
		Demo:    a.demo,
		Changed: a.changed,
		// WebKit takes over signal handlers whenever it likes; without this a nil dereference in Go ends the program.
		RepairSignals: runtime.ResetSignalHandlers,
	})
	if err := a.listenForSecondStarts(); err != nil {
		runtime.LogError(ctx, err.Error()) // the window works without
	}
	a.listenForAnswers()
	a.openPlayground()
	context.AfterFunc(a.ended, a.leave) // without asking, even where closing only hides: whoever sends a signal does not want to be asked
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

func (a *app) domReady(context.Context) {
	if a.quitting.Load() {
		runtime.Quit(a.ctx) // the toolkit loses one that comes while it starts
		return
	}
	runtime.ResetSignalHandlers()
	a.fit()
	a.show()
}

func (a *app) shutdown(context.Context) {
	if a.raiser != nil {
		_ = a.raiser.Close() // the program ends either way
	}
	a.pause.Forget()
	a.tray.Close()
}

// listenForSecondStarts shows this window when the program is started again with the same profile.
func (a *app) listenForSecondStarts() (err error) {
	a.raiser, err = desktop.Listen(a.backend.ProfileDir(), a.show)
	return err
}
