package login

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// maxAnswer caps what is read of an answer.
const maxAnswer = 256 << 10

// tokenAnswer is the answer to a renewal that went well. Source: the public API model; the profile is from observed social answers.
type tokenAnswer struct {
	AccessToken  secret.String `json:"accessToken"`
	RefreshToken secret.String `json:"refreshToken"`
	ExpiresIn    seconds       `json:"expiresIn"`
	ProfileARN   word          `json:"profileArn"`
}

// readTokens takes the tokens out of an answer. An answer without an access token counts as lost.
func readTokens(text []byte) (account.Tokens, *setback) {
	var answer tokenAnswer
	if err := json.Unmarshal(text, &answer); err != nil {
		return account.Tokens{}, lostAnswer(errors.New("it is not the JSON of tokens")) // the decoder's own words may quote a token
	}
	if answer.AccessToken.IsZero() {
		return account.Tokens{}, lostAnswer(errors.New("it has no access token"))
	}
	return account.Tokens{
		AccessToken: answer.AccessToken, RefreshToken: answer.RefreshToken, ExpiresIn: answer.ExpiresIn.lifetime(), ProfileARN: string(answer.ProfileARN),
	}, nil
}

func lostAnswer(err error) *setback {
	return &setback{fault.Wrap(fault.Unavailable, err, "The answer of Amazon's sign-in service could not be read. Try again.").Saying(fault.Said{Code: fault.AmazonOdd}), once}
}

// word is a text that the tokens can do without: what is no text is none.
type word string

// UnmarshalJSON never fails.
func (w *word) UnmarshalJSON(text []byte) error {
	var plain string
	if json.Unmarshal(text, &plain) == nil {
		*w = word(plain)
	}
	return nil
}

// seconds is a time. What is not a number is none, because tokens must not be lost over it.
type seconds float64

// UnmarshalJSON never fails.
func (s *seconds) UnmarshalJSON(text []byte) error {
	number, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err == nil {
		*s = seconds(number)
	}
	return nil
}

// The lifetimes that are believed. A token that dies before is renewed when it is refused, so a guess does no harm.
const (
	usualLifetime = time.Hour // Source: observed replies
	maxLifetime   = 24 * time.Hour
)

// lifetime is the time the tokens live: the usual one where the service's word makes no sense.
func (s seconds) lifetime() time.Duration { return s.within(usualLifetime, maxLifetime) }

// within is the usual time where the service's word makes no sense, and never more than most.
func (s seconds) within(usual, most time.Duration) time.Duration {
	switch {
	case !(s >= 1): // also what is not a number
		return usual
	case float64(s) > most.Seconds():
		return most
	default:
		return time.Duration(float64(s) * float64(time.Second))
	}
}

// failure is the service's error. Source: the public API model; the header is there for those that cannot read the body.
type failure struct {
	status    int
	code      string // of OAuth
	requestID string
}

// Error is for the log. The service's description is left out: nobody knows what it quotes.
func (f failure) Error() string {
	return fmt.Sprintf("status %d, code %q, request %q", f.status, f.code, f.requestID)
}

// failureIn is the service's own error that made a call fail; false if there is none.
func failureIn(failed *setback) (failure, bool) {
	var f failure
	if failed == nil || !errors.As(failed.fault, &f) {
		return failure{}, false
	}
	return f, true
}

// codes are the OAuth codes by the name of their exception. Source: the public API model.
var codes = map[string]string{
	"AuthorizationPendingException": "authorization_pending", "SlowDownException": "slow_down", "ExpiredTokenException": "expired_token",
	"AccessDeniedException": "access_denied", "InvalidGrantException": "invalid_grant", "InvalidClientException": "invalid_client",
	"UnauthorizedClientException": "unauthorized_client", "UnsupportedGrantTypeException": "unsupported_grant_type",
	"InvalidScopeException": "invalid_scope", "InvalidRequestException": "invalid_request",
	"InvalidClientMetadataException": "invalid_client_metadata", "InternalServerException": "server_error",
}

// refusal understands an answer that has no tokens.
func refusal(response *http.Response, text []byte) *setback {
	f := failure{status: response.StatusCode, code: codeOf(response.Header, text), requestID: response.Header.Get("X-Amzn-Requestid")}
	switch {
	case f.status < http.StatusBadRequest:
		return unexpected(f)
	case f.status >= http.StatusInternalServerError:
		return &setback{fault.Wrap(fault.Unavailable, f, "Amazon's sign-in service has trouble (HTTP %d). Try again later.", f.status).Saying(fault.Said{Code: fault.AmazonTrouble, Count: int64(f.status)}), again}
	case f.code == "slow_down" || f.status == http.StatusTooManyRequests:
		throttled := fault.Wrap(fault.Throttled, f, "Amazon's sign-in service asks to slow down. Try again later.").Saying(fault.Said{Code: fault.AmazonSlowDown})
		throttled.RetryAfter = retryAfter(response.Header)
		return &setback{throttled, never}
	}
	switch f.code {
	case "invalid_grant", "expired_token":
		return &setback{fault.Wrap(fault.Credential, f, "The account's sign-in has ended (%s). Sign in again and enter the new refresh token.", f.code).Saying(fault.Said{Code: fault.SignInEnded, Text: f.code}), never}
	case "invalid_client", "unauthorized_client":
		return &setback{fault.Wrap(fault.Credential, f, "Amazon does not accept the account's client id and secret (%s); they expire after some months. Sign in again and enter the new ones.", f.code).Saying(fault.Said{Code: fault.ClientRefused, Text: f.code}), never}
	case "access_denied":
		return &setback{fault.Wrap(fault.Credential, f, "Amazon denies the account access (%s). Sign in again.", f.code).Saying(fault.Said{Code: fault.AccessDenied, Text: f.code}), never}
	default:
		return unexpected(f)
	}
}

// unexpected is an answer that says nothing about the account.
func unexpected(f failure) *setback {
	return &setback{fault.Wrap(fault.Unavailable, f, "Amazon's sign-in service answered in an unexpected way (HTTP %d). Check the account's sign-in region, and whether a proxy answers in Amazon's place.", f.status).Saying(fault.Said{Code: fault.AmazonOdd, Count: int64(f.status)}), never}
}

// codeOf finds the OAuth code of an error: in the body, else by the exception in the header. Text that is no known code is none, because
// codes are shown and nobody knows what else the text is.
func codeOf(header http.Header, text []byte) string {
	var body struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(text, &body) == nil {
		for _, code := range codes {
			if code == body.Error {
				return code
			}
		}
	}
	name, _, _ := strings.Cut(header.Get("X-Amzn-Errortype"), ":")
	return codes[name]
}

// retryAfter is the wait a header asks for in seconds, at most a day; 0 if it does not.
func retryAfter(header http.Header) time.Duration {
	wait, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || wait < 0 {
		return 0
	}
	return min(time.Duration(min(wait, 1<<20))*time.Second, 24*time.Hour)
}
