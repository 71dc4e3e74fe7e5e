package login_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// onlySo is a client whose every call is answered in one way. Its asked are the addresses of the calls.
func onlySo(t *testing.T, endpoint string, status int, body string) (client *login.Client, asked *[]string) {
	t.Helper()
	asked = new([]string)
	return through(t, endpoint, func(r *http.Request) (*http.Response, error) {
		*asked = append(*asked, r.URL.String())
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}), asked
}

var (
	registered = login.Registration{ClientID: "client", ClientSecret: secret.New("secret-canary")}
	deviceCode = secret.New("device-canary")
)

func TestWeSayWhoWeAreAndAskForWhatTheServiceNeeds(t *testing.T) {
	five := []string{
		"codewhisperer:completions", "codewhisperer:analysis", "codewhisperer:conversations", "codewhisperer:taskassist", "codewhisperer:transformations",
	}
	for service, scopes := range map[account.Service][]string{account.AmazonQ: five[:3], account.Kiro: five} {
		var body struct {
			ClientName, ClientType string
			Scopes                 []string
		}
		client := through(t, "", func(r *http.Request) (*http.Response, error) {
			if r.URL.String() != "https://oidc.eu-west-1.amazonaws.com/client/register" {
				t.Errorf("asked %s", r.URL)
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			recorder := httptest.NewRecorder()
			_, _ = io.WriteString(recorder, `{"clientId":"client","clientSecret":"secret-canary","clientSecretExpiresAt":1767225600}`)
			return recorder.Result(), nil
		})
		got, err := client.Register(t.Context(), "eu-west-1", service)
		if err != nil || got.ClientID != "client" || got.ClientSecret.Reveal() != "secret-canary" || !got.ExpiresAt.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v %v", got, err)
		}
		if body.ClientName != "AMQ2API" || body.ClientType != "public" || !slices.Equal(body.Scopes, scopes) {
			t.Errorf("sent %+v", body)
		}
	}
}

func TestAnAnswerWithoutTimesGetsTheUsualOnes(t *testing.T) {
	const begun = `{"deviceCode":"device-canary","userCode":"ABCD-EFGH","verificationUri":"https://device.test/"`
	rows := map[string][2]time.Duration{
		begun + `}`:                                   {10 * time.Minute, 5 * time.Second},
		begun + `,"expiresIn":300,"interval":1}`:      {5 * time.Minute, time.Second},
		begun + `,"expiresIn":0,"interval":-7}`:       {10 * time.Minute, 5 * time.Second},
		begun + `,"expiresIn":1e99,"interval":"NaN"}`: {time.Hour, 5 * time.Second},
	}
	for body, want := range rows {
		client, _ := onlySo(t, "", 200, body)
		got, err := client.Authorize(t.Context(), "", registered, account.BuilderIDStartURL)
		if err != nil || got.ExpiresIn != want[0] || got.Interval != want[1] || got.VerificationURIComplete != "https://device.test/" {
			t.Errorf("%s: %+v %v", body, got, err)
		}
	}
	client, _ := onlySo(t, "", 200, `{"clientId":"a","clientSecret":"b"}`)
	if got, err := client.Register(t.Context(), "", account.AmazonQ); err != nil || !got.ExpiresAt.IsZero() {
		t.Errorf("%+v %v", got, err)
	}
}

func TestAPageThatIsNotSafeIsNeverShown(t *testing.T) {
	const local = "http://127.0.0.1:9"
	rows := []struct {
		endpoint, page string
		ok             bool
	}{
		{"", "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD", true},
		{"", "https://view.awsapps.com/start/#/device", true},
		{local, "http://127.0.0.1:9/device", true},
		{local, "http://localhost:1/device", true},
		{local, "http://evil.test/device", false},
		{"https://oidc.us-east-1.amazonaws.com", "http://127.0.0.1:9/device", false},
		{"", "http://127.0.0.1:9/device", false},
		{"", "http://device.test/", false},
		{local, "javascript:alert(1)", false},
		{"", "file:///etc/passwd", false},
		{"", "https:///device", false},
		{"", "https:device.test", false},
		{"", "https://amazon.com@evil.test/", false},
		{"", "-https://device.test/", false},
		{"", "https://device.test/\u0007", false},
		{"", "https://device.test/" + strings.Repeat("a", 4000), false},
		{"", "", false},
	}
	for _, row := range rows {
		for _, names := range [][2]string{{row.page, "https://good.test/"}, {"https://good.test/", row.page}} {
			if names[1] == "" {
				continue // the page without the code stands in
			}
			body, err := json.Marshal(map[string]string{"deviceCode": "device-canary", "userCode": "ABCD", "verificationUri": names[0], "verificationUriComplete": names[1]})
			if err != nil {
				t.Fatal(err)
			}
			client, asked := onlySo(t, row.endpoint, 200, string(body))
			got, err := client.Authorize(t.Context(), "us-east-1", registered, "https://example.test/start")
			if row.ok != (err == nil) || len(*asked) != 1 {
				t.Errorf("%v over %q: %+v %v", names, row.endpoint, got, err)
			}
			if !row.ok && fault.Of(err).Kind != fault.Unavailable {
				t.Errorf("%v: %v", names, err)
			}
		}
	}
}

