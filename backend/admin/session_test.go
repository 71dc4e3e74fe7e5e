package admin

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/secret"
)

// smallDoor has what sessions need and nothing that would keep a goroutine, so that time can be made up.
func smallDoor() *Door {
	return New(Config{
		Proxy: &stubProxy{}, Captures: noCaptures{}, Recordings: noRecordings{}, Data: &stubData{}, Vault: func() VaultState { return VaultState{} }, Changes: new(Changes), Token: secret.New(theToken), Now: time.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
}

// reads is the status of a read with a cookie.
func reads(door http.Handler, cookie string) int {
	return call(door, "GET", "/admin/state", "", "Cookie", cookie).Code
}

func TestTheCookieIsOutOfReachForScriptsAndOtherSites(t *testing.T) {
	answer := call(smallDoor(), "POST", "/admin/session", `{"token":" `+theToken+` "}`)
	cookies := answer.Result().Cookies()
	if answer.Code != http.StatusOK || answer.Body.String() != `{"signed_in":true,"window":false}` || len(cookies) != 1 {
		t.Fatalf("signing in answered %d %s %v", answer.Code, answer.Body, cookies)
	}
	c := cookies[0]
	if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/admin" || c.Domain != "" || c.Secure {
		t.Errorf("the cookie is %v", c)
	}
	if len(c.Value) < 26 {
		t.Errorf("the session's id %q can be guessed", c.Value)
	}
}

func TestASessionGivenToSomebodyIsNotTheOneTheySignInTo(t *testing.T) {
	door := smallDoor()
	planted := cookieName + "=planted"
	answer := call(door, "POST", "/admin/session", `{"token":"`+theToken+`"}`, "Cookie", planted)
	if cookieHeader(answer) == planted || reads(door, planted) != http.StatusUnauthorized {
		t.Error("the planted id became a session")
	}
	first := cookieHeader(answer)
	second := cookieHeader(call(door, "POST", "/admin/session", `{"token":"`+theToken+`"}`, "Cookie", first))
	if reads(door, first) != http.StatusUnauthorized || reads(door, second) != http.StatusOK {
		t.Error("signing in again must replace the session")
	}
}

func TestACookieOfAnotherProgramOnThisComputerDoesNotSignTheOwnerOut(t *testing.T) {
	door := smallDoor()
	own := signIn(t, door)
	if status := reads(door, cookieName+"=tossed; "+own); status != http.StatusOK {
		t.Errorf("the read answered %d", status)
	}
}

func TestSigningOut(t *testing.T) {
	door := smallDoor()
	cookie, other := signIn(t, door), signIn(t, door)
	if answer := call(door, "DELETE", "/admin/session", "", "Cookie", cookie); answer.Code != http.StatusForbidden || reads(door, cookie) != http.StatusOK {
		t.Errorf("without the header signing out answered %d", answer.Code)
	}
	answer := call(door, "DELETE", "/admin/session", "", "Cookie", cookie, customHeader, "1")
	if answer.Code != http.StatusNoContent || answer.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("signing out answered %d %v", answer.Code, answer.Result().Cookies())
	}
	if reads(door, cookie) != http.StatusUnauthorized || reads(door, other) != http.StatusOK {
		t.Error("signing out ends this session and no other")
	}
}

func TestASessionEndsTwelveHoursAfterItsLastUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := smallDoor()
		used, idle := signIn(t, door), signIn(t, door)
		time.Sleep(sessionLife - time.Second)
		if reads(door, used) != http.StatusOK {
			t.Error("the session ended early")
		}
		time.Sleep(time.Second)
		if reads(door, idle) != http.StatusUnauthorized {
			t.Error("the idle session lives on")
		}
		time.Sleep(sessionLife - 2*time.Second)
		if reads(door, used) != http.StatusOK {
			t.Error("use must prolong a session")
		}
		time.Sleep(sessionLife)
		if reads(door, used) != http.StatusUnauthorized {
			t.Error("the session never ends")
		}
	})
}

func TestTooManySessionsPushTheOldestOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := smallDoor()
		first := signIn(t, door)
		var last string
		for range sessionsAtOnce {
			time.Sleep(time.Second)
			last = signIn(t, door)
		}
		if reads(door, first) != http.StatusUnauthorized || reads(door, last) != http.StatusOK || len(door.desk.sessions.ends) != sessionsAtOnce {
			t.Errorf("there are %d sessions", len(door.desk.sessions.ends))
		}
	})
}

func TestACodeSignsInOnceAndWithinAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := smallDoor()
		enter := func(code string) int { return call(door, "POST", "/admin/session", `{"code":"`+code+`"}`).Code }
		once, late, edge := door.IssueHandover(), door.IssueHandover(), door.IssueHandover()
		if first, again := enter(once.Code), enter(once.Code); first != http.StatusOK || again != http.StatusUnauthorized {
			t.Errorf("a code answered %d, then %d", first, again)
		}
		time.Sleep(handoverLife - time.Nanosecond)
		if status := enter(edge.Code); status != http.StatusOK {
			t.Errorf("in its last moment a code answered %d", status)
		}
		time.Sleep(time.Nanosecond)
		if status := enter(late.Code); status != http.StatusUnauthorized {
			t.Errorf("after a minute a code answered %d", status)
		}
		if len(door.desk.sessions.codes) != 0 {
			t.Error("codes must be forgotten")
		}
	})
}

func TestNobodyOnThisComputerCanLockTheOwnerOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		door := smallDoor()
		wrong := func() *http.Response {
			return call(door, "GET", "/admin/state", "", "Authorization", "Bearer guess").Result()
		}
		for i := range wrongAllowed {
			if answer := wrong(); answer.StatusCode != http.StatusUnauthorized {
				t.Fatalf("wrong token %d answered %d", i+1, answer.StatusCode)
			}
			time.Sleep(time.Second)
		}
		if answer := wrong(); answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "50" {
			t.Errorf("one too many answered %d, Retry-After %q", answer.StatusCode, answer.Header.Get("Retry-After"))
		}
		for _, proof := range []string{`{"token":"guess"}`, `{"code":"guess"}`} {
			if answer := call(door, "POST", "/admin/session", proof); answer.Code != http.StatusTooManyRequests {
				t.Errorf("%s answered %d", proof, answer.Code)
			}
		}
		for range 1000 {
			wrong()
		}
		if answer := call(door, "GET", "/admin/state", "", "Authorization", "Bearer "+theToken); answer.Code != http.StatusOK {
			t.Errorf("the owner got %d", answer.Code)
		}
		cookie := signIn(t, door)
		if code := door.IssueHandover().Code; call(door, "POST", "/admin/session", `{"code":"`+code+`"}`).Code != http.StatusOK || reads(door, cookie) != http.StatusOK {
			t.Error("codes and sessions must work meanwhile")
		}
		if kept := len(door.desk.sessions.wrong); kept != wrongAllowed {
			t.Errorf("%d wrong tokens are remembered", kept)
		}
		time.Sleep(51 * time.Second)
		if answer := wrong(); answer.StatusCode != http.StatusUnauthorized {
			t.Errorf("a minute later a wrong token answered %d", answer.StatusCode)
		}
	})
}

func TestADoorWithoutATokenOpensToNobody(t *testing.T) {
	door := New(Config{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	for _, sent := range []string{"Bearer ", "Bearer", "Bearer  ", " ", "Bearer x"} {
		if answer := call(door, "GET", "/admin/state", "", "Authorization", sent); answer.Code != http.StatusUnauthorized {
			t.Errorf("%q answered %d", sent, answer.Code)
		}
	}
	for _, body := range []string{`{}`, `{"token":""}`, `{"token":"  "}`, `{"code":""}`} {
		if answer := call(door, "POST", "/admin/session", body); answer.Code != http.StatusBadRequest || len(answer.Result().Cookies()) != 0 {
			t.Errorf("%s answered %d", body, answer.Code)
		}
	}
}

func TestSessionsUnderManyHands(t *testing.T) {
	door := smallDoor()
	done := make(chan error)
	for i := range 8 {
		go func() {
			answer := call(door, "POST", "/admin/session", `{"token":"`+theToken+`"}`)
			call(door, "POST", "/admin/session", `{"token":"wrong"}`)
			if status := reads(door, cookieHeader(answer)); status != http.StatusOK {
				done <- fmt.Errorf("session %d reads %d", i, status)
				return
			}
			done <- nil
		}()
	}
	for range 8 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
