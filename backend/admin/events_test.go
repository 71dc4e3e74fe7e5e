package admin

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// page is a browser that follows the events; it may be unable to flush.
type page struct {
	mu   sync.Mutex
	head http.Header
	text strings.Builder
}

func (p *page) Header() http.Header { return p.head }
func (p *page) WriteHeader(int)     {}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

// take is what came since the last time.
func (p *page) take() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.text.String()
	p.text.Reset()
	return text
}

// follow opens the stream in a bubble; leave closes the page, and gone is closed when the door has noticed.
func follow(door http.Handler, headers ...string) (p *page, leave func(), gone chan struct{}) {
	ctx, leave := context.WithCancel(context.Background())
	request := httptest.NewRequest("GET", "/admin/events", nil).WithContext(ctx)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	p, gone = &page{head: http.Header{}}, make(chan struct{})
	go func() {
		defer close(gone)
		door.ServeHTTP(p, request)
	}()
	return p, leave, gone
}

func changed(noun string) string { return "event: changed\ndata: {\"noun\":\"" + noun + "\"}\n\n" }

func TestThePageHearsWhatChangedOnceABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := smallDoor()
		changes := door.desk.Changes
		p, leave, gone := follow(Trusted(door)) // and a ResponseWriter that cannot flush
		synctest.Wait()
		if got := p.take(); got != ": hello\n\n" {
			t.Errorf("at once the page hears %q", got)
		}
		if got := p.head.Get("Content-Type"); got != "text/event-stream" {
			t.Errorf("the stream is %q", got)
		}

		changes.Say("accounts")
		synctest.Wait()
		if got := p.take(); got != changed("accounts") {
			t.Errorf("a change is %q", got)
		}
		for range 1000 {
			changes.Say("requests")
			changes.Say("accounts")
		}
		synctest.Wait()
		if got := p.take(); got != "" {
			t.Errorf("a burst was not gathered: %q", got)
		}
		time.Sleep(batchEvery)
		synctest.Wait()
		if got := p.take(); got != changed("requests")+changed("accounts") {
			t.Errorf("a burst is %q", got)
		}

		time.Sleep(16 * time.Second)
		if got := p.take(); got != ": still here\n\n" {
			t.Errorf("silence is %q", got)
		}
		leave()
		<-gone
		if len(changes.subscribers) != 0 {
			t.Error("a page that is closed must be forgotten")
		}
		changes.Say("accounts")
	})
}

func TestASlowPageMissesNothing(t *testing.T) {
	var changes Changes
	changes.Say("nobody listens")
	s := changes.Subscribe()
	defer s.Close()
	for range 3 {
		changes.Say("proxy")
		changes.Say("settings")
	}
	<-s.Wake()
	if got := strings.Join(s.Take(), " "); got != "proxy settings" {
		t.Errorf("took %q", got)
	}
	if len(s.Wake()) != 0 || s.Take() != nil {
		t.Error("there is nothing more")
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := smallDoor()
		cookie := signIn(t, door)
		p, leave, gone := follow(door, "Cookie", cookie)
		defer leave()
		synctest.Wait()
		p.take()
		call(door, "DELETE", "/admin/session", "", "Cookie", cookie, customHeader, "1")
		door.desk.Changes.Say("accounts")
		<-gone
		if got := p.take(); got != "" {
			t.Errorf("after signing out the page hears %q", got)
		}
	})
}

func TestEventsReachABrowserOverHTTP(t *testing.T) {
	door := smallDoor()
	server := httptest.NewServer(Trusted(door))
	defer server.Close()
	ctx, leave := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/admin/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	hello := make([]byte, len(": hello\n\n"))
	if _, err := io.ReadFull(answer.Body, hello); err != nil || string(hello) != ": hello\n\n" {
		t.Errorf("read %q, %v", hello, err)
	}
	door.desk.Changes.Say("api-keys")
	event := make([]byte, len(changed("api-keys")))
	if _, err := io.ReadFull(answer.Body, event); err != nil || string(event) != changed("api-keys") {
		t.Errorf("read %q, %v", event, err)
	}
	leave()
	_ = answer.Body.Close()
}
