package login_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// kiro is a token service for social accounts, in the shape that observed calls have. It answers with what is queued, then with the last.
type kiro struct {
	t       *testing.T
	answers []func(http.ResponseWriter)
	tokens  []string // every refresh token it was sent
}

func (k *kiro) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]string
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || len(body) != 1 || r.Method != http.MethodPost || r.URL.Path != "/refreshToken" {
		k.t.Errorf("%s %s with %v: %v", r.Method, r.URL, len(body), err)
	}
	k.tokens = append(k.tokens, body["refreshToken"])
	answer := k.answers[0]
	if len(k.answers) > 1 {
		k.answers = k.answers[1:]
	}
	answer(w)
}

func says(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// breaks loses the answer after the token was used.
func breaks(http.ResponseWriter) { panic(http.ErrAbortHandler) }

const renewed = `{"accessToken":"aoa-new","refreshToken":"aor-new","profileArn":"arn:aws:codewhisperer:us-east-1:1:profile/A","expiresIn":3600}`

func renewAtKiro(t *testing.T, answers ...func(http.ResponseWriter)) (account.Tokens, *kiro, error) {
	t.Helper()
	k := &kiro{t: t, answers: answers}
	server := httptest.NewServer(k)
	defer server.Close()
	client, err := login.New(login.Config{Endpoint: server.URL + "/token"})
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := client.Renew(t.Context(), account.Account{Service: account.Kiro, Method: account.Social}, hidden)
	if err != nil {
		keepsSecrets(t, err, hidden)
	}
	return tokens, k, err
}

func TestASocialAccountIsRenewedWithoutAClient(t *testing.T) {
	tokens, k, err := renewAtKiro(t, says(200, renewed))
	if err != nil || tokens.AccessToken.Reveal() != "aoa-new" || tokens.RefreshToken.Reveal() != "aor-new" || tokens.ExpiresIn != time.Hour {
		t.Errorf("%+v %v", tokens, err)
	}
	if tokens.ProfileARN != "arn:aws:codewhisperer:us-east-1:1:profile/A" || len(k.tokens) != 1 || k.tokens[0] != "aor-canary" {
		t.Errorf("%+v", tokens)
	}
	tokens, _, err = renewAtKiro(t, says(200, `{"accessToken":"aoa-new","profileArn":{"odd":1}}`))
	if err != nil || !tokens.RefreshToken.IsZero() || tokens.ProfileARN != "" {
		t.Errorf("%+v %v", tokens, err)
	}
}

func TestWhatASocialServiceRefuses(t *testing.T) {
	rows := []struct {
		status int
		body   string
		kind   fault.Kind
		calls  int
	}{
		{400, `{"error":"invalid_grant"}`, fault.Credential, 1},
		{401, `{"message":"aor-canary"}`, fault.Credential, 1},
		{403, `{"message":"Forbidden"}`, fault.Unavailable, 1},
		{429, ``, fault.Throttled, 1},
		{500, ``, fault.Unavailable, 3},
		{302, ``, fault.Unavailable, 1},
	}
	for _, row := range rows {
		if _, k, err := renewAtKiro(t, says(row.status, row.body)); fault.Of(err).Kind != row.kind || len(k.tokens) != row.calls {
			t.Errorf("%d: %v after %d calls", row.status, err, len(k.tokens))
		}
	}
}

func TestALostSocialAnswerIsAskedForOnceMore(t *testing.T) {
	if _, k, err := renewAtKiro(t, breaks, says(200, renewed)); err != nil || len(k.tokens) != 2 {
		t.Errorf("%v after %d calls", err, len(k.tokens))
	}
	if _, k, err := renewAtKiro(t, breaks); fault.Of(err).Kind != fault.Unavailable || len(k.tokens) != 2 {
		t.Errorf("%v after %d calls", err, len(k.tokens))
	}
}

func TestASocialTokenNeverGoesToAnAWSHost(t *testing.T) {
	rows := []struct{ endpoint, region, want string }{
		{"", "", "https://prod.us-east-1.auth.desktop.kiro.dev/refreshToken"},
		{"", "eu-central-1", "https://prod.eu-central-1.auth.desktop.kiro.dev/refreshToken"},
		{"https://oidc.us-east-1.amazonaws.com/token", "us-east-1", "https://prod.us-east-1.auth.desktop.kiro.dev/refreshToken"},
		{"https://vpce-1.oidc.us-east-1.vpce.amazonaws.com", "", "https://prod.us-east-1.auth.desktop.kiro.dev/refreshToken"},
		{"http://localhost:9/below/token", "eu-central-1", "http://localhost:9/below/refreshToken"},
		{"http://[::1]:9", "", "http://[::1]:9/refreshToken"},
	}
	for _, row := range rows {
		client, asked := onlySo(t, row.endpoint, 200, renewed)
		_, err := client.Renew(t.Context(), account.Account{Method: account.Social, SignInRegion: row.region}, hidden)
		if err != nil || len(*asked) != 1 || (*asked)[0] != row.want {
			t.Errorf("%q, %q: asked %v, %v", row.endpoint, row.region, *asked, err)
		}
	}
	client, asked := onlySo(t, "", 200, renewed)
	for _, region := range []string{"evil.test/", "us-east-1.evil.test#", "@evil.test"} {
		if _, err := client.Renew(t.Context(), account.Account{Method: account.Social, SignInRegion: region}, hidden); fault.Of(err).Kind != fault.Unavailable || len(*asked) != 0 {
			t.Errorf("%q: %v", region, err)
		}
	}
}

func TestAKeyIsItsOwnAccessToken(t *testing.T) {
	client, asked := onlySo(t, "", 500, "")
	tokens, err := client.Renew(t.Context(), account.Account{Service: account.Kiro, Method: account.APIKey}, account.Secrets{RefreshToken: secret.New("key")})
	if err != nil || tokens.AccessToken.Reveal() != "key" || !tokens.RefreshToken.IsZero() || tokens.ExpiresIn != 24*time.Hour || len(*asked) != 0 {
		t.Errorf("%+v %v, asked %v", tokens, err, *asked)
	}
	if _, err := client.Renew(t.Context(), account.Account{Method: account.APIKey}, account.Secrets{}); fault.Of(err).Kind != fault.Credential {
		t.Error(err)
	}
}
