package login

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"time"

	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// registrationAnswer is a client. Source: the public API model.
type registrationAnswer struct {
	ClientID              string        `json:"clientId"`
	ClientSecret          secret.String `json:"clientSecret"`
	ClientSecretExpiresAt seconds       `json:"clientSecretExpiresAt"` // since 1970
}

// readRegistration takes the client out of an answer.
func readRegistration(text []byte) (Registration, *setback) {
	var answer registrationAnswer
	switch err := json.Unmarshal(text, &answer); {
	case err != nil:
		return Registration{}, lostAnswer(errors.New("it is not the JSON of a client"))
	case !isPlain(answer.ClientID, maxID) || answer.ClientSecret.IsZero():
		return Registration{}, lostAnswer(errors.New("it has no client id or no secret"))
	}
	return Registration{ClientID: answer.ClientID, ClientSecret: answer.ClientSecret, ExpiresAt: answer.ClientSecretExpiresAt.moment()}, nil
}

// lastMoment is the end of the year 9999, after which times cannot be written down.
const lastMoment = 253402300799

// moment is the time so many seconds after 1970; zero where the service's word makes no sense.
func (s seconds) moment() time.Time {
	if s >= 1 && s <= lastMoment {
		return time.Unix(int64(s), 0).UTC()
	}
	return time.Time{}
}

// authorizationAnswer is a sign-in that has begun. Source: the public API model.
type authorizationAnswer struct {
	DeviceCode              secret.String `json:"deviceCode"`
	UserCode                string        `json:"userCode"`
	VerificationURI         string        `json:"verificationUri"`
	VerificationURIComplete string        `json:"verificationUriComplete"`
	ExpiresIn               seconds       `json:"expiresIn"`
	Interval                seconds       `json:"interval"`
}

// The times of a sign-in where the service names none, and the longest that are believed. Source: the official language server.
const (
	usualPatience = 10 * time.Minute
	maxPatience   = time.Hour
	usualInterval = 5 * time.Second
	maxInterval   = time.Minute
)

// The longest texts of a sign-in that are believed, in bytes.
const (
	maxID       = 16 << 10
	maxUserCode = 64
	maxURI      = 2048
)

// readAuthorization takes a sign-in out of an answer. What people are shown, and their browser opens, must be harmless.
func (c *Client) readAuthorization(text []byte) (Authorization, *setback) {
	var answer authorizationAnswer
	switch err := json.Unmarshal(text, &answer); {
	case err != nil:
		return Authorization{}, lostAnswer(errors.New("it is not the JSON of a sign-in"))
	case answer.DeviceCode.IsZero() || !isPlain(answer.UserCode, maxUserCode):
		return Authorization{}, lostAnswer(errors.New("it has no device code or no user code"))
	}
	if answer.VerificationURIComplete == "" {
		answer.VerificationURIComplete = answer.VerificationURI
	}
	page, ok := c.page(answer.VerificationURI)
	complete, completeOK := c.page(answer.VerificationURIComplete)
	if !ok || !completeOK {
		return Authorization{}, &setback{fault.New(fault.Unavailable, "Amazon's sign-in service named a page that is not safe to open. Check whether a proxy answers in Amazon's place.").Saying(fault.Said{Code: fault.AmazonOdd}), never}
	}
	return Authorization{
		DeviceCode: answer.DeviceCode, UserCode: answer.UserCode, VerificationURI: page, VerificationURIComplete: complete,
		ExpiresIn: answer.ExpiresIn.within(usualPatience, maxPatience), Interval: answer.Interval.within(usualInterval, maxInterval),
	}, nil
}

// page is the address of a page that may be opened: https, or plain http on this computer where the sign-in service is here too.
func (c *Client) page(text string) (string, bool) {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || len(text) > maxURI || parsed.Hostname() == "" || parsed.User != nil:
		return "", false
	case parsed.Scheme == "https", parsed.Scheme == "http" && c.override.isLoopback() && isLoopback(strings.ToLower(parsed.Hostname())):
		return parsed.String(), true
	default:
		return "", false
	}
}

// isPlain reports whether a text is there, not longer than most bytes, and on one line of visible characters.
func isPlain(text string, most int) bool {
	return text != "" && len(text) <= most && !strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c > '~' })
}
