package capture

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"amq2api/backend/settings"
)

func sample() *Capture {
	return &Capture{
		About: About{Format: 1, Version: "test", Started: time.Unix(0, 0).UTC()},
		Exchanges: []Exchange{{
			RequestID: "req_1", At: time.Unix(1, 0).UTC(), Path: "/v1/messages", Headers: map[string]string{"User-Agent": "x"}, Status: 200, Model: "m",
			Request: []byte(`{"a":1}`), Response: []byte("one\n-- two --\nthree\n"),
			Calls: []Call{{Status: 200, Headers: map[string]string{}, Request: []byte("{}"), Response: []byte{0, 1, 2, 255, '\n'}}},
		}},
	}
}

func TestACaptureIsReadAsItWasWritten(t *testing.T) {
	text, err := sample().Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(text)
	if err != nil || !reflect.DeepEqual(got, sample()) {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, sample())
	}
}

func FuzzDecode(f *testing.F) {
	text, err := sample().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte("-- capture.json --\n{\"format\":1}\n-- 01/exchange.json --\n{\"calls\":[{}]}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if _, err := Decode(text); err != nil && !errors.Is(err, ErrNoCapture) {
			t.Errorf("got %v", err)
		}
	})
}

// studio is a shelf whose clock the test turns.
type studio struct {
	*Shelf
	now  time.Time
	door http.Handler
}

func newStudio(t *testing.T, folder string) *studio {
	s := &studio{now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	s.Shelf = NewShelf(Config{Folder: folder, Version: "test", Settings: settings.Defaults, Now: func() time.Time { return s.now }, Log: slog.New(slog.DiscardHandler), SessionHeaders: []string{"Session-Id"}})
	s.door = s.Door(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("answer")) }))
	return s
}

func (s *studio) ask(session string) {
	request := httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader("{}"))
	request.Header.Set("Session-Id", session)
	s.door.ServeHTTP(httptest.NewRecorder(), request)
}

func (s *studio) mustStart(t *testing.T, minutes int) {
	t.Helper()
	if _, err := s.Start(minutes); err != nil {
		t.Fatal(err)
	}
}

func (s *studio) only(t *testing.T) Entry {
	t.Helper()
	list, err := s.List()
	if err != nil || len(list) != 1 {
		t.Fatalf("the shelf has %+v, %v", list, err)
	}
	return list[0]
}

func TestACaptureTakesOneConversationAndEndsByItself(t *testing.T) {
	s := newStudio(t, filepath.Join(t.TempDir(), "captures"))
	s.ask("before")
	s.mustStart(t, 10)
	if _, err := s.Start(10); err == nil {
		t.Error("two captures at once")
	}
	if e := s.only(t); e.State != Waiting || !s.Running() {
		t.Errorf("at first it is %+v", e)
	}
	s.ask("mine")
	s.ask("other")
	s.ask("mine")
	if e := s.only(t); e.State != Recording || e.Exchanges != 2 {
		t.Errorf("then it is %+v", e)
	}
	s.now = s.now.Add(10 * time.Minute)
	s.ask("mine")
	e := s.only(t)
	text, err := s.Read(e.Name)
	if err != nil || e.State != Done || s.Running() {
		t.Fatalf("at the end it is %+v, %v", e, err)
	}
	if got, err := Decode(text); err != nil || len(got.Exchanges) != 2 {
		t.Errorf("it has %+v, %v", got, err)
	}
	status, err := os.Stat(filepath.Join(s.config.Folder, e.Name))
	if err != nil || status.Mode().Perm() != 0o600 {
		t.Errorf("its file is %v, %v", status.Mode(), err)
	}
	s.now = time.Now().Add(8 * 24 * time.Hour)
	if list, err := s.List(); err != nil || len(list) != 0 {
		t.Errorf("after a week there are %+v, %v", list, err)
	}
}

func TestACaptureThatCannotBeWrittenHurtsNobody(t *testing.T) {
	file := filepath.Join(t.TempDir(), "captures")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newStudio(t, file)
	s.mustStart(t, 10)
	s.ask("mine")
	if s.Running() {
		t.Error("it goes on")
	}
	s.config.Folder = t.TempDir() // somebody has made room
	if e := s.only(t); e.State != Failed {
		t.Errorf("it is shown as %+v", e)
	}
	s.mustStart(t, 10)
	if e := s.only(t); e.State != Waiting {
		t.Errorf("the next one is %+v", e)
	}
}

