package attach

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync/atomic"
	"time"
)

// The bounds of reading documents.
const (
	readTime       = 20 * time.Second
	readAtOnce     = 2
	maxAbandoned   = 4
	documentMemory = 32 << 20 // bytes
	documentLife   = time.Hour
)

// reader makes text of documents. It remembers what came of each, because clients send the same documents with every turn. Some libraries
// never come to an end with a broken file: such a reading is abandoned, and where it cannot be ended, only so many of them may go on.
type reader struct {
	read      *cache[[sha256.Size]byte, reading]
	turns     chan struct{}
	abandoned atomic.Int32
	open      func(ctx context.Context, raw []byte, mediaType string) (string, error)
	patience  time.Duration
}

// reading is what came of a document.
type reading struct {
	text string
	err  error
}

func newReader(work apart) *reader {
	return &reader{
		read: newCache[[sha256.Size]byte, reading](documentMemory, documentLife), turns: make(chan struct{}, readAtOnce),
		open: work.document, patience: readTime,
	}
}

// text is the text of a document. An error is half a sentence for the model.
func (r *reader) text(ctx context.Context, raw []byte, mediaType string) (string, error) {
	if kindOf(raw, mediaType) == plainText {
		return bounded(plain(raw)), nil
	}
	key := sha256.Sum256(raw)
	if known, ok := r.read.get(key); ok {
		return known.text, known.err
	}
	if r.abandoned.Load() >= maxAbandoned {
		return "", errors.New("too many broken documents came before it; restart AMQ2API to read documents again")
	}
	waited, cancel := context.WithTimeout(ctx, r.patience)
	defer cancel()
	select {
	case r.turns <- struct{}{}:
	case <-waited.Done():
		return "", errors.New("reading other documents took too long")
	}
	done := make(chan reading, 1)
	go func() {
		got := r.attempt(waited, raw, mediaType)
		if got.err == nil || !errors.Is(waited.Err(), context.Canceled) && !errors.Is(got.err, ErrNotBegun) {
			r.keep(key, got)
		}
		done <- got
	}()
	return r.await(waited, key, done)
}

// await waits for a reading in its turn, and gives the turn back. One that takes too long goes on without anybody waiting: the document is
// not tried again, unless it comes to an end after all.
func (r *reader) await(ctx context.Context, key [sha256.Size]byte, done <-chan reading) (string, error) {
	defer func() { <-r.turns }()
	select {
	case got := <-done:
		return got.text, got.err
	case <-ctx.Done():
	}
	tooLong := reading{err: errors.New("reading it took too long")}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		r.keep(key, tooLong)
	}
	r.abandoned.Add(1)
	go func() {
		if got := <-done; got.err == nil {
			r.keep(key, got)
		}
		r.abandoned.Add(-1)
	}()
	return tooLong.text, tooLong.err
}

func (r *reader) keep(key [sha256.Size]byte, got reading) {
	const overhead = 100 // bytes of an entry
	r.read.put(key, got, len(got.text)+overhead)
}

// attempt reads a document with a library that may panic over a broken one.
func (r *reader) attempt(ctx context.Context, raw []byte, mediaType string) (got reading) {
	defer func() {
		if recover() != nil {
			got = reading{err: errors.New("it is damaged")}
		}
	}()
	text, err := r.open(ctx, raw, mediaType)
	return reading{text, err}
}
