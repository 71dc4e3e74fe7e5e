package login_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
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

func TestABuilderIDSignsIn(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		s := o.start(login.Request{Method: account.BuilderID, StartURL: "https://elsewhere.test", Region: "eu-west-1", AccountID: 7})
		o.expect(s, login.Waiting)
		if s.UserCode == "" || s.VerificationURI != "http://127.0.0.1/device" || s.VerificationURIComplete != s.VerificationURI+"?user_code="+s.UserCode {
			t.Errorf("shown %+v", s)
		}
		if len(s.ID) < 20 || !s.StartedAt.Equal(time.Now()) || !s.ExpiresAt.Equal(time.Now().Add(10*time.Minute)) {
			t.Errorf("shown %+v", s)
		}
		o.expect(o.later(12*time.Second, s), login.Waiting)
		identity := o.approve(s)
		s = o.later(3*time.Second, s)
		o.expect(s, login.Done)
		if s.AccountID != 1 || len(o.kept) != 1 {
			t.Fatalf("%+v, kept %+v", s, o.kept)
		}
		got := o.kept[0]
		if got.AccountID != 7 || got.Service != account.AmazonQ || got.StartURL != account.BuilderIDStartURL || got.Region != "us-east-1" || got.ProfileARN != "" {
			t.Errorf("kept %+v", got)
		}
		if !got.Tokens.RefreshToken.Equal(identity.RefreshToken()) || !got.Tokens.AccessToken.Equal(identity.AccessToken()) || got.Tokens.ExpiresIn != time.Hour {
			t.Errorf("kept %+v", got)
		}
		r := got.Registration
		if r.ClientID != identity.ClientID || !r.ClientSecret.Equal(identity.ClientSecret) || r.ExpiresAt.Sub(s.StartedAt) != 90*24*time.Hour {
			t.Errorf("registration %+v", r)
		}
		if want := []time.Duration{5 * time.Second, 10 * time.Second, 15 * time.Second}; !slices.Equal(o.polls(), want) {
			t.Errorf("polls at %v", o.polls())
		}
		if o.changes != 3 { // it waits, it is being finished, it is done
			t.Errorf("%d changes", o.changes)
		}
		contains(t, o.log.String()+shown(s, o.desk.List()), r.ClientSecret.Reveal(), got.Tokens.RefreshToken.Reveal(), got.Tokens.AccessToken.Reveal())
	})
}

func TestAPersonWhoSaysNoEndsTheSignIn(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		s := o.start(builder)
		if err := o.service.Deny(s.UserCode); err != nil {
			t.Fatal(err)
		}
		o.expect(o.later(5*time.Second, s), login.Denied)
		o.expect(o.later(time.Minute, s), login.Denied)
		if len(o.polls()) != 1 || len(o.kept) != 0 {
			t.Errorf("%d polls, kept %v", len(o.polls()), o.kept)
		}
	})
}

func TestNobodyIsWaitedForLongerThanTheCodeLives(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		s := o.start(builder)
		o.expect(o.later(10*time.Minute-time.Second, s), login.Waiting)
		o.expect(o.later(time.Second, s), login.Expired)
		if polls := len(o.polls()); polls != 119 {
			t.Errorf("%d polls", polls)
		}
	})
}

func TestASlowDownMakesPollingSlowerForGood(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		hurry := true
		o.tamper = func(r *http.Request, send roundTrip) (*http.Response, error) {
			if r.URL.Path == "/token" && hurry { // asks twice; the second answer is the one that counts
				hurry = false
				early := r.Clone(r.Context())
				early.Body, _ = r.GetBody()
				if response, err := send(early); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
			}
			return send(r)
		}
		s := o.start(builder)
		o.expect(o.later(31*time.Second, s), login.Waiting)
		if want := []time.Duration{5 * time.Second, 5 * time.Second, 15 * time.Second, 25 * time.Second}; !slices.Equal(o.polls(), want) {
			t.Errorf("polls at %v", o.polls())
		}
		o.approve(s)
		o.expect(o.later(5*time.Second, s), login.Done)
	})
}

// troubles are what a poll survives.
var troubles = map[string]func() (*http.Response, error){
	"no network": func() (*http.Response, error) { return nil, errors.New("no route to host") },
	"server":     answering(503, "<html>Service Unavailable</html>"),
	"garbage":    answering(200, "<html>"),
}

func answering(status int, body string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
	}
}

