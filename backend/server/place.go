package server

import (
	"context"
	"net"
	"slices"
	"strings"
	"sync"
	"time"
)

// Everywhere, as a Place's Beyond, is every address of this computer.
const Everywhere = "*"

// Place is where a Proxy listens: always on the loopback addresses.
type Place struct {
	Port   int    // 0 takes any free one
	Beyond string // an address of this computer that others reach it by, or Everywhere; empty is loopback only
}

// address is one that a listener is opened on.
type address struct {
	ip       string
	optional bool // where the computer has none of its kind
}

func (a address) network() string {
	if strings.Contains(a.ip, ":") {
		return "tcp6"
	}
	return "tcp4"
}

func (p Place) addresses() []address {
	switch p.Beyond {
	case "":
		return []address{{ip: "127.0.0.1"}, {ip: "::1", optional: true}}
	case Everywhere:
		return []address{{ip: "0.0.0.0"}, {ip: "::", optional: true}}
	default:
		return []address{{ip: "127.0.0.1"}, {ip: "::1", optional: true}, {ip: p.Beyond}}
	}
}

// Move listens at another place, and lets what runs on the old one run to its end: only new requests are told apart. If the new place cannot
// be had, everything stays as it is. A proxy that does not run, or is there already, does nothing.
func (p *Proxy) Move(ctx context.Context, to Place) error {
	p.changing.Lock()
	defer p.changing.Unlock()
	if p.run == nil || to == p.place {
		return nil
	}
	listeners, err := p.beside(ctx, to)
	if err != nil {
		return p.diagnose(ctx, to, err)
	}
	old := p.run
	p.begin(to, listeners)
	p.left.add(old)
	return nil
}

// beside opens a place while the proxy runs. On the same port the listeners in use make room first, and come back if the new ones cannot
// be had; for that moment nobody can connect.
func (p *Proxy) beside(ctx context.Context, to Place) ([]net.Listener, error) {
	if to.Port != p.place.Port {
		return p.open(ctx, to)
	}
	p.run.vacate()
	listeners, err := p.open(ctx, to)
	if err == nil {
		return listeners, nil
	}
	p.left.add(p.run)
	if again, reopening := p.open(ctx, p.place); reopening == nil {
		p.begin(p.place, again)
	} else {
		p.run = nil
		p.become(State{Port: p.place.Port, Error: p.diagnose(ctx, p.place, reopening)})
	}
	return nil, err
}

// patienceWithOld is how long answers on a place that was left may go on: as long as any answer may.
const patienceWithOld = time.Hour

// departures are runs that have moved, and are waited for.
type departures struct {
	mu   sync.Mutex
	runs []*departure
}

// departure is one of them.
type departure struct {
	run   *run
	hurry chan context.Context // ends when it must
	over  chan struct{}
}

// add lets a run's answers go on to their end.
func (d *departures) add(r *run) {
	leaving := &departure{run: r, hurry: make(chan context.Context, 1), over: make(chan struct{})}
	d.mu.Lock()
	d.runs = append(d.runs, leaving)
	d.mu.Unlock()
	go d.see(leaving)
}

// see waits for a run's end.
func (d *departures) see(leaving *departure) {
	ctx, cut := context.WithCancel(context.Background())
	go func() {
		defer close(leaving.over)
		defer cut()
		leaving.run.stop(ctx, patienceWithOld)
		d.forget(leaving)
	}()
	select {
	case last := <-leaving.hurry:
		defer context.AfterFunc(last, cut)()
		<-leaving.over
	case <-leaving.over:
	}
}

func (d *departures) forget(leaving *departure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.runs = slices.DeleteFunc(d.runs, func(other *departure) bool { return other == leaving })
}

// hurry gives all of them until ctx ends.
func (d *departures) hurry(ctx context.Context) {
	for _, leaving := range d.all() {
		select {
		case leaving.hurry <- ctx:
		default: // it is in a hurry already
		}
	}
}

// wait waits for their ends.
func (d *departures) wait() {
	for _, leaving := range d.all() {
		<-leaving.over
	}
}

func (d *departures) all() []*departure {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.runs)
}
