package login

import (
	"context"
	"net/http"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// socialRenewal is the request of an account that signed in with Google or GitHub. It belongs to no client. Source: observed calls.
type socialRenewal struct {
	RefreshToken string `json:"refreshToken"`
}

func (c *Client) renewSocial(ctx context.Context, signIn string, s account.Secrets) (account.Tokens, error) {
	address, err := c.socialAddress(signIn)
	if err != nil {
		return account.Tokens{}, err
	}
	request := socialRenewal{RefreshToken: s.RefreshToken.Reveal()}
	return persist(ctx, func(ctx context.Context) (account.Tokens, *setback) {
		tokens, failed := ask(ctx, c, address, request, readTokens)
		return tokens, ofSocial(failed)
	})
}

// ofSocial understands the one answer that means more here than elsewhere: with no client to refuse, a 401 without a code refuses the
// token.
func ofSocial(failed *setback) *setback {
	if f, ok := failureIn(failed); ok && f.status == http.StatusUnauthorized && f.code == "" {
		return &setback{fault.Wrap(fault.Credential, f, "The account's sign-in has ended (HTTP 401). Sign in again and enter the new refresh token.").Saying(fault.Said{Code: fault.SignInEnded, Text: "HTTP 401"}), never}
	}
	return failed
}
