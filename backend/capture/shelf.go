package capture

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/settings"
)

// The bounds of a capture, and of how long one is kept.
const (
	maxExchanges = 50
	maxBytes     = 32 << 20
	keepFor      = 7 * 24 * time.Hour
	maxMinutes   = 60
)

// State is what a capture is doing.
type State string

// The states.
const (
	Waiting   State = "waiting"   // for a conversation to begin
	Recording State = "recording" // one has begun
	Done      State = "done"
	Failed    State = "failed" // the disk did not take it
)

// Entry is a capture on the shelf.
type Entry struct {
	Name      string
	State     State
	Until     time.Time // when it ends by itself; zero once it has ended
	Exchanges int
	Bytes     int64
	At        time.Time
}

// Config is what a Shelf needs.
type Config struct {
	Folder   string
	Version  string
	Settings func() settings.Settings
	Now      func() time.Time
	Log      *slog.Logger
	Changed  func() // after every change; may be nil

	SessionHeaders []string // under which clients send their own id for a conversation
}

// Shelf has the captures of a profile, and makes new ones. It is safe for concurrent use.
type Shelf struct {
	config Config
	active atomic.Pointer[session] // nil is the rule
	last   atomic.Pointer[session] // the last one that ended: exchanges of it may still be under way
	failed atomic.Pointer[session] // the last one, if the disk did not take it

	mu sync.Mutex

	counting sync.Mutex
	counts   map[string]int // exchanges in files that have been looked into
}

// NewShelf opens a folder of captures. It is made with the first one.
func NewShelf(config Config) *Shelf {
	if config.Changed == nil {
		config.Changed = func() {}
	}
	s := &Shelf{config: config, counts: map[string]int{}}
	s.tidy()
	return s
}

// session is a capture being made.
type session struct {
	name  string
	until time.Time

	mu       sync.Mutex
	owner    string // whose conversation it is; empty until one begins
	capture  Capture
	bytes    int
	state    State
	takingIn int  // exchanges under way
	removed  bool // nothing more is written
}

// Start begins a capture that ends after some minutes at the latest.
func (s *Shelf) Start(minutes int) (Entry, error) {
	if minutes < 1 || minutes > maxMinutes {
		return Entry{}, &fault.Error{Kind: fault.Invalid, Param: "minutes", Message: fmt.Sprintf("minutes must be from 1 to %d.", maxMinutes)}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if running := s.current(); running != nil {
		return Entry{}, fault.New(fault.Conflict, "A capture is running already. Stop it first.")
	}
	now, chosen := s.config.Now(), s.config.Settings()
	made := &session{name: now.UTC().Format("20060102-150405.000") + ".txtar", until: now.Add(time.Duration(minutes) * time.Minute), state: Waiting}
	made.capture.About = About{Version: s.config.Version, Started: now.UTC(),
		Settings: Settings{Aliases: chosen.Aliases, DefaultModel: chosen.DefaultModel, BreakRepeats: chosen.BreakRepeats}}
	s.failed.Store(nil)
	s.active.Store(made)
	s.config.Log.Info("a capture of one conversation has begun", "until", made.until)
	s.config.Changed()
	return made.entry(), nil
}

// current is the session, unless its time is over.
func (s *Shelf) current() *session {
	running := s.active.Load()
	if running == nil || s.config.Now().Before(running.until) {
		return running
	}
	s.end(running)
	return nil
}

func (s *Shelf) end(running *session) {
	if !s.active.CompareAndSwap(running, nil) {
		return
	}
	s.last.Store(running)
	s.config.Log.Info("the capture has ended", "exchanges", running.entry().Exchanges)
	s.config.Changed()
}

// Running tells whether a capture is being made.
func (s *Shelf) Running() bool { return s.current() != nil }

// Stop ends the capture that is being made, if there is one.
func (s *Shelf) Stop() {
	if running := s.active.Load(); running != nil {
		s.end(running)
	}
}

func (s *session) entry() Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Entry{Name: s.name, State: s.state, Until: s.until, Exchanges: len(s.capture.Exchanges), Bytes: int64(s.bytes), At: s.capture.About.Started}
}

// join tells whether a request of somebody belongs to the capture. The first one decides whose it is.
func (s *session) join(owner string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.owner == "" {
		s.owner, s.state = owner, Recording
	}
	if s.owner != owner || s.state != Recording || len(s.capture.Exchanges)+s.takingIn >= maxExchanges || s.bytes >= maxBytes {
		return false
	}
	s.takingIn++
	return true
}

// keep adds an exchange and writes the file anew, whole or not at all.
func (s *Shelf) keep(into *session, e Exchange) {
	if err := s.add(into, e); err != nil {
		s.config.Log.Warn("a capture could not be written", "err", err)
		s.failed.Store(into)
		s.end(into)
	}
}

