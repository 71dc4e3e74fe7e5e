package admin

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
	"amq2api/backend/settings"
	"amq2api/backend/store"
	"amq2api/backend/vault"
)

// The secrets of these tests. None of them may turn up in an answer or in the log.
const (
	theToken        = "the-admin-token-0123456789"
	theRefreshToken = "refresh-token-canary"
	theClientSecret = "client-secret-canary"
)

// office is the admin API over a real database, with both of its doors.
type office struct {
	config   Config
	listener *Door
	window   *Door
	accounts *account.Roster
	keys     *access.Gate
	usage    *store.Usage
	proxy    *stubProxy
	logins   *stubLogins
	imports  *stubImports
	log      *bytes.Buffer
}

func openOffice(t *testing.T) *office {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "amq2api.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	o := &office{usage: db.Usage(), proxy: &stubProxy{}, log: new(bytes.Buffer)}
	log := slog.New(slog.NewTextHandler(o.log, nil))
	o.accounts, err = account.OpenRoster(t.Context(), account.RosterConfig{
		Store: db.Accounts(), Vault: emptyVault{new(vault.Memory)}, Renewer: refusing{}, Now: time.Now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	if o.keys, err = access.NewGate(t.Context(), access.Config{Store: db.Keys(), Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	chosen, err := settings.Load(t.Context(), db.Settings(), nil)
	if err != nil {
		t.Fatal(err)
	}
	o.logins, o.imports = &stubLogins{}, &stubImports{}
	o.config = Config{
		Accounts: o.accounts, Logins: o.logins, Imports: o.imports, Resolve: resolveForTests, Keys: o.keys, Usage: o.usage, Doctor: noDoctor{},
		Captures: noCaptures{}, Recordings: noRecordings{}, Data: &stubData{}, Settings: chosen, Upstream: &stubUpstream{}, Playground: stubPlayground{}, Connect: stubConnect{},
		Metrics: http.NotFoundHandler(), SelfTest: func(context.Context) []Check { return []Check{} }, Proxy: o.proxy, Changes: new(Changes),
		Vault: func() VaultState { return VaultState{Kind: "memory", Ready: true} }, Token: secret.New(theToken),
		Page:    fstest.MapFS{"index.html": {Data: []byte("<title>AMQ2API</title>")}, "assets/app-1a2b.js": {Data: []byte("start()")}},
		Version: "test", Started: time.Now(), Now: time.Now, Log: log,
	}
	o.listener = New(o.config)
	o.window = Trusted(o.listener)
	return o
}

// emptyVault says in the accounts' words that a secret is not there.
type emptyVault struct{ account.Vault }

func (v emptyVault) Get(ctx context.Context, name string) (secret.String, error) {
	item, err := v.Vault.Get(ctx, name)
	if err != nil {
		return item, account.ErrNoSecret
	}
	return item, nil
}

// refusing is an Amazon that wants every account to sign in again.
type refusing struct{}

func (refusing) Renew(context.Context, account.Account, account.Secrets) (account.Tokens, error) {
	return account.Tokens{}, fault.New(fault.Credential, "Amazon refused the refresh token. Sign in again.")
}

// stubLogins knows one sign-in, called "abc".
type stubLogins struct{ started []LoginStart }

func (s *stubLogins) Start(_ context.Context, wanted LoginStart) (Login, error) {
	s.started = append(s.started, wanted)
	return Login{ID: "abc", State: "waiting", UserCode: "ABCD-EFGH", Profiles: []Profile{}}, nil
}

func (s *stubLogins) List() []Login { return []Login{} }

func (s *stubLogins) Get(id string) (Login, error) {
	if id != "abc" {
		return Login{}, fault.New(fault.NotFound, "There is no sign-in %.20q.", id)
	}
	return Login{ID: id, State: "waiting", Profiles: []Profile{}}, nil
}

func (s *stubLogins) Choose(_ context.Context, id, _ string) (Login, error) { return s.Get(id) }
func (s *stubLogins) Cancel(id string) (Login, error)                       { return s.Get(id) }

// stubImports finds nothing and takes everything.
type stubImports struct{ wanted BulkStart }

func (s *stubImports) Finds(context.Context) []Find             { return []Find{} }
func (s *stubImports) Take(context.Context, []string) []BulkRow { return []BulkRow{} }
func (s *stubImports) Bulk(_ context.Context, wanted BulkStart) ([]BulkRow, error) {
	s.wanted = wanted
	return []BulkRow{{Row: 1, Name: "one", State: "valid"}}, nil
}
func (s *stubImports) Export(context.Context, ExportStart) (Export, error) {
	return Export{Text: "sealed", Accounts: 1}, nil
}

// resolveForTests knows two models, and lets one stand in for other Claude names.
func resolveForTests(model string) (settings.Resolution, error) {
	if strings.HasPrefix(model, "claude-") {
		return settings.Resolution{Model: "claude-sonnet-4.5", Substituted: model != "claude-sonnet-4.5"}, nil
	}
	if model != "auto" {
		return settings.Resolution{}, fault.New(fault.NotFound, "There is no model %.40q.", model)
	}
	return settings.Resolution{Model: model}, nil
}

// stubProxy is a listener that does as it is told, or fails with what it is given.
type stubProxy struct {
	state    ProxyState
	started  []int
	startErr error
}

func (p *stubProxy) State() ProxyState { return p.state }

// noCaptures has none.
type noCaptures struct{}

func (noCaptures) Running() bool               { return false }
func (noCaptures) Start(int) (Capture, error)  { return Capture{}, nil }
func (noCaptures) Stop()                       {}
func (noCaptures) List() ([]Capture, error)    { return []Capture{}, nil }
func (noCaptures) Read(string) ([]byte, error) { return nil, nil }
func (noCaptures) Remove(string) error         { return nil }

// noDoctor knows nothing.
type noDoctor struct{}

func (noDoctor) Diagnosis(context.Context, string) (Diagnosis, bool, error) {
	return Diagnosis{}, false, nil
}

// stubUpstream answers through every proxy.
type stubUpstream struct{ password secret.String }

func (u *stubUpstream) HasPassword() bool { return !u.password.IsZero() }

func (u *stubUpstream) SetPassword(_ context.Context, password secret.String) error {
	u.password = password
	return nil
}

func (u *stubUpstream) Try(_ context.Context, proxy string, password secret.String) ProxyTrial {
	return ProxyTrial{OK: true, Message: proxy + " " + password.Reveal()}
}

func (p *stubProxy) Start(_ context.Context, port int) error {
	p.started = append(p.started, port)
	return p.startErr
}

func (p *stubProxy) Stop(context.Context) error {
	p.state.Running = false
	return nil
}

// call is one request; headers are name and value in turn.
func call(door http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	door.ServeHTTP(answer, request)
	return answer
}

// asOwner is call with the admin token.
func (o *office) asOwner(method, path, body string) *httptest.ResponseRecorder {
	return call(o.listener, method, path, body, "Authorization", "Bearer "+theToken)
}

// signIn opens a session and returns its cookie as a header's value.
func signIn(t *testing.T, door http.Handler) string {
	t.Helper()
	answer := call(door, "POST", "/admin/session", `{"token":"`+theToken+`"}`)
	if answer.Code != http.StatusOK {
		t.Fatalf("signing in answered %d %s", answer.Code, answer.Body)
	}
	return cookieHeader(answer)
}

func cookieHeader(answer *httptest.ResponseRecorder) string {
	return cookieName + "=" + answer.Result().Cookies()[0].Value
}

// newKey makes a client key and returns its text.
func (o *office) newKey(t *testing.T) string {
	t.Helper()
	_, text, err := o.keys.Create(t.Context(), access.Draft{Name: "laptop"})
	if err != nil {
		t.Fatal(err)
	}
	return text.Reveal()
}
