package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// openRoutes are all that a stranger who passed the gate may reach. A route that is added without thought is not among them.
var openRoutes = []string{"GET /admin/session", "POST /admin/session", "GET /admin/dashboard", "GET /admin/dashboard/"}

// request is one for a route of the table.
func (r route) request(headers map[string]string) *http.Request {
	method, path, _ := strings.Cut(r.pattern, " ")
	request := httptest.NewRequest(method, strings.NewReplacer("{id}", "1", "{login}", "abc").Replace(path), strings.NewReader("{}"))
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	left, leave := context.WithCancel(request.Context()) // a stream must not hold the test up
	leave()
	return request.WithContext(left)
}

func (r route) reads() bool { return strings.HasPrefix(r.pattern, "GET ") }

func TestWhoGetsThroughWhichRoute(t *testing.T) {
	o := openOffice(t)
	o.proxy.state.CanStop = true // or stopping would be forbidden to everyone
	key, cookie := o.newKey(t), signIn(t, o.listener)
	for _, caller := range []struct {
		name    string
		headers map[string]string
		refusal func(route) int // 0 for none
	}{
		{"nobody", nil, always(401)},
		{"wrong token", map[string]string{"Authorization": "Bearer wrong"}, always(401)},
		{"part of the token", map[string]string{"Authorization": "Bearer " + theToken[:20]}, always(401)},
		{"empty token", map[string]string{"Authorization": "Bearer "}, always(401)},
		{"another scheme", map[string]string{"Authorization": "Basic " + theToken}, always(401)},
		{"client key", map[string]string{"Authorization": "Bearer " + key}, always(401)},
		{"client key in the other header", map[string]string{"X-Api-Key": key}, always(401)},
		{"admin token in the clients' header", map[string]string{"X-Api-Key": theToken}, always(401)},
		{"made-up session", map[string]string{"Cookie": cookieName + "=made-up", customHeader: "1"}, always(401)},
		{"wrong token beside a session", map[string]string{"Authorization": "Bearer wrong", "Cookie": cookie, customHeader: "1"}, always(401)},
		{"session", map[string]string{"Cookie": cookie}, func(r route) int {
			if r.reads() {
				return 0
			}
			return 403
		}},
		{"session with another value of the header", map[string]string{"Cookie": cookie, customHeader: "0"}, func(r route) int {
			if r.reads() {
				return 0
			}
			return 403
		}},
		{"session with the header", map[string]string{"Cookie": cookie, customHeader: "1"}, always(0)},
		{"owner", map[string]string{"Authorization": "Bearer " + theToken}, always(0)},
		{"owner, scheme in lower case", map[string]string{"Authorization": "bearer " + theToken}, always(0)},
	} {
		t.Run(caller.name, func(t *testing.T) {
			var walked int
			for _, route := range o.listener.desk.table() {
				if slices.Contains(openRoutes, route.pattern) || route.pattern == "DELETE /admin/session" && caller.refusal(route) == 0 {
					continue
				}
				walked++
				o.listener.desk.sessions.wrong = nil // who comes too often is another test's subject
				answer := httptest.NewRecorder()
				o.listener.ServeHTTP(answer, route.request(caller.headers))
				got := 0
				if answer.Code == http.StatusUnauthorized || answer.Code == http.StatusForbidden {
					got = answer.Code
				}
				if want := caller.refusal(route); got != want {
					t.Errorf("%s answered %d %s, want refusal %d", route.pattern, answer.Code, answer.Body, want)
				}
			}
			if walked < 20 {
				t.Errorf("only %d routes were tried", walked)
			}
		})
	}
}

func always(status int) func(route) int { return func(route) int { return status } }

func TestARouteIsClosedUnlessItSaysOtherwise(t *testing.T) {
	var forgotten route
	if forgotten.policy != secured {
		t.Error("the zero policy must be secured")
	}
	for _, route := range openOffice(t).listener.desk.table() {
		if named := slices.Contains(openRoutes, route.pattern); named != (route.policy == open) {
			t.Errorf("%s: open is %v", route.pattern, route.policy == open)
		}
	}
}

func TestTheWindowNeedsNoSessionAndTheListenerStillDoes(t *testing.T) {
	o := openOffice(t)
	for _, route := range o.window.desk.table() {
		answer := httptest.NewRecorder()
		o.window.ServeHTTP(answer, route.request(nil))
		if answer.Code == http.StatusUnauthorized && route.pattern != "POST /admin/session" {
			t.Errorf("the window was refused %s", route.pattern)
		}
	}
	if answer := call(o.window, "GET", "/admin/session", ""); answer.Body.String() != `{"signed_in":true,"window":true}` {
		t.Errorf("the window's session is %s", answer.Body)
	}
	if answer := call(o.listener, "GET", "/admin/session", ""); answer.Body.String() != `{"signed_in":false,"window":false}` {
		t.Errorf("a stranger's session is %s", answer.Body)
	}
	if answer := call(o.listener, "GET", "/admin/accounts", ""); answer.Code != http.StatusUnauthorized {
		t.Errorf("the listener let a stranger in: %d", answer.Code)
	}
}

