package admin

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/secret"
)

func TestTheFirstSignInWaitsUntilTheNoticeIsAcknowledgedOnce(t *testing.T) {
	o := openOffice(t)
	const builder = `{"method":"builder_id","name":"Personal"}`
	refused := o.asOwner("POST", "/admin/accounts/login", builder)
	if refused.Code != http.StatusConflict || !strings.Contains(refused.Body.String(), "suspended") || !strings.Contains(refused.Body.String(), `"field":"notice_acknowledged"`) {
		t.Errorf("%d %s", refused.Code, refused.Body)
	}
	if len(o.logins.started) != 0 {
		t.Error("a sign-in began before the notice was read")
	}
	if answer := o.asOwner("PUT", "/admin/settings", `{"notice_acknowledged":true}`); answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	for range 2 {
		answer := o.asOwner("POST", "/admin/accounts/login", builder)
		if answer.Code != http.StatusCreated || !strings.Contains(answer.Body.String(), `"user_code":"ABCD-EFGH"`) {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	}
	if wanted := o.logins.started[0]; wanted != (LoginStart{Method: "builder_id", Name: "Personal"}) {
		t.Errorf("it asked for %+v", wanted)
	}
}

func TestAFieldOfAnEnvelopeIsNamedAsTheClientWroteIt(t *testing.T) {
	o := openOffice(t)
	for body, want := range map[string]string{
		`{"daily_credits":"5"}`: `{"error":{"code":"invalid","message":"daily_credits must be a number, not a string.","field":"daily_credits"}}`,
		`{"spacing_ms":1.5}`:    `{"error":{"code":"invalid","message":"spacing_ms must be a whole number, not 1.5.","field":"spacing_ms"}}`,
	} {
		if answer := o.asOwner("PUT", "/admin/accounts/1", body); strings.TrimSpace(answer.Body.String()) != want {
			t.Errorf("%s", answer.Body)
		}
	}
}

func TestASignInThatIsNotThereIsNotFound(t *testing.T) {
	o := openOffice(t)
	for _, path := range []string{"GET /admin/accounts/login/gone", "DELETE /admin/accounts/login/gone", "POST /admin/accounts/login/gone/profile"} {
		method, path, _ := strings.Cut(path, " ")
		if answer := o.asOwner(method, path, `{"profile_arn":"x"}`); answer.Code != http.StatusNotFound {
			t.Errorf("%s %s: %d %s", method, path, answer.Code, answer.Body)
		}
	}
}

func TestManyAccountsAtOnceMayTakeMoreThanOneOfThem(t *testing.T) {
	o := openOffice(t)
	text := strings.Repeat("x", 1<<20)
	body, err := json.Marshal(BulkStart{Text: text, Write: true})
	if err != nil {
		t.Fatal(err)
	}
	if answer := o.asOwner("POST", "/admin/accounts/bulk", string(body)); answer.Code != http.StatusOK || o.imports.wanted.Text != text || !o.imports.wanted.Write {
		t.Errorf("%d %.200s", answer.Code, answer.Body)
	}
	if answer := o.asOwner("POST", "/admin/accounts/bulk", strings.Repeat(" ", 5<<20)); answer.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("%d %.200s", answer.Code, answer.Body)
	}
}

func TestTheSchedulerIsExplainedForAModel(t *testing.T) {
	o := openOffice(t)
	for _, name := range []string{"a", "b"} {
		off := name == "b"
		on := !off
		if _, err := o.accounts.Add(t.Context(), account.Draft{Name: name, ClientID: "client", Active: &on, Secrets: account.Secrets{
			RefreshToken: secret.New(theRefreshToken + name), ClientSecret: secret.New(theClientSecret),
		}}); err != nil {
			t.Fatal(err)
		}
	}
	answer := o.asOwner("GET", "/admin/accounts/next", "")
	var next Next
	if err := json.Unmarshal(answer.Body.Bytes(), &next); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if next.Model != "claude-sonnet-4.5" || next.AccountID != 1 || next.Account != "a" || next.Ground != "turn" || len(next.Accounts) != 2 || next.Accounts[1].By != "disabled" {
		t.Errorf("%+v", next)
	}
	if answer := o.asOwner("GET", "/admin/accounts/next?model=gone", ""); answer.Code != http.StatusNotFound {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
	if answer := o.asOwner("POST", "/admin/accounts/resume", ""); answer.Code != http.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestACardSaysWhatOfAnAccountEndsAndWhatToDo(t *testing.T) {
	o := openOffice(t)
	soon := time.Now().Add(10 * 24 * time.Hour).Truncate(time.Second).UTC()
	used := 12.5
	shown := New(o.config).desk.showAccount(account.View{
		Account: account.Account{
			Service: account.AmazonQ, Method: account.BuilderID, Active: true, ClientExpiresAt: soon, Health: account.Health{Status: account.NeedsSignIn},
		},
		Quota: account.Quota{Plan: "FREE", Used: &used, At: time.Now()},
	})
	if len(shown.Ends) != 2 || shown.Ends[0] != (End{What: "registration", At: soon, Soon: true}) || shown.Ends[1].What != "service" {
		t.Errorf("ends: %+v", shown.Ends)
	}
	if !shown.SignInAgain || shown.Successor != "kiro" {
		t.Errorf("it says sign in again %t, successor %q", shown.SignInAgain, shown.Successor)
	}
	if shown.Quota == nil || *shown.Quota.Used != 12.5 || shown.Quota.Limit != nil || shown.Quota.Left != nil {
		t.Errorf("quota: %+v", shown.Quota)
	}
	if other := New(o.config).desk.showAccount(account.View{Account: account.Account{Service: account.Kiro, Method: account.APIKey}}); other.Quota != nil || len(other.Ends) != 0 || other.SignInAgain {
		t.Errorf("%+v", other)
	}
}
