// Package admin is the door for people: the API under /admin, its sessions, the dashboard page, and live events.
//
// One set of handlers serves two doors. New makes the one that stands on the listener, where every route asks for the admin token or a
// browser session. Trusted makes the one for the app's own window, which reaches it in process and is never put on a listener.
package admin

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"amq2api/backend/secret"
	"amq2api/backend/settings"
)

// Config is what the door needs of the rest of the program.
type Config struct {
	Accounts   Accounts
	Logins     Logins
	Imports    Imports
	Resolve    func(model string) (settings.Resolution, error) // of a name that clients use
	Keys       Keys
	Usage      Usage
	Doctor     Doctor
	Captures   Captures
	Recordings Recordings
	Data       DataCare
	Settings   Settings
	Upstream   Upstream
	Proxy      Proxy
	Metrics    http.Handler // in Prometheus' format
	SelfTest   func(context.Context) []Check
	Vault      func() VaultState
	Playground Playground
	Connect    Connect
	Window     Window // nil where there is no window
	Changes    *Changes
	Token      secret.String // the admin token
	Page       fs.FS         // the built page; index.html at its root
	Version    string
	Demo       bool
	Started    time.Time
	Now        func() time.Time
	Log        *slog.Logger
}

// Window is the app's window: Show raises it, Demo opens another one against a simulated Amazon.
type Window interface {
	Show()
	Demo() error
}

// Door is the admin API behind one kind of guard.
type Door struct {
	desk *desk
	mux  *http.ServeMux
}

// desk answers what came through a door.
type desk struct {
	Config
	sessions *sessions
	saving   *sync.Mutex // one change to the settings at a time
	window   bool        // requests come from the app's own window
}

// New makes the door for the listener.
func New(config Config) *Door {
	d := &desk{Config: config, sessions: newSessions(config.Now), saving: new(sync.Mutex)}
	return newDoor(d, d.guard)
}

// Trusted makes the door for the app's own window: the same handlers without a session, never to be put on a listener. The codes it hands
// over sign in at the listener's door, so it shares the sessions of that one.
func Trusted(listener *Door) *Door {
	d := *listener.desk
	d.window = true
	return newDoor(&d, func(_ policy, next http.HandlerFunc) http.HandlerFunc { return next })
}

// IssueHandover makes a one-time code, for a program that introduces itself on a terminal.
func (d *Door) IssueHandover() HandoverCode { return d.desk.sessions.issue() }

// policy says what a request must show.
type policy uint8

const (
	secured policy = iota // the zero value, so that a route is closed unless it says otherwise
	open                  // anyone who passes the gate
)

// route is one line of the table below.
type route struct {
	pattern string
	policy  policy
	handler http.HandlerFunc
}

// table is every route of the admin API. Its order is the README's.
func (d *desk) table() []route {
	return slices.Concat(d.entries(), d.observations(), d.connections(), d.care())
}

// entries are who may come in, and through which account and key.
func (d *desk) entries() []route {
	return []route{
		{"GET /admin/session", open, d.getSession},
		{"POST /admin/session", open, d.signIn},
		{"DELETE /admin/session", secured, d.signOut},
		{"POST /admin/session/handover", secured, d.handover},

		{"GET /admin/accounts", secured, d.listAccounts},
		{"POST /admin/accounts", secured, d.addAccount},
		{"GET /admin/accounts/{id}", secured, d.getAccount},
		{"PUT /admin/accounts/{id}", secured, d.updateAccount},
		{"DELETE /admin/accounts/{id}", secured, d.removeAccount},
		{"POST /admin/accounts/{id}/check", secured, d.checkAccount},
		{"POST /admin/accounts/{id}/clear", secured, d.clearAccount},
		{"GET /admin/accounts/next", secured, d.next},
		{"POST /admin/accounts/resume", secured, d.resume},
		{"GET /admin/accounts/login", secured, d.listLogins},
		{"POST /admin/accounts/login", secured, d.startLogin},
		{"GET /admin/accounts/login/{login}", secured, d.getLogin},
		{"DELETE /admin/accounts/login/{login}", secured, d.cancelLogin},
		{"POST /admin/accounts/login/{login}/profile", secured, d.chooseProfile},
		{"GET /admin/accounts/import", secured, d.listFinds},
		{"POST /admin/accounts/import", secured, d.takeFinds},
		{"POST /admin/accounts/bulk", secured, d.bulk},
		{"POST /admin/accounts/export", secured, d.export},

		{"GET /admin/api-keys", secured, d.listKeys},
		{"POST /admin/api-keys", secured, d.createKey},
		{"GET /admin/api-keys/{id}", secured, d.getKey},
		{"PUT /admin/api-keys/{id}", secured, d.updateKey},
		{"DELETE /admin/api-keys/{id}", secured, d.deleteKey},
		{"POST /admin/api-keys/{id}/revoke", secured, d.revokeKey},
		{"POST /admin/api-keys/{id}/rotate", secured, d.rotateKey},
		{"DELETE /admin/api-keys/{id}/previous", secured, d.endPrevious},
	}
}

