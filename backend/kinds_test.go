package backend_test

import (
	"math/rand/v2"
	"testing"

	"amq2api/backend"
	"amq2api/backend/account"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/secret"
)

// Whatever the kind of account, it serves, is renewed by its own method, and draws on its own service's quota.
func TestEveryKindOfAccountServes(t *testing.T) {
	const arn = "arn:aws:codewhisperer:us-east-1:123456789012:profile/A"
	for _, kind := range []struct {
		name     string
		person   amazonqtest.IdentityOptions
		service  account.Service
		method   account.Method
		origin   string
		renewals string // the operation that gives access tokens; empty if there is none
	}{
		{"Amazon Q, Builder ID", amazonqtest.IdentityOptions{}, account.AmazonQ, account.BuilderID, "CLI", amazonqtest.CreateToken},
		{"Amazon Q, Identity Center", amazonqtest.IdentityOptions{ProfileARN: arn}, account.AmazonQ, account.IdentityCenter, "CLI", amazonqtest.CreateToken},
		{"Kiro, Builder ID", amazonqtest.IdentityOptions{}, account.Kiro, account.BuilderID, "AI_EDITOR", amazonqtest.CreateToken},
		{"Kiro, Identity Center", amazonqtest.IdentityOptions{ProfileARN: arn}, account.Kiro, account.IdentityCenter, "AI_EDITOR", amazonqtest.CreateToken},
		{"Kiro, social", amazonqtest.IdentityOptions{ProfileARN: arn, Social: true}, account.Kiro, account.Social, "AI_EDITOR", amazonqtest.RefreshToken},
		{"Kiro, API key", amazonqtest.IdentityOptions{APIKey: true}, account.Kiro, account.APIKey, "AI_EDITOR", ""},
	} {
		t.Run(kind.name, func(t *testing.T) {
			inEngine(t, 0, rand.New(rand.NewPCG(1, 1)), func(e *engine) {
				person := e.amazon.AddIdentity(kind.person)
				draft := account.Draft{
					Name: kind.name, Service: kind.service, Method: kind.method, ClientID: person.ClientID,
					Secrets: account.Secrets{RefreshToken: person.RefreshToken(), ClientSecret: person.ClientSecret},
				}
				if kind.method != account.Social { // its profile comes with the first renewal
					draft.ProfileARN = kind.person.ProfileARN
				}
				if !kind.method.HasClient() {
					draft.ClientID, draft.Secrets.ClientSecret = "", secret.String{}
				}
				if kind.method == account.APIKey {
					draft.Secrets.RefreshToken = person.AccessToken()
				}
				added, err := e.roster.Add(e.t.Context(), draft)
				check(e.t, err)
				for range 2 {
					if seen := e.ask(0); seen.failure != nil {
						t.Error(seen.failure)
					}
					person.Expire()
					if kind.method == account.APIKey {
						break // a key does not expire
					}
				}
				last := e.amazon.Received(amazonqtest.Generate)
				if call := last[len(last)-1]; call.Status != 200 || call.Request.Current().Origin != kind.origin || call.Request.ProfileARN != kind.person.ProfileARN {
					t.Errorf("status %d, origin %q, profile %q, refused for %q", call.Status, call.Request.Current().Origin, call.Request.ProfileARN, call.Refusal)
				}
				renewals := len(e.amazon.Received(amazonqtest.CreateToken)) + len(e.amazon.Received(amazonqtest.RefreshToken))
				if kind.renewals == "" && renewals != 0 || kind.renewals != "" && len(e.amazon.Received(kind.renewals)) != renewals {
					t.Errorf("%d renewals, not all of them by %q", renewals, kind.renewals)
				}
				if view, err := e.roster.Get(e.t.Context(), added.ID); err != nil || view.ProfileARN != kind.person.ProfileARN {
					t.Errorf("the profile kept is %q, %v", view.ProfileARN, err)
				}
			})
		})
	}
}

func TestTheTokenEndpointOfTheEnvironmentSaysWhereItsAccountSignsIn(t *testing.T) {
	for endpoint, want := range map[string]string{
		"": "", "https://oidc.eu-central-1.amazonaws.com/token": "eu-central-1", "http://127.0.0.1:8081/token": "", "https://oidc.us-east-1.amazonaws.com": "us-east-1",
	} {
		t.Setenv("DATABASE_PATH", t.TempDir()+"/amq2api.db")
		t.Setenv("AMAZONQ_TOKEN_ENDPOINT", endpoint)
		env, err := backend.ReadEnvironment()
		if err != nil || env.Account.SignInRegion != want {
			t.Errorf("%q: %q, %v", endpoint, env.Account.SignInRegion, err)
		}
	}
}
