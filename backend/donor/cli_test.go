package donor

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestEachSystemHasItsPlaces(t *testing.T) {
	for _, test := range []struct {
		name, os, variable string
		place              []string
		tool               string
	}{
		{"Linux", "linux", "", []string{".local", "share", "amazon-q"}, amazonQCLI},
		{"Linux, Kiro", "linux", "", []string{".local", "share", "kiro-cli"}, kiroCLI},
		{"Linux with a folder of its own", "linux", "XDG_DATA_HOME", []string{"amazon-q"}, amazonQCLI},
		{"macOS", "darwin", "", []string{"Library", "Application Support", "amazon-q"}, amazonQCLI},
		{"macOS, Kiro", "darwin", "", []string{"Library", "Application Support", "kiro-cli"}, kiroCLI},
		{"Windows", "windows", "", []string{"AppData", "Local", "amazon-q"}, amazonQCLI},
		{"Windows, named", "windows", "LOCALAPPDATA", []string{"amazon-q"}, amazonQCLI},
		{"Windows, Kiro", "windows", "", []string{"AppData", "Local", "kiro-cli"}, kiroCLI},
		{"Windows, Kiro roaming", "windows", "", []string{"AppData", "Roaming", "kiro-cli"}, kiroCLI},
		{"Windows, Kiro roaming, named", "windows", "APPDATA", []string{"kiro-cli"}, kiroCLI},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := linux(t)
			c.os = test.os
			folder := c.home
			if test.variable != "" {
				folder = t.TempDir()
				c.env[test.variable] = folder
			}
			path := filepath.Join(append(append([]string{folder}, test.place...), databaseName)...)
			database(t, path, odicToken, tokenJSON, odicClient, clientJSON)
			if find := c.importable(); find.Tool != test.tool || find.Path != path {
				t.Errorf("found %s in %s", find.Tool, find.Path)
			}
		})
	}
}

func TestAnEmptyComputerHasNothing(t *testing.T) {
	c := linux(t)
	c.env["XDG_DATA_HOME"] = "relative"
	if finds := c.finds(); len(finds) != 0 {
		t.Errorf("finds: %+v", finds)
	}
	if finds := New(Config{}).Find(t.Context()); len(finds) != 0 {
		t.Errorf("finds without a home: %+v", finds)
	}
	write(t, c.path(".aws"), "a file where a folder should be")
	write(t, c.path(".local"), "another")
	if finds := c.finds(); len(finds) != 0 {
		t.Errorf("finds in files: %+v", finds)
	}
}

func TestABuilderIDComesFromTheAmazonQCLI(t *testing.T) {
	c := linux(t)
	// A company's profile stays behind when the user changes to a Builder ID.
	database(t, c.amazonQ(), odicToken, tokenJSON, odicClient, clientJSON, profileKey, profileJSON)
	find := c.importable()
	want := Find{
		ID: find.ID, Tool: amazonQCLI, Path: c.amazonQ(), ExpiresAt: time.Date(2026, 3, 1, 13, 0, 0, 123456789, time.UTC),
		Draft: account.Draft{
			Name: amazonQCLI, Service: account.AmazonQ, Method: account.BuilderID, SignInRegion: "us-east-1", ClientID: "the-client",
			ClientExpiresAt: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Secrets: find.Draft.Secrets, Source: "import",
		},
	}
	if find != want {
		t.Errorf("found\n%+v, want\n%+v", find, want)
	}
	if s := find.Draft.Secrets; s.RefreshToken.Reveal() != refreshCanary || s.ClientSecret.Reveal() != secretCanary {
		t.Error("the secrets are not the tool's")
	}
	if !find.Shares() {
		t.Error("the refresh token will be shared")
	}
}

func TestACompanysSignInBringsItsProfileAndPlace(t *testing.T) {
	c := linux(t)
	database(t, c.amazonQ(), odicToken, companyJSON, odicClient, clientJSON, profileKey, profileJSON,
		"auth.idc.start-url", `"https://acme.awsapps.com/start"`, regionKey, `"eu-central-1"`)
	d := c.importable().Draft
	if d.Name != "Amazon Q CLI (acme)" || d.Method != account.IdentityCenter || d.ProfileARN != arn || d.SignInRegion != "eu-central-1" ||
		d.StartURL != "https://acme.awsapps.com/start/#/" {
		t.Errorf("draft %+v", d)
	}
}

