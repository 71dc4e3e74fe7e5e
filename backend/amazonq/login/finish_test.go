package login_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq/login"
	"amq2api/backend/fault"
)

func TestACompanyWithOneProfileNeedsNoChoice(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		var asked account.Credential
		o.profiles = func(c account.Credential) ([]account.Profile, error) {
			asked = c
			return offering("A")(c)
		}
		r := company
		r.StartURL += "/#/"
		s := o.start(r)
		identity := o.approve(s)
		s = o.later(5*time.Second, s)
		o.expect(s, login.Done)
		if asked.Service != account.Kiro || asked.Method != account.IdentityCenter || asked.Region != "us-east-1" || !asked.AccessToken.Equal(identity.AccessToken()) {
			t.Errorf("asked with %+v", asked)
		}
		if got := o.kept[0]; got.ProfileARN != arn("A") || got.Region != "eu-central-1" || got.StartURL != company.StartURL || got.Name != "work" {
			t.Errorf("kept %+v", got)
		}
	})
}

func TestACompanyWithoutProfileIsSentToItsAdministrator(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.profiles = offering()
		s := o.start(company)
		o.approve(s)
		o.expect(o.later(5*time.Second, s), login.Failed)
		if len(o.kept) != 0 {
			t.Errorf("kept %+v", o.kept)
		}
	})
}

// choosing is a sign-in whose person has two profiles to choose from.
func (o *office) choosing() login.SignIn {
	o.t.Helper()
	o.profiles = offering("A", "B")
	s := o.start(company)
	o.approve(s)
	s = o.later(5*time.Second, s)
	o.expect(s, login.Choosing)
	return s
}

func TestAPersonChoosesAmongProfiles(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		s := o.choosing()
		if len(s.Profiles) != 2 || s.Profiles[1] != (account.Profile{ARN: arn("B"), Name: "B"}) || !s.ExpiresAt.Equal(time.Now().Add(10*time.Minute)) {
			t.Errorf("shown %+v", s)
		}
		s.Profiles[0].ARN = arn("C")
		for _, refused := range []string{"", arn("C"), "B"} {
			if got := fault.Of(o.desk.Choose(t.Context(), s.ID, refused)); got == nil || got.Kind != fault.Invalid || got.Param != "profile_arn" {
				t.Errorf("%q: %v", refused, got)
			}
		}
		if err := o.desk.Choose(t.Context(), s.ID, arn("B")); err != nil {
			t.Error(err)
		}
		if got := fault.Of(o.desk.Choose(t.Context(), s.ID, arn("A"))); got == nil || got.Kind != fault.Conflict {
			t.Errorf("a second choice: %v", got)
		}
		s = o.later(0, s)
		o.expect(s, login.Done)
		if o.kept[0].ProfileARN != arn("B") || s.Profiles != nil || s.AccountID != 1 {
			t.Errorf("%+v, kept %+v", s, o.kept)
		}
		if got := fault.Of(o.desk.Choose(t.Context(), "nobody", arn("A"))); got == nil || got.Kind != fault.NotFound {
			t.Error(got)
		}
	})
}

func TestTokensWaitTenMinutesForAChoice(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		s := o.choosing()
		o.expect(o.later(10*time.Minute-time.Second, s), login.Choosing)
		s = o.later(time.Second, s)
		o.expect(s, login.Expired)
		if got := fault.Of(o.desk.Choose(t.Context(), s.ID, arn("A"))); got == nil || got.Kind != fault.Conflict || s.Profiles != nil {
			t.Errorf("%+v, %v", s, got)
		}
	})
}

func TestAChoiceCanBeCancelled(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		s := o.choosing()
		if err := o.desk.Cancel(s.ID); err != nil {
			t.Error(err)
		}
		o.expect(o.later(time.Hour/10, s), login.Cancelled)
		if len(o.kept) != 0 {
			t.Errorf("kept %+v", o.kept)
		}
	})
}

func TestTroubleWithProfilesIsWorthSomePatience(t *testing.T) {
	for failures, want := range map[int]login.State{3: login.Done, 4: login.Failed} {
		atTheOffice(t, func(t *testing.T, o *office) {
			stumble := stumbling(failures, fault.Unavailable)
			o.profiles = func(c account.Credential) ([]account.Profile, error) {
				if err := stumble(); err != nil {
					return nil, err
				}
				return offering("A")(c)
			}
			s := o.start(company)
			o.approve(s)
			o.expect(o.later(18*time.Second, s), login.Finishing)
			if got := fault.Of(o.desk.Cancel(s.ID)); got == nil || got.Kind != fault.Conflict {
				t.Errorf("cancelled while being finished: %v", got)
			}
			o.expect(o.later(time.Second, s), want)
		})
	}
}

func TestClosingEndsTheQuestionForProfiles(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.profiles = func(account.Credential) ([]account.Profile, error) { return nil, fault.New(fault.Throttled, "Later.") }
		s := o.start(company)
		o.approve(s)
		o.expect(o.later(6500*time.Millisecond, s), login.Finishing)
		if err := o.desk.Close(t.Context()); err != nil {
			t.Error(err)
		}
		o.expect(o.later(0, s), login.Cancelled)
	})
}

func TestALockedVaultIsWaitedFor(t *testing.T) {
	for failures, want := range map[int]login.State{5: login.Done, 6: login.Failed} {
		atTheOffice(t, func(t *testing.T, o *office) {
			stumble := stumbling(failures, fault.Unavailable)
			o.keep = func(context.Context, login.Outcome) (int64, error) { return 0, stumble() }
			s := o.start(builder)
			o.approve(s)
			o.expect(o.later(10*time.Second, s), login.Finishing)
			s = o.later(99*time.Second, s)
			o.expect(s, want)
			if want == login.Failed && s.Message != "The vault is locked." {
				t.Error(s.Message)
			}
		})
	}
}

func TestAnAccountThatIsNotWantedIsNotOfferedTwice(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		tries := 0
		o.keep = func(context.Context, login.Outcome) (int64, error) {
			tries++
			return 0, fault.New(fault.Conflict, "This account is there already.")
		}
		s := o.start(builder)
		o.approve(s)
		s = o.later(5*time.Second, s)
		o.expect(s, login.Failed)
		if tries != 1 || s.Message != "This account is there already." {
			t.Errorf("%d tries, %s", tries, s.Message)
		}
	})
}

func TestClosingCutsPausesShortButKeepsTokens(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		stumble := stumbling(4, fault.Unavailable)
		o.keep = func(ctx context.Context, _ login.Outcome) (int64, error) { return 0, errors.Join(stumble(), ctx.Err()) }
		s := o.start(builder)
		o.approve(s)
		o.expect(o.later(10*time.Second, s), login.Finishing)
		begun := time.Now()
		if err := o.desk.Close(t.Context()); err != nil || time.Since(begun) != 0 {
			t.Errorf("%v after %s", err, time.Since(begun))
		}
		o.expect(o.later(0, s), login.Done)
	})
}

func TestClosingDoesNotWaitForeverForAVault(t *testing.T) {
	atTheOffice(t, func(t *testing.T, o *office) {
		o.keep = func(ctx context.Context, _ login.Outcome) (int64, error) {
			<-ctx.Done()
			return 0, fault.Wrap(fault.Unavailable, ctx.Err(), "The vault is locked.")
		}
		s := o.start(builder)
		o.approve(s)
		o.expect(o.later(5*time.Second, s), login.Finishing)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := o.desk.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		synctest.Wait()
		o.expect(o.later(0, s), login.Failed)
	})
}
