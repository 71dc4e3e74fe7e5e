package amazonqtest_test

import (
	"strings"
	"testing"

	"amq2api/backend/amazonq/amazonqtest"
)

// profiled is hello with a profile.
func profiled(arn string) string {
	return strings.TrimSuffix(hello, "}") + `,"profileArn":"` + arn + `"}`
}

func TestWhoeverIsOfferedProfilesMustSendOneOfThem(t *testing.T) {
	w := start(t)
	const one, two = "arn:aws:codewhisperer:us-east-1:1:profile/ONE", "arn:aws:codewhisperer:us-east-1:1:profile/TWO"
	person := w.AddIdentity(amazonqtest.IdentityOptions{Profiles: []amazonqtest.Profile{{ARN: one, Name: "one"}, {ARN: two, Name: "two"}}})
	for body, status := range map[string]int{hello: 400, profiled(one): 200, profiled(two): 200, profiled(one + "X"): 403} {
		if a := w.generate(person, body); a.status != status {
			t.Errorf("%s: %d, want %d", body, a.status, status)
		}
	}
	page := func(body string) (answer struct {
		Profiles  []struct{ ARN, ProfileName string }
		NextToken string
	}) {
		a, err := w.rpc(person, amazonqtest.ListAvailableProfiles, body)
		if err != nil {
			t.Fatal(err)
		}
		a.decode(t, &answer)
		return answer
	}
	first := page(`{"maxResults":1}`)
	if len(first.Profiles) != 1 || first.Profiles[0].ARN != one || first.NextToken == "" {
		t.Fatalf("the first page is %+v", first)
	}
	if second := page(`{"maxResults":1,"nextToken":"` + first.NextToken + `"}`); len(second.Profiles) != 1 || second.Profiles[0].ARN != two || second.NextToken != "" {
		t.Errorf("the second page is %+v", second)
	}
	if a, _ := w.rpc(person, amazonqtest.ListAvailableProfiles, `{"nextToken":"made up"}`); a.status != 400 {
		t.Errorf("a made-up token: %d", a.status)
	}
	builder := w.AddIdentity(amazonqtest.IdentityOptions{})
	if a, _ := w.rpc(builder, amazonqtest.ListAvailableProfiles, `{}`); a.status != 403 || !strings.Contains(a.body, "Builder ID is not supported") {
		t.Errorf("a Builder ID: %d %s", a.status, a.body)
	}
}

func TestAKeyAndATokenAreNotTakenForEachOther(t *testing.T) {
	w := start(t)
	key, person := w.AddIdentity(amazonqtest.IdentityOptions{APIKey: true}), w.AddIdentity(amazonqtest.IdentityOptions{})
	call := func(identity *amazonqtest.Identity, kind string) int {
		headers := []string{"Content-Type", "application/x-amz-json-1.0", "X-Amz-Target", targetOf(amazonqtest.Generate), "Authorization", "Bearer " + identity.AccessToken().Reveal()}
		if kind != "" {
			headers = append(headers, "Tokentype", kind)
		}
		a, err := w.post("/", hello, headers...)
		if err != nil {
			t.Fatal(err)
		}
		return a.status
	}
	if got := [...]int{call(key, "API_KEY"), call(key, ""), call(person, ""), call(person, "API_KEY")}; got != [...]int{200, 403, 200, 403} {
		t.Errorf("the statuses are %v", got)
	}
	if a := w.oidc("/token", refresh(key, key.RefreshToken().Reveal())); a.status != 400 {
		t.Errorf("a key was renewed: %d", a.status)
	}
}

func TestASocialTokenIsRenewedWithoutAClient(t *testing.T) {
	w := start(t)
	const arn = "arn:aws:codewhisperer:us-east-1:1:profile/ONE"
	person := w.AddIdentity(amazonqtest.IdentityOptions{Social: true, ProfileARN: arn})
	old := person.RefreshToken().Reveal()
	var got struct {
		AccessToken, RefreshToken, ProfileARN string
		ExpiresIn                             int64
	}
	w.oidc("/refreshToken", `{"refreshToken":"`+old+`"}`).decode(t, &got)
	if got.AccessToken == "" || got.RefreshToken == "" || got.RefreshToken == old || got.ProfileARN != arn || got.ExpiresIn != 3600 {
		t.Errorf("renewed %+v", got)
	}
	if a := w.oidc("/refreshToken", `{"refreshToken":"`+got.RefreshToken+`"}`); a.status != 200 {
		t.Errorf("the new token: %d", a.status)
	}
	if a := w.oidc("/refreshToken", `{"refreshToken":"`+old+`"}`); a.status != 400 || !strings.Contains(a.body, "invalid_grant") {
		t.Errorf("the old token after the new one was used: %d %s", a.status, a.body)
	}
	if a := w.oidc("/token", refresh(person, person.RefreshToken().Reveal())); a.status != 400 {
		t.Errorf("a social token at the other service: %d", a.status)
	}
	builder := w.AddIdentity(amazonqtest.IdentityOptions{})
	if a := w.oidc("/refreshToken", `{"refreshToken":"`+builder.RefreshToken().Reveal()+`"}`); a.status != 400 {
		t.Errorf("a Builder ID's token here: %d", a.status)
	}
	for _, body := range []string{`{}`, `{"refreshToken":"` + old + `","clientId":"x"}`} {
		if a := w.oidc("/refreshToken", body); a.status != 400 {
			t.Errorf("%s: %d", body, a.status)
		}
	}
}

func TestAQuestionAboutAnAccountCanBeRefusedByScript(t *testing.T) {
	w := start(t)
	person := w.AddIdentity(amazonqtest.IdentityOptions{Email: "me@example.com"})
	person.QueueControl(amazonqtest.GetUsageLimits, amazonqtest.Throttled)
	for i, want := range []int{429, 200} {
		if a, _ := w.rpc(person, amazonqtest.GetUsageLimits, `{"origin":"CLI","isEmailRequired":true}`); a.status != want || want == 200 && !strings.Contains(a.body, "me@example.com") {
			t.Errorf("question %d: %d %s", i, a.status, a.body)
		}
	}
	if a, _ := w.rpc(person, amazonqtest.GetUsageLimits, `{"origin":"CLI"}`); strings.Contains(a.body, "me@example.com") {
		t.Error("the e-mail address was told without being asked for")
	}
	if counted := w.Counters(); counted.Calls != 0 || counted.Questions != 3 {
		t.Errorf("%d calls, %d questions", counted.Calls, counted.Questions)
	}
}
