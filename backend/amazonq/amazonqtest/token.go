package amazonqtest

import (
	"net/http"
	"time"
)

// Renewal says what happens to one renewal. The zero value is an ordinary one. The fields apply in their order.
type Renewal struct {
	Delay          time.Duration   // before anything else
	Hold           <-chan struct{} // then wait until it is closed
	Reset          bool            // the connection breaks before the token is looked at
	Code           string          // an OAuth error code: the table's answer, and nothing changes
	Status         int             // this status with Body as HTML, and nothing changes
	Body           string
	Location       string // a redirect there, and nothing changes
	Lost           bool   // the token rotates, then the connection breaks before the answer
	Cut            bool   // the token rotates, then the connection breaks within the answer
	NoRefreshToken bool   // the token stays, the answer has none
	ExpiresIn      int64  // instead of the true lifetime, in seconds
}

type tokenQuery struct {
	ClientID     string `json:"clientId"`
	ClientSecret string `json:"clientSecret"`
	GrantType    string `json:"grantType"`
	RefreshToken string `json:"refreshToken"`
	DeviceCode   string `json:"deviceCode"`
}

type tokenAnswer struct {
	AccessToken  string `json:"accessToken"`
	TokenType    string `json:"tokenType"`
	ExpiresIn    int64  `json:"expiresIn"`
	RefreshToken string `json:"refreshToken,omitzero"`
}

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

func (s *Service) createToken(x *exchange, q tokenQuery) {
	if q.ClientID == "" || q.ClientSecret == "" || q.GrantType == "" {
		x.fail(&oauthFailure{"invalid_request", "", "clientId, clientSecret or grantType is missing"})
		return
	}
	s.mu.Lock()
	client, failure := s.client(q.ClientID, q.ClientSecret)
	s.mu.Unlock()
	switch {
	case failure != nil:
		x.fail(failure)
	case q.GrantType == "refresh_token":
		s.renew(x, client, q.RefreshToken)
	case q.GrantType == deviceGrant:
		s.redeemDevice(x, client, q.DeviceCode)
	default:
		x.fail(&oauthFailure{"unsupported_grant_type", "", "grantType " + q.GrantType})
	}
}

// renew hands out tokens for a refresh token.
func (s *Service) renew(x *exchange, client *oidcClient, token string) {
	if token == "" {
		x.fail(&oauthFailure{"invalid_request", "", "refreshToken is missing"})
		return
	}
	s.mu.Lock()
	identity := s.refresh[token]
	if identity == nil || identity.ClientID != client.id || identity.options.Social || identity.options.APIKey {
		s.mu.Unlock()
		x.fail(&oauthFailure{"invalid_grant", invalidRefreshToken, "the refresh token is unknown, revoked, or another client's"})
		return
	}
	renewal := identity.nextRenewal()
	x.identify(identity)
	s.mu.Unlock()
	if x.interfere(renewal) {
		return
	}
	s.mu.Lock()
	answer, ok := identity.renew(token, renewal)
	s.mu.Unlock()
	x.deliver(answer, ok, renewal)
}

const invalidRefreshToken = "Invalid refresh token provided"

// interfere plays the part of a renewal's script that comes before the token is looked at. It reports whether that was all.
func (x *exchange) interfere(renewal Renewal) bool {
	if err := x.pause(renewal.Delay); err != nil {
		return true
	}
	if renewal.Hold != nil && x.hold(renewal.Hold) != nil {
		return true
	}
	switch {
	case renewal.Reset:
		x.abort()
	case renewal.Code != "":
		x.fail(&oauthFailure{renewal.Code, "", "scripted"})
	case renewal.Status != 0:
		x.reply(renewal.Status, "text/html", []byte(renewal.Body))
	case renewal.Location != "":
		x.w.Header().Set("Location", renewal.Location)
		x.reply(http.StatusFound, "text/html", nil)
	default:
		return false
	}
	return true
}

// renew rotates the refresh token and makes an access token. It refuses a refresh token that is spent.
func (i *Identity) renew(token string, renewal Renewal) (tokenAnswer, bool) {
	if !i.redeem(token) {
		return tokenAnswer{}, false
	}
	answer := tokenAnswer{AccessToken: i.mintAccess(), TokenType: "Bearer", ExpiresIn: int64(i.options.Lifetime / time.Second)}
	if i.options.Rotation != NeverRotates && !renewal.NoRefreshToken {
		answer.RefreshToken = i.mintRefresh()
	}
	if renewal.ExpiresIn != 0 {
		answer.ExpiresIn = renewal.ExpiresIn
	}
	i.service.count(i, func(c *Counters) { c.Renewals++ })
	return answer, true
}