func TestTroubleBetweenTwoPollsIsWaitedOut(t *testing.T) {
	for name, trouble := range troubles {
		atTheOffice(t, func(t *testing.T, o *office) {
			o.fails(trouble, 1, 3)
			s := o.start(builder)
			o.approve(s)
			o.expect(o.later(15*time.Second, s), login.Waiting)
			o.expect(o.later(5*time.Second, s), login.Done)
			if t.Failed() {
				t.Log(name)
			}
		})
	}
}

func TestTroubleToTheEndIsSaid(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.fails(troubles["server"], 1, 1000)
		s := o.later(10*time.Minute, o.start(builder))
		o.expect(s, login.Expired)
		if !strings.Contains(s.Message, "503") {
			t.Error(s.Message)
		}
	})
}

func TestARefusalThatIsNotTroubleIsFinal(t *testing.T) {
	for _, code := range []string{"invalid_grant", "invalid_client", "invalid_request", "unsupported_grant_type", "aor-canary"} {
		atTheOffice(t, func(t *testing.T, o *office) {
			o.fails(answering(400, `{"error":"`+code+`","error_description":"aor-canary"}`), 1, 1000)
			s := o.later(5*time.Second, o.start(builder))
			o.expect(s, login.Failed)
			contains(t, shown(s)+o.log.String(), "aor-canary")
		})
	}
}

func TestTheServiceMayCallACodeExpired(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.fails(answering(400, `{"error":"expired_token"}`), 1, 1)
		o.expect(o.later(5*time.Second, o.start(builder)), login.Expired)
	})
}

func TestAPollThatHangsIsGivenUpAfterThirtySeconds(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		hang := true
		o.tamper = func(r *http.Request, send roundTrip) (*http.Response, error) {
			if r.URL.Path == "/token" && hang {
				hang = false
				<-r.Context().Done()
				return nil, r.Context().Err()
			}
			return send(r)
		}
		s := o.start(builder)
		o.approve(s)
		o.expect(o.later(39*time.Second, s), login.Waiting)
		o.expect(o.later(time.Second, s), login.Done)
	})
}

func TestTokensThatComeTogetherWithACancelAreNotKept(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.fails(func() (*http.Response, error) {
			if err := o.desk.Cancel(o.desk.List()[0].ID); err != nil {
				t.Error(err)
			}
			return answering(200, `{"accessToken":"aoa","refreshToken":"aor"}`)()
		}, 1, 1)
		o.expect(o.later(5*time.Second, o.start(builder)), login.Cancelled)
		if len(o.kept) != 0 {
			t.Errorf("kept %+v", o.kept)
		}
	})
}

func TestTwoPeopleSignInAtOnce(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		first := o.start(builder)
		time.Sleep(time.Second)
		second := o.start(builder)
		if list := o.desk.List(); len(list) != 2 || list[0].ID != second.ID || list[1].ID != first.ID || first.ID == second.ID {
			t.Errorf("list %+v", list)
		}
		identity := o.approve(second)
		o.expect(o.later(10*time.Second, second), login.Done)
		o.expect(o.later(0, first), login.Waiting)
		if len(o.kept) != 1 || !o.kept[0].Tokens.RefreshToken.Equal(identity.RefreshToken()) {
			t.Errorf("kept %+v", o.kept)
		}
		o.approve(first)
		o.expect(o.later(10*time.Second, first), login.Done)
	})
}

func TestASignInCanBeCancelled(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		s := o.start(builder)
		for range 2 {
			if err := o.desk.Cancel(s.ID); err != nil {
				t.Error(err)
			}
		}
		o.approve(s)
		o.expect(o.later(time.Minute, s), login.Cancelled)
		if len(o.service.Received(amazonqtest.CreateToken)) != 0 || len(o.kept) != 0 || o.changes != 2 {
			t.Errorf("polled or kept: %v, %d changes", o.kept, o.changes)
		}
		if err := o.desk.Cancel("nobody"); fault.Of(err).Kind != fault.NotFound {
			t.Error(err)
		}
		if _, err := o.desk.Get("nobody"); fault.Of(err).Kind != fault.NotFound {
			t.Error(err)
		}
	})
}

func TestThereIsRoomForEightUnderWay(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		var last login.SignIn
		for range 8 {
			last = o.start(builder)
		}
		if _, err := o.desk.Start(t.Context(), builder); fault.Of(err).Kind != fault.Conflict {
			t.Error(err)
		}
		if err := o.desk.Cancel(last.ID); err != nil {
			t.Error(err)
		}
		o.start(builder)
	})
}

func TestASignInThatCannotBeginTakesNoRoom(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.tamper = func(r *http.Request, send roundTrip) (*http.Response, error) {
			if r.URL.Path == "/device_authorization" {
				return answering(500, "")()
			}
			return send(r)
		}
		for range 9 {
			if _, err := o.desk.Start(t.Context(), builder); fault.Of(err).Kind != fault.Unavailable {
				t.Error(err)
			}
		}
		if len(o.desk.List()) != 0 {
			t.Error("what never began is listed")
		}
	})
}

