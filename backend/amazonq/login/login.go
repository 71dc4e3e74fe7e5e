// Package login renews the access tokens of accounts at Amazon's token service.
//
// A refresh token may be good for one use only, so a renewal is repeated only where that cannot use it up a second time: after an error
// that came before the token was sent, or that the service itself answered with, and once after an answer that got lost on the way,
// which nobody can get back otherwise. Storing the new token before it is used, and never renewing one account twice at a time, is the
// caller's part.
package login

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// Config is what a Client needs.
type Config struct {
	HTTP     *http.Client // nil is one made for this; redirects are refused either way
	Endpoint string       // replaces the token services' own addresses; with or without the path /token; empty is none
	Version  string       // ours, for the user agent
}

// Client renews tokens. It is safe for concurrent use.
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
		http: withoutRedirects(config.HTTP), override: override, agent: "amq2api/" + config.Version, online: hasAddress,
	}, nil
}

// limit bounds a renewal with everything in it; pauses are between its calls, and one fewer than there may be.
const limit = 30 * time.Second

var pauses = [...]time.Duration{200 * time.Millisecond, 600 * time.Millisecond}

// renewal is the request. Source: the public API model.
type renewal struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	GrantType    string `json:"grantType"`
	RefreshToken string `json:"refreshToken"`
}

// Renew gets a new access token, and usually a new refresh token, within 30 seconds. The kind of its error is Credential only if the
// service refuses the token or the client it belongs to, which lasts until the user signs in again; Throttled if it asks to slow down;
// Offline if there is no network here; Canceled if ctx was; else Unavailable. No error contains a token or a secret.
func (c *Client) Renew(ctx context.Context, a account.Account, s account.Secrets) (account.Tokens, error) {
	address, err := c.address(a.SignInRegion)
	if err != nil {
		return account.Tokens{}, err
	}
	body, err := json.Marshal(renewal{
		ClientID: a.ClientID, ClientSecret: s.ClientSecret.Reveal(), GrantType: "refresh_token", RefreshToken: s.RefreshToken.Reveal(),
	})
	if err != nil {
		return account.Tokens{}, fmt.Errorf("encode a renewal: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return c.persist(ctx, address, body)
}

// persist calls until it has tokens or another call would do no good.
func (c *Client) persist(ctx context.Context, address string, body []byte) (account.Tokens, error) {
	lost := false
	for tries := 0; ; tries++ {
		tokens, failed := c.call(ctx, address, body)
		switch {
		case failed == nil:
			return tokens, nil
		case ctx.Err() != nil:
			return account.Tokens{}, ended(ctx)
		case tries == len(pauses), failed.repeat == never, failed.repeat == once && lost:
			return account.Tokens{}, failed.fault
		}
		lost = lost || failed.repeat == once
		if err := wait(ctx, pauses[tries]); err != nil {
			return account.Tokens{}, ended(ctx)
		}
	}
}

// repeat says whether a call that failed may be made again.
type repeat uint8

const (
	never repeat = iota // the answer is final
	again               // the token was not used
	once                // the token may have been used, and the answer with its successor is lost
)

// setback is a call that failed.
type setback struct {
	fault  *fault.Error
	repeat repeat
}

// call makes one call.
func (c *Client) call(ctx context.Context, address string, body []byte) (account.Tokens, *setback) {
	sent := false // set in this goroutine: the transport asks for a connection before it hands it on
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent = true }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return account.Tokens{}, &setback{fault.Wrap(fault.Internal, err, "The renewal of the account's sign-in could not be written."), never}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", c.agent)
	response, err := c.http.Do(request)
	if err != nil {
		return account.Tokens{}, c.unreachable(err, sent)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if response.StatusCode != http.StatusOK {
		return account.Tokens{}, refusal(response, text)
	}
	if err != nil {
		return account.Tokens{}, lostAnswer(err)
	}
	return readTokens(text)
}

// ended explains why the context ended: the caller's wish, or the time limit.
func ended(ctx context.Context) error {
	if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
		return fault.Of(cause)
	}
	return fault.Wrap(fault.Unavailable, ctx.Err(), "Amazon's sign-in service did not answer in time. Try again.")
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
