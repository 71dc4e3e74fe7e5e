package account_test

import (
	"strings"
	"testing"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

func TestWhatIsWrongWithADraftIsSaid(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		number := func(n int) *int { return &n }
		long := strings.Repeat("x", 17<<10)
		for name, story := range map[string]struct {
			change func(d *account.Draft)
			param  string
		}{
			"no name":                  {func(d *account.Draft) { d.Name = " " }, "name"},
			"a long name":              {func(d *account.Draft) { d.Name = strings.Repeat("é", 101) }, "name"},
			"a name of two lines":      {func(d *account.Draft) { d.Name = "one\ntwo" }, "name"},
			"no client id":             {func(d *account.Draft) { d.ClientID = "" }, "client_id"},
			"a client id of two words": {func(d *account.Draft) { d.ClientID = "a b" }, "client_id"},
			"no refresh token":         {func(d *account.Draft) { d.Secrets.RefreshToken = secret.String{} }, "refresh_token"},
			"a broken refresh token":   {func(d *account.Draft) { d.Secrets.RefreshToken = secret.New(canary + "\n" + canary) }, "refresh_token"},
			"a long refresh token":     {func(d *account.Draft) { d.Secrets.RefreshToken = secret.New(long) }, "refresh_token"},
			"no client secret":         {func(d *account.Draft) { d.Secrets.ClientSecret = secret.New(" ") }, "client_secret"},
			"a foreign client secret":  {func(d *account.Draft) { d.Secrets.ClientSecret = secret.New("ключ") }, "client_secret"},
			"another service's ARN":    {func(d *account.Draft) { d.ProfileARN = "arn:aws:iam::123456789012:user/me" }, "profile_arn"},
			"an ARN that names a host": {func(d *account.Draft) { d.ProfileARN = "arn:aws:codewhisperer:evil.example/:1:profile/A" }, "profile_arn"},
			"a region that is a host":  {func(d *account.Draft) { d.SignInRegion = "evil.example/us-east-1" }, "sign_in_region"},
			"a negative rate":          {func(d *account.Draft) { d.Pace.RequestsPerMinute = number(-1) }, "requests_per_minute"},
			"an absurd rate":           {func(d *account.Draft) { d.Pace.RequestsPerMinute = number(1_000_001) }, "requests_per_minute"},
			"a negative concurrency":   {func(d *account.Draft) { d.Pace.MaxConcurrent = number(-1) }, "max_concurrent"},
			"an absurd concurrency":    {func(d *account.Draft) { d.Pace.MaxConcurrent = number(1001) }, "max_concurrent"},
			"long notes":               {func(d *account.Draft) { d.Notes = strings.Repeat("n", 2001) }, "notes"},
		} {
			draft := h.draft("good")
			story.change(&draft)
			_, err := h.Add(t.Context(), draft)
			f := fault.Of(err)
			if f == nil || f.Kind != fault.Invalid || f.Param != story.param || strings.Contains(f.Error(), canary) {
				t.Errorf("%s: %v, at %q", name, err, f.Param)
			}
		}
		h.expectTidy("after the refusals")
		good := h.draft("good")
		good.ProfileARN, good.SignInRegion = "arn:aws:codewhisperer:us-east-1:123456789012:profile/AbC1", "us-gov-west-1"
		good.Pace.RequestsPerMinute, good.Pace.MaxConcurrent = number(0), number(1000)
		view, err := h.Add(t.Context(), good)
		if err != nil {
			t.Fatal(err)
		}
		nothing := ""
		if _, err := h.Update(t.Context(), view.ID, account.Edit{Name: &nothing}); fault.Of(err).Param != "name" {
			t.Errorf("an edit with an empty name: %v", err)
		}
		if after, err := h.Update(t.Context(), view.ID, account.Edit{ProfileARN: &nothing}); err != nil || after.ProfileARN != "" {
			t.Errorf("an edit that makes it a Builder ID: %+v, %v", after, err)
		}
	})
}