func TestWhatEndedIsForgotten(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		waits := o.start(builder)
		for range 40 {
			if err := o.desk.Cancel(o.start(builder).ID); err != nil {
				t.Error(err)
			}
		}
		if list := o.desk.List(); len(list) != 33 || list[32].ID != waits.ID {
			t.Errorf("%d are listed", len(list))
		}
		time.Sleep(8 * time.Minute)
		late := o.start(builder)
		if err := o.desk.Cancel(late.ID); err != nil {
			t.Error(err)
		}
		time.Sleep(7 * time.Minute)
		synctest.Wait()
		if list := o.desk.List(); len(list) != 2 || list[0].ID != late.ID || list[1].State != login.Expired {
			t.Errorf("listed %+v", list)
		}
	})
}

func TestClosingEndsWhatWaitsForSomebody(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.profiles = offering("A", "B")
		chooses := o.start(company)
		o.approve(chooses)
		waits := o.start(builder)
		o.expect(o.later(6*time.Second, chooses), login.Choosing)
		if err := o.desk.Close(t.Context()); err != nil {
			t.Error(err)
		}
		o.expect(o.later(0, chooses), login.Cancelled)
		o.expect(o.later(0, waits), login.Cancelled)
		if _, err := o.desk.Start(t.Context(), builder); fault.Of(err).Kind != fault.Unavailable {
			t.Error(err)
		}
	})
}

func TestClosingWaitsForASignInThatBegins(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.tamper = func(r *http.Request, _ roundTrip) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}
		begun := make(chan error)
		go func() {
			_, err := o.desk.Start(t.Context(), builder)
			begun <- err
		}()
		synctest.Wait()
		closed := make(chan error, 1)
		go func() { closed <- o.desk.Close(t.Context()) }()
		if err := <-begun; fault.Of(err).Kind != fault.Canceled {
			t.Error(err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}

func TestAPersonWhoLeavesAfterTheStartIsStillWaitedFor(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		ctx, cancel := context.WithCancel(t.Context())
		s, err := o.desk.Start(ctx, builder)
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		o.approve(s)
		o.expect(o.later(5*time.Second, s), login.Done)
	})
}

func TestARequestThatCannotBeRightIsRefusedBeforeAnybodySignsIn(t *testing.T) {
	with := func(change func(*login.Request)) login.Request {
		r := company
		change(&r)
		return r
	}
	rows := map[string]login.Request{
		"start_url":      with(func(r *login.Request) { r.StartURL = "" }),
		"start_url ":     with(func(r *login.Request) { r.StartURL = "http://example.awsapps.com/start" }),
		"start_url  ":    with(func(r *login.Request) { r.StartURL = account.BuilderIDStartURL + "/#/" }),
		"sign_in_region": with(func(r *login.Request) { r.Region = "" }), "sign_in_region ": with(func(r *login.Request) { r.Region = "evil.test/" }),
		"method": with(func(r *login.Request) { r.Method = account.Social }), "method ": with(func(r *login.Request) { r.Method = "" }),
		"service": with(func(r *login.Request) { r.Service = "other" }), "name": with(func(r *login.Request) { r.Name = "two\nlines" }),
	}
	atTheOffice(t, func(t *testing.T, o *office) {
		for param, r := range rows {
			_, err := o.desk.Start(t.Context(), r)
			if got := fault.Of(err); got == nil || got.Kind != fault.Invalid || got.Param != strings.TrimSpace(param) {
				t.Errorf("%s: %v", param, err)
			}
		}
		if calls := o.service.Received(""); len(calls) != 0 {
			t.Errorf("%d calls were made", len(calls))
		}
	})
}

func TestAnybodyMayLookWhileEverythingMoves(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.profiles = offering("A", "B")
		var crowd sync.WaitGroup
		for n := range 8 {
			crowd.Go(func() {
				s, err := o.desk.Start(t.Context(), company)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = o.service.Approve(s.UserCode, amazonqtest.IdentityOptions{})
				for range 20 {
					time.Sleep(500 * time.Millisecond)
					_ = o.desk.List()
					_ = o.desk.Choose(t.Context(), s.ID, arn("B"))
				}
				if n%2 == 0 {
					_ = o.desk.Cancel(s.ID)
				}
			})
		}
		crowd.Wait()
		synctest.Wait()
		for _, s := range o.desk.List() {
			o.expect(s, login.Done)
		}
	})
}