func TestTheWindowHandsASessionOverToABrowser(t *testing.T) {
	o := openOffice(t)
	var issued HandoverCode
	if err := json.Unmarshal(call(o.window, "POST", "/admin/session/handover", "").Body.Bytes(), &issued); err != nil {
		t.Fatal(err)
	}
	entered := call(o.listener, "POST", "/admin/session", `{"code":"`+issued.Code+`"}`)
	if entered.Code != http.StatusOK {
		t.Fatalf("the code answered %d %s", entered.Code, entered.Body)
	}
	if read := call(o.listener, "GET", "/admin/accounts", "", "Cookie", cookieHeader(entered)); read.Code != http.StatusOK {
		t.Errorf("the session reads %d", read.Code)
	}
}

func TestEveryAnswerOfTheAPIIsOurs(t *testing.T) {
	o := openOffice(t)
	for _, story := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"PATCH", "/admin/accounts", 405, "GET, HEAD, POST"},
		{"DELETE", "/admin/accounts", 405, "GET, HEAD, POST"},
		{"POST", "/admin/accounts/1", 405, "GET, HEAD, PUT, DELETE"},
		{"OPTIONS", "/admin/accounts/1", 405, "GET, HEAD, PUT, DELETE"},
		{"GET", "/admin/accounts/1/check", 405, "POST"},
		{"PUT", "/admin/session", 405, "GET, HEAD, POST, DELETE"},
		{"POST", "/admin/events", 405, "GET, HEAD"},
		{"POST", "/admin/dashboard", 405, "GET, HEAD"},
		{"POST", "/admin/dashboard/assets/app-1a2b.js", 405, "GET, HEAD"},
		{"GET", "/admin", 404, ""},
		{"GET", "/admin/", 404, ""},
		{"GET", "/admin/nothing", 404, ""},
		{"GET", "/admin/accounts/", 404, ""},
		{"GET", "/admin/accounts/1/2/3", 404, ""},
		{"GET", "/admin//accounts", 404, ""},
		{"GET", "/admin/./accounts", 404, ""},
		{"GET", "/admin/dashboard/../accounts", 404, ""},
		{"GET", "/admin/dashboard/%2e%2e/accounts", 404, ""},
		{"GET", "/admin/dashboard/%2e%2e%2f%2e%2e%2fetc/passwd", 404, ""},
		{"GET", "/admin/dashboard//index.html", 404, ""},
		{"GET", "/admin/accounts%2f..%2fsession", 404, ""},
	} {
		for _, door := range []http.Handler{o.listener, o.window} {
			answer := call(door, story.method, story.path, "")
			if answer.Code != story.status || answer.Header().Get("Allow") != story.allow {
				t.Errorf("%s %s answered %d, Allow %q; want %d, %q", story.method, story.path, answer.Code, answer.Header().Get("Allow"), story.status, story.allow)
			}
			var failure Failure
			if err := json.Unmarshal(answer.Body.Bytes(), &failure); err != nil || failure.Error.Code == "" || failure.Error.Message == "" {
				t.Errorf("%s %s answered %q, not our envelope", story.method, story.path, answer.Body)
			}
			if answer.Header().Get("Content-Type") != "application/json" || answer.Header().Get("Cache-Control") != "no-store" || answer.Header().Get("Location") != "" {
				t.Errorf("%s %s has the headers %v", story.method, story.path, answer.Header())
			}
		}
	}
}

func TestAnEncodedPathIsNoWayAroundTheGuard(t *testing.T) {
	o := openOffice(t)
	for _, path := range []string{"/admin/%61ccounts", "/%61dmin/accounts", "/admin/accounts?x=/admin/session", "/admin/state;x=1", "/admin/accounts/%31"} {
		if answer := call(o.listener, "GET", path, ""); answer.Code == http.StatusOK {
			t.Errorf("%s answered %d %s", path, answer.Code, answer.Body)
		}
	}
}

func TestHEADAnswersLikeGET(t *testing.T) {
	o := openOffice(t)
	for _, route := range o.listener.desk.table() {
		if !route.reads() {
			continue
		}
		path := strings.TrimPrefix(route.pattern, "GET ")
		if strings.Contains(path, "{id}") {
			path = strings.NewReplacer("{id}", "1", "{login}", "abc").Replace(path)
		}
		if answer := o.asOwner("HEAD", path, ""); answer.Code == http.StatusMethodNotAllowed || answer.Code >= 500 {
			t.Errorf("HEAD %s answered %d", path, answer.Code)
		}
	}
}
