package usage_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/usage"
)

// shelf has so many steps of old rows and of old sums, and remembers when each was taken and from before when.
type shelf struct {
	rows, sums int
	steps      []time.Time
	before     []time.Time
	broken     error
}

func (s *shelf) ForgetRows(_ context.Context, before time.Time) (bool, error) {
	return s.step(&s.rows, before)
}
func (s *shelf) ForgetSums(_ context.Context, before time.Time) (bool, error) {
	return s.step(&s.sums, before)
}

func (s *shelf) step(left *int, before time.Time) (bool, error) {
	s.steps, s.before = append(s.steps, time.Now()), append(s.before, before)
	if s.broken != nil {
		return false, s.broken
	}
	*left--
	return *left > 0, nil
}

// tended runs a retention for a while.
func tended(t *testing.T, s *shelf, rows, sums int, during func(wake chan<- struct{})) string {
	var log strings.Builder
	ctx, stop := context.WithCancel(t.Context())
	wake, done := make(chan struct{}, 1), make(chan struct{})
	r := usage.Retention{Shelf: s, Days: func() (int, int) { return rows, sums }, Now: time.Now, Log: slog.New(slog.NewTextHandler(&log, nil))}
	go func() {
		defer close(done)
		r.Run(ctx, wake)
	}()
	synctest.Wait()
	during(wake)
	stop()
	<-done
	return log.String()
}

func TestOldUsageIsForgottenInStepsWithPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, now := &shelf{rows: 5, sums: 3}, time.Now()
		tended(t, s, 90, 730, func(chan<- struct{}) { pass(time.Minute) })
		if len(s.steps) != 8 {
			t.Fatalf("%d steps", len(s.steps))
		}
		for i := 1; i < 5; i++ {
			if pause := s.steps[i].Sub(s.steps[i-1]); pause != 50*time.Millisecond {
				t.Errorf("a pause of %v", pause)
			}
		}
		if !s.before[0].Equal(now.AddDate(0, 0, -90)) || !s.before[7].Equal(now.AddDate(0, 0, -730)) && s.before[7].Sub(now.AddDate(0, 0, -730)) > time.Minute {
			t.Errorf("forgotten from before %v and %v", s.before[0], s.before[7])
		}
	})
}

func TestNothingIsForgottenThatIsKeptForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{rows: 5, sums: 5}
		tended(t, s, 0, 0, func(chan<- struct{}) { pass(24 * time.Hour) })
		if len(s.steps) != 0 {
			t.Errorf("%d steps", len(s.steps))
		}
	})
}

func TestTheCleanUpComesEveryHourAndWhenItIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		tended(t, s, 1, 0, func(wake chan<- struct{}) {
			pass(3*time.Hour + time.Minute)
			if len(s.steps) != 4 {
				t.Errorf("%d steps in three hours", len(s.steps))
			}
			wake <- struct{}{}
			pass(time.Second)
		})
		if len(s.steps) != 5 {
			t.Errorf("%d steps after it was woken", len(s.steps))
		}
	})
}

func TestACleanUpThatFailsIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{broken: errors.New("disk is full")}
		log := tended(t, s, 1, 1, func(chan<- struct{}) { pass(90 * time.Minute) })
		if len(s.steps) != 2 || strings.Count(log, "disk is full") != 2 {
			t.Errorf("%d steps; the log is %s", len(s.steps), log)
		}
	})
}

func TestClosingDoesNotWaitForTheCleanUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, start := &shelf{rows: 1 << 30}, time.Now()
		tended(t, s, 1, 1, func(chan<- struct{}) { pass(time.Second) })
		if time.Since(start) > 2*time.Second {
			t.Errorf("closing took %v", time.Since(start))
		}
	})
}
