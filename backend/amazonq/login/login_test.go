package login_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// signIn is a client of the simulator and an identity there.
type signIn struct {
	t        *testing.T
	service  *amazonqtest.Service
	identity *amazonqtest.Identity
	client   *login.Client
	account  account.Account
	secrets  account.Secrets
}

// onSocket is over real HTTP.
func onSocket(t *testing.T, o amazonqtest.IdentityOptions) *signIn {
	t.Helper()
	service := amazonqtest.New(amazonqtest.Options{Seed: 1})
	url, stop, err := service.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return newSignIn(t, service, login.Config{Endpoint: url, Version: "1.2.3"}, o)
}

// inFakeTime plays a story in a synctest bubble, over HTTP in memory.
func inFakeTime(t *testing.T, o amazonqtest.IdentityOptions, story func(*testing.T, *signIn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		service := amazonqtest.New(amazonqtest.Options{Seed: 1})
		client, stop := service.Pipe()
		defer stop()
		story(t, newSignIn(t, service, login.Config{HTTP: client, Endpoint: "http://127.0.0.1/token"}, o))
	})
}

func newSignIn(t *testing.T, service *amazonqtest.Service, config login.Config, o amazonqtest.IdentityOptions) *signIn {
	t.Helper()
	client, err := login.New(config)
	if err != nil {
		t.Fatal(err)
	}
	identity := service.AddIdentity(o)
	return &signIn{
		t: t, service: service, identity: identity, client: client,
		account: account.Account{Name: "work", ClientID: identity.ClientID},
		secrets: account.Secrets{RefreshToken: identity.RefreshToken(), ClientSecret: identity.ClientSecret},
	}
}

// renew renews, and checks that an error keeps the secrets.
func (s *signIn) renew() (account.Tokens, error) {
	s.t.Helper()
	tokens, err := s.client.Renew(s.t.Context(), s.account, s.secrets)
	if err != nil {
		keepsSecrets(s.t, err, s.secrets)
	}
	return tokens, err
}

func keepsSecrets(t *testing.T, err error, secrets account.Secrets) {
	t.Helper()
	shown := err.Error() + fmt.Sprintf("%+v %#v", err, err) + fault.Of(err).Message
	if strings.Contains(shown, secrets.RefreshToken.Reveal()) || strings.Contains(shown, secrets.ClientSecret.Reveal()) {
		t.Errorf("a secret is in %s", shown)
	}
}

func (s *signIn) calls() int { return len(s.service.Received(amazonqtest.CreateToken)) }

func TestARenewalBringsNewTokens(t *testing.T) {
	s := onSocket(t, amazonqtest.IdentityOptions{Lifetime: 50 * time.Minute})
	tokens, err := s.renew()
	if err != nil {
		t.Fatal(err)
	}
	if !tokens.AccessToken.Equal(s.identity.AccessToken()) || !tokens.RefreshToken.Equal(s.identity.RefreshToken()) || tokens.ExpiresIn != 50*time.Minute {
		t.Errorf("tokens %+v", tokens)
	}
	if tokens.RefreshToken.Equal(s.secrets.RefreshToken) {
		t.Error("the refresh token did not rotate")
	}
	call := s.service.Received(amazonqtest.CreateToken)[0]
	if call.Path != "/token" || call.Header.Get("User-Agent") != "amq2api/1.2.3" || call.Header.Get("Content-Type") != "application/json" {
		t.Errorf("received %s %v", call.Path, call.Header)
	}
}

func TestAnAnswerWithoutRefreshTokenKeepsTheOldOne(t *testing.T) {
	s := onSocket(t, amazonqtest.IdentityOptions{Rotation: amazonqtest.NeverRotates})
	tokens, err := s.renew()
	if err != nil || !tokens.RefreshToken.IsZero() || tokens.AccessToken.IsZero() {
		t.Errorf("%+v %v", tokens, err)
	}
}

