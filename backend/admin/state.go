package admin

import (
	"context"
	"net/http"

	"amq2api/backend/fault"
	"amq2api/backend/settings"
)

// Proxy is the listener that clients reach.
type Proxy interface {
	State() ProxyState
	Start(ctx context.Context, port int) error // port 0 keeps the setting
	Stop(ctx context.Context) error
}

// Settings are the user's choices in force.
type Settings interface {
	Current() settings.Settings
	Save(ctx context.Context, changed settings.Settings) error
}

func (d *desk) state(w http.ResponseWriter, _ *http.Request) {
	d.answer(w, http.StatusOK, State{Data: d.Data.State(), Capturing: d.Captures.Running(), Recording: d.Recordings.State(), Version: d.Version, Demo: d.Demo, Proxy: d.Proxy.State(), StartedAt: d.Started.UTC(), Vault: d.Vault()})
}

func (d *desk) selfTest(w http.ResponseWriter, r *http.Request) {
	d.answer(w, http.StatusOK, d.SelfTest(r.Context()))
}

func (d *desk) metrics(w http.ResponseWriter, r *http.Request) { d.Metrics.ServeHTTP(w, r) }

// startProxy answers with the state, also when the start failed: the state then says why and what to do.
func (d *desk) startProxy(w http.ResponseWriter, r *http.Request) {
	var body ProxyStart
	if f := readOptional(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	if body.Port < 0 || body.Port > 65535 {
		d.refuse(w, r, &fault.Error{Kind: fault.Invalid, Param: "port", Message: "port must be from 1 to 65535, or 0 to keep the setting."})
		return
	}
	if err := d.Proxy.Start(r.Context(), body.Port); err != nil && d.Proxy.State().Error == nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, d.Proxy.State())
}

func (d *desk) stopProxy(w http.ResponseWriter, r *http.Request) {
	if !d.Proxy.State().CanStop {
		d.refuse(w, r, fault.New(fault.Forbidden, "A headless AMQ2API is stopped by stopping its process."))
		return
	}
	// The stop must outlive this request: through the listener it would wait for itself.
	if err := d.Proxy.Stop(context.WithoutCancel(r.Context())); err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, d.Proxy.State())
}

func (d *desk) showWindow(w http.ResponseWriter, r *http.Request) {
	if d.Window == nil {
		d.refuse(w, r, fault.New(fault.NotFound, "This AMQ2API runs without a window."))
		return
	}
	d.Window.Show()
	w.WriteHeader(http.StatusNoContent)
}

func (d *desk) openDemo(w http.ResponseWriter, r *http.Request) {
	if d.Window == nil {
		d.refuse(w, r, fault.New(fault.NotFound, "This AMQ2API runs without a window. Run `amq2api demo` beside it, with another PORT."))
		return
	}
	if err := d.Window.Demo(); err != nil {
		d.refuse(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (d *desk) getSettings(w http.ResponseWriter, _ *http.Request) {
	d.answer(w, http.StatusOK, d.Settings.Current())
}

// putSettings decodes over the settings in force, so that what is absent stays as it is.
func (d *desk) putSettings(w http.ResponseWriter, r *http.Request) {
	body, f := take(r)
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	d.saving.Lock()
	defer d.saving.Unlock()
	changed := d.Settings.Current()
	aliases, hosts, prices := changed.Aliases, changed.Hosts, changed.Prices
	changed.Aliases, changed.Hosts, changed.Prices = nil, nil, nil // decoding over elements that are there would keep what a new one leaves out
	if f := decode(body, &changed); f != nil {
		d.refuse(w, r, f)
		return
	}
	if changed.Aliases == nil {
		changed.Aliases = aliases
	}
	if changed.Hosts == nil {
		changed.Hosts = hosts
	}
	if changed.Prices == nil {
		changed.Prices = prices
	}
	if err := d.Settings.Save(r.Context(), changed); err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, d.Settings.Current())
}
