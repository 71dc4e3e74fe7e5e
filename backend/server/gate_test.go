package server

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// house is a gate on a real listener, with doors behind it that count who came through.
type house struct {
	t       *testing.T
	gate    *Gate
	address string
	port    string
	admin   atomic.Int64
	clients atomic.Int64
	log     journal
}

func newHouse(t *testing.T, change ...func(*GateConfig)) *house {
	t.Helper()
	h := &house{t: t}
	config := GateConfig{
		Admin:   http.HandlerFunc(func(http.ResponseWriter, *http.Request) { h.admin.Add(1) }),
		Clients: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { h.clients.Add(1) }),
		Log:     slog.New(slog.NewTextHandler(&h.log, nil)),
	}
	for _, c := range change {
		c(&config)
	}
	h.gate = NewGate(config)
	server := httptest.NewUnstartedServer(h.gate)
	server.Config.DisableGeneralOptionsHandler = true
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	server.Start()
	t.Cleanup(server.Close)
	h.address = server.Listener.Addr().String()
	_, h.port, _ = net.SplitHostPort(h.address)
	return h
}

// knock sends a request exactly as it is written; PORT stands for ours.
func (h *house) knock(raw string) *http.Response {
	h.t.Helper()
	conn, err := net.Dial("tcp", h.address)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		h.t.Fatal(err)
	}
	if _, err := io.WriteString(conn, strings.ReplaceAll(raw, "PORT", h.port)); err != nil {
		h.t.Fatal(err)
	}
	method, _, _ := strings.Cut(raw, " ")
	response, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		h.t.Fatalf("%v after %q", err, raw)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response
}

// judgement is what a human wrote beside a value: whether a request with it may reach /admin, and whether it may reach the rest.
type judgement struct {
	value        string // the header lines, or the word in the request line; empty is absent
	admin, other bool
}

