// Package login signs people in at Amazon's token services by device code, and renews the access tokens of their accounts.
//
// A refresh token may be good for one use only, so a renewal is repeated only where that cannot use it up a second time: after an error
// that came before the token was sent, or that the service itself answered with, and once after an answer that got lost on the way,
// which nobody can get back otherwise. Storing the new token before it is used, and never renewing one account twice at a time, is the
// caller's part.
//
// Client makes the calls. Desk is for people: it has the sign-ins that are under way, waits for their approval, and hands what they
// bring to be kept.
package login

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// Config is what a Client needs.
type Config struct {
	HTTP     *http.Client // nil is one made for this; redirects are refused either way
	Proxy    Route        // of that one; nil follows the environment
	Endpoint string       // replaces the token services' own addresses; with or without the path /token; empty is none
	Version  string       // ours, for the user agent
}

// Route finds the proxy that a call goes through; nil is none.
type Route func(*http.Request) (*url.URL, error)

// Client calls the token services. It is safe for concurrent use.
type Client struct {
	http     *http.Client
	override *override
	agent    string
	online   func() bool
}

// New makes a Client. It refuses an endpoint that is neither https on a host of amazonaws.com nor a loopback address, because refresh
// tokens are sent there.
func New(config Config) (*Client, error) {
	override, err := parseOverride(config.Endpoint)
	if err != nil {
		return nil, err
	}
	return &Client{
		http: withoutRedirects(config.HTTP, config.Proxy), override: override, agent: "amq2api/" + config.Version, online: hasAddress,
	}, nil
}

// keyLifetime is how long a key is taken for an access token before it is asked for again; it does not end by itself.
const keyLifetime = 24 * time.Hour

// CloseIdle closes the connections that nobody uses.
func (c *Client) CloseIdle() { c.http.CloseIdleConnections() }

// Renew gets a new access token, and usually a new refresh token, within 30 seconds, where the account's method says; a key is its own
// access token and needs no call. The kind of its error is Credential only if the service refuses the token or the client it belongs
// to, which lasts until the user signs in again; Throttled if it asks to slow down; Offline if there is no network here; Canceled if
// ctx was; else Unavailable. No error contains a token or a secret.
func (c *Client) Renew(ctx context.Context, a account.Account, s account.Secrets) (account.Tokens, error) {
	switch a.Method {
	case account.APIKey:
		if s.RefreshToken.IsZero() {
			return account.Tokens{}, fault.New(fault.Credential, "The account has no key. Enter one.")
		}
		return account.Tokens{AccessToken: s.RefreshToken, ExpiresIn: keyLifetime}, nil
	case account.Social:
		return c.renewSocial(ctx, a.SignInRegion, s)
	default:
		return c.renewClient(ctx, a, s)
	}
}

// renewal is the request of an account that belongs to a registered client. Source: the public API model.
type renewal struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	GrantType    string `json:"grantType"`
	RefreshToken string `json:"refreshToken"`
}

func (c *Client) renewClient(ctx context.Context, a account.Account, s account.Secrets) (account.Tokens, error) {
	address, err := c.address(a.SignInRegion, tokenPath)
	if err != nil {
		return account.Tokens{}, err
	}
	request := renewal{
		ClientID: a.ClientID, ClientSecret: s.ClientSecret.Reveal(), GrantType: "refresh_token", RefreshToken: s.RefreshToken.Reveal(),
	}
	return persist(ctx, func(ctx context.Context) (account.Tokens, *setback) { return ask(ctx, c, address, request, readTokens) })
}
