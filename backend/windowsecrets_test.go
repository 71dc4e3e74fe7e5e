package backend_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"amq2api/backend/amazonq/amazonqtest"
)

// The window's page needs no sign-in, so it must not be told a secret that is kept, by any route and after any change.
func TestTheWindowIsToldNoStoredSecret(t *testing.T) {
	amazon := amazonqtest.New(amazonqtest.Options{Seed: 1})
	address, stop, err := amazon.Listen()
	check(t, err)
	defer stop()
	o := openOffice(t, address)
	person := amazon.AddIdentity(amazonqtest.IdentityOptions{Name: "Ann"})
	refresh := person.RefreshToken().Reveal()
	o.must(200, "PUT", "/admin/settings", `{"notice_acknowledged":true,"upstream_proxy":"direct"}`)
	o.must(200, "PUT", "/admin/upstream-proxy/password", `{"password":"proxy-canary-b6c9aa"}`)
	o.must(201, "POST", "/admin/accounts", fmt.Sprintf(`{"name":"Ann","refresh_token":%q,"client_id":%q,"client_secret":%q}`, refresh, person.ClientID, person.ClientSecret.Reveal()))
	var key struct{ Key string }
	check(t, json.Unmarshal([]byte(o.must(201, "POST", "/admin/api-keys", `{"name":"k"}`)), &key))
	o.must(200, "POST", "/admin/accounts/1/check", "")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.Address()+"/v1/messages",
		strings.NewReader(`{"model":"claude-sonnet-4-5","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}`))
	check(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("x-api-key", key.Key)
	response, err := http.DefaultClient.Do(request)
	check(t, err)
	check(t, response.Body.Close())
	secrets := map[string]string{
		"refresh token": refresh, "renewed refresh token": person.RefreshToken().Reveal(), "access token": person.AccessToken().Reveal(),
		"client secret": person.ClientSecret.Reveal(), "client key": key.Key, "admin token": adminToken, "proxy password": "proxy-canary-b6c9aa",
	}
	asked := 0
	for _, route := range o.routes() {
		method, path, _ := strings.Cut(route, " ")
		if strings.HasSuffix(path, "/export") || strings.HasSuffix(path, "/rotate") || method == http.MethodDelete {
			continue // an export is sealed, a rotation shows a new key once, and the rest is to be there
		}
		asked++
		answer := o.peek(method, path)
		for name, secret := range secrets {
			if hidden([]byte(answer), secret) != "" {
				t.Errorf("%s tells the %s", route, name)
			}
		}
	}
	if asked < 40 {
		t.Errorf("only %d routes were asked", asked)
	}
	t.Logf("A31 bindings | the window binds nothing; %d routes of its admin API tell none of %d stored secrets", asked, len(secrets))
}

// routes are those of the admin API, with ids that there are.
func (o *office) routes() []string {
	o.t.Helper()
	var described struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	check(o.t, json.Unmarshal([]byte(o.must(200, "GET", "/admin/openapi.json", "")), &described))
	var routes []string
	for path, methods := range described.Paths {
		for method := range methods {
			routes = append(routes, strings.ToUpper(method)+" "+strings.NewReplacer("{id}", "1", "{login}", "x", "{name}", "x").Replace(path))
		}
	}
	return routes
}

// peek is what a route answers at once; a stream is left.
func (o *office) peek(method, path string) string {
	request := httptest.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader("{}"))
	request.Header.Set("Content-Type", "application/json")
	ctx, leave := context.WithTimeout(o.t.Context(), time.Second)
	defer leave()
	answer := httptest.NewRecorder()
	o.WindowAdmin().ServeHTTP(answer, request.WithContext(ctx))
	return answer.Body.String() + fmt.Sprint(answer.Header())
}
