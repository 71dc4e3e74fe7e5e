package access_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/store"
)

func TestManyWorkersNeverGetMoreThanTheLimitInAnyMinute(t *testing.T) {
	const limit, workers, span = 60, 64, 5 * time.Minute
	path := filepath.Join(t.TempDir(), "amq2api.db")
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		gate, err := access.NewGate(t.Context(), access.Config{Store: db.Keys(), Now: time.Now, Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		perMinute, perDay := limit, 0
		key, _, err := gate.Create(t.Context(), access.Draft{Name: "busy", RequestsPerMinute: &perMinute, RequestsPerDay: &perDay})
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var mu sync.Mutex
		var admitted []time.Duration
		var working sync.WaitGroup
		for n := range workers {
			working.Go(func() {
				time.Sleep(time.Duration(n) * 7 * time.Millisecond)
				for time.Since(start) < span {
					if permit, err := gate.Admit(t.Context(), key.ID, access.Ask{}); err == nil {
						permit.Done()
						mu.Lock()
						admitted = append(admitted, time.Since(start))
						mu.Unlock()
					}
					time.Sleep(500 * time.Millisecond)
				}
			})
		}
		working.Wait()
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		slices.Sort(admitted)
		for i := limit; i < len(admitted); i++ {
			if admitted[i]-admitted[i-limit] <= time.Minute {
				t.Fatalf("%d requests from %v to %v", limit+1, admitted[i-limit], admitted[i])
			}
		}
		if len(admitted) < limit*int(span/time.Minute)-limit/10 {
			t.Errorf("only %d requests in %v went through", len(admitted), span)
		}
		t.Logf("A17 | %d workers, %d requests a minute, %v: %d went through, never more than %d in any minute", workers, limit, span, len(admitted), limit)
	})
}

func TestTheTimeToWaitIsExact(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(3, 0)
	for range 3 {
		w.admit(key.ID)
		w.elapsed += 10 * time.Second
	}
	_, err := w.Admit(t.Context(), key.ID, access.Ask{})
	f := fault.Of(err)
	if f.Kind != fault.Limited || f.RetryAfter != 30*time.Second+1 || !strings.Contains(f.Message, "3 requests per minute. Try again in 31s") {
		t.Fatalf("got %v, wait %v", f, f.RetryAfter)
	}
	w.elapsed += f.RetryAfter - 1
	if w.admit(key.ID) {
		t.Error("admitted too early")
	}
	w.elapsed++
	if !w.admit(key.ID) || w.admit(key.ID) {
		t.Error("after the wait exactly one request goes through")
	}
}

func TestALowerLimitHoldsAtOnce(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(10, 0)
	for range 10 {
		w.admit(key.ID)
		w.elapsed += time.Second
	}
	limit := 2
	w.edit(key.ID, access.Edit{RequestsPerMinute: &limit})
	_, err := w.Admit(t.Context(), key.ID, access.Ask{})
	f := fault.Of(err)
	if f.Kind != fault.Limited {
		t.Fatalf("got %v", err)
	}
	w.elapsed += f.RetryAfter
	if got := w.get(key.ID).CurrentRPM; got != 1 || !w.admit(key.ID) {
		t.Errorf("%d requests are left in the window", got)
	}
}

func TestTheMinuteDoesNotCareAboutTheWallClock(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(5, 0)
	w.admitAll(key.ID)
	for _, jump := range []time.Duration{time.Hour, -2 * time.Hour, 5 * 365 * 24 * time.Hour, -5 * 365 * 24 * time.Hour} {
		w.now = w.now.Add(jump)
		if w.admit(key.ID) {
			t.Errorf("a jump of %v let a request through", jump)
		}
	}
}

func TestRequestsTurnedAwayCountForNothing(t *testing.T) {
	w := newWorld(t)
	key, text := w.create(1, 3)
	w.admit(key.ID)
	for range 5 {
		w.admit(key.ID)
	}
	if view := w.get(key.ID); view.CurrentRPM != 1 || view.CurrentRPD != 1 {
		t.Errorf("counted %d and %d", view.CurrentRPM, view.CurrentRPD)
	}
	if _, err := w.Identify(text); err != nil || w.get(key.ID).CurrentRPD != 1 {
		t.Error("identifying counts")
	}
}

func TestTheDayEndsAtMidnightUTC(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(0, 20)
	if got := w.admitAll(key.ID); got != 20 {
		t.Errorf("%d went through", got)
	}
	_, err := w.Admit(t.Context(), key.ID, access.Ask{})
	f := fault.Of(err)
	if f.RetryAfter != 12*time.Hour || !f.Until.Equal(noon.Add(12*time.Hour)) || !strings.Contains(f.Message, "20 requests per day. Try again in 12h0m") {
		t.Errorf("got %v, wait %v until %v", f, f.RetryAfter, f.Until)
	}
	w.now = w.now.Add(f.RetryAfter - 1)
	if w.admit(key.ID) {
		t.Error("admitted before midnight")
	}
	w.now = w.now.Add(1)
	if got := w.admitAll(key.ID); got != 20 {
		t.Errorf("%d went through on the next day", got)
	}
}

func TestTheDailyCountIsExactOverARestart(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(0, 100)
	for range 33 {
		w.admit(key.ID)
	}
	w.restart()
	if view := w.get(key.ID); view.CurrentRPD != 33 {
		t.Errorf("counted %d", view.CurrentRPD)
	}
	if got := w.admitAll(key.ID); got != 67 {
		t.Errorf("%d more went through", got)
	}
}

