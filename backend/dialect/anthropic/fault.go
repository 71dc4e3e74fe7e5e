package anthropic

import (
	"amq2api/backend/fault"
	"amq2api/backend/sse"
)

// failure is the envelope of an error.
type failure struct {
	Type      string      `json:"type"`
	Error     failureBody `json:"error"`
	RequestID string      `json:"request_id,omitempty"`
}

type failureBody struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// Fault renders an error that happened before anything was sent.
func Fault(f *fault.Error, requestID string) (status int, body any) {
	return f.Kind.Status(), &failure{Type: "error", Error: failureBody{errorType(f.Kind), f.Message}, RequestID: requestID}
}

// errorType is the word clients branch on. Source: the official SDKs, and observed reactions of Claude Code.
func errorType(kind fault.Kind) string {
	switch kind {
	case fault.Invalid, fault.TooLong:
		return "invalid_request_error"
	case fault.TooLarge:
		return "request_too_large"
	case fault.Unauthenticated:
		return "authentication_error"
	case fault.Forbidden, fault.Credential, fault.Suspended, fault.Refused:
		return "permission_error"
	case fault.NotFound, fault.ModelUnavailable:
		return "not_found_error"
	case fault.Limited, fault.Throttled, fault.Exhausted, fault.Suspicious:
		return "rate_limit_error"
	case fault.Overloaded:
		return "overloaded_error"
	default:
		return "api_error"
	}
}

// appendFailure writes the data of the event that ends a stream which failed.
func appendFailure(buf []byte, f *fault.Error) []byte {
	buf = sse.AppendString(append(buf, `{"type":"error","error":{"type":`...), errorType(f.Kind))
	buf = sse.AppendString(append(buf, `,"message":`...), f.Message)
	return append(buf, "}}"...)
}