// Each row is an error of the token service, and what it means for the account. None is worth another call but a server's.
func TestEveryErrorOfTheTokenService(t *testing.T) {
	rows := []struct {
		code  string
		kind  fault.Kind
		calls int
	}{
		{"invalid_grant", fault.Credential, 1},
		{"invalid_client", fault.Credential, 1},
		{"unauthorized_client", fault.Credential, 1},
		{"expired_token", fault.Credential, 1},
		{"access_denied", fault.Credential, 1},
		{"slow_down", fault.Throttled, 1},
		{"authorization_pending", fault.Unavailable, 1},
		{"unsupported_grant_type", fault.Unavailable, 1},
		{"invalid_scope", fault.Unavailable, 1},
		{"invalid_request", fault.Unavailable, 1},
		{"invalid_client_metadata", fault.Unavailable, 1},
		{"server_error", fault.Unavailable, 3},
	}
	for _, row := range rows {
		inFakeTime(t, amazonqtest.IdentityOptions{}, func(t *testing.T, s *signIn) {
			scripted := amazonqtest.Renewal{Code: row.code}
			s.identity.QueueRenewals(scripted, scripted, scripted)
			_, err := s.renew()
			if got := fault.Of(err); got.Kind != row.kind || s.calls() != row.calls {
				t.Errorf("%s: %v after %d calls", row.code, got, s.calls())
			}
		})
	}
}

func TestTheServicesOwnRefusals(t *testing.T) {
	rows := []struct {
		name   string
		change func(*signIn)
		kind   fault.Kind
	}{
		{"revoked", func(s *signIn) { s.identity.Revoke() }, fault.Credential},
		{"wrong secret", func(s *signIn) { s.secrets.ClientSecret = secret.New("not-the-secret") }, fault.Credential},
		{"unknown client", func(s *signIn) { s.account.ClientID = "nobody" }, fault.Credential},
		{"no refresh token", func(s *signIn) { s.secrets.RefreshToken = secret.String{} }, fault.Unavailable},
	}
	for _, row := range rows {
		s := onSocket(t, amazonqtest.IdentityOptions{})
		row.change(s)
		_, err := s.client.Renew(t.Context(), s.account, s.secrets)
		if got := fault.Of(err).Kind; got != row.kind || s.calls() != 1 {
			t.Errorf("%s: %v after %d calls", row.name, err, s.calls())
		}
	}
}

func TestTroubleOfTheServerIsWaitedOut(t *testing.T) {
	inFakeTime(t, amazonqtest.IdentityOptions{}, func(t *testing.T, s *signIn) {
		page := amazonqtest.Renewal{Status: 503, Body: "<html>Service Unavailable</html>"}
		s.identity.QueueRenewals(page, amazonqtest.Renewal{Code: "server_error"})
		begun := time.Now()
		if _, err := s.renew(); err != nil {
			t.Error(err)
		}
		if waited := time.Since(begun); waited != 800*time.Millisecond || s.calls() != 3 {
			t.Errorf("%d calls in %s", s.calls(), waited)
		}
		if c := s.identity.Counters(); c.Renewals != 1 || c.Repeats != 0 || c.Reuses != 0 {
			t.Errorf("counters %+v", c)
		}
	})
}

func TestALostAnswerIsAskedForOnceMore(t *testing.T) {
	for _, lost := range []amazonqtest.Renewal{{Lost: true}, {Cut: true}, {Reset: true}} {
		s := onSocket(t, amazonqtest.IdentityOptions{})
		s.identity.QueueRenewals(lost)
		tokens, err := s.renew()
		if err != nil || !tokens.RefreshToken.Equal(s.identity.RefreshToken()) || s.calls() != 2 {
			t.Errorf("%+v: %v after %d calls", lost, err, s.calls())
		}
		if c := s.identity.Counters(); c.Reuses != 0 {
			t.Errorf("%+v: %d reuses", lost, c.Reuses)
		}
	}
}

func TestTwoLostAnswersAreEnough(t *testing.T) {
	s := onSocket(t, amazonqtest.IdentityOptions{})
	s.identity.QueueRenewals(amazonqtest.Renewal{Lost: true}, amazonqtest.Renewal{Lost: true})
	if _, err := s.renew(); fault.Of(err).Kind != fault.Unavailable || s.calls() != 2 {
		t.Errorf("%v after %d calls", err, s.calls())
	}
}

