package capture

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"amq2api/backend/fault"
)

// What a recording may take.
const (
	maxRecordedBody  = 1 << 20  // bytes of a request, and of an answer
	maxRecorded      = 64 << 20 // bytes in all
	maxRecordedCount = 1000     // requests
	edge             = 4 << 10  // bytes at the end of a body that was cut, where a secret could lie in halves
	keepBodies       = 24 * time.Hour
	careInterval     = 20 * time.Second
)

// RecordingConfig is what a Recorder needs. All of it but Changed and Known must be there.
type RecordingConfig struct {
	Folder  string                    // for nothing else
	Key     func(*http.Request) int64 // whose request it is; 0 is nobody's, whose requests are not recorded
	Known   func() []string           // the program's own secrets, which no form shows; may be nil
	Now     func() time.Time
	Log     *slog.Logger
	Changed func() // after every change but of the number of requests; may be nil
}

// Span is a time in which bodies are recorded.
type Span struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
	Key   int64     `json:"key,omitempty"` // the only one; 0 is all
}

// Recorded is what is recorded, and what there is.
type Recorded struct {
	On bool
	Span
	Requests int
	Bytes    int64
	Full     bool // a bound was reached: nothing more is recorded until some is deleted
	Missed   int  // requests that the disk did not take
}

// Bodies are what was sent and answered in one request.
type Bodies struct {
	ID         string    `json:"id"`
	At         time.Time `json:"at"` // when it ended
	Key        int64     `json:"key"`
	Request    string    `json:"request"`
	RequestCut bool      `json:"request_cut"` // it was longer
	Answer     string    `json:"answer"`
	AnswerCut  bool      `json:"answer_cut"`
	Redacted   int       `json:"redacted"` // secrets that were taken out
}

// DeletedAt is when nothing is left of them.
func (b Bodies) DeletedAt() time.Time { return b.At.Add(keepBodies) }

// Recorder records the bodies of requests for a time that the user states. They lie in files of the profile, and not in its database: so no
// backup has them, and what is deleted is gone. Nothing but bodies is kept, and secrets are taken out of them before they reach the disk.
type Recorder struct {
	config RecordingConfig
	on     atomic.Pointer[Span] // nil is the rule

	mu     sync.Mutex
	count  int
	bytes  int64
	missed int
}

const spanFile = "recording.json"

// OpenRecorder goes on with a recording whose time is not over, and deletes what is old.
func OpenRecorder(config RecordingConfig) *Recorder {
	if config.Changed == nil {
		config.Changed = func() {}
	}
	if config.Known == nil {
		config.Known = func() []string { return nil }
	}
	r := &Recorder{config: config}
	var span Span
	if text, err := os.ReadFile(r.path(spanFile)); err == nil && json.Unmarshal(text, &span) == nil && !span.From.IsZero() && span.Until.Sub(span.From) <= maxMinutes*time.Minute {
		r.on.Store(&span)
	}
	r.care()
	return r
}

func (r *Recorder) path(name string) string { return filepath.Join(r.config.Folder, name) }

// holds tells whether a span is in force. One that has not begun is of a clock that was set back; nobody knows how much of it is left.
func (s *Span) holds(now time.Time) bool {
	return s != nil && !now.Before(s.From) && now.Before(s.Until)
}

// Start records from now on, of one key or (0) of all, in place of what was recorded so far.
func (r *Recorder) Start(minutes int, key int64) (Recorded, error) {
	if minutes < 1 || minutes > maxMinutes {
		return Recorded{}, &fault.Error{Kind: fault.Invalid, Param: "minutes", Message: fmt.Sprintf("minutes must be from 1 to %d.", maxMinutes)}
	}
	now := r.config.Now()
	span := &Span{From: now, Until: now.Add(time.Duration(minutes) * time.Minute), Key: key}
	text, err := json.Marshal(span)
	if err == nil {
		err = writeWhole(r.config.Folder, spanFile, text)
	}
	if err != nil {
		return Recorded{}, fault.Wrap(fault.Unavailable, err, "The recording could not begin, because nothing can be written into the profile's folder. Make room on the disk, then try again.")
	}
	r.on.Store(span)
	r.config.Log.Info("bodies are recorded", "until", span.Until, "key", key)
	r.config.Changed()
	return r.State(), nil
}

// Stop ends the recording. What was recorded stays until its time is over.
func (r *Recorder) Stop() error {
	was := r.on.Swap(nil)
	err := os.Remove(r.path(spanFile))
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if was != nil {
		r.config.Log.Info("bodies are no longer recorded")
		r.config.Changed()
	}
	return err
}

// Delete ends the recording and deletes all of it at once, also what is under way.
func (r *Recorder) Delete() error {
	r.on.Store(nil) // before the lock is waited for: whoever holds it looks once more
	r.mu.Lock()
	err := os.RemoveAll(r.config.Folder)
	if err == nil {
		r.count, r.bytes, r.missed = 0, 0, 0
	}
	r.mu.Unlock()
	r.config.Log.Info("the recorded bodies were deleted", "err", err)
	r.config.Changed()
	return err
}

// State is what is recorded now, and what there is.
func (r *Recorder) State() Recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	state := Recorded{Requests: r.count, Bytes: r.bytes, Full: r.full(), Missed: r.missed}
	if span := r.on.Load(); span.holds(r.config.Now()) {
		state.On, state.Span = true, *span
	}
	return state
}

