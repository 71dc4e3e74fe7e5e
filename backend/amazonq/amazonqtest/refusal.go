package amazonqtest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// Refusal is an error of the streaming service, answered with a status before any event.
type Refusal struct {
	Status     int
	Name       string // e.g. ThrottlingException
	Message    string
	Reason     string        // e.g. MONTHLY_REQUEST_COUNT; left out if empty
	RetryAfter time.Duration // header retry-after, in whole seconds; left out if zero
}

// The refusals that are known, with the texts the real service uses. Source: observed replies.
var (
	Malformed       = Refusal{Status: http.StatusBadRequest, Name: "ValidationException", Message: "Improperly formed request."}
	TooLong         = Refusal{http.StatusBadRequest, "ValidationException", "Input is too long.", "CONTENT_LENGTH_EXCEEDS_THRESHOLD", 0}
	InvalidModel    = Refusal{http.StatusBadRequest, "ValidationException", "Invalid model. Please select a different model to continue.", "INVALID_MODEL_ID", 0}
	TokenInvalid    = Refusal{Status: http.StatusForbidden, Name: "AccessDeniedException", Message: "The bearer token included in the request is invalid."}
	TokenExpired    = Refusal{Status: http.StatusUnauthorized, Name: "ExpiredTokenException", Message: "Token expired"}
	NotAuthorized   = Refusal{Status: http.StatusForbidden, Name: "AccessDeniedException", Message: "User is not authorized to make this call."}
	Suspended       = Refusal{http.StatusForbidden, "AccessDeniedException", "Your User ID (d-1234567890.simulated) temporarily is suspended. Contact support.", "TEMPORARILY_SUSPENDED", 0}
	Throttled       = Refusal{Status: http.StatusTooManyRequests, Name: "ThrottlingException", Message: "Too many requests, please wait before trying again."}
	Suspicious      = Refusal{Status: http.StatusTooManyRequests, Name: "ThrottlingException", Message: "Your account was limited because of suspicious activity."}
	MonthlyLimit    = Refusal{http.StatusBadRequest, "ThrottlingException", "Maximum Request reached for this month.", "MONTHLY_REQUEST_COUNT", 0}
	MonthlyQuota    = Refusal{http.StatusPaymentRequired, "ServiceQuotaExceededException", "You have reached the limit.", "MONTHLY_REQUEST_COUNT", 0}
	OverageLimit    = Refusal{http.StatusPaymentRequired, "ServiceQuotaExceededException", "You have reached the limit for overages.", "OVERAGE_REQUEST_LIMIT_EXCEEDED", 0}
	DailyLimit      = Refusal{http.StatusTooManyRequests, "ThrottlingException", "Maximum Request reached for this day.", "DAILY_REQUEST_COUNT", 0}
	ModelAtCapacity = Refusal{http.StatusTooManyRequests, "ThrottlingException", "The model is at capacity, please try again.", "INSUFFICIENT_MODEL_CAPACITY", 0}
	HighLoad        = Refusal{http.StatusInternalServerError, "InternalServerException", "Encountered unexpectedly high load when processing the request, please try again.", "MODEL_TEMPORARILY_UNAVAILABLE", 0}
	ServerError     = Refusal{Status: http.StatusInternalServerError, Name: "InternalServerException", Message: "An unexpected error occurred."}
	ServiceDown     = Refusal{Status: http.StatusServiceUnavailable, Name: "ServiceUnavailableException", Message: "The service is unavailable."}

	unknownOperation = Refusal{Status: http.StatusNotFound, Name: "UnknownOperationException", Message: "The operation is unknown."}
	noProfile        = Refusal{Status: http.StatusBadRequest, Name: "ValidationException", Message: "profileArn is required for this request."}
)

// After is the refusal with a retry-after header.
func (f Refusal) After(d time.Duration) Refusal {
	f.RetryAfter = d
	return f
}

// namespace stands before the name of an error in a body. Source: an observed reply, by its length.
const namespace = "com.amazon.aws.codewhisperer#"

// refuse answers with an error, in the style of the dialect the client speaks. Why is for the test; empty is a scripted refusal.
func (x *exchange) refuse(f Refusal, why string) {
	if f.RetryAfter > 0 {
		x.w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	media, body := "application/x-amz-json-1.0", f.rpcBody()
	if x.restful {
		x.w.Header().Set("X-Amzn-Errortype", f.Name+":http://internal.amazon.com/coral/com.amazon.coral.service/")
		media, body = "application/json", f.restBody()
	}
	x.note(func(call *Received) { call.Refusal = why })
	x.reply(f.Status, media, body)
}

func (f Refusal) rpcBody() []byte {
	return mustMarshal(struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
		Reason  string `json:"reason,omitzero"`
	}{namespace + f.Name, f.Message, f.Reason})
}

func (f Refusal) restBody() []byte {
	answer := struct {
		Message string  `json:"message"`
		Reason  *string `json:"reason"`
	}{Message: f.Message}
	if f.Reason != "" {
		answer.Reason = &f.Reason
	}
	return mustMarshal(answer)
}

// mustMarshal encodes our own types, which always marshal.
func mustMarshal(value any) []byte {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return body
}
