package login_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/fault"
)

// office is a Desk at work, with a simulator before it and somebody who keeps accounts behind it.
type office struct {
	t       *testing.T
	service *amazonqtest.Service
	desk    *login.Desk

	mu       sync.Mutex
	tamper   func(r *http.Request, send roundTrip) (*http.Response, error) // nil lets calls pass
	profiles func(account.Credential) ([]account.Profile, error)
	keep     func(context.Context, login.Outcome) (int64, error)
	kept     []login.Outcome
	changes  int
	log      bytes.Buffer
}

// atTheOffice plays a story in a synctest bubble. The bubble also finds goroutines that outlive the Desk.
func atTheOffice(t *testing.T, story func(*testing.T, *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := &office{t: t, service: amazonqtest.New(amazonqtest.Options{Seed: 1})}
		pipe, stop := o.service.Pipe()
		defer stop()
		client, err := login.New(login.Config{HTTP: &http.Client{Transport: o.between(pipe.Transport)}, Endpoint: "http://127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		o.desk = login.NewDesk(login.DeskConfig{
			Client: client, Profiles: o.offer, Keep: o.store, Now: time.Now, Log: slog.New(slog.NewTextHandler(&o.log, nil)), Changed: o.change,
		})
		story(t, o)
		if err := o.desk.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func (o *office) between(pipe http.RoundTripper) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		o.mu.Lock()
		tamper := o.tamper
		o.mu.Unlock()
		if tamper == nil {
			return pipe.RoundTrip(r)
		}
		return tamper(r, pipe.RoundTrip)
	}
}

// fails makes the polls of the given numbers, from 1, get an answer that is not the simulator's.
func (o *office) fails(answer func() (*http.Response, error), first, last int) {
	polls := 0
	o.tamper = func(r *http.Request, send roundTrip) (*http.Response, error) {
		if r.URL.Path != "/token" {
			return send(r)
		}
		if polls++; first <= polls && polls <= last {
			return answer()
		}
		return send(r)
	}
}

func (o *office) offer(_ context.Context, c account.Credential) ([]account.Profile, error) {
	return o.profiles(c)
}

func (o *office) store(ctx context.Context, outcome login.Outcome) (int64, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.keep != nil {
		if id, err := o.keep(ctx, outcome); err != nil {
			return id, err
		}
	}
	o.kept = append(o.kept, outcome)
	return int64(len(o.kept)), nil
}

func (o *office) change() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.changes++
}

var (
	builder = login.Request{Method: account.BuilderID}
	company = login.Request{Service: account.Kiro, Method: account.IdentityCenter, StartURL: "https://example.awsapps.com/start", Region: "eu-central-1", Name: "work"}
)

func (o *office) start(r login.Request) login.SignIn {
	o.t.Helper()
	s, err := o.desk.Start(o.t.Context(), r)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

func (o *office) approve(s login.SignIn) *amazonqtest.Identity {
	o.t.Helper()
	identity, err := o.service.Approve(s.UserCode, amazonqtest.IdentityOptions{})
	if err != nil {
		o.t.Fatal(err)
	}
	return identity
}

// later is how a sign-in stands after some time, once nothing more happens at that moment.
func (o *office) later(d time.Duration, s login.SignIn) login.SignIn {
	o.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	s, err := o.desk.Get(s.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return s
}

// expect checks a sign-in's state, and that exactly the ends that need words have some.
func (o *office) expect(s login.SignIn, want login.State) {
	o.t.Helper()
	if s.State != want {
		o.t.Errorf("state %s, want %s: %s", s.State, want, s.Message)
	}
	if worded := s.State.Ended() && s.State != login.Done; worded != (s.Message != "") {
		o.t.Errorf("%s with the message %q", s.State, s.Message)
	}
}

func (o *office) polls() []time.Duration {
	var polls []time.Duration
	begun := o.service.Received(amazonqtest.StartDeviceAuthorization)[0].At
	for _, call := range o.service.Received(amazonqtest.CreateToken) {
		polls = append(polls, call.At.Sub(begun))
	}
	return polls
}

func offering(names ...string) func(account.Credential) ([]account.Profile, error) {
	return func(account.Credential) ([]account.Profile, error) {
		var profiles []account.Profile
		for _, name := range names {
			profiles = append(profiles, account.Profile{ARN: arn(name), Name: name})
		}
		return profiles, nil
	}
}

func arn(name string) string { return "arn:aws:codewhisperer:us-east-1:123456789012:profile/" + name }

// stumbling fails so many times, then does not.
func stumbling(times int, kind fault.Kind) func() error {
	return func() error {
		if times--; times >= 0 {
			return fault.New(kind, "The vault is locked.")
		}
		return nil
	}
}

func contains(t *testing.T, text string, secrets ...string) {
	t.Helper()
	for _, canary := range secrets {
		if strings.Contains(text, canary) {
			t.Errorf("%q is in %s", canary, text)
		}
	}
}

func shown(values ...any) string { return fmt.Sprintf("%+v %#v", values, values) }
