package amazonqtest

import (
	"errors"
	"html/template"
	"net/http"
	"strings"
	"time"
)

// device is a sign-in by device code.
type device struct {
	client   *oidcClient
	startURL string
	userCode string
	expires  time.Time
	interval time.Duration
	polled   time.Time
	denied   bool
	identity *Identity // set by approval
	redeemed bool
}

// deviceLifetime is how long a person has to approve. Source: observed replies.
const deviceLifetime = 10 * time.Minute

type deviceQuery struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	StartURL     string `json:"startUrl"`
}

type deviceAnswer struct {
	DeviceCode              string `json:"deviceCode"`
	UserCode                string `json:"userCode"`
	VerificationURI         string `json:"verificationUri"`
	VerificationURIComplete string `json:"verificationUriComplete"`
	ExpiresIn               int64  `json:"expiresIn"`
	Interval                int64  `json:"interval"`
}

func (s *Service) startDeviceAuthorization(x *exchange, q deviceQuery) {
	if q.ClientID == "" || q.ClientSecret == "" || !strings.HasPrefix(q.StartURL, "https://") {
		x.fail(&oauthFailure{"invalid_request", "", "clientId, clientSecret or startUrl is missing"})
		return
	}
	s.mu.Lock()
	client, failure := s.client(q.ClientID, q.ClientSecret)
	if failure != nil {
		s.mu.Unlock()
		x.fail(failure)
		return
	}
	code, d := s.addDevice(client, q.StartURL)
	s.mu.Unlock()
	page := x.base() + "/device"
	x.succeed(deviceAnswer{
		DeviceCode: code, UserCode: d.userCode, VerificationURI: page, VerificationURIComplete: page + "?user_code=" + d.userCode,
		ExpiresIn: int64(s.options.DeviceLifetime / time.Second), Interval: int64(d.interval / time.Second),
	})
}

func (s *Service) addDevice(client *oidcClient, startURL string) (code string, d *device) {
	code = letters(s.random, 60)
	userCode := strings.ToUpper(letters(s.random, 4) + "-" + letters(s.random, 4))
	d = &device{client: client, startURL: startURL, userCode: userCode, expires: s.options.Now().Add(s.options.DeviceLifetime), interval: s.options.PollInterval}
	s.devices[code] = d
	return code, d
}

// redeemDevice answers a client that polls.
func (s *Service) redeemDevice(x *exchange, client *oidcClient, code string) {
	s.mu.Lock()
	answer, failure := s.pollDevice(client, code)
	s.mu.Unlock()
	if failure != nil {
		x.fail(failure)
		return
	}
	x.succeed(answer)
}

func (s *Service) pollDevice(client *oidcClient, code string) (tokenAnswer, *oauthFailure) {
	now, d := s.options.Now(), s.devices[code]
	if d == nil || d.client != client || d.redeemed {
		return tokenAnswer{}, &oauthFailure{"invalid_grant", "Invalid device code provided", "the device code is unknown, used, or another client's"}
	}
	early := !d.polled.IsZero() && now.Sub(d.polled) < d.interval
	d.polled = now
	switch {
	case !d.expires.After(now):
		return tokenAnswer{}, &oauthFailure{"expired_token", "", "nobody approved in time"}
	case early:
		d.interval += 5 * time.Second
		return tokenAnswer{}, &oauthFailure{"slow_down", "", "polled before the interval was over"}
	case d.denied:
		return tokenAnswer{}, &oauthFailure{"access_denied", "", "the person said no"}
	case d.identity == nil:
		return tokenAnswer{}, &oauthFailure{"authorization_pending", "", "nobody approved yet"}
	}
	d.redeemed = true
	return tokenAnswer{
		AccessToken: d.identity.mintAccess(), TokenType: "Bearer", ExpiresIn: int64(d.identity.options.Lifetime / time.Second),
		RefreshToken: d.identity.refresh[0],
	}, nil
}

// ErrNoSignIn says that no sign-in waits under a user code.
var ErrNoSignIn = errors.New("no sign-in waits under this code")

// Approve is the person saying yes to a sign-in: the client's next poll gets tokens of a new identity.
func (s *Service) Approve(userCode string, o IdentityOptions) (*Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.waiting(userCode)
	if err != nil {
		return nil, err
	}
	d.identity = s.addIdentity(o, d.client)
	return d.identity, nil
}

// approveOnPage is Approve by whoever has the start URL.
func (s *Service) approveOnPage(userCode string) error {
	s.mu.Lock()
	d, err := s.waiting(userCode)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	_, err = s.Approve(userCode, s.options.Person(d.startURL))
	return err
}

// builderID is where every Builder ID signs in. Source: the official CLI.
const builderID = "https://view.awsapps.com/start"

// somebody is who approves a sign-in on the page.
func somebody(startURL string) IdentityOptions {
	if startURL == builderID {
		return IdentityOptions{Name: "Builder ID", Email: "builder@example.com"}
	}
	return IdentityOptions{
		Name: "company", Email: "somebody@company.example",
		Profiles: []Profile{{ARN: "arn:aws:codewhisperer:us-east-1:123456789012:profile/SIMULATED", Name: "Simulated profile"}},
	}
}

// Deny is the person saying no to a sign-in.
func (s *Service) Deny(userCode string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.waiting(userCode)
	if err == nil {
		d.denied = true
	}
	return err
}

func (s *Service) waiting(userCode string) (*device, error) {
	for _, d := range s.devices {
		if d.userCode == strings.ToUpper(strings.TrimSpace(userCode)) && !d.denied && d.identity == nil && d.expires.After(s.options.Now()) {
			return d, nil
		}
	}
	return nil, ErrNoSignIn
}

var devicePage = template.Must(template.New("device").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Simulated sign-in</title>
<body style="font-family: system-ui; max-width: 30rem; margin: 4rem auto">
<h1>Simulated sign-in</h1>
<p>This page stands in for Amazon's. Nobody is signed in to anything.</p>
{{if .Outcome}}<p role="status">{{.Outcome}}</p>{{else}}
<form method="post">
<p><label>Code <input name="user_code" value="{{.Code}}" required autocomplete="off"></label></p>
<p><button name="decision" value="approve">Approve</button> <button name="decision" value="deny">Deny</button></p>
</form>{{end}}
`))

type deviceView struct{ Code, Outcome string }

func (s *Service) showDevice(w http.ResponseWriter, r *http.Request) {
	render(w, http.StatusOK, deviceView{Code: r.URL.Query().Get("user_code")})
}

func (s *Service) decideDevice(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	code, outcome := r.FormValue("user_code"), "Denied. You can close this page."
	var err error
	if r.FormValue("decision") == "approve" {
		outcome = "Approved. You can close this page."
		err = s.approveOnPage(code)
	} else {
		err = s.Deny(code)
	}
	if err != nil {
		render(w, http.StatusNotFound, deviceView{Outcome: "No sign-in waits under this code."})
		return
	}
	render(w, http.StatusOK, deviceView{Outcome: outcome})
}

func render(w http.ResponseWriter, status int, view deviceView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = devicePage.Execute(w, view) // the person may have closed the page
}