var (
	judgedHosts = []judgement{
		{"localhost", true, true},
		{"localhost:PORT", true, true},
		{"LocalHost:PORT", true, true},
		{"127.0.0.1", true, true},
		{"127.0.0.1:PORT", true, true},
		{"[::1]", true, true},
		{"[::1]:PORT", true, true},
		{"evil.test", false, false},
		{"evil.test:PORT", false, false},
		{"0.0.0.0:PORT", false, false},
		{"0.0.0.0", false, false},
		{"[::]:PORT", false, false},
		{"127.0.0.1.evil.com:PORT", false, false},
		{"127.evil.com:PORT", false, false},
		{"localhost.evil.com:PORT", false, false},
		{"evil.com.localhost:PORT", false, false},
		{"localhost.:PORT", false, false},
		{"127.0.0.1.:PORT", false, false},
		{"localhost:1", false, false},
		{"localhost:0PORT", false, false},
		{"localhost:", false, false},
		{"localhost:PORT:PORT", false, false},
		{"127.1:PORT", false, false},
		{"2130706433:PORT", false, false},
		{"0x7f.0.0.1:PORT", false, false},
		{"127.0.0.2:PORT", false, false},
		{"[::ffff:127.0.0.1]:PORT", false, false},
		{"[0:0:0:0:0:0:0:1]:PORT", false, false},
		{"::1", false, false},
		{"192.168.0.10:PORT", false, false},
		{"machine.local:PORT", false, false},
		{"localhost%00.evil.com", false, false},
		{"", false, false},
	}
	judgedOrigins = []judgement{
		{"", true, true},
		{"Origin: http://HOST\r\n", true, false}, // our own, as the browser spells the host
		{"Origin: https://HOST\r\n", false, false},
		{"Origin: http://HOST.\r\n", false, false},
		{"Origin: http://HOST/\r\n", false, false},
		{"Origin: http://evil.test\r\n", false, false},
		{"Origin: http://evil.test:PORT\r\n", false, false},
		{"Origin: http://127.0.0.1:1\r\n", false, false},
		{"Origin: null\r\n", false, false},
		{"Origin: \r\n", false, false},
		{"Origin: wails://wails\r\n", false, false},
		{"Origin: http://HOST\r\nOrigin: http://evil.test\r\n", false, false},
	}
	judgedSites = []judgement{
		{"", true, true},
		{"Sec-Fetch-Mode: cors\r\n", true, true}, // the official SDKs under Node
		{"Sec-Fetch-Site: none\r\n", true, true},
		{"Sec-Fetch-Site: same-origin\r\n", true, false},
		{"Sec-Fetch-Site: same-site\r\n", false, false},
		{"Sec-Fetch-Site: cross-site\r\n", false, false},
		{"Sec-Fetch-Site: None\r\n", false, false},
		{"Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n", false, false},
	}
	judgedMethods = []judgement{
		{"GET", true, true}, {"HEAD", true, true}, {"POST", true, true}, {"PUT", true, true}, {"DELETE", true, true}, {"OPTIONS", true, true},
		{"TRACE", false, false}, {"TRACK", false, false}, {"PROPFIND", false, false}, {"get", false, false},
	}
	judgedBodies = []judgement{
		{"", true, true},
		{"Content-Type: text/plain\r\n", true, true}, // without a body
		{"Content-Length: 2\r\nContent-Type: application/json\r\n", true, true},
		{"Content-Length: 2\r\nContent-Type: application/json; charset=utf-8\r\n", true, true},
		{"Content-Length: 2\r\nContent-Type: Application/JSON\r\n", true, true},
		{"Content-Length: 2\r\n", false, false},
		{"Content-Length: 2\r\nContent-Type: text/plain\r\n", false, false},
		{"Content-Length: 2\r\nContent-Type: text/plain; a=application/json\r\n", false, false},
		{"Content-Length: 2\r\nContent-Type: application/x-www-form-urlencoded\r\n", false, false},
		{"Content-Length: 2\r\nContent-Type: multipart/form-data; boundary=x\r\n", false, false},
		{"Content-Length: 2\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\n", false, false},
		{"Content-Length: 2\r\nContent-Type: application/jsonp\r\n", false, false},
	}
	judgedPaths = []struct {
		path  string
		admin bool
	}{
		{"/admin/accounts", true}, {"/admin", true}, {"/admin/dashboard/", true}, {"/%61dmin/accounts", true}, {"/admin/no/such/route", true},
		{"/v1/messages", false}, {"/v1/chat/completions?x=1", false}, {"/", false}, {"/health", false}, {"/administrator", false}, {"/no/such/route", false},
	}
)

// attempt is one request of the table.
type attempt struct {
	host, origin, site, method, body judgement
	path                             string
	admin                            bool
}

func (a attempt) raw() string {
	origin := strings.ReplaceAll(a.origin.value, "HOST", strings.ToLower(strings.ReplaceAll(a.host.value, "PORT", "<>")))
	origin = strings.ReplaceAll(origin, "<>", "PORT")
	raw := a.method.value + " " + a.path + " HTTP/1.1\r\nHost: " + a.host.value + "\r\n" + origin + a.site.value + a.body.value + "\r\n"
	if strings.Contains(a.body.value, "Content-Length") {
		raw += "{}"
	}
	return raw
}

func (a attempt) welcome() bool {
	for _, j := range []judgement{a.host, a.origin, a.site, a.method, a.body} {
		if a.admin && !j.admin || !a.admin && !j.other {
			return false
		}
	}
	return true
}

// attempts pairs every host with every origin and site, and every method with every body, path and site.
func attempts() []attempt {
	var all []attempt
	n := 0
	for _, host := range judgedHosts {
		for _, origin := range judgedOrigins {
			for _, site := range judgedSites {
				path := judgedPaths[n%len(judgedPaths)]
				all = append(all, attempt{host, origin, site, judgedMethods[n%6], judgedBodies[n%5], path.path, path.admin})
				n++
			}
		}
	}
	for _, method := range judgedMethods {
		for _, body := range judgedBodies {
			for _, path := range judgedPaths {
				all = append(all, attempt{judgedHosts[n%7], judgedOrigins[0], judgedSites[n%3], method, body, path.path, path.admin})
				n++
			}
		}
	}
	return all
}

