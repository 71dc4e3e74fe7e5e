package openai

import (
	"net/http"

	"amq2api/backend/fault"
	"amq2api/backend/sse"
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
	return status, failureOf(f)
}

func failureOf(f *fault.Error) *failure {
	body := failureBody{Message: f.Message}
	if f.Param != "" {
		body.Param = &f.Param
	}
	body.Type, body.Code = typeAndCode(f)
	return &failure{body}
}

// typeAndCode are the words clients branch on: the SDKs go by the status, agents by the code.
func typeAndCode(f *fault.Error) (string, string) {
	const invalid, server = "invalid_request_error", "server_error"
	switch f.Kind {
	case fault.Invalid:
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
		return "rate_limit_error", "rate_limit_exceeded"
	case fault.Exhausted:
		return "insufficient_quota", "insufficient_quota"
	default:
		return server, "server_error"
	}
}

// append writes the envelope as JSON.
func (f *failure) append(buf []byte) []byte {
	buf = sse.AppendString(append(buf, `{"error":{"message":`...), f.Error.Message)
	buf = sse.AppendString(append(buf, `,"type":`...), f.Error.Type)
	buf = append(buf, `,"param":`...)
	if f.Error.Param == nil {
		buf = append(buf, "null"...)
	} else {
		buf = sse.AppendString(buf, *f.Error.Param)
	}
	buf = sse.AppendString(append(buf, `,"code":`...), f.Error.Code)
	return append(buf, "}}"...)
}
