package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"amq2api/backend/fault"
)

// Limits of a connection. There is none for a whole request or answer: those may last as long as a model thinks.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 120 * time.Second
	maxHeader     = 1 << 20 // bytes
)

// ProxyConfig is what a Proxy needs.
type ProxyConfig struct {
	Gate     *Gate
	Grace    time.Duration // how long running answers may go on after a stop
	OnChange func(State)   // runs after every change of the state; must not start or stop the proxy; may be nil
	Now      func() time.Time
	Log      *slog.Logger
}

// State is the listener's state.
type State struct {
	Running   bool
	Stopping  bool        // the port is free already, running answers are waited for
	Port      int         // in use, or last in use; 0 before the first start
	Addresses []string    // base URLs, e.g. http://127.0.0.1:8080; empty unless running
	StartedAt time.Time   // zero unless running
	Error     *StartError // why the last start failed, or the listener died; nil if neither
}

// Proxy listens on the loopback addresses, IPv4 and IPv6, and where else the user wants it. It starts, moves and stops any number of times.
type Proxy struct {
	config ProxyConfig
	listen func(ctx context.Context, network, address string) (net.Listener, error)

	changing sync.Mutex // one start, move or stop at a time
	run      *run       // nil unless running; guarded by changing
	place    Place      // of run
	left     departures // runs that have moved

	mu    sync.Mutex
	state State
}

// NewProxy makes a Proxy that does not listen yet.
func NewProxy(config ProxyConfig) *Proxy {
	return &Proxy{config: config, listen: new(net.ListenConfig).Listen}
}

// State is the state right now.
func (p *Proxy) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

func (p *Proxy) become(state State) {
	p.mu.Lock()
	p.state = state
	p.mu.Unlock()
	if p.config.OnChange != nil {
		p.config.OnChange(state)
	}
}

// Start listens at a place. If it runs on that port already, nothing happens; on another it is fault.Invalid. A port that cannot be had is
// a *StartError, and no other is taken instead: clients have the old one in their configuration.
func (p *Proxy) Start(ctx context.Context, at Place) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	if p.run != nil {
		if running := p.State().Port; at.Port != running && at.Port != 0 {
			return fault.New(fault.Invalid, "The proxy runs on port %d already. Stop it before starting it on another.", running)
		}
		return nil
	}
	listeners, err := p.open(ctx, at)
	if err != nil {
		failed := p.diagnose(ctx, at, err)
		p.become(State{Port: at.Port, Error: failed})
		return failed
	}
	p.begin(at, listeners)
	return nil
}

// begin serves on listeners.
func (p *Proxy) begin(at Place, listeners []net.Listener) {
	at.Port = portOf(listeners[0])
	p.run, p.place = newRun(listeners), at
	p.run.server = p.server(p.run)
	p.become(State{Running: true, Port: at.Port, Addresses: baseURLs(listeners), StartedAt: p.config.Now()})
	for _, listener := range listeners {
		p.run.serving.Add(1)
		go p.serve(p.run, listener)
	}
}

// Stop frees the port at once, gives running answers the grace, or less if ctx ends before, and then ends them in their dialect's own way.
// Stopping what does not run does nothing.
func (p *Proxy) Stop(ctx context.Context) error { return p.end(ctx, p.config.Grace) }

// patience is longer than any answer takes.
const patience = 24 * time.Hour

// Drain is Stop without a limit of its own: running answers may take as long as ctx lasts.
func (p *Proxy) Drain(ctx context.Context) error { return p.end(ctx, patience) }

func (p *Proxy) end(ctx context.Context, grace time.Duration) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	last, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	p.left.hurry(last)
	defer p.left.wait()
	if p.run == nil {
		return nil
	}
	port := p.State().Port
	p.become(State{Stopping: true, Port: port})
	p.run.stop(ctx, grace)
	p.run = nil
	p.become(State{Port: port})
	return nil
}

func (p *Proxy) server(r *run) *http.Server {
	return &http.Server{
		Handler:                      p.config.Gate,
		DisableGeneralOptionsHandler: true, // or OPTIONS * would pass the gate by
		ReadHeaderTimeout:            headerTimeout,
		IdleTimeout:                  idleTimeout,
		MaxHeaderBytes:               maxHeader,
		BaseContext:                  func(net.Listener) context.Context { return r.base },
		ErrorLog:                     slog.NewLogLogger(p.config.Log.Handler(), slog.LevelDebug),
	}
}

// serve accepts connections until a stop. Should the listener die by itself, the state says so.
func (p *Proxy) serve(r *run, listener net.Listener) {
	err := r.server.Serve(listener)
	r.serving.Done()
	if errors.Is(err, http.ErrServerClosed) {
		return
	}
	p.changing.Lock()
	defer p.changing.Unlock()
	if p.run != r {
		return
	}
	port := p.State().Port
	r.stop(context.Background(), 0)
	p.run = nil
	p.become(State{Port: port, Error: &StartError{
		Code: Failed, Port: port, Err: err, Message: fmt.Sprintf("The proxy stopped listening on port %d. Start it again.", port),
	}})
}

// tries is how many ports are tried where any will do.
const tries = 50

// open listens at every address of a place, on one port. Where any port will do, others are tried.
func (p *Proxy) open(ctx context.Context, at Place) ([]net.Listener, error) {
	for try := 1; ; try++ {
		listeners, err := p.openOn(ctx, at, at.Port)
		if err == nil || at.Port != 0 || try == tries || !inUse(err) {
			return listeners, err
		}
	}
}

// openOn listens on all addresses or on none. A computer without IPv6 does without its addresses; a port that somebody else holds there is
// not ours, since clients that say localhost would reach them.
func (p *Proxy) openOn(ctx context.Context, at Place, port int) (listeners []net.Listener, err error) {
	defer func() {
		if err == nil {
			return
		}
		for _, listener := range listeners {
			err = errors.Join(err, listener.Close())
		}
		listeners = nil
	}()
	for _, address := range at.addresses() {
		listener, err := p.listen(ctx, address.network(), net.JoinHostPort(address.ip, strconv.Itoa(port)))
		switch {
		case err == nil:
			listeners, port = append(listeners, listener), portOf(listener)
		case address.optional && !inUse(err):
		default:
			return listeners, err
		}
	}
	return listeners, nil
}

func portOf(listener net.Listener) int { return listener.Addr().(*net.TCPAddr).Port }

func baseURLs(listeners []net.Listener) []string {
	var urls []string
	for _, listener := range listeners {
		urls = append(urls, "http://"+listener.Addr().String())
	}
	return urls
}