func TestAfterACrashTheDailyLimitIsNeverExceededAndNearlyReached(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(0, 100)
	total := 0
	for range 5 {
		for range 7 {
			w.admit(key.ID)
			total++
		}
		w.load() // without Close
	}
	total += w.admitAll(key.ID)
	if total > 100 || total < 100-5*10 {
		t.Errorf("%d went through", total)
	}
}

func TestWorkersShareTheDailyLimitExactly(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(0, 137)
	var mu sync.Mutex
	var working sync.WaitGroup
	total := 0
	for range 16 {
		working.Go(func() {
			got := w.admitAll(key.ID)
			mu.Lock()
			defer mu.Unlock()
			total += got
		})
	}
	working.Wait()
	if total != 137 {
		t.Errorf("%d went through", total)
	}
	t.Logf("A17 | 16 workers at once, 137 requests a day: %d went through", total)
}

// full is a store on a full disk while broken is set.
type full struct {
	access.Store
	broken bool
	tried  int
}

func (s *full) Reserve(ctx context.Context, c access.Count) error {
	s.tried++
	if s.broken {
		return errors.New("disk is full")
	}
	return s.Store.Reserve(ctx, c)
}

func TestAFullDiskDoesNotStopClients(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(0, 50)
	disk := &full{Store: w.db.Keys(), broken: true}
	w.store = disk
	w.load()
	for range 30 {
		if !w.admit(key.ID) {
			t.Fatal("a request was refused")
		}
	}
	if disk.tried != 1 {
		t.Errorf("the disk was tried %d times at once", disk.tried)
	}
	disk.broken = false
	w.elapsed += 5 * time.Second
	if got := w.admitAll(key.ID); got != 20 {
		t.Errorf("%d more went through; the count was lost", got)
	}
	w.load()
	if got := w.admitAll(key.ID); got != 0 {
		t.Errorf("after a crash %d more went through", got)
	}
}

func TestAClientThatLeavesDoesNotUndoTheReservation(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(0, 50)
	left, leave := context.WithCancel(t.Context())
	leave()
	if _, err := w.Admit(left, key.ID, access.Ask{}); err != nil {
		t.Fatal(err)
	}
	w.load()
	if got := w.get(key.ID).CurrentRPD; got == 0 {
		t.Error("the request was not counted")
	}
}

func TestTheClockJumps(t *testing.T) {
	const limit = 10
	hour, day, years := time.Hour, 24*time.Hour, 5*365*24*time.Hour
	// Each line: spend some, jump, and see how much there still is, three times over.
	lines := []struct {
		name  string
		jumps [3]time.Duration
		spend [3]int
		left  [3]int
	}{
		{"back within the day", [3]time.Duration{-hour, -hour, hour}, [3]int{4, 0, 0}, [3]int{6, 6, 6}},
		{"back over midnight keeps the latest day", [3]time.Duration{-13 * hour, -6 * hour, day}, [3]int{10, 0, 0}, [3]int{0, 0, 0}},
		{"back over midnight, until the day after", [3]time.Duration{-13 * hour, 25 * hour, 0}, [3]int{10, 0, 0}, [3]int{0, 10, 10}},
		{"back two days carries the count", [3]time.Duration{-2 * day, day, 0}, [3]int{10, 0, 0}, [3]int{0, 10, 10}},
		{"back two days and home again", [3]time.Duration{-2 * day, 2 * day, 0}, [3]int{10, 0, 0}, [3]int{0, 0, 0}},
		{"forward an hour", [3]time.Duration{hour, hour, hour}, [3]int{4, 2, 0}, [3]int{6, 4, 4}},
		{"forward five years and home again", [3]time.Duration{years, -years, 0}, [3]int{10, 3, 0}, [3]int{10, 0, 0}},
		{"home from five years ahead with little spent there", [3]time.Duration{years, -years, day}, [3]int{2, 7, 0}, [3]int{10, 3, 10}},
		{"asleep for eight hours", [3]time.Duration{8 * hour, 0, 0}, [3]int{10, 0, 0}, [3]int{0, 0, 0}},
		{"asleep over midnight", [3]time.Duration{13 * hour, 0, 0}, [3]int{10, 0, 0}, [3]int{10, 10, 10}},
	}
	for _, line := range lines {
		for _, crash := range []bool{false, true} {
			t.Run(line.name, func(t *testing.T) {
				w := newWorld(t)
				key, _ := w.create(0, limit)
				for step := range 3 {
					for range line.spend[step] {
						if !w.admit(key.ID) {
							t.Fatalf("step %d: refused while spending", step)
						}
					}
					w.now = w.now.Add(line.jumps[step])
					if crash {
						w.load()
					}
					left, want := limit-w.get(key.ID).CurrentRPD, line.left[step]
					if left > want || left < want && !crash { // a crash may err, but on the strict side
						t.Errorf("step %d (crash: %v): %d left, want %d", step, crash, left, want)
					}
				}
			})
		}
	}
}

// A clock that was years ahead once must not turn clients away on every restart from then on.
func TestAClockThatWasYearsAheadIsForgotten(t *testing.T) {
	w := newWorld(t)
	key, _ := w.create(0, 10)
	w.now = noon.AddDate(5, 0, 0)
	w.admitAll(key.ID)
	w.now = noon
	w.load()
	if w.admit(key.ID) {
		t.Error("the count was not carried")
	}
	w.now = noon.AddDate(0, 0, 1)
	w.load()
	if got := w.admitAll(key.ID); got != 10 {
		t.Errorf("%d went through on the day after", got)
	}
}

func assertNowhere(t *testing.T, path, text string) {
	t.Helper()
	for _, file := range []string{path, path + "-wal"} {
		read, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(read, []byte(text)) {
			t.Errorf("%s has the key's text", filepath.Base(file))
		}
	}
}
