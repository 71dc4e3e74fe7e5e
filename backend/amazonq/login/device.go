package login

import (
	"context"
	"errors"
	"fmt"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Registration is a client that sign-ins belong to, and every renewal after them.
type Registration struct {
	ClientID     string
	ClientSecret secret.String
	ExpiresAt    time.Time // and the refresh tokens with it; zero is unknown
}

// Authorization is a sign-in that waits for its person.
type Authorization struct {
	DeviceCode              secret.String // what Redeem asks with
	UserCode                string        // what the person enters
	VerificationURI         string        // where they enter it
	VerificationURIComplete string        // the same with the code filled in
	ExpiresIn               time.Duration
	Interval                time.Duration // between two calls of Redeem
}

// What Redeem says of a sign-in that brings no tokens yet, or never will.
var (
	ErrPending  = errors.New("the sign-in waits for approval")
	ErrSlowDown = errors.New("the sign-in is asked about too often")
	ErrExpired  = errors.New("the sign-in's code has expired")
	ErrDenied   = errors.New("the sign-in was denied")
)

// clientName is who we say we are, on the page where people approve.
const clientName = "AMQ2API"

// registering is the request. Source: the public API model.
type registering struct {
	ClientName string   `json:"clientName"`
	ClientType string   `json:"clientType"`
	Scopes     []string `json:"scopes"`
}

// scopesOf are what a service's clients ask for. Source: the official CLI, and its successor for all five.
func scopesOf(service account.Service) []string {
	scopes := []string{"codewhisperer:completions", "codewhisperer:analysis", "codewhisperer:conversations"}
	if service == account.Kiro {
		scopes = append(scopes, "codewhisperer:taskassist", "codewhisperer:transformations")
	}
	return scopes
}

// Register makes a client for the sign-ins of a service in a region. The kinds of its errors are those of Renew, but never Credential.
func (c *Client) Register(ctx context.Context, region string, service account.Service) (Registration, error) {
	address, err := c.address(region, registerPath)
	if err != nil {
		return Registration{}, err
	}
	request := registering{ClientName: clientName, ClientType: "public", Scopes: scopesOf(service)}
	return persist(ctx, func(ctx context.Context) (Registration, *setback) {
		registration, failed := ask(ctx, c, address, request, readRegistration)
		return registration, ofBeginning(failed)
	})
}

// authorizing is the request. Source: the public API model.
type authorizing struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	StartURL     string `json:"startUrl"`
}

// Authorize begins a sign-in. A start URL that the region does not know is fault.Invalid; the other kinds are those of Register.
func (c *Client) Authorize(ctx context.Context, region string, r Registration, startURL string) (Authorization, error) {
	address, err := c.address(region, authorizePath)
	if err != nil {
		return Authorization{}, err
	}
	request := authorizing{ClientID: r.ClientID, ClientSecret: r.ClientSecret.Reveal(), StartURL: startURL}
	return persist(ctx, func(ctx context.Context) (Authorization, *setback) {
		authorization, failed := ask(ctx, c, address, request, c.readAuthorization)
		if f, ok := failureIn(failed); ok && f.code == "invalid_request" && startURL != account.BuilderIDStartURL {
			unknown := fault.Wrap(fault.Invalid, f, "Amazon knows no sign-in at this start URL in this region. Check both with whoever runs the Identity Center.").Saying(fault.Said{Code: fault.StartURLUnknown})
			unknown.Param = "start_url"
			return authorization, &setback{unknown, never}
		}
		return authorization, ofBeginning(failed)
	})
}

// ofBeginning says of a refusal what it means before anybody has signed in.
func ofBeginning(failed *setback) *setback {
	if f, ok := failureIn(failed); ok && failed.fault.Kind == fault.Credential {
		return &setback{fault.Wrap(fault.Unavailable, f, "Amazon refuses to begin a sign-in (%s). Try again later.", f.code).Saying(fault.Said{Code: fault.StartRefused, Text: f.code}), never}
	}
	return failed
}

// redeeming is the request of a poll. Source: the public API model.
type redeeming struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	GrantType    string `json:"grantType"`
	DeviceCode   string `json:"deviceCode"`
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// Redeem asks once whether a sign-in has been approved, and gets its tokens if so. Its error is ErrPending, ErrSlowDown, ErrExpired or
// ErrDenied where errors.Is says so; the kinds of all others are those of Renew. No error contains the code or a secret.
func (c *Client) Redeem(ctx context.Context, region string, r Registration, deviceCode secret.String) (account.Tokens, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tokens, failed := c.redeem(ctx, region, r, deviceCode)
	switch {
	case failed == nil:
		return tokens, nil
	case ctx.Err() != nil:
		return account.Tokens{}, ended(ctx)
	default:
		return account.Tokens{}, failed.fault
	}
}

// redeem is one poll. What may be repeated of it says whether the next poll makes sense.
func (c *Client) redeem(ctx context.Context, region string, r Registration, deviceCode secret.String) (account.Tokens, *setback) {
	address, err := c.address(region, tokenPath)
	if err != nil {
		return account.Tokens{}, &setback{fault.Of(err), never}
	}
	request := redeeming{
		ClientID: r.ClientID, ClientSecret: r.ClientSecret.Reveal(), GrantType: deviceGrant, DeviceCode: deviceCode.Reveal(),
	}
	tokens, failed := ask(ctx, c, address, request, readTokens)
	if failed == nil && tokens.RefreshToken.IsZero() {
		return account.Tokens{}, &setback{fault.New(fault.Credential, "Amazon's answer has no refresh token, so the account would last an hour only. Sign in again.").Saying(fault.Said{Code: fault.NoRefreshToken}), never}
	}
	return tokens, ofPoll(failed)
}

// ofPoll says of a refusal what it means to a sign-in.
func ofPoll(failed *setback) *setback {
	f, answered := failureIn(failed)
	if !answered || failed.repeat != never {
		return failed
	}
	told := func(kind fault.Kind, sentinel error, code fault.SaidCode, message string) *setback {
		told := fault.Wrap(kind, fmt.Errorf("%w: %w", sentinel, f), "%s", message).Saying(fault.Said{Code: code})
		told.RetryAfter = failed.fault.RetryAfter
		return &setback{told, never}
	}
	switch {
	case failed.fault.Kind == fault.Throttled:
		return told(fault.Throttled, ErrSlowDown, fault.AmazonSlowDown, "Amazon's sign-in service asks to slow down. Wait a little longer.")
	case f.code == "authorization_pending":
		return told(fault.Unavailable, ErrPending, fault.SignInWaits, "The sign-in waits for approval. Approve it in the browser.")
	case f.code == "expired_token":
		return told(fault.Credential, ErrExpired, fault.SignInLate, "Nobody approved the sign-in in time. Start it again.")
	case f.code == "access_denied":
		return told(fault.Credential, ErrDenied, fault.SignInDenied, "The sign-in was denied in the browser. Start it again if that was a mistake.")
	case failed.fault.Kind == fault.Credential:
		return &setback{fault.Wrap(fault.Credential, f, "Amazon no longer accepts this sign-in (%s). Start it again.", f.code).Saying(fault.Said{Code: fault.SignInRefused, Text: f.code}), never}
	default:
		return failed
	}
}
