package desktop_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/desktop"
)

// lamp is something that can be paused.
type lamp struct {
	on     atomic.Bool
	starts atomic.Int64
}

func lit() *lamp {
	l := new(lamp)
	l.on.Store(true)
	return l
}

func (l *lamp) pause(now func() time.Time) *desktop.Pause {
	return desktop.NewPause(func() { l.on.Store(false) }, func() { l.on.Store(true); l.starts.Add(1) }, func() {}, now)
}

func TestAPauseEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lit()
		pause := l.pause(time.Now)
		pause.For(15 * time.Minute)
		if l.on.Load() || !pause.Until().Equal(time.Now().Add(15*time.Minute)) {
			t.Errorf("on %v, until %v", l.on.Load(), pause.Until())
		}
		time.Sleep(15*time.Minute - time.Second)
		synctest.Wait()
		if l.on.Load() {
			t.Error("it started early")
		}
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if !l.on.Load() || !pause.Until().IsZero() {
			t.Errorf("on %v, until %v", l.on.Load(), pause.Until())
		}
	})
}

func TestAPauseThatIsForgottenStartsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lit()
		pause := l.pause(time.Now)
		pause.For(time.Hour)
		pause.Forget() // somebody started it, and stopped it again
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if l.on.Load() || !pause.Until().IsZero() {
			t.Errorf("on %v, until %v", l.on.Load(), pause.Until())
		}
	})
}

func TestASecondPauseTakesThePlaceOfTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lit()
		pause := l.pause(time.Now)
		pause.For(15 * time.Minute)
		pause.For(time.Hour)
		time.Sleep(59 * time.Minute)
		synctest.Wait()
		if l.on.Load() {
			t.Error("the first one counted")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if l.starts.Load() != 1 {
			t.Errorf("%d starts", l.starts.Load())
		}
	})
}

func TestAComputerThatSleptWakesToAProxyThatRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lit()
		var slept atomic.Int64
		pause := l.pause(func() time.Time { return time.Now().Add(time.Duration(slept.Load())) })
		pause.For(time.Hour)
		slept.Store(int64(3 * time.Hour)) // no timer ran meanwhile
		time.Sleep(time.Minute)
		synctest.Wait()
		if !l.on.Load() {
			t.Error("it goes on pausing for as long as it slept")
		}
	})
}
