package usage_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/store"
	"amq2api/backend/usage"
)

// sink remembers what it was given. While it fails it keeps nothing, while it is stuck it does not return.
type sink struct {
	mu     sync.Mutex
	kept   kept
	broken error
	stuck  chan struct{}
}

type kept struct {
	batches       []int
	records, lost int
	gaps          []usage.Gap
}

func (s *sink) InsertBatch(ctx context.Context, records []*usage.Record, gap usage.Gap) error {
	if s.stuck != nil {
		select {
		case <-s.stuck:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	s.kept.batches = append(s.kept.batches, len(records))
	s.kept.records += len(records)
	if gap.Count > 0 {
		s.kept.gaps = append(s.kept.gaps, gap)
		s.kept.lost += gap.Count
	}
	return nil
}

func (s *sink) fail(with error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = with
}

// seen is a copy of what was kept so far.
func (s *sink) seen() kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := s.kept
	seen.batches, seen.gaps = slices.Clone(seen.batches), slices.Clone(seen.gaps)
	return seen
}

func started(s usage.Sink, changed func()) (*usage.Recorder, *bytes.Buffer) {
	log := new(bytes.Buffer)
	return usage.NewRecorder(usage.Config{Sink: s, Now: time.Now, Log: slog.New(slog.NewTextHandler(log, nil)), Changed: changed}), log
}

func record(r *usage.Recorder, count int) {
	for n := range count {
		r.Record(&usage.Record{ID: fmt.Sprint(n), At: time.Now()})
	}
}

// pass lets time go by, and everything settle that is due.
func pass(span time.Duration) {
	time.Sleep(span)
	synctest.Wait()
}

func closeRecorder(t *testing.T, r *usage.Recorder) {
	t.Helper()
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRecordsAreWrittenTogetherWithinAQuarterSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		r, _ := started(&s, nil)
		record(r, 3)
		pass(249 * time.Millisecond)
		record(r, 2)
		synctest.Wait()
		if s.seen().records != 0 {
			t.Error("written too early")
		}
		pass(time.Millisecond)
		if batches := s.seen().batches; fmt.Sprint(batches) != "[5]" {
			t.Errorf("batches are %v", batches)
		}
		closeRecorder(t, r)
	})
}

func TestWhatJustEndedIsWrittenAtOnceForWhoAsksForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		r, _ := started(&s, nil)
		record(r, 3)
		r.Flush(t.Context())
		if s.seen().records != 3 {
			t.Errorf("%d are written", s.seen().records)
		}
		closeRecorder(t, r)
		r.Flush(t.Context())
	})
}

func TestABatchIsAtMost256Records(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		r, _ := started(&s, nil)
		record(r, 600)
		synctest.Wait()
		if batches := s.seen().batches; fmt.Sprint(batches) != "[256 256]" {
			t.Errorf("batches are %v", batches)
		}
		closeRecorder(t, r)
		if got := s.seen().records; got != 600 {
			t.Errorf("%d records after closing", got)
		}
	})
}

func TestChangesAreToldAtMostFourTimesASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		var told atomic.Int64
		r, _ := started(&s, func() { told.Add(1) })
		for range 100 { // ten seconds of heavy traffic
			record(r, 300)
			pass(100 * time.Millisecond)
		}
		pass(time.Second)
		busy := told.Load()
		if busy < 30 || busy > 41 {
			t.Errorf("told %d times in ten seconds", busy)
		}
		pass(time.Hour)
		if idle := told.Load() - busy; idle != 0 {
			t.Errorf("told %d times in an hour without requests", idle)
		}
		closeRecorder(t, r)
	})
}

func TestAFullDiskLeavesAGapWithTheExactCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		r, log := started(&s, nil)
		record(r, 5)
		pass(time.Second)
		s.fail(errors.New("disk is full"))
		from := time.Now()
		for range 300 { // five minutes of 20 requests a second
			record(r, 20)
			pass(time.Second)
		}
		s.fail(nil)
		pass(2 * time.Second)
		got := s.seen()
		if got.records != 5 || len(got.gaps) != 1 || got.lost != 6000 || !got.gaps[0].From.Equal(from) || got.gaps[0].To.Sub(from) != 299*time.Second {
			t.Errorf("%d records, gaps %v", got.records, got.gaps)
		}
		record(r, 1)
		closeRecorder(t, r)
		if got := s.seen(); got.records != 6 || strings.Count(log.String(), "level=WARN") != 2 {
			t.Errorf("%d records; the log is\n%s", got.records, log)
		}
	})
}

func TestAStuckStoreNeverHoldsUpARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sink{stuck: make(chan struct{})}
		r, _ := started(&s, nil)
		record(r, 1)
		pass(time.Second) // the writer is stuck now
		start := time.Now()
		record(r, 10_000)
		if time.Since(start) != 0 {
			t.Error("recording waited")
		}
		close(s.stuck)
		pass(2 * time.Second)
		closeRecorder(t, r)
		if got := s.seen(); got.records+got.lost != 10_001 || got.lost == 0 {
			t.Errorf("%d recorded and %d counted as lost of 10001", got.records, got.lost)
		}
	})
}

func TestClosingOverABrokenStoreSaysWhatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		s.fail(errors.New("disk is full"))
		r, _ := started(&s, nil)
		record(r, 7)
		if err := r.Close(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "7 usage records") {
			t.Errorf("got %v", err)
		}
	})
}

func TestClosingDoesNotWaitForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sink{stuck: make(chan struct{})}
		r, _ := started(&s, nil)
		record(r, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		close(s.stuck)
		closeRecorder(t, r)
	})
}

func TestARecordAfterClosingIsCountedAsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sink
		r, _ := started(&s, nil)
		closeRecorder(t, r)
		record(r, 1)
		if err := r.Close(t.Context()); err == nil {
			t.Error("closing again does not tell of it")
		}
	})
}

func TestManyRequestsEndUpInTheDatabase(t *testing.T) {
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "amq2api.db"))
	if err != nil {
		t.Fatal(err)
	}
	r, _ := started(db.Usage(), nil)
	var working sync.WaitGroup
	for range 8 {
		working.Go(func() { record(r, 250) })
	}
	working.Wait()
	closeRecorder(t, r)
	records, err := db.Usage().Requests(t.Context(), usage.Search{Limit: 5000})
	if err := errors.Join(err, db.Close()); err != nil || len(records) != 2000 {
		t.Errorf("%d records, %v", len(records), err)
	}
}
