package amazonqtest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"amq2api/backend/amazonq/amazonqtest"
)

type tokens struct {
	AccessToken, TokenType, RefreshToken string
	ExpiresIn                            int64
}

// refresh builds the body of a renewal; the fields may be overridden by name and value.
func refresh(identity *amazonqtest.Identity, token string, overrides ...string) string {
	body := map[string]string{
		"clientId": identity.ClientID, "clientSecret": identity.ClientSecret.Reveal(), "grantType": "refresh_token", "refreshToken": token,
	}
	for i := 0; i < len(overrides); i += 2 {
		body[overrides[i]] = overrides[i+1]
	}
	encoded, _ := json.Marshal(body)
	return string(encoded)
}

func TestARenewalRotatesTheToken(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{Lifetime: 10 * time.Minute})
	old := identity.RefreshToken().Reveal()
	var got tokens
	a := w.oidc("/token", refresh(identity, old))
	a.decode(t, &got)
	if a.status != 200 || got.TokenType != "Bearer" || got.ExpiresIn != 600 || !strings.HasPrefix(got.AccessToken, "aoa") {
		t.Errorf("%d %+v", a.status, got)
	}
	if got.RefreshToken == old || got.RefreshToken != identity.RefreshToken().Reveal() {
		t.Error("the refresh token did not rotate")
	}
	if identity.AccessToken().Reveal() != got.AccessToken {
		t.Error("AccessToken is not the newest one")
	}
	call := w.last()
	if call.Operation != amazonqtest.CreateToken || call.Identity != identity || call.Status != 200 || call.Refusal != "" {
		t.Errorf("received %+v", call)
	}
}

// Each row is the answer the token service gives by its table.
func TestEveryErrorOfTheTokenServiceHasItsStatusAndName(t *testing.T) {
	w := start(t)
	identity, other := w.AddIdentity(amazonqtest.IdentityOptions{}), w.AddIdentity(amazonqtest.IdentityOptions{})
	token := identity.RefreshToken().Reveal()
	scripted := func(code string) func() {
		return func() { identity.QueueRenewals(amazonqtest.Renewal{Code: code}) }
	}
	rows := []struct {
		name, path, body string
		before           func()
		status           int
		code, exception  string
	}{
		{"unknown refresh token", "/token", refresh(identity, "aorNobody"), nil, 400, "invalid_grant", "InvalidGrantException"},
		{"another client's token", "/token", refresh(other, token), nil, 400, "invalid_grant", "InvalidGrantException"},
		{"wrong secret", "/token", refresh(identity, token, "clientSecret", "x"), nil, 401, "invalid_client", "InvalidClientException"},
		{"unknown client", "/token", refresh(identity, token, "clientId", "x"), nil, 401, "invalid_client", "InvalidClientException"},
		{"unknown client wants a device code", "/device_authorization", `{"clientId":"x","clientSecret":"y","startUrl":"https://view.awsapps.com/start"}`, nil, 401, "invalid_client", "InvalidClientException"},
		{"no token", "/token", refresh(identity, ""), nil, 400, "invalid_request", "InvalidRequestException"},
		{"no client", "/token", `{"grantType":"refresh_token"}`, nil, 400, "invalid_request", "InvalidRequestException"},
		{"snake case", "/token", `{"client_id":"a","client_secret":"b","grant_type":"refresh_token"}`, nil, 400, "invalid_request", "InvalidRequestException"},
		{"not JSON", "/token", `grantType=refresh_token`, nil, 400, "invalid_request", "InvalidRequestException"},
		{"another grant", "/token", refresh(identity, token, "grantType", "password"), nil, 400, "unsupported_grant_type", "UnsupportedGrantTypeException"},
		{"confidential client", "/client/register", `{"clientName":"a","clientType":"confidential"}`, nil, 400, "invalid_client_metadata", "InvalidClientMetadataException"},
		{"unknown scope", "/client/register", `{"clientName":"a","clientType":"public","scopes":["sso:account:access"]}`, nil, 400, "invalid_scope", "InvalidScopeException"},
		{"nameless client", "/client/register", `{"clientType":"public"}`, nil, 400, "invalid_request", "InvalidRequestException"},
		{"no start URL", "/device_authorization", refresh(identity, token), nil, 400, "invalid_request", "InvalidRequestException"},
		{"slow down", "/token", refresh(identity, token), scripted("slow_down"), 400, "slow_down", "SlowDownException"},
		{"expired", "/token", refresh(identity, token), scripted("expired_token"), 400, "expired_token", "ExpiredTokenException"},
		{"denied", "/token", refresh(identity, token), scripted("access_denied"), 400, "access_denied", "AccessDeniedException"},
		{"unauthorized client", "/token", refresh(identity, token), scripted("unauthorized_client"), 400, "unauthorized_client", "UnauthorizedClientException"},
		{"broken", "/token", refresh(identity, token), scripted("server_error"), 500, "server_error", "InternalServerException"},
		{"revoked", "/token", refresh(identity, token), identity.Revoke, 400, "invalid_grant", "InvalidGrantException"},
		{"expired client", "/token", refresh(other, other.RefreshToken().Reveal()), func() { w.now = w.now.Add(91 * 24 * time.Hour) }, 401, "invalid_client", "InvalidClientException"},
	}
	for _, row := range rows {
		if row.before != nil {
			row.before()
		}
		a := w.oidc(row.path, row.body)
		var got struct {
			Error string `json:"error"`
		}
		a.decode(t, &got)
		if a.status != row.status || got.Error != row.code || a.header.Get("X-Amzn-Errortype") != row.exception {
			t.Errorf("%s: %d %s %s", row.name, a.status, a.body, a.header.Get("X-Amzn-Errortype"))
		}
	}
	if c := w.Counters(); c.Renewals != 0 {
		t.Errorf("%d renewals", c.Renewals)
	}
}

