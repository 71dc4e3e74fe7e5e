package usage

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

const (
	queueLength  = 4096
	batchLength  = 256
	batchDelay   = 250 * time.Millisecond
	retryDelay   = time.Second
	writeTimeout = 10 * time.Second
)

// Sink takes records into keeping, all of a batch and its gap or nothing.
type Sink interface {
	InsertBatch(ctx context.Context, records []*Record, gap Gap) error
}

// Config is what a Recorder needs.
type Config struct {
	Sink    Sink
	Now     func() time.Time
	Log     *slog.Logger
	Changed func() // called after writing, at most four times a second; may be nil

	Lost Gap             // that an earlier Recorder could not write
	Keep func(Gap) error // keeps one for a later Recorder, where the sink need not work; none once it is written; may be nil
}

// Recorder writes records in batches, away from the requests they are about. Recording never waits: what cannot be kept is counted, and the
// count is written as a gap once writing works.
type Recorder struct {
	config Config
	queue  chan *Record
	flush  chan chan<- struct{}
	quit   chan struct{}
	done   chan struct{}
	once   sync.Once

	mu   sync.Mutex
	lost Gap
}

// NewRecorder starts a recorder. Close stops it.
func NewRecorder(config Config) *Recorder {
	r := &Recorder{config: config, queue: make(chan *Record, queueLength), flush: make(chan chan<- struct{}), quit: make(chan struct{}), done: make(chan struct{})}
	w := &writer{Recorder: r, timer: time.NewTimer(0)}
	<-w.timer.C
	if r.lose(config.Lost); config.Lost.Count > 0 {
		w.tickIn(batchDelay)
	}
	go w.run()
	return r
}

// Record takes the record over; the caller must not touch it again.
func (r *Recorder) Record(record *Record) {
	select {
	case r.queue <- record:
	default:
		r.loseOne()
	}
}

// Flush writes what was recorded before it was called, so that it can be read. It gives up with ctx.
func (r *Recorder) Flush(ctx context.Context) {
	written := make(chan struct{}, 1)
	select {
	case r.flush <- written:
	case <-r.done:
		return
	case <-ctx.Done():
		return
	}
	select {
	case <-written:
	case <-ctx.Done():
	}
}

// Close writes what is queued and stops. What cannot be written is kept as a gap; the error says how many records are lost for good.
func (r *Recorder) Close(ctx context.Context) error {
	r.once.Do(func() { close(r.quit) })
	select {
	case <-r.done:
	case <-ctx.Done():
		return fmt.Errorf("write the last usage records: %w", ctx.Err())
	}
	r.abandon()
	if lost := r.takeLost(); lost.Count > 0 {
		if r.config.Keep != nil && r.config.Keep(lost) == nil {
			r.config.Log.Warn("the gap in the usage is kept for the next start", "lost", lost.Count, "from", lost.From, "to", lost.To)
			return nil
		}
		return fmt.Errorf("%d usage records from %s to %s are lost", lost.Count, lost.From.UTC().Format(time.RFC3339), lost.To.UTC().Format(time.RFC3339))
	}
	return nil
}

// abandon counts what was recorded after the writer had gone.
func (r *Recorder) abandon() {
	for {
		select {
		case <-r.queue:
			r.loseOne()
		default:
			return
		}
	}
}

func (r *Recorder) loseOne() {
	now := r.config.Now()
	r.lose(Gap{From: now, To: now, Count: 1})
}

// lose adds to the gap that is to be written.
func (r *Recorder) lose(more Gap) {
	if more.Count == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost.Count == 0 {
		r.lost = more
		return
	}
	r.lost.Count += more.Count
	if more.From.Before(r.lost.From) {
		r.lost.From = more.From
	}
	if more.To.After(r.lost.To) {
		r.lost.To = more.To
	}
}

func (r *Recorder) takeLost() Gap {
	r.mu.Lock()
	defer r.mu.Unlock()
	lost := r.lost
	r.lost = Gap{}
	return lost
}

// writer is the one goroutine that talks to the sink.
type writer struct {
	*Recorder
	batch   []*Record
	timer   *time.Timer
	ticking bool
	news    bool // something was written that Changed has not told yet
	failing bool
}

func (w *writer) run() {
	defer close(w.done)
	defer w.timer.Stop()
	for {
		select {
		case record := <-w.queue:
			w.take(record)
			w.tickIn(batchDelay)
		case <-w.timer.C:
			w.ticking = false
			w.tick()
		case written := <-w.flush:
			w.drain()
			w.tickIn(batchDelay) // to tell
			written <- struct{}{}
		case <-w.quit:
			w.drain()
			return
		}
	}
}

func (w *writer) take(record *Record) {
	w.batch = append(w.batch, record)
	if len(w.batch) == batchLength {
		w.write()
	}
}

// tickIn makes sure of a tick; one that is already due sooner will do.
func (w *writer) tickIn(delay time.Duration) {
	if !w.ticking {
		w.ticking = true
		w.timer.Reset(delay)
	}
}

// tick writes and tells. Ticks are batchDelay apart at least, and so is the telling.
func (w *writer) tick() {
	w.write()
	if w.news && w.config.Changed != nil {
		w.config.Changed()
	}
	w.news = false
	if w.failing {
		w.tickIn(retryDelay)
	}
}

func (w *writer) drain() {
	for {
		select {
		case record := <-w.queue:
			w.take(record)
		default:
			w.write()
			return
		}
	}
}

// write writes the batch and the gap. If that fails, the batch becomes part of the gap: holding on to it would only move the loss to the
// requests that come after it.
func (w *writer) write() {
	gap := w.takeLost()
	if len(w.batch) == 0 && gap.Count == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
	defer cancel()
	err := w.config.Sink.InsertBatch(ctx, w.batch, gap)
	if err != nil {
		w.lose(gap)
		w.lose(gapOf(w.batch))
	}
	clear(w.batch)
	w.batch = w.batch[:0]
	w.news = w.news || err == nil
	w.written(gap, err)
	w.report(err, gap)
}

// written forgets what an earlier Recorder had kept, once it is written.
func (w *writer) written(gap Gap, err error) {
	if err != nil || gap.Count == 0 || w.config.Keep == nil {
		return
	}
	if err := w.config.Keep(Gap{}); err != nil {
		w.config.Log.Warn("a gap in the usage that is written may be counted again", "err", err)
	}
}

// report logs the beginning and the end of a time without writing.
func (w *writer) report(err error, gap Gap) {
	switch {
	case err != nil && !w.failing:
		w.config.Log.Warn("usage is not recorded until the store can be written again", "err", err)
	case err == nil && gap.Count > 0:
		w.config.Log.Warn("usage is recorded again", "lost", gap.Count, "from", gap.From, "to", gap.To)
	}
	w.failing = err != nil
}

func gapOf(records []*Record) Gap {
	gap := Gap{Count: len(records)}
	for _, record := range records {
		if gap.From.IsZero() || record.At.Before(gap.From) {
			gap.From = record.At
		}
		if record.At.After(gap.To) {
			gap.To = record.At
		}
	}
	return gap
}
