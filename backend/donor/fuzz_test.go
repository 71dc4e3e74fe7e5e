package donor

import (
	"strings"
	"testing"
	"time"

	"amq2api/backend/fault"
)

// sound checks what must hold of a find whatever was read.
func sound(t *testing.T, find Find) {
	t.Helper()
	err := find.Draft.Check()
	switch {
	case find.Problem == nil && err != nil:
		t.Errorf("a find without a problem has a draft with one: %v", err)
	case find.Problem == nil && !find.Shares():
		t.Error("what can be imported has no refresh token")
	case find.Problem != nil && find.Problem.Kind == fault.Internal:
		t.Errorf("problem %v", find.Problem)
	case find.Problem != nil && (!find.Draft.Secrets.RefreshToken.IsZero() || !find.Draft.Secrets.ClientSecret.IsZero()):
		t.Error("what cannot be imported has secrets")
	}
	if !find.ExpiresAt.IsZero() && find.ExpiresAt.Location() != time.UTC {
		t.Errorf("expires at %v", find.ExpiresAt)
	}
}

func FuzzStoredValues(f *testing.F) {
	f.Add(tokenJSON, clientJSON, profileJSON, `"eu-central-1"`, true)
	f.Add(companyJSON, clientJSON, profileJSON, `eu-central-1`, false)
	f.Add(tokenJSON[:90], clientJSON[:40], "null", "[]", true)
	f.Add("\ufeff"+`{"refresh_token":"x","expires_at":12,"region":null,"start_url":{}}`, `{"client_id":1}`, `{"arn":[]}`, "", false)
	f.Fuzz(func(t *testing.T, token, client, profile, region string, social bool) {
		keys := signIn{odicToken, odicClient}
		if social {
			keys.client = ""
		}
		read := contents{
			auth:  map[string][]byte{odicClient: []byte(client)},
			state: map[string][]byte{profileKey: []byte(profile), regionKey: []byte(region)},
		}
		sound(t, storedGrant(kiroCLI, "path", keys, []byte(token), read).find(today))
	})
}

func FuzzCachedFiles(f *testing.F) {
	f.Add(serverJSON, scoped(`"codewhisperer:completions"`))
	f.Add(idcJSON, registrationJSON)
	f.Add(socialJSON, "{")
	f.Add(strings.ReplaceAll(idcJSON, clientHash, "../x"), `{"scopes":["a",1],"expiresAt":"2020-06-17T10:02:08UTC"}`)
	f.Fuzz(func(t *testing.T, token, client string) {
		files := []cacheFile{{name: clientHash + ".json"}, {name: tokenName}, {name: kiroToken}}
		for i, body := range []string{client, token, token} {
			files[i].cached, files[i].err = decode[cached]([]byte(body))
		}
		finds := New(Config{OS: "linux", Home: "/home", Now: func() time.Time { return today }}).offer("/cache", files)
		if len(finds) == 0 || finds[0].Tool != kiroIDE {
			t.Fatalf("the Kiro IDE's token is not listed: %+v", finds)
		}
		for _, find := range finds {
			sound(t, find)
		}
	})
}