func TestTheTokenServiceWantsJSON(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	a, err := w.post("/token", refresh(identity, identity.RefreshToken().Reveal()), "Content-Type", "application/x-amz-json-1.0")
	if err != nil || a.status != 400 || !strings.Contains(a.body, "invalid_request") {
		t.Errorf("%d %s %v", a.status, a.body, err)
	}
}

func TestAnOldTokenIsRefusedOnceItsSuccessorWasUsed(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	first := identity.RefreshToken().Reveal()
	status := func(token string) int { return w.oidc("/token", refresh(identity, token)).status }
	for range 2 {
		if status(first) != 200 {
			t.Fatal("the first token is dead before its successor was used")
		}
	}
	if c := identity.Counters(); c.Renewals != 2 || c.Repeats != 1 || c.Reuses != 0 {
		t.Errorf("before: %+v", c)
	}
	if status(identity.RefreshToken().Reveal()) != 200 || status(first) != 400 {
		t.Error("the successor is refused, or the first token still works")
	}
	if c := identity.Counters(); c.Renewals != 3 || c.Repeats != 1 || c.Reuses != 1 {
		t.Errorf("after: %+v", c)
	}
}

func TestWithoutGraceAnOldTokenIsDeadAtOnce(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{Rotation: amazonqtest.RotatesAtOnce})
	first := identity.RefreshToken().Reveal()
	w.oidc("/token", refresh(identity, first))
	if a := w.oidc("/token", refresh(identity, first)); a.status != 400 || identity.Counters().Reuses != 1 {
		t.Errorf("%d %+v", a.status, identity.Counters())
	}
}

