package donor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

const (
	socialJSON = `{"accessToken":"access-canary","refreshToken":"refresh-canary","expiresAt":"2026-03-01T13:00:00.000Z",
		"authMethod":"social","provider":"Google","profileArn":"` + arn + `"}`
	idcJSON = `{"accessToken":"access-canary","refreshToken":"refresh-canary","expiresAt":"2026-03-01T13:00:00.000Z",
		"region":"us-east-1","authMethod":"IdC","provider":"BuilderId","clientIdHash":"` + clientHash + `"}`
	registrationJSON = `{"clientId":"the-client","clientSecret":"secret-canary","expiresAt":"2026-05-01T00:00:00Z"}`
	// serverJSON is a token of the language server, and of the AWS CLI.
	serverJSON = `{"accessToken":"access-canary","clientId":"the-client","clientSecret":"secret-canary","expiresAt":"2026-03-01T13:00:00Z",
		"refreshToken":"refresh-canary","region":"eu-central-1","registrationExpiresAt":"2026-05-01T00:00:00Z","startUrl":"https://acme.awsapps.com/start"}`

	clientHash = "e909a0580879b06ece1a202964dd95adf6d4f6e5"
	tokenName  = "0123456789abcdef0123456789abcdef01234567.json"
	scopesName = "89abcdef0123456789abcdef0123456789abcdef.json"
)

func scoped(scopes string) string {
	return `{"clientId":"the-client","clientSecret":"secret-canary","issuedAt":"2026-02-01T00:00:00Z","expiresAt":"2026-05-01T00:00:00Z","scopes":[` + scopes + `]}`
}

func TestTheKiroIDEsSignInsAreFoundOnEverySystem(t *testing.T) {
	for _, system := range []string{"linux", "darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			c := linux(t)
			c.os = system
			c.cache(clientHash+".json", registrationJSON)
			path := c.cache(kiroToken, idcJSON)
			written := time.Date(2026, 2, 28, 1, 2, 3, 0, time.UTC)
			if err := os.Chtimes(path, written, written); err != nil {
				t.Fatal(err)
			}
			check := c.unchanged()
			find := c.importable()
			check()
			want := Find{
				ID: find.ID, Tool: kiroIDE, Path: path, ExpiresAt: time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC), RefreshedAt: written,
				Draft: account.Draft{
					Name: kiroIDE, Service: account.Kiro, Method: account.BuilderID, SignInRegion: "us-east-1", ClientID: "the-client",
					ClientExpiresAt: time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), Secrets: find.Draft.Secrets, Source: "import",
				},
			}
			if find != want || find.Draft.Secrets.ClientSecret.Reveal() != secretCanary {
				t.Errorf("found\n%+v, want\n%+v", find, want)
			}
		})
	}
}

func TestTheKiroIDEsMethodIsUnderstood(t *testing.T) {
	for _, test := range []struct {
		members string
		want    account.Method
	}{
		{`"authMethod":"social","provider":"Github"`, account.Social},
		{`"provider":"Google"`, account.Social},
		{`"authMethod":"IdC","provider":"BuilderId"`, account.BuilderID},
		{`"authMethod":"IdC"`, account.BuilderID},
		{`"authMethod":"IdC","startUrl":"https://view.awsapps.com/start#/"`, account.BuilderID},
		{`"authMethod":"IdC","provider":"Enterprise"`, account.IdentityCenter},
		{`"authMethod":"IdC","startUrl":"https://acme.awsapps.com/start"`, account.IdentityCenter},
	} {
		c := linux(t)
		c.cache(clientHash+".json", registrationJSON)
		c.cache(kiroToken, `{"refreshToken":"refresh-canary","clientIdHash":"`+clientHash+`",`+test.members+`}`)
		if d := c.importable().Draft; d.Method != test.want || d.Service != account.Kiro {
			t.Errorf("%s: %s of %s", test.members, d.Method, d.Service)
		}
	}
	c := linux(t)
	c.cache(kiroToken, socialJSON)
	if d := c.importable().Draft; d.ProfileARN != arn || d.ClientID != "" {
		t.Errorf("the social draft: %+v", d)
	}
}

func TestAKiroIDESignInWithoutItsRegistrationIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, hash, client string
		kind               fault.Kind
		says               string
	}{
		{"no registration", clientHash, "", fault.Credential, "lacks its client registration"},
		{"a damaged one", clientHash, "{", fault.Invalid, "registration of the Kiro IDE could not be read"},
		{"an expired one", clientHash, strings.ReplaceAll(registrationJSON, "2026-05", "2026-02"), fault.Credential, "has expired"},
		{"one outside the folder", "../outside", "", fault.Credential, "lacks its client registration"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := linux(t)
			c.cache(kiroToken, strings.ReplaceAll(idcJSON, clientHash, test.hash))
			write(t, c.path(".aws", "sso", "outside.json"), registrationJSON)
			if test.client != "" {
				c.cache(clientHash+".json", test.client)
			}
			refused(t, c.only(), test.kind, test.says)
		})
	}
}

