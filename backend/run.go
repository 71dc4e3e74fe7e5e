package backend

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/admin"
	"amq2api/backend/fault"
	"amq2api/backend/server"
	"amq2api/backend/settings"
)

// AnyPort asks for whatever port is free; tests use it.
const AnyPort = -1

// Window is what the backend needs of the program's window.
type Window struct {
	Show          func()
	Demo          func() error      // opens a window of its own against a simulated Amazon
	Changed       func(noun string) // runs after every change, on whichever goroutine made it; must not block
	RepairSignals func()            // puts back Go's signal handlers, which a web view replaces
}

// OnWindow connects the window once it is there.
func (b *Backend) OnWindow(w Window) { b.window.Store(&w) }

// WindowAdmin is the admin API for the program's own window: no session, no token. It must never be put on a listener.
func (b *Backend) WindowAdmin() http.Handler { return admin.Trusted(b.admin) }

// ProfileDir is the folder of the profile.
func (b *Backend) ProfileDir() string { return b.profile.Dir }

// Settings are the settings in force.
func (b *Backend) Settings() settings.Settings { return b.settings.Current() }

// HandoverCode signs one browser in, once.
func (b *Backend) HandoverCode() string { return b.admin.IssueHandover().Code }

// Start starts the proxy. A port that is not 0 becomes the setting, if it can be had; 0 means the environment's port, else the setting.
func (b *Backend) Start(ctx context.Context, port int) error {
	asked := port
	if port == 0 {
		port = b.usualPort()
	}
	err := b.proxy.Start(ctx, server.Place{Port: port, Beyond: b.settings.Current().ListenOn})
	var failed *server.StartError
	if errors.As(err, &failed) && failed.Code == server.NoAddress {
		b.log.Warn("the proxy listens on this computer only", "err", err)
		err = b.proxy.Start(ctx, server.Place{Port: port})
	}
	if err != nil {
		b.log.Warn("the proxy could not start", "port", port, "err", err)
		return startFault(err)
	}
	if asked <= 0 {
		return nil
	}
	chosen := b.settings.Current()
	chosen.Port = asked
	return b.settings.Save(ctx, chosen)
}

// usualPort is the environment's, else the setting.
func (b *Backend) usualPort() int {
	if port := b.options.Environment.Port; port != 0 {
		return max(0, port)
	}
	return b.settings.Current().Port
}

// Stop stops the proxy and frees its port. Running answers get a short grace.
func (b *Backend) Stop(ctx context.Context) error { return b.proxy.Stop(ctx) }

// Drain stops the proxy as Stop does, but running answers may take as long as ctx lasts.
func (b *Backend) Drain(ctx context.Context) error { return b.proxy.Drain(ctx) }

// Accounts is how the accounts stand, asked of memory alone.
func (b *Backend) Accounts() account.Summary { return b.roster.Pool().Summary() }

// ProxyState is the listener's state.
func (b *Backend) ProxyState() admin.ProxyState {
	state := showProxy(b.proxy.State(), time.Now())
	state.CanStop = b.options.HasWindow
	state.InFlight = b.gateway.InFlight()
	if state.Port == 0 {
		state.Port = b.usualPort()
	}
	return state
}

// Address is the base URL that clients use, also while the proxy is stopped.
func (b *Backend) Address() string {
	return fmt.Sprintf("http://127.0.0.1:%d", b.ProxyState().Port)
}

// announce tells the pages and the window that something of a noun changed.
func (b *Backend) announce(noun string) {
	b.changes.Say(noun)
	if window := b.window.Load(); window != nil {
		window.Changed(noun)
	}
}

func (b *Backend) repairSignals() {
	if window := b.window.Load(); window != nil {
		window.RepairSignals()
	}
}

// windowShower is the window as the page may use it. Show brings it to the front.
type windowShower struct{ backend *Backend }

func (s windowShower) Show() {
	if window := s.backend.window.Load(); window != nil {
		window.Show()
	}
}

// Demo opens the demo beside the window.
func (s windowShower) Demo() error {
	window := s.backend.window.Load()
	if window == nil {
		return fault.New(fault.Unavailable, "The window is still being opened. Try again in a moment.")
	}
	return window.Demo()
}