func TestAStartURLNobodyKnowsIsTheRequestsFault(t *testing.T) {
	client, asked := onlySo(t, "", 400, `{"error":"invalid_request","error_description":"secret-canary"}`)
	_, err := client.Authorize(t.Context(), "eu-west-1", registered, "https://example.test/start")
	if got := fault.Of(err); got.Kind != fault.Invalid || got.Param != "start_url" || (*asked)[0] != "https://oidc.eu-west-1.amazonaws.com/device_authorization" {
		t.Errorf("%v, asked %v", err, *asked)
	}
	contains(t, shown(err)+err.Error(), "secret-canary")
	if _, err = client.Authorize(t.Context(), "", registered, account.BuilderIDStartURL); fault.Of(err).Kind != fault.Unavailable {
		t.Error(err)
	}
}

func TestAClientThatIsRefusedSaysNothingOfAnAccount(t *testing.T) {
	client, asked := onlySo(t, "", 401, `{"error":"invalid_client"}`)
	_, err := client.Authorize(t.Context(), "", registered, account.BuilderIDStartURL)
	if fault.Of(err).Kind != fault.Unavailable || len(*asked) != 1 {
		t.Errorf("%v after %d calls", err, len(*asked))
	}
	for _, region := range []string{"evil.test/", "@evil.test"} {
		_, register := client.Register(t.Context(), region, account.Kiro)
		_, authorize := client.Authorize(t.Context(), region, registered, account.BuilderIDStartURL)
		_, redeem := client.Redeem(t.Context(), region, registered, deviceCode)
		if register == nil || authorize == nil || redeem == nil || len(*asked) != 1 {
			t.Errorf("%q: %v, %v, %v, asked %v", region, register, authorize, redeem, *asked)
		}
	}
}

func TestAPollTellsItsOutcomesApart(t *testing.T) {
	sentinels := []error{login.ErrPending, login.ErrSlowDown, login.ErrExpired, login.ErrDenied}
	rows := []struct {
		status int
		code   string
		want   error // nil is none of them
		kind   fault.Kind
	}{
		{400, "authorization_pending", login.ErrPending, fault.Unavailable},
		{400, "slow_down", login.ErrSlowDown, fault.Throttled},
		{429, "", login.ErrSlowDown, fault.Throttled},
		{400, "expired_token", login.ErrExpired, fault.Credential},
		{400, "access_denied", login.ErrDenied, fault.Credential},
		{400, "invalid_grant", nil, fault.Credential},
		{401, "invalid_client", nil, fault.Credential},
		{400, "invalid_request", nil, fault.Unavailable},
		{500, "authorization_pending", nil, fault.Unavailable},
		{503, "", nil, fault.Unavailable},
		{200, "", nil, fault.Unavailable},
	}
	for _, row := range rows {
		client, asked := onlySo(t, "", row.status, `{"error":"`+row.code+`","error_description":"device-canary"}`)
		_, err := client.Redeem(t.Context(), "", registered, deviceCode)
		if fault.Of(err).Kind != row.kind || len(*asked) != 1 {
			t.Errorf("%d %s: %v after %d calls", row.status, row.code, err, len(*asked))
		}
		for _, sentinel := range sentinels {
			if errors.Is(err, sentinel) != (sentinel == row.want) {
				t.Errorf("%d %s: %v", row.status, row.code, err)
			}
		}
		contains(t, shown(err)+err.Error(), "secret-canary", "device-canary")
	}
}

