package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// outward is an address of this computer that is not loopback.
func outward(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		if network, ok := address.(*net.IPNet); ok && network.IP.IsGlobalUnicast() && network.IP.To4() != nil {
			return network.IP.String()
		}
	}
	t.Skip("this computer has no address besides loopback")
	return ""
}

// longAnswer is a door whose answers end when the test says so.
func longAnswer(end <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "begun ")
		_ = http.NewResponseController(w).Flush()
		select {
		case <-end:
			_, _ = io.WriteString(w, "and ended")
		case <-r.Context().Done():
			_, _ = io.WriteString(w, "and cut: "+context.Cause(r.Context()).Error())
		}
	}
}

// beginAnswer asks for an answer and returns once it has begun.
func beginAnswer(t *testing.T, url string) io.Reader {
	t.Helper()
	response, err := freshClient(t).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if _, err := io.ReadFull(response.Body, make([]byte, len("begun "))); err != nil {
		t.Fatal(err)
	}
	return response.Body
}

func read(t *testing.T, from io.Reader) string {
	t.Helper()
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnAnswerGoesOnAfterAMoveToAnotherPort(t *testing.T) {
	end := make(chan struct{})
	s := newStation(t, nil, longAnswer(end))
	s.mustStart(0)
	old := s.State().Port
	running := beginAnswer(t, s.url("/v1/models"))
	to := freePort(t)
	if err := s.Move(t.Context(), Place{Port: to}); err != nil {
		t.Fatal(err)
	}
	if state := s.State(); !state.Running || state.Port != to || to == old {
		t.Errorf("the state is %+v", state)
	}
	if status, _ := get(t, s.url("/admin/x")); status != http.StatusOK {
		t.Errorf("the new port answered %d", status)
	}
	if conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", portText(old))); err == nil {
		_ = conn.Close()
		t.Error("the old port still takes connections")
	}
	close(end)
	if got := read(t, running); got != "and ended" {
		t.Errorf("the answer went on with %q", got)
	}
}

func TestAStopEndsAlsoWhatAMoveLeftBehind(t *testing.T) {
	s := newStation(t, nil, longAnswer(nil))
	s.mustStart(0)
	running := beginAnswer(t, s.url("/v1/models"))
	if err := s.Move(t.Context(), Place{Port: freePort(t)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(ended()); err != nil {
		t.Fatal(err)
	}
	if got := read(t, running); !strings.Contains(got, "AMQ2API was stopped") {
		t.Errorf("the answer went on with %q", got)
	}
	if left := s.left.all(); len(left) != 0 {
		t.Errorf("%d runs are still there", len(left))
	}
}

func TestAPlaceThatCannotBeHadChangesNothing(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	s := newStation(t, nil, nil)
	s.mustStart(0)
	port := s.State().Port
	for code, to := range map[Code]Place{
		PortInUse: {Port: taken.Addr().(*net.TCPAddr).Port},
		NoAddress: {Port: port, Beyond: "192.0.2.1"},
	} {
		var failed *StartError
		if err := s.Move(t.Context(), to); !errors.As(err, &failed) || failed.Code != code || failed.Message == "" {
			t.Errorf("%+v: got %v", to, err)
		}
		if state := s.State(); !state.Running || state.Port != port || state.Error != nil {
			t.Errorf("%+v: the state is %+v", to, state)
		}
		if status, _ := get(t, s.url("/v1/models")); status != http.StatusOK {
			t.Errorf("%+v: the old place answers %d", to, status)
		}
	}
	if err := newStation(t, nil, nil).Move(t.Context(), Place{Port: 1}); err != nil {
		t.Errorf("a proxy that does not run did not stay where it is: %v", err)
	}
}

func TestBeyondLoopbackOnlyClientsAreAnswered(t *testing.T) {
	ip := outward(t)
	for _, beyond := range []string{ip, Everywhere} {
		s := newStation(t, nil, nil)
		s.mustStart(0)
		port := s.State().Port
		if err := s.Move(t.Context(), Place{Port: port, Beyond: beyond}); err != nil {
			t.Fatal(err)
		}
		there := "http://" + net.JoinHostPort(ip, portText(port))
		for url, want := range map[string]int{
			there + "/v1/models": http.StatusOK, there + "/admin/x": http.StatusForbidden, there + "/admin": http.StatusForbidden,
			s.url("/admin/x"): http.StatusOK, s.url("/v1/models"): http.StatusOK,
		} {
			if status, _ := get(t, url); status != want {
				t.Errorf("%s, %s: %d, want %d", beyond, url, status, want)
			}
		}
		request, _ := http.NewRequest(http.MethodGet, there+"/v1/models", nil)
		request.Host = "evil.test"
		response, err := freshClient(t).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("a rebound name got %d", response.StatusCode)
		}
		if err := s.Move(t.Context(), Place{Port: port}); err != nil {
			t.Fatal(err)
		}
		if conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip, portText(port)), time.Second); err == nil {
			_ = conn.Close()
			t.Errorf("%s: it still listens beyond loopback", beyond)
		}
	}
}

func TestAnAdministratorFromAnotherComputerIsRefused(t *testing.T) {
	gate := NewGate(GateConfig{Admin: http.NotFoundHandler(), Clients: http.NotFoundHandler(), Log: quiet()})
	for from, want := range map[string]int{"192.0.2.9:1000": http.StatusForbidden, "127.0.0.1:1000": http.StatusNotFound, "[::1]:1000": http.StatusNotFound} {
		request := httptest.NewRequest(http.MethodGet, "/admin/x", nil)
		request.Host, request.RemoteAddr = "localhost", from
		answer := httptest.NewRecorder()
		gate.ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("from %s: %d", from, answer.Code)
		}
	}
	if got := gate.Refused()["remote"]; got != 1 {
		t.Errorf("%d refusals were counted", got)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return portOf(listener)
}

func portText(port int) string { return strconv.Itoa(port) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
