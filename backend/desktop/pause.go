package desktop

import (
	"sync"
	"time"
)

// glance is how often a pause looks at the clock: timers stand still while the computer sleeps, and the time that was named does not.
const glance = 30 * time.Second

// Pause stops something for a while and starts it again by itself. Whoever starts or stops it meanwhile ends the pause.
type Pause struct {
	stop, start func()
	changed     func() // the end of a pause may have changed
	now         func() time.Time

	mu    sync.Mutex
	until time.Time // zero unless paused
	timer *time.Timer
}

// NewPause makes one that is not pausing.
func NewPause(stop, start, changed func(), now func() time.Time) *Pause {
	return &Pause{stop: stop, start: start, changed: changed, now: now}
}

// For stops, and starts again after d. It returns when it has stopped.
func (p *Pause) For(d time.Duration) {
	p.Forget()
	until := p.now().Add(d).Round(0)
	p.stop()
	p.mu.Lock()
	p.until = until
	p.wait()
	p.mu.Unlock()
	p.changed()
}

// Until is when it will start again; zero if there is no pause.
func (p *Pause) Until() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.until
}

// Forget ends a pause without starting anything.
func (p *Pause) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.until = time.Time{}
	if p.timer != nil {
		p.timer.Stop()
	}
}

// wait is called with the lock held.
func (p *Pause) wait() {
	p.timer = time.AfterFunc(min(glance, p.until.Sub(p.now().Round(0))), p.look)
}

func (p *Pause) look() {
	p.mu.Lock()
	over := !p.until.IsZero() && !p.now().Round(0).Before(p.until)
	switch {
	case over:
		p.until = time.Time{}
	case !p.until.IsZero():
		p.wait()
	}
	p.mu.Unlock()
	if over {
		p.start()
		p.changed()
	}
}