func TestTokensThatCannotBeRenewedAreNotTaken(t *testing.T) {
	client, _ := onlySo(t, "", 200, `{"accessToken":"aoa-canary","expiresIn":3600}`)
	_, err := client.Redeem(t.Context(), "", registered, deviceCode)
	if fault.Of(err).Kind != fault.Credential {
		t.Error(err)
	}
	contains(t, shown(err)+err.Error(), "aoa-canary")
}

func TestASignInCallByCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := amazonqtest.New(amazonqtest.Options{Seed: 1})
		pipe, stop := service.Pipe()
		defer stop()
		client, err := login.New(login.Config{HTTP: pipe, Endpoint: "http://127.0.0.1/token"})
		if err != nil {
			t.Fatal(err)
		}
		r, err := client.Register(t.Context(), "", account.Kiro)
		if err != nil {
			t.Fatal(err)
		}
		a, err := client.Authorize(t.Context(), "", r, account.BuilderIDStartURL)
		if err != nil {
			t.Fatal(err)
		}
		redeem := func(after time.Duration, want error) {
			t.Helper()
			time.Sleep(after)
			if _, err := client.Redeem(t.Context(), "", r, a.DeviceCode); !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		redeem(0, login.ErrPending)
		redeem(time.Second, login.ErrSlowDown)
		redeem(9*time.Second, login.ErrSlowDown)
		redeem(15*time.Second, login.ErrPending)
		redeem(10*time.Minute, login.ErrExpired)
	})
}

// FuzzSignInAnswers holds for any answer to any of the three calls: no panic, no more calls than promised, something usable or a fault
// of the promised kinds, and no secret shown.
func FuzzSignInAnswers(f *testing.F) {
	f.Add(200, "", `{"clientId":"c","clientSecret":"s","clientSecretExpiresAt":1767225600}`)
	f.Add(200, "", `{"clientId":"c","clientSecret":"s","clientSecretExpiresAt":1e300}`)
	f.Add(200, "", `{"deviceCode":"d","userCode":"ABCD-EFGH","verificationUri":"https://a.test","verificationUriComplete":"https://a.test/?b","expiresIn":600,"interval":5}`)
	f.Add(200, "", `{"deviceCode":"d","userCode":"ABCD EFGH","verificationUri":"javascript:1"}`)
	f.Add(200, "", `{"accessToken":"aoa","refreshToken":"aor","expiresIn":"soon","profileArn":12}`)
	f.Add(200, "", `[]`)
	f.Add(400, "AuthorizationPendingException", ``)
	f.Add(400, "", `{"error":"slow_down"}`)
	f.Add(400, "", `{"error":"secret-canary"}`)
	f.Add(401, "InvalidClientException:", `device-canary`)
	f.Add(302, "", `https://evil.test`)
	f.Add(500, "", ``)
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		if status < 200 || status > 599 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			client := through(t, "", func(*http.Request) (*http.Response, error) {
				calls++
				return &http.Response{StatusCode: status, Header: http.Header{"X-Amzn-Errortype": {kind}}, Body: io.NopCloser(strings.NewReader(body))}, nil
			})
			check := func(usable bool, most int, err error) {
				t.Helper()
				if calls > most || usable != (err == nil) {
					t.Errorf("%d calls, %v", calls, err)
				}
				calls = 0
				if err == nil {
					return
				}
				contains(t, shown(err)+err.Error(), "secret-canary", "device-canary")
				switch fault.Of(err).Kind {
				case fault.Unavailable, fault.Throttled, fault.Credential, fault.Invalid:
				default:
					t.Error(err)
				}
				if fault.Of(err).Kind == fault.Credential && most > 1 {
					t.Errorf("nobody has signed in yet: %v", err)
				}
			}
			r, err := client.Register(t.Context(), "", account.Kiro)
			check(r.ClientID != "" && !r.ClientSecret.IsZero() && r.ExpiresAt.Year() < 10000, 3, err)
			a, err := client.Authorize(t.Context(), "", registered, "https://example.test/start")
			safe := strings.HasPrefix(a.VerificationURI, "https://") && strings.HasPrefix(a.VerificationURIComplete, "https://")
			check(safe && a.UserCode != "" && !a.DeviceCode.IsZero() && a.Interval >= time.Second && a.ExpiresIn >= time.Second, 3, err)
			tokens, err := client.Redeem(t.Context(), "", registered, deviceCode)
			check(!tokens.AccessToken.IsZero() && !tokens.RefreshToken.IsZero(), 1, err)
		})
	})
}