func TestOnlyProgramsOnThisComputerPassTheGate(t *testing.T) {
	h := newHouse(t)
	all := attempts()
	if len(all) < 2000 {
		t.Fatalf("only %d requests", len(all))
	}
	welcomed := 0
	for _, a := range all {
		adminBefore, clientsBefore := h.admin.Load(), h.clients.Load()
		response := h.knock(a.raw())
		reached := h.admin.Load() - adminBefore
		if !a.admin {
			reached = h.clients.Load() - clientsBefore
		}
		total := h.admin.Load() - adminBefore + h.clients.Load() - clientsBefore
		switch {
		case a.welcome() && (response.StatusCode != http.StatusOK || reached != 1 || total != 1):
			t.Errorf("refused with %d:\n%s", response.StatusCode, a.raw())
		case !a.welcome() && (response.StatusCode < 400 || total != 0):
			t.Errorf("let in with %d:\n%s", response.StatusCode, a.raw())
		}
		for name := range response.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("the answer carries %s:\n%s", name, a.raw())
			}
		}
		if a.welcome() {
			welcomed++
		}
	}
	if welcomed < 300 {
		t.Errorf("the table has only %d requests that may pass", welcomed)
	}
	t.Logf("%d requests, %d may pass; refusals: %v", len(all), welcomed, h.gate.Refused())
}