func TestACaptureHasBounds(t *testing.T) {
	s := newStudio(t, t.TempDir())
	s.mustStart(t, 10)
	for range maxExchanges + 5 {
		s.ask("mine")
	}
	e := s.only(t)
	text, err := s.Read(e.Name)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Decode(text); err != nil || len(got.Exchanges) != maxExchanges || !got.About.Full {
		t.Errorf("it has %d exchanges, full: %v, %v", len(got.Exchanges), got.About.Full, err)
	}
	for _, name := range []string{"../amq2api.db", "20261123-100000.000.txt", ""} {
		if _, err := s.Read(name); err == nil {
			t.Errorf("%q was read", name)
		}
		if err := s.Remove(name); err == nil {
			t.Errorf("%q was removed", name)
		}
	}
	s.Stop()
	if err := s.Remove(s.only(t).Name); err != nil {
		t.Error(err)
	}
	for _, minutes := range []int{0, 61} {
		if _, err := s.Start(minutes); err == nil {
			t.Errorf("%d minutes were taken", minutes)
		}
	}
}

// slowly begins a request; it is under way until finish is called.
func (s *studio) slowly(session string, status int) (finish func()) {
	begun, release := make(chan struct{}), make(chan struct{})
	door := s.Door(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(begun)
		<-release
		w.WriteHeader(status)
	}))
	done := make(chan struct{})
	go func() {
		defer close(done)
		request := httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader("{}"))
		request.Header.Set("Session-Id", session)
		door.ServeHTTP(httptest.NewRecorder(), request)
	}()
	<-begun
	return func() { close(release); <-done }
}

func TestARemovedCaptureStaysAway(t *testing.T) {
	for name, end := range map[string]func(*studio){"running": func(*studio) {}, "stopped": func(s *studio) { s.Stop() }} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, t.TempDir())
			s.mustStart(t, 10)
			s.ask("mine")
			finish := s.slowly("mine", 200)
			entry := s.only(t)
			end(s)
			if err := s.Remove(entry.Name); err != nil {
				t.Fatal(err)
			}
			finish()
			if list, err := s.List(); err != nil || len(list) != 0 {
				t.Errorf("the shelf has %+v, %v", list, err)
			}
		})
	}
}

func TestACaptureThatStillWaitsCanBeRemoved(t *testing.T) {
	s := newStudio(t, t.TempDir())
	s.mustStart(t, 10)
	name := s.only(t).Name
	if err := s.Remove(name); err != nil || s.Running() {
		t.Errorf("running: %v, %v", s.Running(), err)
	}
	if err := s.Remove(name); err == nil {
		t.Error("it was removed twice")
	}
}

func TestWhoIsTurnedAwayDoesNotTakeTheCapture(t *testing.T) {
	s := newStudio(t, t.TempDir())
	s.mustStart(t, 10)
	s.slowly("a stranger", http.StatusUnauthorized)()
	if e := s.only(t); e.State != Waiting || e.Exchanges != 0 {
		t.Errorf("after a stranger it is %+v", e)
	}
	s.ask("mine")
	if e := s.only(t); e.State != Recording || e.Exchanges != 1 {
		t.Errorf("it is %+v", e)
	}
}

func TestACaptureIsOfOneKeyAndKeepsNoQuery(t *testing.T) {
	s := newStudio(t, t.TempDir())
	s.mustStart(t, 10)
	for _, key := range []string{"amq-mine", "amq-other", "amq-mine"} {
		request := httptest.NewRequest(http.MethodPost, "/v1/messages?beta=true&api_key=amq-canary", strings.NewReader("{}"))
		request.Header.Set("Session-Id", "the same")
		request.Header.Set("X-Api-Key", key)
		s.door.ServeHTTP(httptest.NewRecorder(), request)
	}
	text, err := s.Read(s.only(t).Name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(text)
	if err != nil || len(got.Exchanges) != 2 || got.Exchanges[0].Path != "/v1/messages?beta=true" || strings.Contains(string(text), "canary") {
		t.Errorf("%d exchanges, %v in %s", len(got.Exchanges), err, text)
	}
}