func (r *Recorder) full() bool { return r.count >= maxRecordedCount || r.bytes >= maxRecorded }

var idForm = regexp.MustCompile(`^[0-9A-Za-z_-]{1,80}$`)

// Read is what was recorded of a request.
func (r *Recorder) Read(id string) (Bodies, error) {
	absent := fault.New(fault.NotFound, "Nothing was recorded of the request %.80q. Bodies are kept only of requests that end while they are recorded, for %d hours.", id, int(keepBodies.Hours()))
	if !idForm.MatchString(id) {
		return Bodies{}, absent
	}
	text, err := os.ReadFile(r.path(id + ".json"))
	if errors.Is(err, fs.ErrNotExist) {
		return Bodies{}, absent
	}
	var bodies Bodies
	if err == nil {
		err = json.Unmarshal(text, &bodies)
	}
	if err == nil && !r.config.Now().Before(bodies.DeletedAt()) {
		return Bodies{}, absent
	}
	return bodies, err
}

// Tend ends a recording and deletes bodies on time, until ctx ends.
func (r *Recorder) Tend(ctx context.Context) {
	ticker := time.NewTicker(careInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			r.care()
		}
	}
}

// care ends what is over, deletes what is old, and counts what is left.
func (r *Recorder) care() {
	now := r.config.Now()
	if span := r.on.Load(); span != nil && !span.holds(now) && r.on.CompareAndSwap(span, nil) {
		_ = os.Remove(r.path(spanFile)) // it says itself that it is over
		r.config.Log.Info("the time of the recording is over")
		r.config.Changed()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count, r.bytes = 0, 0
	files, err := os.ReadDir(r.config.Folder)
	if err != nil {
		return // there is none yet
	}
	for _, file := range files {
		status, err := file.Info()
		if err != nil || file.Name() == spanFile {
			continue
		}
		age := now.Sub(status.ModTime()) // in the future: of a clock that was set back
		if age >= keepBodies || age < -keepBodies || strings.HasPrefix(file.Name(), unfinished) {
			err = os.Remove(r.path(file.Name()))
		} else {
			r.count++
			r.bytes += status.Size()
		}
		if err != nil {
			r.config.Log.Warn("a recorded body could not be deleted", "err", err)
		}
	}
}

// Door records what comes and goes through the clients' door. Otherwise it costs nothing.
func (r *Recorder) Door(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		span := r.on.Load()
		if span == nil || !span.holds(r.config.Now()) || !generates(request) {
			next.ServeHTTP(w, request)
			return
		}
		key := r.config.Key(request)
		if key == 0 || span.Key != 0 && span.Key != key {
			next.ServeHTTP(w, request)
			return
		}
		asked, answer := &bounded{}, &listening{ResponseWriter: w}
		request.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(request.Body, asked), request.Body}
		defer func() { r.keep(span, key, w.Header().Get("Request-Id"), asked, &answer.body) }()
		next.ServeHTTP(answer, request)
	})
}

// keep writes down what was said in a request, if it is still to be recorded when it ends.
func (r *Recorder) keep(span *Span, key int64, id string, asked, answer *bounded) {
	if !idForm.MatchString(id) {
		return
	}
	known := r.config.Known()
	bodies := Bodies{ID: id, Key: key, RequestCut: asked.cut, AnswerCut: answer.cut}
	request, found := redact(asked.Bytes(), known)
	said, more := redactStream(answer.Bytes(), known)
	bodies.Request, bodies.Answer, bodies.Redacted = asked.shown(request), answer.shown(said), found+more
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.config.Now()
	if r.on.Load() != span || !span.holds(now) || r.full() {
		return
	}
	bodies.At = now.UTC()
	text, err := json.Marshal(bodies)
	if err == nil {
		err = writeWhole(r.config.Folder, id+".json", text)
	}
	if err == nil {
		err = os.Chtimes(r.path(id+".json"), now, now)
	}
	if err != nil {
		r.missed++
		r.config.Log.Warn("the bodies of a request could not be recorded", "id", id, "err", err)
		return
	}
	r.count++
	r.bytes += int64(len(text))
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	bytes.Buffer
	cut bool
}

// Write never fails: nobody's request ends because it is recorded.
func (b *bounded) Write(p []byte) (int, error) {
	room := max(0, maxRecordedBody-b.Len())
	b.cut = b.cut || len(p) > room
	_, _ = b.Buffer.Write(p[:min(room, len(p))])
	return len(p), nil
}

// shown is a body as it is kept. Of one that was cut the edge goes.
func (b *bounded) shown(text []byte) string {
	if b.cut {
		text = text[:max(0, len(text)-edge)]
	}
	return strings.ToValidUTF8(string(text), "\uFFFD")
}

// listening keeps what a client gets. Everything else of the ResponseWriter is reached through Unwrap.
type listening struct {
	http.ResponseWriter
	body bounded
}

func (l *listening) Write(p []byte) (int, error) {
	n, err := l.ResponseWriter.Write(p)
	_, _ = l.body.Write(p[:n])
	return n, err
}

// Unwrap is for http.ResponseController.
func (l *listening) Unwrap() http.ResponseWriter { return l.ResponseWriter }
