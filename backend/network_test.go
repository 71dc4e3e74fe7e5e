package backend_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"amq2api/backend"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/secret"
	"amq2api/backend/settings"
	"amq2api/backend/store"
	"amq2api/backend/vault"
)

// forwarder is an HTTP proxy that wants a password.
type forwarder struct {
	*httptest.Server
	passed, refused atomic.Int64
}

func newForwarder(t *testing.T) *forwarder {
	f := &forwarder{}
	onward := &httputil.ReverseProxy{Rewrite: func(*httputil.ProxyRequest) {}, FlushInterval: -1}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		probe := &http.Request{Header: http.Header{"Authorization": {r.Header.Get("Proxy-Authorization")}}}
		if name, password, _ := probe.BasicAuth(); name != "me" || password != "proxy-canary" {
			f.refused.Add(1)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		f.passed.Add(1)
		onward.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	return f
}

// office is a program and what its window sees of the admin API.
type office struct {
	*backend.Backend
	t       *testing.T
	profile string

	environmentPort int // 0 is unset
}

func openOffice(t *testing.T, amazon string) *office {
	t.Helper()
	o := &office{t: t, profile: filepath.Join(t.TempDir(), "profile")}
	o.open(amazon)
	return o
}

func (o *office) open(amazon string) {
	t := o.t
	t.Helper()
	b, err := backend.Open(t.Context(), backend.Options{
		Version: "test", Vault: new(vault.Memory), HasWindow: true,
		Environment: backend.Environment{
			DatabasePath: filepath.Join(o.profile, "amq2api.db"), AdminToken: secret.New(adminToken), APIEndpoint: amazon, TokenEndpoint: amazon + "/token",
			Port: o.environmentPort,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Backend = b
	t.Cleanup(func() {
		if err := b.Close(testContext); err != nil {
			t.Error(err)
		}
	})
	port := 0
	if o.environmentPort == 0 {
		port = unusedPort(t)
	}
	if err := b.Start(t.Context(), port); err != nil {
		t.Fatal(err)
	}
}

func unusedPort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

// ask sends a request through the window's door and returns the status and the answer.
func (o *office) ask(method, path, body string) (int, string) {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer := httptest.NewRecorder()
	o.WindowAdmin().ServeHTTP(answer, request)
	return answer.Code, answer.Body.String()
}

func (o *office) must(want int, method, path, body string) string {
	o.t.Helper()
	status, answer := o.ask(method, path, body)
	if status != want {
		o.t.Fatalf("%s %s answered %d %s", method, path, status, answer)
	}
	return answer
}

func TestAmazonIsReachedThroughTheChosenProxy(t *testing.T) {
	amazon := amazonqtest.New(amazonqtest.Options{Seed: 1})
	url, stop, err := amazon.Listen()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	o, proxy := openOffice(t, url), newForwarder(t)
	person := amazon.AddIdentity(amazonqtest.IdentityOptions{Name: "Ann"})
	draft, _ := json.Marshal(map[string]string{
		"name": "Ann", "refresh_token": person.RefreshToken().Reveal(), "client_id": person.ClientID, "client_secret": person.ClientSecret.Reveal(),
	})
	o.must(201, "POST", "/admin/accounts", string(draft))
	address := strings.Replace(proxy.URL, "http://", "http://me@", 1)

	if got := o.must(200, "POST", "/admin/upstream-proxy/test", fmt.Sprintf(`{"url":%q}`, address)); !strings.Contains(got, "refused the user name or the password") {
		t.Errorf("without the password: %s", got)
	}
	if got := o.must(200, "POST", "/admin/upstream-proxy/test", fmt.Sprintf(`{"url":%q,"password":"proxy-canary"}`, address)); !strings.Contains(got, `"ok":true`) {
		t.Errorf("with the password: %s", got)
	}
	if got := o.must(200, "POST", "/admin/upstream-proxy/test", `{"url":"socks5://127.0.0.1:1"}`); !strings.Contains(got, "The proxy could not be reached") {
		t.Errorf("a proxy that is not there: %s", got)
	}
	if got := o.must(200, "POST", "/admin/upstream-proxy/test", `{"url":"direct"}`); !strings.Contains(got, `"ok":true`) {
		t.Errorf("without a proxy: %s", got)
	}
	if got := o.must(400, "PUT", "/admin/settings", `{"upstream_proxy":"http://me:proxy-canary@127.0.0.1:1"}`); strings.Contains(got, "canary") {
		t.Errorf("a password in the settings: %s", got)
	}

	o.must(200, "PUT", "/admin/upstream-proxy/password", `{"password":"proxy-canary"}`)
	o.must(200, "PUT", "/admin/settings", fmt.Sprintf(`{"upstream_proxy":%q}`, address))
	before := proxy.passed.Load()
	o.must(200, "POST", "/admin/accounts/1/check", "")
	if proxy.passed.Load() == before {
		t.Error("the account was not checked through the proxy")
	}
	if got := o.must(200, "GET", "/admin/upstream-proxy", ""); !strings.Contains(got, `"has_password":true`) || strings.Contains(got, "canary") {
		t.Errorf("shown as %s", got)
	}

	var key struct{ Key string }
	if err := json.Unmarshal([]byte(o.must(201, "POST", "/admin/api-keys", `{"name":"k"}`)), &key); err != nil {
		t.Fatal(err)
	}
	before = proxy.passed.Load()
	if status, answer := o.chat(key.Key); status != 200 || proxy.passed.Load() == before {
		t.Errorf("a request answered %d %s, %d through the proxy", status, answer, proxy.passed.Load()-before)
	}
	o.must(200, "PUT", "/admin/settings", `{"upstream_proxy":"direct"}`)
	before = proxy.passed.Load()
	if status, _ := o.chat(key.Key); status != 200 || proxy.passed.Load() != before {
		t.Errorf("without a proxy it answered %d", status)
	}
}

func TestAProxysPasswordGoesToNoOtherProxy(t *testing.T) {
	o := openOffice(t, "http://127.0.0.1:1")
	shown := make(chan string, 100)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		shown <- r.Header.Get("Proxy-Authorization")
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(other.Close)
	o.must(200, "PUT", "/admin/settings", `{"upstream_proxy":"http://me@127.0.0.1:9"}`)
	o.must(200, "PUT", "/admin/upstream-proxy/password", `{"password":"proxy-canary"}`)
	for _, address := range []string{other.URL, strings.Replace(other.URL, "http://", "http://me@", 1)} {
		o.must(200, "POST", "/admin/upstream-proxy/test", fmt.Sprintf(`{"url":%q}`, address))
		if got := <-shown; strings.Contains(got, base64.StdEncoding.EncodeToString([]byte("me:proxy-canary"))) {
			t.Errorf("%s was shown the password", address)
		}
	}
	o.must(200, "PUT", "/admin/settings", `{"upstream_proxy":"http://me@127.0.0.1:9/"}`)
	if got := o.must(200, "GET", "/admin/upstream-proxy", ""); !strings.Contains(got, `"has_password":true`) {
		t.Errorf("the same proxy, written otherwise: %s", got)
	}
	o.must(200, "PUT", "/admin/settings", fmt.Sprintf(`{"upstream_proxy":%q}`, other.URL))
	if got := o.must(200, "GET", "/admin/upstream-proxy", ""); !strings.Contains(got, `"has_password":false`) {
		t.Errorf("another proxy: %s", got)
	}
}

// A laptop that left the network it was to listen on must still be able to change its settings.
func TestSettingsAreKeptWhileTheAddressToListenOnIsGone(t *testing.T) {
	o := &office{t: t, profile: filepath.Join(t.TempDir(), "profile")}
	if err := os.MkdirAll(o.profile, 0o700); err != nil {
		t.Fatal(err)
	}
	database, err := store.Open(t.Context(), filepath.Join(o.profile, "amq2api.db"))
	if err != nil {
		t.Fatal(err)
	}
	chosen := settings.Defaults()
	chosen.ListenOn, chosen.ListenConfirmed = "192.0.2.1", true
	if err := errors.Join(database.Settings().Save(t.Context(), chosen), database.Close()); err != nil {
		t.Fatal(err)
	}
	o.open("http://127.0.0.1:1")
	before := o.Address()
	o.must(200, "PUT", "/admin/settings", `{"theme":"dark","hosts":["amq.example"]}`)
	if o.Settings().Theme != "dark" || o.Address() != before || !o.healthy("amq.example") {
		t.Errorf("the settings are %+v", o.Settings())
	}
}

// chat asks the model something over the port in use.
func (o *office) chat(key string) (int, string) {
	o.t.Helper()
	request, _ := http.NewRequest("POST", o.Address()+"/v1/chat/completions", strings.NewReader(`{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`))
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return response.StatusCode, string(answer)
}

func TestWhereClientsConnectChangesAtOnceOrNotAtAll(t *testing.T) {
	o := openOffice(t, "http://127.0.0.1:1")
	port := unusedPort(t)
	o.must(200, "PUT", "/admin/settings", fmt.Sprintf(`{"port":%d}`, port))
	if want := fmt.Sprintf("http://127.0.0.1:%d", port); o.Address() != want || !o.healthy("") {
		t.Errorf("it is at %s", o.Address())
	}
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	status, answer := o.ask("PUT", "/admin/settings", fmt.Sprintf(`{"port":%d,"theme":"dark"}`, taken.Addr().(*net.TCPAddr).Port))
	if status == 200 || !strings.Contains(answer, "is used by another program") {
		t.Errorf("a port in use answered %d %s", status, answer)
	}
	if got := o.Settings(); got.Port != port || got.Theme == "dark" || !o.healthy("") {
		t.Errorf("the settings changed to %+v", got)
	}

	if _, answer := o.ask("PUT", "/admin/settings", `{"listen_on":"*","listen_confirmed":true}`); !strings.Contains(answer, "Create an API key first") {
		t.Errorf("without a key: %s", answer)
	}
	o.must(201, "POST", "/admin/api-keys", `{"name":"k"}`)
	if _, answer := o.ask("PUT", "/admin/settings", `{"listen_on":"*"}`); !strings.Contains(answer, "listen_confirmed") {
		t.Errorf("without a word: %s", answer)
	}
	o.must(200, "PUT", "/admin/settings", `{"listen_on":"*","listen_confirmed":true,"hosts":["amq.example"]}`)
	if !o.healthy("amq.example") || !o.healthy("") || o.healthy("evil.example") {
		t.Error("it answers to other names than it should")
	}
	o.must(200, "PUT", "/admin/settings", `{"listen_on":"","hosts":[]}`)
	if o.healthy("amq.example") || !o.healthy("") {
		t.Error("it answers to a name that was taken back")
	}
}

func TestAPortOfTheEnvironmentIsNotChangedInSilence(t *testing.T) {
	o := &office{t: t, profile: filepath.Join(t.TempDir(), "profile"), environmentPort: unusedPort(t)}
	o.open("http://127.0.0.1:1")
	o.must(200, "PUT", "/admin/settings", `{"port":8080,"theme":"dark"}`)
	status, answer := o.ask("PUT", "/admin/settings", `{"port":8081,"theme":"light"}`)
	if status != 409 || !strings.Contains(answer, fmt.Sprintf("PORT=%d in the environment", o.environmentPort)) || o.Settings().Theme != "dark" {
		t.Errorf("answered %d %s, settings %+v", status, answer, o.Settings())
	}
}

func TestSettingsNameModelsThereAre(t *testing.T) {
	o := openOffice(t, "http://127.0.0.1:1")
	for body, want := range map[string]string{
		`{"default_model":"claude-sonet-4.5"}`:                                           `There is no model \"claude-sonet-4.5\"`,
		`{"aliases":[{"name":"fast","model":"claude-hiku-4.5"}]}`:                        `The alias fast leads to \"claude-hiku-4.5\"`,
		`{"aliases":[{"name":"a","model":"b"},{"name":"b","model":"claude-haiku-4.5"}]}`: `Name the model that one stands for: claude-haiku-4.5.`,
	} {
		if status, answer := o.ask("PUT", "/admin/settings", body); status != 400 || !strings.Contains(answer, want) {
			t.Errorf("%s answered %d %s", body, status, answer)
		}
	}
	o.must(200, "PUT", "/admin/settings", `{"default_model":"claude-sonnet-4-5-20250929","aliases":[{"name":"fast","model":"claude-haiku-4-5"}]}`)
}

func (o *office) healthy(host string) bool {
	o.t.Helper()
	request, _ := http.NewRequest("GET", o.Address()+"/health", nil)
	request.Host = host
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode == 200
}
