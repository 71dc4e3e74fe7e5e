package login

import (
	"fmt"
	"strings"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Request is a sign-in somebody wants.
type Request struct {
	Service   account.Service // empty is AmazonQ
	Method    account.Method  // BuilderID or IdentityCenter
	StartURL  string          // of the Identity Center; a Builder ID has its own
	Region    string          // of the Identity Center; a Builder ID has its own
	Name      string          // of the new account; empty leaves it to whoever keeps the account
	AccountID int64           // the account to sign in again; 0 is a new one
}

// Outcome is what a sign-in brought. Request is as it was carried out: with nothing left to defaults.
type Outcome struct {
	Request
	Registration Registration
	Tokens       account.Tokens // the refresh token is never zero
	ProfileARN   string         // empty for a Builder ID
}

// carriedOut is the request with its defaults, or fault.Invalid naming what is wrong with it.
func (r Request) carriedOut() (Request, error) {
	r.StartURL, r.Region, r.Name = tidyStartURL(r.StartURL), strings.TrimSpace(r.Region), strings.TrimSpace(r.Name)
	if r.Service == "" {
		r.Service = account.AmazonQ
	}
	switch {
	case r.Method == account.BuilderID:
		r.StartURL, r.Region = account.BuilderIDStartURL, account.DefaultRegion
	case r.Method != account.IdentityCenter:
		return r, invalid("method", "method must be %s or %s; other accounts are added with what they were given elsewhere.", account.BuilderID, account.IdentityCenter)
	case r.StartURL == "":
		return r, invalid("start_url", "start_url is missing. It is the address where the company signs in, such as https://my-company.awsapps.com/start.").Saying(fault.Said{Code: fault.ValueMissing, Name: "start_url"})
	case r.StartURL == account.BuilderIDStartURL:
		return r, invalid("start_url", "start_url is the one of a Builder ID. Sign in with %s instead, or enter the company's.", account.BuilderID)
	case r.Region == "":
		return r, invalid("sign_in_region", "sign_in_region is missing. It is where the company's Identity Center is, such as us-east-1.").Saying(fault.Said{Code: fault.ValueMissing, Name: "sign_in_region"})
	}
	return r, r.check()
}

// check asks the rules of accounts now rather than after somebody has signed in.
func (r Request) check() error {
	name := r.Name
	if name == "" {
		name = string(r.Service)
	}
	unknown := secret.New("not-known-yet")
	return account.Draft{
		Name: name, Service: r.Service, Method: r.Method, StartURL: r.StartURL, SignInRegion: r.Region, ClientID: "not-known-yet",
		Secrets: account.Secrets{RefreshToken: unknown, ClientSecret: unknown},
	}.Check()
}

// tidyStartURL takes off what copying from a browser's address bar adds.
func tidyStartURL(text string) string {
	text, _, _ = strings.Cut(strings.TrimSpace(text), "#")
	return strings.TrimRight(text, "/")
}

func invalid(param, format string, args ...any) *fault.Error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
