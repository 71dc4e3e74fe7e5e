package account_test

import (
	"testing"
	"time"

	"amq2api/backend/account"
)

func TestWhatIsToldOfAQuotaIsKeptUntilTheAccountBecomesAnotherOne(t *testing.T) {
	o := &oracle{quota: account.Quota{Used: ptr(10.0), Limit: ptr(50.0)}}
	inCare(t, o, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		read := func() []account.QuotaReading {
			t.Helper()
			found, err := h.Readings(t.Context(), id, time.Time{}.Add(time.Hour))
			if err != nil {
				t.Fatal(err)
			}
			return found
		}
		time.Sleep(time.Minute)
		o.tell(account.Quota{Used: ptr(12.0), Limit: ptr(50.0)})
		time.Sleep(2 * time.Hour)
		got := read()
		if len(got) < 2 || got[0].Used != 10 || got[len(got)-1].Used != 12 || got[0].Limit != 50 {
			t.Errorf("kept %v", got)
		}
		o.tell(account.Quota{Plan: "FREE"})
		time.Sleep(2 * time.Hour)
		if now := read(); len(now) != len(got) {
			t.Errorf("a quota of which nothing is known was kept: %v", now)
		}
		o.tell(account.Quota{Used: ptr(1.0), Limit: ptr(50.0)})
		signed := h.amazon.signIn()
		if _, err := h.Update(t.Context(), id, account.Edit{RefreshToken: &signed.RefreshToken, ClientSecret: &signed.ClientSecret}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Hour)
		if now := read(); len(now) == 0 || now[0].Used != 1 {
			t.Errorf("after another sign-in there is %v", now)
		}
		if _, err := h.Readings(t.Context(), id+1, time.Time{}); err == nil {
			t.Error("an account that is not there has readings")
		}
	})
}

func TestAnAccountShowsWhenItsTokenEndsAndOnlyThat(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		id := h.add("one", 0, 0)
		if ends := h.view(id).TokenEnds; !ends.IsZero() {
			t.Errorf("before there is a token it ends at %v", ends)
		}
		if _, err := h.Check(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if left := time.Until(h.view(id).TokenEnds); left <= 0 || left > 2*time.Hour {
			t.Errorf("it ends in %v", left)
		}
		time.Sleep(24 * time.Hour)
		if ends := h.view(id).TokenEnds; !ends.IsZero() {
			t.Errorf("a token that has ended ends at %v", ends)
		}
	})
}