// observations are what happened, what is kept of it, and the playground.
func (d *desk) observations() []route {
	return []route{
		{"GET /admin/stats/accounts", secured, d.accountStats},
		{"GET /admin/stats/accounts/{id}/quota", secured, d.quotaReadings},
		{"GET /admin/stats/api-keys", secured, d.keyStats},
		{"GET /admin/stats/overview", secured, d.overview},
		{"GET /admin/stats/usage", secured, d.usageStats},
		{"GET /admin/stats/usage.csv", secured, d.usageStats},
		{"GET /admin/requests", secured, d.listRequests},
		{"GET /admin/requests.csv", secured, d.listRequests},
		{"GET /admin/requests/{id}", secured, d.getRequest},
		{"GET /admin/requests/{id}/doctor", secured, d.requestDoctor},
		{"GET /admin/captures", secured, d.listCaptures},
		{"POST /admin/captures", secured, d.startCapture},
		{"POST /admin/captures/stop", secured, d.stopCapture},
		{"GET /admin/captures/{name}", secured, d.readCapture},
		{"DELETE /admin/captures/{name}", secured, d.removeCapture},
		{"GET /admin/recording", secured, d.getRecording},
		{"POST /admin/recording", secured, d.startRecording},
		{"POST /admin/recording/stop", secured, d.stopRecording},
		{"DELETE /admin/recording", secured, d.deleteRecording},
		{"GET /admin/requests/{id}/bodies", secured, d.requestBodies},
		{"GET /admin/events", secured, d.events},
		{"POST /admin/playground/{dialect}", secured, d.play},
	}
}

// care is the program itself: its data, its settings, its page.
func (d *desk) care() []route {
	return []route{
		{"GET /admin/backups", secured, d.listBackups},
		{"POST /admin/backups", secured, d.makeBackup},
		{"GET /admin/backups/{name}", secured, d.readBackup},
		{"DELETE /admin/backups/{name}", secured, d.removeBackup},
		{"POST /admin/backups/{name}/restore", secured, d.restoreBackup},
		{"DELETE /admin/backups/{name}/restore", secured, d.callOffRestore},
		{"DELETE /admin/state/damage", secured, d.letDamageGo},

		{"GET /admin/state", secured, d.state},
		{"GET /admin/selftest", secured, d.selfTest},
		{"GET /admin/openapi.json", secured, d.openAPI},
		{"GET /admin/settings", secured, d.getSettings},
		{"PUT /admin/settings", secured, d.putSettings},
		{"GET /admin/upstream-proxy", secured, d.getUpstreamProxy},
		{"PUT /admin/upstream-proxy/password", secured, d.putProxyPassword},
		{"POST /admin/upstream-proxy/test", secured, d.tryProxy},
		{"POST /admin/proxy/start", secured, d.startProxy},
		{"POST /admin/proxy/stop", secured, d.stopProxy},
		{"POST /admin/window/show", secured, d.showWindow},
		{"POST /admin/window/demo", secured, d.openDemo},

		{"GET /metrics", secured, d.metrics},

		{"GET /admin/dashboard", open, redirectToPage},
		{"GET /admin/dashboard/", open, d.page},
	}
}

// everythingElse is the pattern of what the table has no line for.
const everythingElse = "/admin/"

func newDoor(d *desk, guard func(policy, http.HandlerFunc) http.HandlerFunc) *Door {
	door := &Door{desk: d, mux: http.NewServeMux()}
	known := operations()
	for _, route := range d.table() {
		door.mux.HandleFunc(route.pattern, guard(route.policy, d.knowsQuery(known, route)))
	}
	door.mux.HandleFunc(everythingElse, door.noSuchRoute)
	door.mux.HandleFunc(strings.TrimSuffix(everythingElse, "/"), door.noSuchRoute)
	return door
}

// ServeHTTP answers. Paths that the mux would redirect, with a text of its own, have no route here.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !clean(r.URL) {
		d.desk.unknownRoute(w, r)
		return
	}
	d.mux.ServeHTTP(w, r)
}

// clean reports whether a path has no dots or doubled slashes to resolve, however they are written.
func clean(u *url.URL) bool {
	for _, text := range []string{u.Path, u.EscapedPath()} {
		if path.Clean(text) != strings.TrimSuffix(text, "/") {
			return false
		}
	}
	return true
}

// noSuchRoute tells a wrong method from a wrong path.
func (d *Door) noSuchRoute(w http.ResponseWriter, r *http.Request) {
	if allowed := d.methods(r); len(allowed) > 0 {
		d.desk.wrongMethod(w, r, allowed)
		return
	}
	d.desk.unknownRoute(w, r)
}

// methods are those that the table has for a request's path.
func (d *Door) methods(r *http.Request) []string {
	var allowed []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		_, pattern := d.mux.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host})
		if strings.HasPrefix(pattern, method+" ") || method == http.MethodHead && strings.HasPrefix(pattern, http.MethodGet+" ") {
			allowed = append(allowed, method)
		}
	}
	return allowed
}
