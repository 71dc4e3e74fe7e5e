package server

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/fault"
)

// station is a proxy whose doors are the test's.
type station struct {
	*Proxy
	t       *testing.T
	mu      sync.Mutex
	changes []State
}

// newStation makes a proxy that does not listen yet. Doors that are nil answer 200.
func newStation(t *testing.T, admin, clients http.HandlerFunc) *station {
	t.Helper()
	s := &station{t: t}
	fine := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") }
	if admin == nil {
		admin = fine
	}
	if clients == nil {
		clients = fine
	}
	log := slog.New(slog.DiscardHandler)
	s.Proxy = NewProxy(ProxyConfig{
		Gate:  NewGate(GateConfig{Admin: admin, Clients: clients, Log: log}),
		Grace: time.Minute,
		OnChange: func(state State) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.changes = append(s.changes, state)
		},
		Now: time.Now,
		Log: log,
	})
	t.Cleanup(func() { _ = s.Stop(ended()) })
	return s
}

// ended is a context that is done: it skips the grace.
func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func (s *station) mustStart(port int) {
	s.t.Helper()
	if err := s.Start(context.Background(), Place{Port: port}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *station) url(path string) string {
	return fmt.Sprintf("http://127.0.0.1:%d%s", s.State().Port, path)
}

// freshClient shares no connections with other tests.
func freshClient(t *testing.T) *http.Client {
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	response, err := freshClient(t).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestAStartedProxyAnswersOnBothLoopbackAddresses(t *testing.T) {
	s := newStation(t, nil, nil)
	s.mustStart(0)
	state := s.State()
	if !state.Running || state.Port == 0 || state.StartedAt.IsZero() || state.Error != nil {
		t.Fatalf("the state is %+v", state)
	}
	want := []string{fmt.Sprintf("http://127.0.0.1:%d", state.Port)}
	if hasIPv6() {
		want = append(want, fmt.Sprintf("http://[::1]:%d", state.Port))
	}
	if !slices.Equal(state.Addresses, want) {
		t.Fatalf("addresses %v, want %v", state.Addresses, want)
	}
	for _, address := range state.Addresses {
		if status, body := get(t, address+"/v1/models"); status != 200 || body != "fine" {
			t.Errorf("%s answers %d %q", address, status, body)
		}
	}
}

func hasIPv6() bool {
	listener, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		return false
	}
	_ = listener.Close()
	return true
}

func TestEveryChangeOfTheStateIsAnnounced(t *testing.T) {
	s := newStation(t, nil, nil)
	s.mustStart(0)
	s.mustStart(0) // runs already
	port := s.State().Port
	if err := s.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(context.Background()); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.changes) != 3 || !s.changes[0].Running || !s.changes[1].Stopping || s.changes[2].Running || s.changes[2].Port != port {
		t.Fatalf("announced %+v", s.changes)
	}
}

func TestARunningProxyDoesNotMoveToAnotherPort(t *testing.T) {
	s := newStation(t, nil, nil)
	s.mustStart(0)
	port := s.State().Port
	if err := s.Start(context.Background(), Place{Port: port + 1}); fault.Of(err).Kind != fault.Invalid {
		t.Errorf("starting on another port is %v", err)
	}
	if err := s.Start(context.Background(), Place{Port: port}); err != nil {
		t.Errorf("starting on the same port is %v", err)
	}
	if s.State().Port != port {
		t.Error("the port changed")
	}
}

func TestTwoHundredStartsAndStopsOnOnePort(t *testing.T) {
	s := newStation(t, nil, nil)
	s.mustStart(0)
	port := s.State().Port
	before := runtime.NumGoroutine()
	for i := range 200 {
		if i%10 == 0 {
			if status, _ := get(t, s.url("/")); status != 200 {
				t.Fatalf("cycle %d answers %d", i, status)
			}
		}
		if err := s.Stop(context.Background()); err != nil {
			t.Fatalf("stop %d: %v", i, err)
		}
		if err := s.Start(context.Background(), Place{Port: port}); err != nil {
			t.Fatalf("start %d: %v", i, err)
		}
	}
	eventually(t, "goroutines to end", func() bool { return runtime.NumGoroutine() <= before+5 })
}