func TestOnlyTokensForAmazonQAreOfferedFromTheCache(t *testing.T) {
	const withoutEnd = `{"refreshToken":"refresh-canary","clientId":"the-client","clientSecret":"secret-canary","region":"eu-central-1",
		"startUrl":"https://acme.awsapps.com/start"}`
	withScopes := strings.Replace(serverJSON, `{`, `{"scopes":["codewhisperer:completions"],`, 1)
	for _, test := range []struct {
		name, token, registration string
		want                      bool
	}{
		{"the language server's", serverJSON, scoped(`"codewhisperer:completions","codewhisperer:analysis"`), true},
		{"one whose registration says when it ends", withoutEnd, scoped(`"codewhisperer:completions"`), true},
		{"one without a registration", serverJSON, "", true},
		{"one whose registration names no scopes", serverJSON, scoped(``), true},
		{"one that names its scopes itself", withScopes, scoped(`"sso:account:access"`), true},
		{"the AWS CLI's", serverJSON, scoped(`"sso:account:access"`), false},
		{"an old one of the AWS CLI's", `{"accessToken":"access-canary","region":"us-east-1","expiresAt":"2020-06-17T10:02:08UTC"}`, "", false},
		{"one without a client", `{"refreshToken":"refresh-canary"}`, scoped(`"codewhisperer:completions"`), false},
		{"a registration", registrationJSON, "", false},
		{"something else", `{"refreshToken":7,"scopes":"codewhisperer:completions"}`, "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := linux(t)
			path := c.cache(tokenName, test.token)
			if test.registration != "" {
				c.cache(scopesName, test.registration)
			}
			check := c.unchanged()
			defer check()
			if !test.want {
				if finds := c.finds(); len(finds) != 0 {
					t.Errorf("finds: %+v", finds)
				}
				return
			}
			find := c.importable()
			if d := find.Draft; find.Path != path || d.Service != account.AmazonQ || d.Name != "AWS toolkit (acme)" || d.SignInRegion != "eu-central-1" ||
				d.ClientExpiresAt.Month() != time.May {
				t.Errorf("found %+v", find)
			}
		})
	}
}

func TestAToolkitsTokenThatCannotBeImportedSaysWhy(t *testing.T) {
	for _, test := range []struct {
		name, file, body string
		kind             fault.Kind
		says             string
	}{
		{"no refresh token", tokenName, `{"accessToken":"access-canary","clientId":"the-client","clientSecret":"secret-canary"}`, fault.Credential, "no refresh token"},
		{"an expired registration", tokenName, strings.ReplaceAll(serverJSON, "2026-05", "2026-02"), fault.Credential, "has expired"},
		{"cut short", tokenName, serverJSON[:100], fault.Invalid, "is damaged"},
		{"too large", tokenName, strings.Repeat(" ", maxJSON+1), fault.Invalid, "too large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := linux(t)
			c.cache(scopesName, scoped(`"codewhisperer:completions"`))
			c.cache(test.file, test.body)
			c.cache("damaged-of-another-program.json", "{")
			refused(t, c.only(), test.kind, test.says)
		})
	}
	c := linux(t)
	if err := os.Mkdir(c.path(".aws", "sso", "cache", kiroToken), 0o700); err != nil {
		t.Fatal(err)
	}
	refused(t, c.only(), fault.Invalid, "not a file")
}

func TestAComputerWithEverythingIsListedInOrderAndWithoutASecret(t *testing.T) {
	c := linux(t)
	c.cache(tokenName, serverJSON)
	c.cache(scopesName, serverJSON[:150])
	c.cache("a-session.json", serverJSON)
	c.cache(kiroToken, socialJSON)
	database(t, c.kiro(), "kirocli:odic:token", tokenJSON, "kirocli:odic:device-registration", clientJSON,
		"kirocli:social:token", `{"refresh_token":"refresh-canary refresh-canary"}`, odicToken, tokenJSON[:120])
	database(t, c.amazonQ(), odicToken, companyJSON, odicClient, clientJSON)
	check := c.unchanged()
	finds := c.finds()
	check()
	var order []string
	for _, find := range finds {
		order = append(order, find.Tool+" "+filepath.Base(find.Path))
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			printed := fmt.Sprintf(verb, find)
			if find.Problem != nil {
				printed += fmt.Sprintf(verb, *find.Problem) + find.Problem.Error()
			}
			for _, canary := range []string{accessCanary, refreshCanary, secretCanary} {
				if strings.Contains(printed, canary) {
					t.Errorf("%s shows the %s of %s", verb, canary, find.Path)
				}
			}
		}
	}
	want := []string{
		"Amazon Q CLI data.sqlite3", "Kiro CLI data.sqlite3", "Kiro CLI data.sqlite3", "Kiro CLI data.sqlite3", "Kiro IDE kiro-auth-token.json",
		"AWS toolkit " + tokenName, "AWS toolkit " + scopesName, "AWS toolkit a-session.json",
	}
	if !slices.Equal(order, want) {
		t.Errorf("order %q", order)
	}
}

func TestASearchThatIsCalledOffEnds(t *testing.T) {
	c := linux(t)
	c.cache(kiroToken, socialJSON)
	database(t, c.amazonQ(), odicToken, tokenJSON)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if finds := New(Config{Home: c.home}).Find(ctx); len(finds) != 0 {
		t.Errorf("finds: %+v", finds)
	}
}
