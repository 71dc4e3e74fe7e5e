package amazonqtest

// The desktop sign-in of people with Google or GitHub, which knows no clients. Source: observed clients.

type refreshQuery struct {
	RefreshToken string `json:"refreshToken"`
}

type refreshAnswer struct {
	AccessToken  string `json:"accessToken"`
	RefreshToken string `json:"refreshToken,omitzero"`
	ProfileARN   string `json:"profileArn,omitzero"`
	ExpiresIn    int64  `json:"expiresIn"`
}

// refreshToken hands out tokens for a social identity's refresh token.
func (s *Service) refreshToken(x *exchange, q refreshQuery) {
	s.mu.Lock()
	identity := s.refresh[q.RefreshToken]
	if q.RefreshToken == "" || identity == nil || !identity.options.Social {
		s.mu.Unlock()
		x.fail(&oauthFailure{"invalid_grant", invalidRefreshToken, "the refresh token is unknown, revoked, or not a social one"})
		return
	}
	renewal := identity.nextRenewal()
	x.identify(identity)
	s.mu.Unlock()
	if x.interfere(renewal) {
		return
	}
	s.mu.Lock()
	tokens, ok := identity.renew(q.RefreshToken, renewal)
	s.mu.Unlock()
	answer := refreshAnswer{AccessToken: tokens.AccessToken, RefreshToken: tokens.RefreshToken, ProfileARN: identity.ProfileARN, ExpiresIn: tokens.ExpiresIn}
	x.deliver(answer, ok, renewal)
}

// deliver ends a renewal as its script has it.
func (x *exchange) deliver(answer any, ok bool, renewal Renewal) {
	switch {
	case !ok:
		x.fail(&oauthFailure{"invalid_grant", invalidRefreshToken, "the refresh token was used before"})
	case renewal.Lost:
		x.abort()
	case renewal.Cut:
		x.halve(answer)
	default:
		x.succeed(answer)
	}
}