// eventually waits for what happens in the background, by yielding rather than by the clock.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 2_000_000 {
		if done() {
			return
		}
		runtime.Gosched()
	}
	t.Fatalf("waited in vain for %s", what)
}

func startError(t *testing.T, err error) *StartError {
	t.Helper()
	var failed *StartError
	if !errors.As(err, &failed) {
		t.Fatalf("the start is %v, want a StartError", err)
	}
	return failed
}

func TestAPortTakenByAStrangerIsNamedAndAFreeOneOffered(t *testing.T) {
	stranger, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	go func() {
		for {
			conn, err := stranger.Accept()
			if err != nil {
				return
			}
			_ = conn.Close() // speaks no HTTP
		}
	}()
	port := portOf(stranger)
	s := newStation(t, nil, nil)
	failed := startError(t, s.Start(context.Background(), Place{Port: port}))
	if failed.Code != PortInUse || failed.SelfHeld || failed.Port != port || failed.FreePort <= port ||
		!strings.Contains(failed.Message, "another program") || !strings.Contains(failed.Message, fmt.Sprint(failed.FreePort)) {
		t.Fatalf("the error is %+v", failed)
	}
	if state := s.State(); state.Running || state.Error != failed {
		t.Fatalf("the state is %+v", state)
	}
	s.mustStart(failed.FreePort)
	if state := s.State(); !state.Running || state.Error != nil {
		t.Fatalf("after taking the offer the state is %+v", state)
	}
}

func TestAPortTakenByAnotherCopyOfUsIsRecognised(t *testing.T) {
	first := newStation(t, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			_, _ = io.WriteString(w, `{"status":"ok","instance":"first","version":"1"}`)
		}
	})
	first.mustStart(0)
	failed := startError(t, newStation(t, nil, nil).Start(context.Background(), Place{Port: first.State().Port}))
	if failed.Code != PortInUse || !failed.SelfHeld || !strings.Contains(failed.Message, "another AMQ2API") {
		t.Fatalf("the error is %+v", failed)
	}
}

