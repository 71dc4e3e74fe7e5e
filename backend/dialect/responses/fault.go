package responses

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"amq2api/backend/fault"
)

// failure is the envelope of an error.
type failure struct {
	Error failureBody `json:"error"`
}

type failureBody struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    string  `json:"code"`
}

// Fault renders an error that happened before anything was sent. The request id has no place in this dialect's body: its clients read
// it from a header.
func Fault(f *fault.Error, _ string) (status int, body any) {
	status = f.Kind.Status()
	if f.Kind == fault.Overloaded {
		status = http.StatusServiceUnavailable // 529 is Anthropic's own
	}
	rendered := failureBody{Message: f.Message}
	if f.Param != "" {
		rendered.Param = &f.Param
	}
	rendered.Type, rendered.Code = typeAndCode(f)
	return status, &failure{rendered}
}

// typeAndCode are the words clients branch on: the SDKs go by the status, agents by the code.
func typeAndCode(f *fault.Error) (string, string) {
	const invalid, server = "invalid_request_error", "server_error"
	switch f.Kind {
	case fault.Invalid:
		if errors.Is(f, errNotStored) {
			return invalid, "previous_response_not_found"
		}
		return invalid, "invalid_request_error"
	case fault.TooLong:
		return invalid, "context_length_exceeded"
	case fault.TooLarge:
		return invalid, "request_too_large"
	case fault.Unauthenticated:
		return invalid, "invalid_api_key"
	case fault.NotFound:
		if f.Param == "model" {
			return invalid, "model_not_found"
		}
		return invalid, "not_found"
	case fault.ModelUnavailable:
		return invalid, "model_not_found"
	case fault.Forbidden, fault.Credential, fault.Suspended, fault.Refused:
		return "permission_error", "permission_denied"
	case fault.Limited, fault.Throttled, fault.Suspicious:
		return "rate_limit_error", rateLimited
	case fault.Exhausted:
		return "insufficient_quota", "insufficient_quota"
	default:
		return server, "server_error"
	}
}

const rateLimited = "rate_limit_exceeded"

// causeOf is the error of a response that failed. Codex waits as long as the message of a rate limit says, in these words, and gives up
// at once on an invalid prompt. Source: its public repository.
func causeOf(f *fault.Error) *cause {
	_, code := typeAndCode(f)
	message := f.Message
	switch {
	case code == rateLimited && f.RetryAfter > 0 && !strings.Contains(strings.ToLower(message), "try again in"):
		message += fmt.Sprintf(" Try again in %ds.", int(math.Ceil(float64(f.RetryAfter)/float64(time.Second))))
	case f.Kind == fault.Invalid || f.Kind == fault.TooLarge:
		code = "invalid_prompt"
	}
	return &cause{Code: code, Message: message}
}
