package admin

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// How long things last: a browser's session without use, a one-time code, and the window in which wrong tokens are counted.
const (
	sessionLife    = 12 * time.Hour
	handoverLife   = time.Minute
	wrongWindow    = time.Minute
	wrongAllowed   = 10
	sessionsAtOnce = 32
)

// cookieName holds a session's id. Cookies ignore ports, so another copy on another port overwrites it; that costs a sign-in, nothing else.
const cookieName = "amq2api_session"

// customHeader must accompany state-changing requests of a session: a page of another origin cannot set it.
const (
	customHeader = "X-AMQ2API"
	customValue  = "1"
)

// sessions remembers who signed in. It lives in memory: a restart signs everyone out.
type sessions struct {
	now func() time.Time

	mu    sync.Mutex
	ends  map[string]time.Time // session id -> end
	codes map[string]time.Time // one-time code -> end
	wrong []time.Time          // wrong tokens within wrongWindow
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, ends: map[string]time.Time{}, codes: map[string]time.Time{}}
}

// start opens a session and returns its id. The oldest makes room when there are too many.
func (s *sessions) start() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	for len(s.ends) >= sessionsAtOnce {
		oldest := ""
		for id, end := range s.ends {
			if oldest == "" || end.Before(s.ends[oldest]) {
				oldest = id
			}
		}
		delete(s.ends, oldest)
	}
	id := rand.Text()
	s.ends[id] = s.now().Add(sessionLife)
	return id
}

// valid reports whether the session lives, and prolongs it.
func (s *sessions) valid(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	if _, lives := s.ends[id]; !lives {
		return false
	}
	s.ends[id] = s.now().Add(sessionLife)
	return true
}

func (s *sessions) end(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ends, id)
}

// endAll ends every session, and forgets the codes that would open others.
func (s *sessions) endAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.ends)
	clear(s.codes)
}

// issue makes a one-time code.
func (s *sessions) issue() HandoverCode {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	code, end := rand.Text(), s.now().Add(handoverLife)
	s.codes[code] = end
	return HandoverCode{Code: code, ExpiresAt: end}
}

// redeem uses a code up.
func (s *sessions) redeem(code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	_, known := s.codes[code]
	delete(s.codes, code)
	return known
}

// miss counts a wrong token or code. When there were too many it says how long to wait; else 0.
func (s *sessions) miss() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep()
	now := s.now()
	if len(s.wrong) >= wrongAllowed {
		return wrongWindow - now.Sub(s.wrong[0])
	}
	s.wrong = append(s.wrong, now)
	return 0
}

// sweep forgets what has ended. The caller holds the lock.
func (s *sessions) sweep() {
	now := s.now()
	for _, ends := range []map[string]time.Time{s.ends, s.codes} {
		for id, end := range ends {
			if !now.Before(end) {
				delete(ends, id)
			}
		}
	}
	for len(s.wrong) > 0 && now.Sub(s.wrong[0]) >= wrongWindow {
		s.wrong = s.wrong[1:]
	}
}

// guard lets a request through that shows the admin token, or a session and, to change something, the custom header.
func (d *desk) guard(p policy, next http.HandlerFunc) http.HandlerFunc {
	if p == open {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) {
		if f := d.admit(r); f != nil {
			d.refuse(w, r, f)
			return
		}
		next(w, r)
	}
}

func (d *desk) admit(r *http.Request) *fault.Error {
	if token, sent := bearer(r); sent {
		return d.checkToken(token)
	}
	if !d.signedIn(r) {
		return fault.New(fault.Unauthenticated, "Sign in with the admin token. `amq2api admin-token` prints it.")
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get(customHeader) != customValue {
		return fault.New(fault.Forbidden, "A browser session needs the header %s: %s to change something.", customHeader, customValue)
	}
	return nil
}

// checkToken compares in constant time.
func (d *desk) checkToken(token secret.String) *fault.Error {
	if !d.Token.IsZero() && token.Equal(d.Token) {
		return nil
	}
	return d.miss("This is not the admin token. `amq2api admin-token` prints it; client keys (amq-...) do not work here.")
}

// miss answers a wrong token or code. Too many are told to slow down; the right one passes even then, or any program on this computer
// could lock its owner out. Guessing is hopeless at any speed.
func (d *desk) miss(message string) *fault.Error {
	if wait := d.sessions.miss(); wait > 0 {
		return &fault.Error{Kind: fault.Limited, Message: "Too many wrong admin tokens or codes. Wait a minute and try again.", RetryAfter: wait}
	}
	return fault.New(fault.Unauthenticated, "%s", message)
}

func bearer(r *http.Request) (secret.String, bool) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return secret.String{}, r.Header.Get("Authorization") != ""
	}
	return secret.New(strings.TrimSpace(token)), true
}

// signedIn looks at every cookie of the name: another program on this computer can add one of its own, which then comes first.
func (d *desk) signedIn(r *http.Request) bool {
	return slices.ContainsFunc(r.CookiesNamed(cookieName), func(cookie *http.Cookie) bool { return d.sessions.valid(cookie.Value) })
}

// endSessions ends those that the request shows.
func (d *desk) endSessions(r *http.Request) {
	for _, cookie := range r.CookiesNamed(cookieName) {
		d.sessions.end(cookie.Value)
	}
}

func (d *desk) getSession(w http.ResponseWriter, r *http.Request) {
	d.answer(w, http.StatusOK, Session{SignedIn: d.window || d.signedIn(r), Window: d.window})
}

// signIn trades the admin token, or a one-time code, for a session cookie. The session is always a new one.
func (d *desk) signIn(w http.ResponseWriter, r *http.Request) {
	var body SignIn
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	if f := d.checkSignIn(body); f != nil {
		d.refuse(w, r, f)
		return
	}
	d.endSessions(r)
	setCookie(w, d.sessions.start(), 0)
	d.answer(w, http.StatusOK, Session{SignedIn: true})
}

func (d *desk) checkSignIn(body SignIn) *fault.Error {
	switch {
	case body.Code != "" && d.sessions.redeem(body.Code):
		return nil
	case body.Code != "":
		return d.miss("This code was used already or is older than a minute. Ask for a new one, or sign in with the admin token.")
	case strings.TrimSpace(body.Token) == "":
		return &fault.Error{Kind: fault.Invalid, Param: "token", Message: "token is missing. `amq2api admin-token` prints the admin token."}
	default:
		return d.checkToken(secret.New(strings.TrimSpace(body.Token)))
	}
}

// signOut ends the session that the request shows; with ?all=true every one there is, and the codes for new ones.
func (d *desk) signOut(w http.ResponseWriter, r *http.Request) {
	d.endSessions(r)
	if r.URL.Query().Get("all") == "true" {
		d.sessions.endAll()
	}
	setCookie(w, "", -1)
	w.WriteHeader(http.StatusNoContent)
}

// setCookie sets no end of its own, since use prolongs a session: it ends here, or when the browser is closed. There is no Secure, because
// the loopback is plain HTTP.
func setCookie(w http.ResponseWriter, id string, maxAge int) {
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: id, Path: "/admin", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

func (d *desk) handover(w http.ResponseWriter, _ *http.Request) {
	d.answer(w, http.StatusCreated, d.sessions.issue())
}