func TestARegionThatTheTokenLacksIsLookedUp(t *testing.T) {
	const token = `{"refresh_token":"refresh-canary","start_url":"https://acme.awsapps.com/start"}`
	for _, test := range []struct{ name, client, want string }{
		{"from the registration", `{"client_id":"c","client_secret":"s","region":"eu-west-1"}`, "eu-west-1"},
		{"from the last sign-in", `{"client_id":"c","client_secret":"s","client_secret_expires_at":null}`, "eu-central-1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := linux(t)
			database(t, c.amazonQ(), odicToken, token, odicClient, test.client, regionKey, `"eu-central-1"`)
			if d := c.importable().Draft; d.SignInRegion != test.want {
				t.Errorf("region %s", d.SignInRegion)
			}
		})
	}
}

func TestEveryKeyOfTheKiroCLIIsKnown(t *testing.T) {
	const social = `{"access_token":"access-canary","refresh_token":"refresh-canary","expires_at":null,"provider":"google","profile_arn":"` + arn + `"}`
	c := linux(t)
	database(t, c.kiro(),
		"kirocli:odic:token", companyJSON, "kirocli:odic:device-registration", clientJSON,
		"kirocli:oidc:token", tokenJSON, "kirocli:oidc:device-registration", clientJSON,
		"kirocli:social:token", social, odicToken, tokenJSON, odicClient, clientJSON, "kirocli:other", "{}")
	methods := []account.Method{account.IdentityCenter, account.BuilderID, account.Social, account.BuilderID}
	finds := c.finds()
	if len(finds) != len(methods) {
		t.Fatalf("%d finds: %+v", len(finds), finds)
	}
	ids := make(map[string]bool)
	for i, find := range finds {
		ids[find.ID] = true
		if find.Problem != nil || find.Tool != kiroCLI || find.Draft.Service != account.Kiro || find.Draft.Method != methods[i] || !find.Shares() {
			t.Errorf("find %d: %+v", i, find)
		}
	}
	if len(ids) != len(finds) {
		t.Error("two finds have one id")
	}
	if d := finds[2].Draft; d.ProfileARN != arn || d.ClientID != "" || !d.Secrets.ClientSecret.IsZero() {
		t.Errorf("the social draft: %+v", d)
	}
	for i, again := range c.finds() {
		if again != finds[i] {
			t.Errorf("find %d changed: %+v", i, again)
		}
	}
}

func TestAnIDDoesNotDependOnTheSecrets(t *testing.T) {
	c := linux(t)
	database(t, c.amazonQ(), odicToken, tokenJSON)
	before := c.only().ID
	if err := os.Remove(c.amazonQ()); err != nil {
		t.Fatal(err)
	}
	database(t, c.amazonQ(), odicToken, companyJSON, odicClient, clientJSON)
	database(t, c.kiro(), odicToken, tokenJSON)
	finds := c.finds()
	if len(finds) != 2 || finds[0].ID != before || finds[1].ID == before || before == "" {
		t.Errorf("ids %q, then %+v", before, finds)
	}
	if idOf("a", "b", "c") == idOf("a", "bc", "") {
		t.Error("the parts of an id run together")
	}
}

func TestWhatCannotBeImportedSaysWhy(t *testing.T) {
	for _, test := range []struct {
		name  string
		pairs []string
		kind  fault.Kind
		says  string
	}{
		{"no refresh token", []string{odicToken, `{"access_token":"access-canary","refresh_token":null}`, odicClient, clientJSON}, fault.Credential, "no refresh token"},
		{"a refresh token of an odd type", []string{odicToken, `{"refresh_token":["refresh-canary"]}`, odicClient, clientJSON}, fault.Credential, "no refresh token"},
		{"no registration", []string{odicToken, tokenJSON}, fault.Credential, "lacks its client registration"},
		{"a registration cut short", []string{odicToken, tokenJSON, odicClient, clientJSON[:60]}, fault.Credential, "lacks its client registration"},
		{"an expired registration", []string{odicToken, tokenJSON, odicClient,
			`{"client_id":"c","client_secret":"secret-canary","client_secret_expires_at":"2026-03-01T12:00:00Z"}`}, fault.Credential, "has expired"},
		{"a token cut short", []string{odicToken, tokenJSON[:80], odicClient, clientJSON}, fault.Invalid, "is damaged"},
		{"a token that is a list", []string{odicToken, `["refresh-canary"]`, odicClient, clientJSON}, fault.Invalid, "is damaged"},
		{"an empty token", []string{odicToken, "", odicClient, clientJSON}, fault.Invalid, "is damaged"},
		{"a region that is none", []string{odicToken, `{"refresh_token":"refresh-canary","region":"refresh canary"}`, odicClient, clientJSON}, fault.Invalid, "a sign in region that"},
		{"a token with line breaks", []string{odicToken, `{"refresh_token":"refresh\ncanary"}`, odicClient, clientJSON}, fault.Invalid, "a refresh token that"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := linux(t)
			database(t, c.amazonQ(), test.pairs...)
			check := c.unchanged()
			refused(t, c.only(), test.kind, test.says)
			check()
		})
	}
}