// recordedClient is the head of a request that a real client sent.
type recordedClient struct {
	Client  string            `json:"client"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    bool              `json:"body"`
}

func TestEveryClientThatWasRecordedPassesUnderEveryNameOfThisComputer(t *testing.T) {
	text, err := os.ReadFile("testdata/clients.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded []recordedClient
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	shapes := 0
	for _, client := range recorded {
		for _, host := range []string{"localhost:PORT", "127.0.0.1:PORT", "[::1]:PORT"} {
			var raw strings.Builder
			fmt.Fprintf(&raw, "%s %s HTTP/1.1\r\nHost: %s\r\n", client.Method, client.Path, host)
			for name, value := range client.Headers {
				fmt.Fprintf(&raw, "%s: %s\r\n", name, value)
			}
			if client.Body {
				raw.WriteString("content-length: 2\r\n\r\n{}")
			} else {
				raw.WriteString("\r\n")
			}
			if response := h.knock(raw.String()); response.StatusCode != http.StatusOK {
				t.Errorf("%s at %s was refused with %d", client.Client, host, response.StatusCode)
			}
			shapes++
		}
	}
	if shapes < 60 || h.clients.Load() != int64(shapes) {
		t.Errorf("%d of %d shapes reached the door", h.clients.Load(), shapes)
	}
}

const plainHead = " HTTP/1.1\r\nHost: localhost:PORT\r\n"

func TestTrickyRequestsAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		raw    string
		status int
		reason Reason
	}{
		"an absolute target":         {"GET http://localhost:PORT/v1/models" + plainHead + "\r\n", 403, WrongTarget},
		"an absolute foreign target": {"GET http://evil.test/v1/models" + plainHead + "\r\n", 403, WrongTarget},
		"OPTIONS *":                  {"OPTIONS *" + plainHead + "\r\n", 403, WrongTarget},
		"CONNECT":                    {"CONNECT localhost:PORT" + plainHead + "\r\n", 403, WrongTarget},
		"a WebSocket":                {"GET /v1/models" + plainHead + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 403, Upgrading},
		"half an upgrade":            {"GET /v1/models" + plainHead + "Connection: keep-alive, upgrade\r\n\r\n", 403, Upgrading},
		"an overridden method":       {"POST /admin/accounts" + plainHead + "X-HTTP-Method-Override: DELETE\r\n\r\n", 403, Overriding},
		"another overridden method":  {"GET /admin/accounts" + plainHead + "X-Method-Override: DELETE\r\n\r\n", 403, Overriding},
		"a foreign referer":          {"GET /admin/accounts" + plainHead + "Referer: http://evil.test/\r\n\r\n", 403, WrongReferer},
		"a referer that begins like us": {
			"GET /admin/accounts" + plainHead + "Referer: http://localhost:PORT.evil.test/\r\n\r\n", 403, WrongReferer},
		"a chunked body without a type": {
			"POST /v1/messages" + plainHead + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 415, WrongContent},
		"HTTP/1.0 without a host": {"GET /v1/models HTTP/1.0\r\n\r\n", 403, WrongHost},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			if response := h.knock(test.raw); response.StatusCode != test.status {
				t.Errorf("status %d, want %d", response.StatusCode, test.status)
			}
			if h.admin.Load()+h.clients.Load() != 0 {
				t.Error("it reached a door")
			}
			if got := h.gate.Refused(); got[test.reason.String()] != 1 || len(got) != 1 {
				t.Errorf("counted as %v, want %v", got, test.reason)
			}
		})
	}
}

func TestMalformedHostsNeverReachTheGate(t *testing.T) {
	for name, host := range map[string]string{
		"two hosts": "Host: localhost:PORT\r\nHost: evil.test\r\n",
		"userinfo":  "Host: localhost:PORT@evil.test\r\n",
		"unicode":   "Host: lоcalhost:PORT\r\n",
		"a space":   "Host: localhost :PORT\r\n",
		"none":      "",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			response := h.knock("GET /v1/models HTTP/1.1\r\n" + host + "\r\n")
			if response.StatusCode != http.StatusBadRequest && response.StatusCode != http.StatusForbidden {
				t.Errorf("status %d", response.StatusCode)
			}
			if h.clients.Load() != 0 {
				t.Error("it reached the door")
			}
		})
	}
}

func TestAllRefusalsLookAlike(t *testing.T) {
	h := newHouse(t)
	var first string
	for _, raw := range []string{
		"GET /admin/accounts HTTP/1.1\r\nHost: evil.test\r\n\r\n",
		"GET /no/such/route HTTP/1.1\r\nHost: evil.test\r\n\r\n",
		"GET /v1/models" + plainHead + "Origin: http://evil.test\r\n\r\n",
		"OPTIONS /v1/messages" + plainHead + "Origin: http://evil.test\r\nAccess-Control-Request-Method: POST\r\n\r\n",
		"GET /v1/models" + plainHead + "Sec-Fetch-Site: cross-site\r\n\r\n",
		"TRACE /" + plainHead + "\r\n",
	} {
		response := h.knock(raw)
		body, _ := io.ReadAll(response.Body)
		if first == "" {
			first = string(body)
		}
		if string(body) != first || response.StatusCode != http.StatusForbidden {
			t.Errorf("%d %s after\n%s", response.StatusCode, body, raw)
		}
	}
	var failure struct {
		Type  string
		Error struct{ Type, Code, Message string }
	}
	if err := json.Unmarshal([]byte(first), &failure); err != nil || failure.Error.Message == "" || failure.Error.Type != "permission_error" {
		t.Errorf("the body %s is no error of the clients' APIs: %v", first, err)
	}
}

func TestARefererOfOurOwnPageIsWelcome(t *testing.T) {
	h := newHouse(t)
	response := h.knock("GET /admin/accounts" + plainHead + "Referer: http://localhost:PORT/admin/dashboard/\r\nSec-Fetch-Site: same-origin\r\n\r\n")
	if response.StatusCode != http.StatusOK || h.admin.Load() != 1 {
		t.Errorf("status %d", response.StatusCode)
	}
}

func TestAdminAnswersTellBrowsersNotToEmbedGuessOrLeak(t *testing.T) {
	h := newHouse(t)
	header := h.knock("GET /admin/dashboard/" + plainHead + "\r\n").Header
	for name, want := range map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Content-Security-Policy": pagePolicy,
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if strings.Contains(pagePolicy, "script-src") || !strings.HasPrefix(pagePolicy, "default-src 'self';") {
		t.Error("the page policy lets in scripts that are not ours")
	}
}

func TestAReverseProxysNameCanBeAdded(t *testing.T) {
	h := newHouse(t)
	h.gate.AnswerTo([]string{"Amq.Example", "other.example:443", " "})
	for raw, want := range map[string]int{
		"GET /v1/models HTTP/1.1\r\nHost: amq.example\r\n\r\n":                                                200,
		"GET /v1/models HTTP/1.1\r\nHost: AMQ.example:PORT\r\n\r\n":                                           200,
		"GET /v1/models HTTP/1.1\r\nHost: amq.example:1\r\n\r\n":                                              403,
		"GET /v1/models HTTP/1.1\r\nHost: other.example:443\r\n\r\n":                                          200,
		"GET /v1/models HTTP/1.1\r\nHost: other.example\r\n\r\n":                                              403,
		"GET /v1/models HTTP/1.1\r\nHost: amq.example.evil.test\r\n\r\n":                                      403,
		"GET /v1/models HTTP/1.1\r\nHost: :PORT\r\n\r\n":                                                      403,
		"GET /admin/x HTTP/1.1\r\nHost: amq.example\r\nOrigin: https://amq.example\r\n\r\n":                   200,
		"GET /admin/x HTTP/1.1\r\nHost: localhost\r\nOrigin: http://amq.example\r\n\r\n":                      403,
		"GET /admin/x HTTP/1.1\r\nHost: localhost:PORT\r\nOrigin: https://localhost:PORT\r\n\r\n":             403,
		"GET /v1/x HTTP/1.1\r\nHost: amq.example\r\nOrigin: https://amq.example\r\n\r\n":                      403,
		"GET /admin/x HTTP/1.1\r\nHost: amq.example\r\nReferer: https://amq.example/admin/dashboard/\r\n\r\n": 200,
	} {
		if response := h.knock(raw); response.StatusCode != want {
			t.Errorf("status %d, want %d:\n%s", response.StatusCode, want, raw)
		}
	}
}

// journal is a log that the server writes while the test reads.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func TestAPanicCutsOneConnectionAndIsLogged(t *testing.T) {
	var repaired atomic.Int64
	h := newHouse(t, func(c *GateConfig) {
		c.Repair = func() { repaired.Add(1) }
		calm := c.Clients
		c.Clients = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/boom" {
				var nothing *house
				nothing.port = "boom"
			}
			calm.ServeHTTP(w, r)
		})
	})
	if _, err := http.Get("http://" + h.address + "/boom"); err == nil {
		t.Error("the request that panicked got an answer")
	}
	if response := h.knock("GET /" + plainHead + "\r\n"); response.StatusCode != http.StatusOK {
		t.Errorf("the next request got %d", response.StatusCode)
	}
	if h.gate.Panics() != 1 || repaired.Load() != 2 {
		t.Errorf("%d panics counted, %d repairs", h.gate.Panics(), repaired.Load())
	}
	if lines := strings.Count(h.log.String(), "a request panicked"); lines != 1 || !strings.Contains(h.log.String(), "nil pointer") {
		t.Errorf("%d lines about it in the log:\n%s", lines, h.log.String())
	}
}

func TestAnAbortIsNoPanic(t *testing.T) {
	h := newHouse(t, func(c *GateConfig) {
		c.Clients = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	})
	if _, err := http.Get("http://" + h.address); err == nil {
		t.Error("an aborted request got an answer")
	}
	if h.gate.Panics() != 0 {
		t.Error("an abort was counted as a panic")
	}
}

func FuzzTheHostCheckNeverLetsAStrangerIn(f *testing.F) {
	for _, host := range judgedHosts {
		f.Add(strings.ReplaceAll(host.value, "PORT", "8080"))
	}
	ours := map[string]bool{}
	for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
		ours[name], ours[name+":8080"] = true, true
	}
	checked := newNames(nil)
	f.Fuzz(func(t *testing.T, host string) {
		folded := []byte(host)
		for i, c := range folded {
			if c >= 'A' && c <= 'Z' {
				folded[i] = c + 'a' - 'A'
			}
		}
		if got := checked.has(host, "8080"); got != ours[string(folded)] {
			t.Errorf("has(%q) is %v", host, got)
		}
	})
}