func TestAWebServerThatAnswersHealthOtherwiseIsAStranger(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"plain ok": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") },
		"no id":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"status":"ok"}`) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(handler)
			defer server.Close()
			if failed := startError(t, newStation(t, nil, nil).Start(context.Background(), Place{Port: portOf(server.Listener)})); failed.SelfHeld {
				t.Error("taken for one of us")
			}
		})
	}
}

func TestAPortTakenOnlyOnIPv6IsNotOurs(t *testing.T) {
	s := newStation(t, nil, nil)
	closed := 0
	s.listen = func(ctx context.Context, network, address string) (net.Listener, error) {
		if network == "tcp6" && strings.HasSuffix(address, ":18080") {
			return nil, &net.OpError{Op: "listen", Addr: &net.TCPAddr{IP: net.IPv6loopback, Port: 18080}, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}
		}
		_, port, _ := net.SplitHostPort(address)
		number, _ := strconv.Atoi(port)
		return &silent{port: number, closed: &closed}, nil
	}
	failed := startError(t, s.Start(context.Background(), Place{Port: 18080}))
	if failed.Code != PortInUse || failed.FreePort == 0 || closed == 0 {
		t.Fatalf("the error is %+v, %d listeners closed", failed, closed)
	}
}

func TestAComputerWithoutIPv6DoesWithIPv4(t *testing.T) {
	s := newStation(t, nil, nil)
	real := s.listen
	s.listen = func(ctx context.Context, network, address string) (net.Listener, error) {
		if network == "tcp6" {
			return nil, os.NewSyscallError("socket", syscall.EAFNOSUPPORT)
		}
		return real(ctx, network, address)
	}
	s.mustStart(0)
	if addresses := s.State().Addresses; len(addresses) != 1 {
		t.Fatalf("addresses %v", addresses)
	}
}

func TestAPrivilegedPortIsExplained(t *testing.T) {
	s := newStation(t, nil, nil)
	real := s.listen
	s.listen = func(ctx context.Context, network, address string) (net.Listener, error) {
		if strings.HasSuffix(address, ":80") {
			return nil, os.NewSyscallError("bind", syscall.EACCES)
		}
		return real(ctx, network, address)
	}
	failed := startError(t, s.Start(context.Background(), Place{Port: 80}))
	if failed.Code != PortForbidden || failed.FreePort < 1024 || !strings.Contains(failed.Message, "1024") {
		t.Fatalf("the error is %+v", failed)
	}
}

func TestAnImpossiblePortIsExplained(t *testing.T) {
	failed := startError(t, newStation(t, nil, nil).Start(context.Background(), Place{Port: 70000}))
	if failed.Code != Failed || !strings.Contains(failed.Message, "70000") {
		t.Fatalf("the error is %+v", failed)
	}
}

// silent is a listener that nobody ever reaches.
type silent struct {
	net.Listener
	port   int
	closed *int
}

func (l *silent) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: l.port} }
func (l *silent) Close() error   { *l.closed++; return nil }

func TestAListenerThatDiesByItselfIsReported(t *testing.T) {
	s := newStation(t, nil, nil)
	s.mustStart(0)
	s.changing.Lock()
	_ = s.run.listeners[0].Close()
	s.changing.Unlock()
	eventually(t, "the state", func() bool { return s.State().Error != nil })
	if state := s.State(); state.Running || state.Error.Code != Failed {
		t.Fatalf("the state is %+v", state)
	}
	s.mustStart(0)
}

// stream is a door that sends a line, then waits for its end, and says why it came.
func stream(until <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "begun\n")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-until:
			_, _ = io.WriteString(w, "whole\n")
		case <-r.Context().Done():
			_, _ = fmt.Fprintf(w, "error: %s\n", fault.Of(context.Cause(r.Context())).Message)
		}
	}
}

// begin asks for a stream and returns what is left of it after its first line.
func begin(t *testing.T, url string) *bufio.Reader {
	t.Helper()
	response, err := freshClient(t).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	reader := bufio.NewReader(response.Body)
	if line, err := reader.ReadString('\n'); line != "begun\n" {
		t.Fatalf("the stream begins with %q, %v", line, err)
	}
	return reader
}

func rest(t *testing.T, reader *bufio.Reader) string {
	t.Helper()
	text, err := io.ReadAll(reader)
	if err != nil {
		t.Fatalf("the stream was cut: %v", err)
	}
	return string(text)
}

func TestAStopLetsARunningAnswerFinishAndFreesThePortAtOnce(t *testing.T) {
	finish := make(chan struct{})
	s := newStation(t, nil, stream(finish))
	s.mustStart(0)
	port := s.State().Port
	reader := begin(t, s.url("/v1/messages"))
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop(context.Background()) }()
	second := newStation(t, nil, nil)
	eventually(t, "the port", func() bool { return second.Start(context.Background(), Place{Port: port}) == nil })
	close(finish)
	if text := rest(t, reader); text != "whole\n" {
		t.Errorf("the stream ended with %q", text)
	}
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestAStopEndsAHundredStreamsProperlyWhenTheGraceIsOver(t *testing.T) {
	s := newStation(t, nil, stream(nil))
	s.config.Grace = time.Millisecond
	rounds, streams := 5, 20
	if os.Getenv("AMQ2API_RELIABILITY") == "full" {
		rounds, streams = 100, 100
	}
	port := 0
	for range rounds {
		s.mustStart(port)
		port = s.State().Port
		var readers []*bufio.Reader
		for range streams {
			readers = append(readers, begin(t, s.url("/v1/messages")))
		}
		if err := s.Stop(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, reader := range readers {
			if text := rest(t, reader); text != "error: AMQ2API was stopped.\n" {
				t.Fatalf("a stream ended with %q", text)
			}
		}
	}
	t.Logf("A13 | %d stops with %d streams each: every stream ended properly, the next start on the same port at once", rounds, streams)
}

func TestStoppingNowSkipsTheGrace(t *testing.T) {
	s := newStation(t, nil, stream(nil))
	s.mustStart(0)
	reader := begin(t, s.url("/v1/messages"))
	if err := s.Stop(ended()); err != nil {
		t.Fatal(err)
	}
	if text := rest(t, reader); !strings.Contains(text, "stopped") {
		t.Errorf("the stream ended with %q", text)
	}
}

func TestAnOpenDashboardIsNotWaitedFor(t *testing.T) {
	s := newStation(t, stream(nil), nil)
	s.mustStart(0)
	reader := begin(t, s.url("/admin/events"))
	if err := s.Stop(context.Background()); err != nil { // with a grace of a minute
		t.Fatal(err)
	}
	if text := rest(t, reader); !strings.Contains(text, "error") {
		t.Errorf("the events ended with %q", text)
	}
}

func TestAStopAskedForThroughTheListenerIsAnswered(t *testing.T) {
	var s *station
	s = newStation(t, func(w http.ResponseWriter, r *http.Request) {
		if err := s.Stop(context.WithoutCancel(r.Context())); err != nil {
			t.Error(err)
		}
		_, _ = io.WriteString(w, "stopped")
	}, nil)
	s.mustStart(0)
	response, err := freshClient(t).Post(s.url("/admin/proxy/stop"), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "stopped" {
		t.Errorf("the answer is %q, %v", body, err)
	}
}

func TestWhoComesDuringAStopIsToldToComeBack(t *testing.T) {
	run := newRun(nil)
	run.close()
	r := httptest.NewRequestWithContext(run.base, http.MethodGet, "/v1/models", nil)
	r.Host = "localhost"
	answer := httptest.NewRecorder()
	newStation(t, nil, nil).config.Gate.ServeHTTP(answer, r)
	if answer.Code != http.StatusServiceUnavailable || !strings.Contains(answer.Body.String(), "stopping") {
		t.Errorf("answered %d %s", answer.Code, answer.Body)
	}
}

// pipes is a listener whose connections are in memory, for fake time.
type pipes struct {
	conns chan net.Conn
	ended chan struct{}
	once  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), ended: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.ended:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.once.Do(func() { close(p.ended) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080} }

func (p *pipes) dial() net.Conn {
	near, far := net.Pipe()
	p.conns <- far
	return near
}

func TestAClientThatNeverFinishesItsHeadersIsDroppedAfterTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		four, six := newPipes(), newPipes()
		s := newStation(t, nil, nil)
		s.listen = func(_ context.Context, network, _ string) (net.Listener, error) {
			if network == "tcp6" {
				return six, nil
			}
			return four, nil
		}
		s.mustStart(8080)
		conn := four.dial()
		defer conn.Close()
		began := time.Now()
		go func() { // one header a second
			_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n")
			for i := 0; ; i++ {
				if _, err := fmt.Fprintf(conn, "X-%d: 1\r\n", i); err != nil {
					return
				}
				time.Sleep(time.Second)
			}
		}()
		_, _ = io.ReadAll(conn)
		if took := time.Since(began); took != headerTimeout {
			t.Errorf("dropped after %v", took)
		}
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		time.Sleep(farewell)
	})
}

func TestHeadersOverAMegabyteAreRefused(t *testing.T) {
	s := newStation(t, nil, nil)
	s.mustStart(0)
	request, err := http.NewRequest(http.MethodGet, s.url("/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Large", strings.Repeat("x", maxHeader+10<<10))
	response, err := freshClient(t).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", response.StatusCode)
	}
}
