package donor

import (
	"net/url"
	"strings"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// grant is what a tool keeps of one sign-in, however it spells it.
type grant struct {
	tool        string
	path        string
	key         string // what the token is called inside the file; empty if the file is the token
	method      account.Method
	startURL    string
	region      string // where tokens are renewed; empty is unknown
	profileARN  string
	refresh     secret.String
	client      client
	expiresAt   time.Time // of the access token; zero is unknown
	refreshedAt time.Time // zero is unknown
	problem     *fault.Error
}

// client is the registration that renewals name.
type client struct {
	id        string
	secret    secret.String
	expiresAt time.Time // zero is unknown
}

func (c client) complete() bool { return c.id != "" && !c.secret.IsZero() }

// find is the grant as it is offered.
func (g grant) find(now time.Time) Find {
	f := Find{
		ID: idOf(g.tool, g.path, g.key), Tool: g.tool, Path: g.path, Draft: g.draft(),
		ExpiresAt: g.expiresAt, RefreshedAt: g.refreshedAt, Problem: g.problem,
	}
	if f.Problem == nil {
		f.Problem = g.check(f.Draft, now)
	}
	if f.Problem != nil {
		f.Draft.Secrets = account.Secrets{}
	}
	return f
}

func (g grant) draft() account.Draft {
	d := account.Draft{
		Name: g.tool, Service: serviceOf(g.tool), Method: g.method, SignInRegion: g.region, Source: account.SourceImport,
		Secrets: account.Secrets{RefreshToken: g.refresh},
	}
	if g.method.HasClient() {
		d.ClientID, d.ClientExpiresAt, d.Secrets.ClientSecret = g.client.id, g.client.expiresAt, g.client.secret
	}
	if g.method != account.BuilderID {
		d.ProfileARN = g.profileARN
	}
	if g.method == account.IdentityCenter {
		d.StartURL = g.startURL
		d.Name += companyOf(g.startURL)
	}
	return d
}

// check says why a grant cannot be imported; nil if it can.
func (g grant) check(d account.Draft, now time.Time) *fault.Error {
	switch {
	case g.refresh.IsZero():
		return fault.New(fault.Credential, "The sign-in of the %s has no refresh token, so it cannot be renewed. %s", g.tool, wayOut(g.tool)).Saying(fault.Said{Code: fault.FindNoToken, Name: g.tool})
	case g.method.HasClient() && !g.client.complete():
		return fault.New(fault.Credential, "The sign-in of the %s lacks its client registration, so it cannot be renewed. %s", g.tool, wayOut(g.tool)).Saying(fault.Said{Code: fault.FindNoClient, Name: g.tool})
	case g.method.HasClient() && !g.client.expiresAt.IsZero() && !g.client.expiresAt.After(now):
		return fault.New(fault.Credential, "The client registration of the %s has expired, and the sign-in with it. %s", g.tool, wayOut(g.tool)).Saying(fault.Said{Code: fault.FindEnded, Name: g.tool})
	}
	if err := d.Check(); err != nil {
		return fault.New(fault.Invalid, "The sign-in of the %s has a %s that cannot be right. %s",
			g.tool, strings.ReplaceAll(fault.Of(err).Param, "_", " "), wayOut(g.tool)).Saying(fault.Said{Code: fault.FindWrongValue, Name: g.tool, Text: fault.Of(err).Param})
	}
	return nil
}

// methodOf compares start URLs as the tools do: none is a Builder ID. Source: the official CLI.
func methodOf(startURL string) account.Method {
	bare, _, _ := strings.Cut(startURL, "#")
	if bare = strings.TrimRight(bare, "/"); bare == "" || bare == account.BuilderIDStartURL {
		return account.BuilderID
	}
	return account.IdentityCenter
}

const maxLabel = 63 // Source: RFC 1035

// companyOf is what a name says of an Identity Center: the first label of its host, in brackets.
func companyOf(startURL string) string {
	parsed, err := url.Parse(startURL)
	if err != nil {
		return ""
	}
	label, _, _ := strings.Cut(parsed.Hostname(), ".")
	if label == "" || len(label) > maxLabel {
		return ""
	}
	return " (" + label + ")"
}
