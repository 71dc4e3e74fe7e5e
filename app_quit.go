//go:build production || dev || bindings

package main

import (
	"context"
	"sync"
	"time"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// leaving is what the page is asked before the program ends. It answers with one of the words below.
type leaving struct {
	Answers   int  `json:"answers"`  // under way
	Minimise  bool `json:"minimise"` // the window was closed and has no tray to hide in
	Waiting   bool `json:"waiting"`  // the user chose to wait for them; no others are taken meanwhile
	Dismissed bool `json:"dismissed"`
}

// What the page may answer. It says seen as soon as it asks.
const (
	leaveSeen     = "seen"
	leaveNow      = "quit"
	leaveWait     = "wait"
	leaveMinimise = "minimise"
	leaveStay     = "stay"
)

// How long the page may take to ask, how often it is told how many answers are left, and how long the window may take to say where it is.
const (
	askTimeout  = 3 * time.Second
	askEvery    = time.Second
	keepTimeout = time.Second
)

// farewell is the question whether to quit, while it is open.
type farewell struct {
	mu     sync.Mutex
	asked  *time.Timer        // ends the program if the page does not ask; nil unless it is waited for
	cancel context.CancelFunc // ends the waiting for answers; nil unless it is waited for
	stayed bool               // the user changed their mind while waiting
}

// beforeClose hides the window where a tray can bring it back, and asks everywhere else.
func (a *app) beforeClose(context.Context) (prevent bool) {
	if a.quitting.Load() {
		return false
	}
	if a.tray.Visible() {
		a.hide()
		return true
	}
	a.ask(true)
	return true
}

// quit ends the program, or asks if answers are under way.
func (a *app) quit() {
	if a.backend.ProxyState().InFlight == 0 {
		a.leave()
		return
	}
	a.show()
	a.ask(false)
}

// leave ends the program without asking. Running answers get the grace of a stop.
func (a *app) leave() {
	kept := make(chan struct{})
	go func() {
		a.keepPlace()
		close(kept)
	}()
	select {
	case <-kept:
	case <-time.After(keepTimeout): // a window that hangs is left as well
	}
	if !a.quitting.Swap(true) {
		runtime.Quit(a.ctx)
	}
}

// ask lets the page ask what to do. A page that does not is no reason to stay.
func (a *app) ask(minimise bool) {
	a.farewell.mu.Lock()
	defer a.farewell.mu.Unlock()
	if a.farewell.asked == nil {
		a.farewell.asked = time.AfterFunc(askTimeout, a.leave)
	}
	a.say(leaving{Minimise: minimise, Waiting: a.farewell.cancel != nil})
}

func (a *app) say(question leaving) {
	question.Answers = a.backend.ProxyState().InFlight
	if !a.quitting.Load() {
		runtime.EventsEmit(a.ctx, "leaving", question)
	}
}

// listenForAnswers hears what the user chose, and when the window's size changed.
func (a *app) listenForAnswers() {
	runtime.EventsOn(a.ctx, "leaving:answer", func(said ...any) {
		answer, _, _ := firstTexts(said)
		a.answered(answer)
	})
	runtime.EventsOn(a.ctx, "window:placed", func(...any) { go a.keepPlace() })
}

func (a *app) answered(answer string) {
	a.farewell.mu.Lock()
	defer a.farewell.mu.Unlock()
	if a.farewell.asked != nil {
		a.farewell.asked.Stop()
		a.farewell.asked = nil
	}
	switch answer {
	case leaveSeen:
	case leaveNow:
		if a.farewell.cancel != nil {
			a.farewell.cancel()
		}
		go a.leave()
	case leaveMinimise:
		runtime.WindowMinimise(a.ctx)
	case leaveWait:
		if a.farewell.cancel == nil {
			ctx, cancel := context.WithCancel(context.WithoutCancel(a.ctx))
			a.farewell.cancel, a.farewell.stayed = cancel, false
			go a.drain(ctx)
		}
	case leaveStay:
		a.farewell.stayed = true
	}
}

// drain waits for the answers under way, and quits. New ones are not taken: clients would begin one after another.
func (a *app) drain(ctx context.Context) {
	told, stop := context.WithCancel(ctx)
	go a.tell(told)
	_ = a.backend.Drain(ctx) // what it does not wait for any more gets the grace of a stop
	stop()
	a.farewell.mu.Lock()
	a.farewell.cancel()
	a.farewell.cancel = nil
	stayed := a.farewell.stayed
	a.farewell.mu.Unlock()
	if stayed {
		a.start()
		return
	}
	a.leave()
}

// tell keeps the page up to date on what is waited for.
func (a *app) tell(ctx context.Context) {
	ticker := time.NewTicker(askEvery)
	defer ticker.Stop()
	for {
		a.farewell.mu.Lock()
		stayed := a.farewell.stayed
		a.farewell.mu.Unlock()
		a.say(leaving{Waiting: true, Dismissed: stayed})
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}