func (s *Shelf) add(into *session, e Exchange) error {
	into.mu.Lock()
	defer into.mu.Unlock()
	if into.takingIn--; into.removed {
		return nil
	}
	if e.turnedAway() {
		into.waitOn()
		return nil
	}
	size := len(e.Request) + len(e.Response)
	for _, call := range e.Calls {
		size += len(call.Request) + len(call.Response)
	}
	fits := into.bytes+size <= maxBytes
	if fits {
		into.bytes += size
		into.capture.Exchanges = append(into.capture.Exchanges, e)
	}
	into.capture.About.Full = into.capture.About.Full || !fits || len(into.capture.Exchanges) == maxExchanges
	err := s.write(into)
	if err != nil {
		into.state = Failed
	}
	return err
}

// turnedAway tells whether a request was refused for its key: it is nobody's conversation.
func (e *Exchange) turnedAway() bool {
	return len(e.Calls) == 0 && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden)
}

// waitOn has a capture wait for somebody else, if nothing was kept of whom it was waiting for so far. The lock is held.
func (s *session) waitOn() {
	if len(s.capture.Exchanges) == 0 && s.takingIn == 0 {
		s.owner, s.state = "", Waiting
	}
}

func (s *Shelf) write(from *session) error {
	text, err := from.capture.Encode()
	if err != nil {
		return err
	}
	return writeWhole(s.config.Folder, from.name, text)
}

// List is what is on the shelf, newest first.
func (s *Shelf) List() ([]Entry, error) {
	s.tidy()
	entries := []Entry{}
	running := s.current()
	unfinished := running
	if unfinished == nil {
		unfinished = s.failed.Load()
	}
	if unfinished != nil {
		entries = append(entries, unfinished.entry())
	}
	files, err := os.ReadDir(s.config.Folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list the captures: %w", err)
	}
	for _, file := range slices.Backward(files) {
		status, err := file.Info()
		if err != nil || !nameForm.MatchString(file.Name()) || unfinished != nil && file.Name() == unfinished.name {
			continue
		}
		entries = append(entries, Entry{Name: file.Name(), State: Done, Exchanges: s.exchanges(file.Name()), Bytes: status.Size(), At: status.ModTime().UTC()})
	}
	return entries, nil
}

// exchanges counts those in a file, which does not change once nothing is under way any more.
func (s *Shelf) exchanges(name string) int {
	if last := s.last.Load(); last != nil && last.name == name {
		return last.entry().Exchanges
	}
	s.counting.Lock()
	defer s.counting.Unlock()
	count, known := s.counts[name]
	if !known {
		text, err := os.ReadFile(filepath.Join(s.config.Folder, name))
		if err != nil {
			return 0
		}
		count = bytes.Count(text, []byte("/"+exchangeFile+" --\n"))
		s.counts[name] = count
	}
	return count
}

var nameForm = regexp.MustCompile(`^[0-9]{8}-[0-9]{6}\.[0-9]{3}\.txtar$`)

// Read is a capture's file.
func (s *Shelf) Read(name string) ([]byte, error) {
	if !nameForm.MatchString(name) {
		return nil, missing(name)
	}
	text, err := os.ReadFile(filepath.Join(s.config.Folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, missing(name)
	}
	return text, err
}

// Remove throws a capture away; one that is being made ends.
func (s *Shelf) Remove(name string) error {
	if !nameForm.MatchString(name) {
		return missing(name)
	}
	unfinished := s.forget(name)
	err := os.Remove(filepath.Join(s.config.Folder, name))
	if errors.Is(err, fs.ErrNotExist) && !unfinished {
		return missing(name)
	}
	s.config.Changed()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing had been written yet
	}
	return err
}

// forget ends the sessions of a name, for good: what is still under way in them is not written. It tells whether there was one.
func (s *Shelf) forget(name string) (known bool) {
	if running := s.active.Load(); running != nil && running.name == name {
		known = true
		running.remove()
		s.end(running)
	}
	if last := s.last.Load(); last != nil && last.name == name {
		last.remove()
	}
	if failed := s.failed.Load(); failed != nil && failed.name == name {
		known = true
		s.failed.Store(nil)
	}
	return known
}

func (s *session) remove() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removed = true
}

func missing(name string) error { return fault.New(fault.NotFound, "There is no capture %.60q.", name) }

// tidy throws away what is old, and what a crash left half written.
func (s *Shelf) tidy() {
	files, err := os.ReadDir(s.config.Folder)
	if err != nil {
		return // there is none yet, or List says why
	}
	for _, file := range files {
		status, err := file.Info()
		if err != nil {
			continue
		}
		age := s.config.Now().Sub(status.ModTime())
		if nameForm.MatchString(file.Name()) && age > keepFor || strings.HasPrefix(file.Name(), unfinished) && age > time.Hour {
			_ = os.Remove(filepath.Join(s.config.Folder, file.Name()))
		}
	}
}

// fingerprint stands for a secret that tells clients apart.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