func TestALostAnswerOfAServiceWithoutGraceNeedsASignIn(t *testing.T) {
	s := onSocket(t, amazonqtest.IdentityOptions{Rotation: amazonqtest.RotatesAtOnce})
	s.identity.QueueRenewals(amazonqtest.Renewal{Lost: true})
	if _, err := s.renew(); fault.Of(err).Kind != fault.Credential || s.calls() != 2 {
		t.Errorf("%v after %d calls", err, s.calls())
	}
}

func TestALifetimeThatMakesNoSenseIsNotBelieved(t *testing.T) {
	for expiresIn, want := range map[int64]time.Duration{-1: time.Hour, 1: time.Second, 1 << 62: 24 * time.Hour} {
		s := onSocket(t, amazonqtest.IdentityOptions{})
		s.identity.QueueRenewals(amazonqtest.Renewal{ExpiresIn: expiresIn})
		if tokens, err := s.renew(); err != nil || tokens.ExpiresIn != want {
			t.Errorf("%d: %s %v", expiresIn, tokens.ExpiresIn, err)
		}
	}
}

func TestTheTokenIsNotCarriedToWhereARedirectPoints(t *testing.T) {
	canary := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the redirect was followed") }))
	defer canary.Close()
	for _, client := range []*http.Client{nil, {}} {
		s := onSocket(t, amazonqtest.IdentityOptions{})
		s.identity.QueueRenewals(amazonqtest.Renewal{Location: canary.URL})
		given, err := login.New(login.Config{HTTP: client, Endpoint: endpointOf(t, s)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := given.Renew(t.Context(), s.account, s.secrets); fault.Of(err).Kind != fault.Unavailable || s.calls() != 1 {
			t.Errorf("%v after %d calls", err, s.calls())
		}
	}
}

// endpointOf opens another port of the identity's service.
func endpointOf(t *testing.T, s *signIn) string {
	t.Helper()
	url, stop, err := s.service.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url + "/"
}

func TestASilentServiceIsGivenThirtySeconds(t *testing.T) {
	inFakeTime(t, amazonqtest.IdentityOptions{}, func(t *testing.T, s *signIn) {
		s.identity.QueueRenewals(amazonqtest.Renewal{Delay: time.Hour})
		begun := time.Now()
		_, err := s.renew()
		if waited := time.Since(begun); fault.Of(err).Kind != fault.Unavailable || waited != 30*time.Second || s.calls() != 1 {
			t.Errorf("%v after %d calls in %s", err, s.calls(), waited)
		}
	})
}

func TestTheThirtySecondsIncludeThePauses(t *testing.T) {
	inFakeTime(t, amazonqtest.IdentityOptions{}, func(t *testing.T, s *signIn) {
		s.identity.QueueRenewals(amazonqtest.Renewal{Delay: 29900 * time.Millisecond, Status: 500})
		begun := time.Now()
		_, err := s.renew()
		if waited := time.Since(begun); fault.Of(err).Kind != fault.Unavailable || waited != 30*time.Second || s.calls() != 1 {
			t.Errorf("%v after %d calls in %s", err, s.calls(), waited)
		}
	})
}

func TestACallerThatGivesUpIsNotAFailureOfTheAccount(t *testing.T) {
	s := onSocket(t, amazonqtest.IdentityOptions{})
	s.identity.QueueRenewals(amazonqtest.Renewal{Delay: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error)
	go func() {
		_, err := s.client.Renew(ctx, s.account, s.secrets)
		failed <- err
	}()
	if err := s.service.Wait(t.Context(), func(amazonqtest.Counters) bool { return s.calls() == 1 }); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-failed; fault.Of(err).Kind != fault.Canceled {
		t.Error(err)
	}
}

// roundTrip is a transport in one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// through is a client without simulator.
func through(t *testing.T, endpoint string, f roundTrip) *login.Client {
	t.Helper()
	client, err := login.New(login.Config{HTTP: &http.Client{Transport: f}, Endpoint: endpoint})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

var (
	someone = account.Account{ClientID: "client"}
	hidden  = account.Secrets{RefreshToken: secret.New("aor-canary"), ClientSecret: secret.New("secret-canary")}
)

func TestErrorsOfTheNetwork(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	lookup := dial(&net.DNSError{Err: "no such host", Name: "oidc.us-east-1.amazonaws.com", IsNotFound: true})
	rows := []struct {
		name   string
		err    error
		online bool
		kind   fault.Kind
		calls  int
	}{
		{"refused", dial(syscall.ECONNREFUSED), true, fault.Unavailable, 3},
		{"no network", dial(syscall.ENETUNREACH), true, fault.Offline, 3},
		{"no network on Windows", dial(syscall.Errno(10051)), true, fault.Offline, 3},
		{"no names without an address", lookup, false, fault.Offline, 3},
		{"no names in spite of an address", lookup, true, fault.Unavailable, 3},
	}
	for _, row := range rows {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			client := through(t, "", func(*http.Request) (*http.Response, error) {
				calls++
				return nil, row.err
			})
			login.SetOnline(client, row.online)
			_, err := client.Renew(t.Context(), someone, hidden)
			if fault.Of(err).Kind != row.kind || calls != row.calls || !errors.Is(err, row.err) {
				t.Errorf("%s: %v after %d calls", row.name, err, calls)
			}
			keepsSecrets(t, err, hidden)
		})
	}
}

func TestAnUntrustedCertificateIsSaidToBeOne(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	defer server.Close()
	client, err := login.New(login.Config{Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Renew(t.Context(), someone, hidden)
	if got := fault.Of(err); got.Kind != fault.Unavailable || !strings.Contains(got.Message, "certificate") {
		t.Error(err)
	}
}

func TestAThrottlingAnswerSaysHowLongToWait(t *testing.T) {
	for header, want := range map[string]time.Duration{"7": 7 * time.Second, "": 0, "soon": 0, "-1": 0, "99999999": 24 * time.Hour} {
		client := through(t, "", func(r *http.Request) (*http.Response, error) {
			recorder := httptest.NewRecorder()
			recorder.Header().Set("Retry-After", header)
			recorder.WriteHeader(http.StatusTooManyRequests)
			return recorder.Result(), nil
		})
		_, err := client.Renew(t.Context(), someone, hidden)
		if got := fault.Of(err); got.Kind != fault.Throttled || got.RetryAfter != want {
			t.Errorf("%q: %v, %s", header, err, got.RetryAfter)
		}
	}
}

func TestATokenGoesToTheRegionOfItsSignIn(t *testing.T) {
	rows := []struct{ endpoint, region, want string }{
		{"", "", "https://oidc.us-east-1.amazonaws.com/token"},
		{"", "eu-central-1", "https://oidc.eu-central-1.amazonaws.com/token"},
		{"", "us-gov-west-1", "https://oidc.us-gov-west-1.amazonaws.com/token"},
		{"https://oidc.us-east-1.amazonaws.com/token", "eu-central-1", "https://oidc.eu-central-1.amazonaws.com/token"},
		{"https://vpce-1.oidc.us-east-1.vpce.amazonaws.com", "us-east-1", "https://vpce-1.oidc.us-east-1.vpce.amazonaws.com/token"},
		{"http://127.0.0.1:9", "eu-central-1", "http://127.0.0.1:9/token"},
		{"http://[::1]:9/", "eu-central-1", "http://[::1]:9/token"},
		{"http://localhost:9/below/", "eu-central-1", "http://localhost:9/below/token"},
		{"http://localhost:9/token", "eu-central-1", "http://localhost:9/token"},
	}
	for _, row := range rows {
		var asked *url.URL
		client := through(t, row.endpoint, func(r *http.Request) (*http.Response, error) {
			asked = r.URL
			recorder := httptest.NewRecorder()
			_, _ = io.WriteString(recorder, `{"accessToken":"aoa"}`)
			return recorder.Result(), nil
		})
		if _, err := client.Renew(t.Context(), account.Account{SignInRegion: row.region}, hidden); err != nil {
			t.Fatal(err)
		}
		if asked.String() != row.want {
			t.Errorf("%q, %q: %s", row.endpoint, row.region, asked)
		}
	}
}

func TestARegionCannotNameAnotherHost(t *testing.T) {
	client := through(t, "", func(r *http.Request) (*http.Response, error) {
		t.Errorf("asked %s", r.URL)
		return nil, errors.New("refused")
	})
	for _, region := range []string{"evil.test/", "us-east-1.evil.test#", "US-EAST-1", "us east 1", "@evil.test"} {
		if _, err := client.Renew(t.Context(), account.Account{SignInRegion: region}, hidden); fault.Of(err).Kind != fault.Unavailable {
			t.Errorf("%q: %v", region, err)
		}
	}
}

func TestAnEndpointThatIsNeitherAmazonsNorLocalIsRefused(t *testing.T) {
	for _, endpoint := range []string{
		"https://oidc.evil.test/token", "https://oidc.us-east-1.amazonaws.com.evil.test/", "https://amazonaws.com.evil.test", "https://evilamazonaws.com",
		"http://oidc.us-east-1.amazonaws.com/token", "http://10.0.0.1/token", "http://127.evil.test/", "http://0.0.0.0:80/", "ftp://127.0.0.1/",
		"oidc.us-east-1.amazonaws.com", "https://user@oidc.us-east-1.amazonaws.com/", "https://oidc.us-east-1.amazonaws.com/?a=b", "http://127.0.0.1/#a", "://",
		"https://oidc.s3.us-east-1.amazonaws.com", "https://ec2-1-2-3-4.compute-1.amazonaws.com", "https://q.us-east-1.amazonaws.com", "https://oidc.us-east-1.amazonaws.com.",
	} {
		if _, err := login.New(login.Config{Endpoint: endpoint}); err == nil {
			t.Errorf("%s is accepted", endpoint)
		}
	}
}

// FuzzAnswers holds for any answer: no panic, no more than three calls, tokens or a fault of the promised kinds, no secret shown.
func FuzzAnswers(f *testing.F) {
	f.Add(200, "", `{"accessToken":"aoa","expiresIn":3600,"refreshToken":"aor","tokenType":"Bearer","idToken":null}`)
	f.Add(200, "", `{"accessToken":"aoa","expiresIn":"soon","refreshToken":null}`)
	f.Add(200, "", `{"accessToken":"aoa","expiresIn":"NaN"}`)
	f.Add(200, "", `{"accessToken":12}`)
	f.Add(200, "", `{}`)
	f.Add(200, "", `<html>welcome to the hotel</html>`)
	f.Add(200, "", strings.Repeat(" ", 300<<10)+`{"accessToken":"aoa"}`)
	f.Add(204, "", ``)
	f.Add(302, "InvalidGrantException", ``)
	f.Add(400, "", `{"error":"invalid_grant","error_description":"aor-canary"}`)
	f.Add(400, "", `{"error":"aor-canary"}`)
	f.Add(400, "InvalidGrantException:http://internal.amazon.com/", `gibberish`)
	f.Add(401, "InvalidClientException", ``)
	f.Add(401, "", ``)
	f.Add(500, "", `{"error":"invalid_grant"}`)
	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		if status < 200 || status > 599 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			client := through(t, "", func(*http.Request) (*http.Response, error) {
				calls++
				header := http.Header{"X-Amzn-Errortype": {kind}}
				return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
			})
			tokens, err := client.Renew(t.Context(), someone, hidden)
			if calls > 3 || (err == nil) == tokens.AccessToken.IsZero() {
				t.Errorf("%d calls, %+v, %v", calls, tokens, err)
			}
			if err == nil {
				if tokens.ExpiresIn < time.Second || tokens.ExpiresIn > 24*time.Hour {
					t.Errorf("lifetime %s", tokens.ExpiresIn)
				}
				return
			}
			keepsSecrets(t, err, hidden)
			switch fault.Of(err).Kind {
			case fault.Unavailable, fault.Throttled:
			case fault.Credential:
				if status >= 500 || status < 400 || calls != 1 {
					t.Errorf("status %d: %v", status, err)
				}
			default:
				t.Errorf("status %d: %v", status, err)
			}
		})
	})
}
