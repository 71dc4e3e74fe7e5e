package donor

import (
	"context"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// signIn is a pair of keys in the table auth_kv of a CLI's database.
type signIn struct {
	token  string
	client string // empty is a social sign-in, which has none
}

// signIns lists the keys of each CLI. The misspelling is theirs. Source: the official CLI; Kiro's as observed.
func signIns(tool string) []signIn {
	amazon := signIn{"codewhisperer:odic:token", "codewhisperer:odic:device-registration"}
	if tool == amazonQCLI {
		return []signIn{amazon}
	}
	return []signIn{
		{"kirocli:odic:token", "kirocli:odic:device-registration"},
		{"kirocli:oidc:token", "kirocli:oidc:device-registration"},
		{"kirocli:social:token", ""},
		amazon, // left over from before it was called Kiro
	}
}

// The keys of the table state. Source: the official CLI.
const (
	profileKey = "api.codewhisperer.profile"
	regionKey  = "auth.idc.region"
)

// searchDatabase lists the sign-ins in a CLI's database; a database that is not there has none.
func (f *Finder) searchDatabase(ctx context.Context, tool, path string) []Find {
	if ctx.Err() != nil {
		return nil
	}
	read, err := readDatabase(ctx, path)
	switch {
	case absent(err) || ctx.Err() != nil:
		return nil
	case err != nil:
		return []Find{failed(tool, path, "", unread(tool, err))}
	}
	var finds []Find
	for _, keys := range signIns(tool) {
		if body, there := read.auth[keys.token]; there {
			finds = append(finds, storedGrant(tool, path, keys, body, read).find(f.config.Now()))
		}
	}
	return finds
}

// storedGrant puts together what a database says of one sign-in.
func storedGrant(tool, path string, keys signIn, body []byte, read contents) grant {
	g := grant{tool: tool, path: path, key: keys.token}
	token, err := decode[storedToken](body)
	if err != nil {
		g.problem = fault.Wrap(fault.Invalid, err, "What the %s keeps of its sign-in is damaged. %s", tool, wayOut(tool)).Saying(fault.Said{Code: fault.FindDamaged, Name: tool})
		return g
	}
	registered, _ := decode[storedClient](read.auth[keys.client]) // a damaged one is as good as none
	profile, _ := decode[storedProfile](read.state[profileKey])
	g.method = methodOf(token.StartURL)
	if keys.client == "" {
		g.method = account.Social
	}
	g.startURL, g.refresh, g.expiresAt = token.StartURL, token.RefreshToken, token.ExpiresAt.Time
	g.client = client{registered.ID, registered.Secret, registered.ExpiresAt.Time}
	g.profileARN = first(token.ProfileARN, profile.ARN)
	g.region = first(token.Region, registered.Region)
	if g.method == account.IdentityCenter {
		g.region = first(g.region, quoted(read.state[regionKey]))
	}
	return g
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