func TestAnIdentityThatNeverRotatesGetsNoRefreshToken(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{Rotation: amazonqtest.NeverRotates})
	first := identity.RefreshToken().Reveal()
	for range 2 {
		if a := w.oidc("/token", refresh(identity, first)); a.status != 200 || strings.Contains(a.body, "refreshToken") {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

func TestTheAnswerToARenewalCanBeLost(t *testing.T) {
	for _, renewal := range []amazonqtest.Renewal{{Lost: true}, {Cut: true}} {
		w := start(t)
		identity := w.AddIdentity(amazonqtest.IdentityOptions{})
		identity.QueueRenewals(renewal)
		first := identity.RefreshToken().Reveal()
		a, err := w.post("/token", refresh(identity, first), "Content-Type", "application/json")
		if err == nil && a.broken == nil {
			t.Fatalf("%+v: an answer came: %d %s", renewal, a.status, a.body)
		}
		if identity.RefreshToken().Reveal() == first || identity.Counters().Renewals != 1 {
			t.Errorf("%+v: the token did not rotate", renewal)
		}
		if a := w.oidc("/token", refresh(identity, first)); a.status != 200 {
			t.Errorf("%+v: the old token has no grace: %s", renewal, a.body)
		}
	}
}

func TestARenewalCanFailWithoutChangingAnything(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	first := identity.RefreshToken().Reveal()
	identity.QueueRenewals(amazonqtest.Renewal{Reset: true}, amazonqtest.Renewal{Status: 503, Body: "<html>"},
		amazonqtest.Renewal{Location: "http://127.0.0.1:1/"}, amazonqtest.Renewal{NoRefreshToken: true, ExpiresIn: -1})
	if _, err := w.post("/token", refresh(identity, first), "Content-Type", "application/json"); err == nil {
		t.Error("the connection did not break")
	}
	if a := w.oidc("/token", refresh(identity, first)); a.status != 503 || a.body != "<html>" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := w.oidc("/token", refresh(identity, first)); a.status != 302 || a.header.Get("Location") == "" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := w.oidc("/token", refresh(identity, first)); !strings.Contains(a.body, `"expiresIn":-1`) || strings.Contains(a.body, "refreshToken") {
		t.Error(a.body)
	}
	if identity.RefreshToken().Reveal() != first {
		t.Error("the token rotated")
	}
}

func TestASignInByDeviceCode(t *testing.T) {
	w := start(t)
	var client struct {
		ClientID, ClientSecret, TokenEndpoint string
		ClientSecretExpiresAt                 int64
	}
	w.oidc("/client/register", `{"clientName":"AMQ2API","clientType":"public","scopes":["codewhisperer:conversations"]}`).decode(t, &client)
	if client.ClientSecretExpiresAt <= w.now.Unix() || client.TokenEndpoint != w.url+"/token" {
		t.Errorf("registered %+v", client)
	}
	begin := func() (code, userCode, page string) {
		var device struct {
			DeviceCode, UserCode, VerificationURI, VerificationURIComplete string
			ExpiresIn, Interval                                            int64
		}
		body := `{"clientId":"` + client.ClientID + `","clientSecret":"` + client.ClientSecret + `","startUrl":"https://view.awsapps.com/start"}`
		w.oidc("/device_authorization", body).decode(t, &device)
		if device.ExpiresIn != 600 || device.Interval != 5 || !strings.HasPrefix(device.VerificationURIComplete, device.VerificationURI) {
			t.Errorf("device %+v", device)
		}
		return device.DeviceCode, device.UserCode, device.VerificationURIComplete
	}
	poll := func(code string) (string, tokens) {
		body := `{"clientId":"` + client.ClientID + `","clientSecret":"` + client.ClientSecret + `","grantType":"urn:ietf:params:oauth:grant-type:device_code","deviceCode":"` + code + `"}`
		var got struct {
			tokens
			Error string `json:"error"`
		}
		w.oidc("/token", body).decode(t, &got)
		return got.Error, got.tokens
	}

	code, userCode, page := begin()
	for _, step := range []struct {
		wait time.Duration
		want string
	}{
		{0, "authorization_pending"}, {time.Second, "slow_down"}, {5 * time.Second, "slow_down"}, {20 * time.Second, "authorization_pending"},
	} {
		w.now = w.now.Add(step.wait)
		if got, _ := poll(code); got != step.want {
			t.Errorf("after %s: %q, not %q", step.wait, got, step.want)
		}
	}
	if response, err := http.Get(page); err != nil || response.StatusCode != 200 {
		t.Errorf("the page: %v", err)
	} else {
		_ = response.Body.Close()
	}
	if a, err := w.post("/device", "user_code="+userCode+"&decision=approve", "Content-Type", "application/x-www-form-urlencoded"); err != nil || a.status != 200 {
		t.Errorf("approving: %d %v", a.status, err)
	}
	w.now = w.now.Add(time.Minute)
	failure, got := poll(code)
	if failure != "" || got.RefreshToken == "" || got.AccessToken == "" {
		t.Fatalf("%q %+v", failure, got)
	}
	renewal := `{"clientId":"` + client.ClientID + `","clientSecret":"` + client.ClientSecret + `","grantType":"refresh_token","refreshToken":"` + got.RefreshToken + `"}`
	if a := w.oidc("/token", renewal); a.status != 200 {
		t.Errorf("the new identity cannot renew: %s", a.body)
	}
	if failure, _ := poll(code); failure != "invalid_grant" {
		t.Errorf("a used code: %q", failure)
	}

	denied, userCode, _ := begin()
	if err := w.Deny(strings.ToLower(userCode)); err != nil {
		t.Error(err)
	}
	if failure, _ := poll(denied); failure != "access_denied" {
		t.Errorf("denied: %q", failure)
	}
	late, userCode, _ := begin()
	w.now = w.now.Add(10 * time.Minute)
	if failure, _ := poll(late); failure != "expired_token" {
		t.Errorf("late: %q", failure)
	}
	if _, err := w.Approve(userCode, amazonqtest.IdentityOptions{}); err == nil {
		t.Error("an expired sign-in was approved")
	}
	if a, _ := w.post("/device", "user_code="+userCode+"&decision=deny", "Content-Type", "application/x-www-form-urlencoded"); a.status != 404 {
		t.Errorf("denying an expired sign-in: %d", a.status)
	}
}
