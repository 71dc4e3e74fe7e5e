package amazonq_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"amq2api/backend/amazonq"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// lateDecember is near the end of a month and year, in a zone where it is tomorrow already.
var lateDecember = time.Date(2026, time.December, 31, 3, 0, 0, 0, time.FixedZone("east", 8*3600))

// A refusal is one answer of the service, in either of its styles, and what we make of it.
type refusal struct {
	symptom string
	status  int
	name    string // of the exception, in the body's __type unless style is "header"
	reason  string
	message string
	want    fault.Kind
}

var refusals = []refusal{
	{"a throttle", 429, "ThrottlingException", "", "Too many requests", fault.Throttled},
	{"a throttle without a name", 429, "", "", "", fault.Throttled},
	{"a throttle by its reason", 400, "ThrottlingException", "USER_REQUEST_RATE_EXCEEDED", "", fault.Throttled},
	{"the monthly quota in the old words", 400, "ThrottlingException", "", "Maximum com.amazon.aws.codewhisperer.streaming.GenerateAssistantResponse reached for this month.", fault.Exhausted},
	{"the monthly quota, 400", 400, "ThrottlingException", "MONTHLY_REQUEST_COUNT", "Maximum Request reached for this month.", fault.Exhausted},
	{"the monthly quota, 429", 429, "ThrottlingException", "MONTHLY_REQUEST_COUNT", "", fault.Exhausted},
	{"the monthly quota, 402", 402, "ServiceQuotaExceededException", "MONTHLY_REQUEST_COUNT", "You have reached the limit.", fault.Exhausted},
	{"the quota without a reason", 402, "ServiceQuotaExceededError", "", "You have reached the limit.", fault.Exhausted},
	{"402 without a name", 402, "", "", "", fault.Exhausted},
	{"the overage limit", 402, "ServiceQuotaExceededException", "OVERAGE_REQUEST_LIMIT_EXCEEDED", "You have reached the limit for overages.", fault.Exhausted},
	{"the daily quota", 429, "ThrottlingException", "DAILY_REQUEST_COUNT", "", fault.Exhausted},
	{"a conversation limit is the request's fault", 402, "ServiceQuotaExceededException", "CONVERSATION_LIMIT_EXCEEDED", "", fault.Invalid},
	{"no capacity for the model", 429, "ThrottlingException", "INSUFFICIENT_MODEL_CAPACITY", "", fault.Overloaded},
	{"no capacity for the model, 400", 400, "ThrottlingException", "INSUFFICIENT_MODEL_CAPACITY", "", fault.Overloaded},
	{"the model is away", 500, "InternalServerException", "MODEL_TEMPORARILY_UNAVAILABLE", "", fault.Overloaded},
	{"high load", 500, "InternalServerException", "", "Encountered unexpectedly high load when processing the request, please try again.", fault.Overloaded},
	{"high load that calls itself a throttle", 429, "ThrottlingException", "", "unexpectedly high load", fault.Overloaded},
	{"suspicious activity", 429, "ThrottlingException", "", "We detected Suspicious Activity on your account.", fault.Suspicious},
	{"suspicious activity, 403", 403, "AccessDeniedException", "", "suspicious activity", fault.Suspicious},
	{"a suspension by its reason", 403, "AccessDeniedException", "TEMPORARILY_SUSPENDED", "", fault.Suspended},
	{"a suspension by its words", 403, "AccessDeniedException", "", "Your User ID (d-1) temporarily is suspended. Contact support.", fault.Suspended},
	{"a bearer token that is refused", 403, "AccessDeniedException", "", "The bearer token included in the request is invalid.", fault.Credential},
	{"a bearer token that is refused, 400", 400, "AccessDeniedError", "", "The bearer token included in the request is invalid.", fault.Credential},
	{"an expired token", 401, "ExpiredTokenException", "", "Token expired", fault.Credential},
	{"an expired token, 403", 403, "ExpiredTokenException", "", "", fault.Credential},
	{"unauthorised", 403, "UnauthorizedException", "", "", fault.Credential},
	{"401 without a name", 401, "", "", "", fault.Credential},
	{"not authorised for the call", 403, "AccessDeniedException", "", "User is not authorized to make this call.", fault.Refused},
	{"a feature the account lacks", 403, "AccessDeniedException", "FEATURE_NOT_SUPPORTED", "", fault.Refused},
	{"Builder ID is not supported", 403, "AccessDeniedException", "", "AWS Builder ID is not supported for this operation.", fault.Refused},
	{"403 without a name", 403, "", "", "", fault.Refused},
	{"a profile that is gone", 400, "ResourceNotFoundException", "", "", fault.Refused},
	{"a key policy of the customer's", 409, "ConflictException", "CUSTOMER_KMS_KEY_DISABLED", "", fault.Refused},
	{"too long by its reason", 400, "ValidationException", "CONTENT_LENGTH_EXCEEDS_THRESHOLD", "Input is too long.", fault.TooLong},
	{"too long by its words", 400, "ValidationException", "", "Input is too long.", fault.TooLong},
	{"too long in the other words", 400, "ValidationException", "", "Exceeded max chat context length.", fault.TooLong},
	{"a body over the host's limit", 413, "", "", "Failed to buffer the request body: length limit exceeded", fault.TooLong},
	{"a model the account lacks", 400, "ValidationException", "INVALID_MODEL_ID", "Invalid model. Please select a different model to continue.", fault.ModelUnavailable},
	{"a model the account lacks, by its words", 400, "ValidationError", "", "Invalid model. Please select a different model to continue.", fault.ModelUnavailable},
	{"improperly formed", 400, "ValidationException", "", "Improperly formed request.", fault.Invalid},
	{"a bad conversation id", 400, "ValidationException", "INVALID_CONVERSATION_ID", "", fault.Invalid},
	{"a bad body", 400, "ValidationException", "REQUEST_BODY_INVALID", "", fault.Invalid},
	{"400 without a name", 400, "", "", "", fault.Invalid},
	{"an exception nobody knows, 400", 400, "BrandNewException", "BRAND_NEW", "", fault.Invalid},
	{"an exception nobody knows, 500", 500, "BrandNewException", "", "", fault.Unavailable},
	{"an internal error", 500, "InternalServerException", "", "", fault.Unavailable},
	{"unavailable, 500", 500, "ServiceUnavailableException", "", "", fault.Unavailable},
	{"unavailable, 503", 503, "ServiceUnavailableException", "", "", fault.Unavailable},
	{"502 without a name", 502, "", "", "", fault.Unavailable},
	{"404 without a name is a wrong address", 404, "", "", "", fault.Unavailable},
}

func TestRefusalsInBothStyles(t *testing.T) {
	for _, r := range refusals {
		inBody := fmt.Sprintf(`{"__type":"com.amazon.aws.codewhisperer#%s","message":%q,"reason":%s}`, r.name, r.message, reasonJSON(r.reason))
		inHeader := fmt.Sprintf(`{"message":%q,"reason":%s}`, r.message, reasonJSON(r.reason))
		for style, answer := range map[string]http.Handler{"body": refusing(r.status, "", inBody), "header": refusing(r.status, r.name, inHeader)} {
			t.Run(r.symptom+", name in the "+style, func(t *testing.T) {
				if got := refused(t, answer); got.Kind != r.want || got.Message == "" {
					t.Errorf("got %v: %s", got.Kind, got.Message)
				}
			})
		}
	}
}

func reasonJSON(reason string) string {
	if reason == "" {
		return "null"
	}
	return `"` + reason + `"`
}

func refusing(status int, name, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.Header().Set("X-Amzn-Requestid", "request-7")
		if name != "" {
			w.Header().Set("X-Amzn-Errortype", name+":http://internal.amazon.com/coral/com.amazon.coral.validate/")
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// refused is the fault a request ends with when a service answers it so.
func refused(t *testing.T, answer http.Handler) *fault.Error {
	t.Helper()
	service := httptest.NewServer(answer)
	defer service.Close()
	client := newClient(t, amazonq.Config{Endpoint: service.URL, Now: func() time.Time { return lateDecember }})
	_, err := describeEvents(client.Send(t.Context(), credential(), question()))
	return fault.Of(err)
}

func question() *chat.Request {
	return &chat.Request{Upstream: "claude-sonnet-4.5", Messages: []chat.Message{{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: "hi"}}}}}
}

func TestQuotasStartAnewInUTC(t *testing.T) {
	monthly := refused(t, refusing(429, "ThrottlingException", `{"reason":"MONTHLY_REQUEST_COUNT"}`))
	if want := time.Date(2027, time.January, 1, 0, 0, 0, 0, time.UTC); !monthly.Until.Equal(want) {
		t.Errorf("the monthly quota ends %v", monthly.Until)
	}
	daily := refused(t, refusing(429, "ThrottlingException", `{"reason":"DAILY_REQUEST_COUNT"}`))
	if want := time.Date(2026, time.December, 31, 0, 0, 0, 0, time.UTC); !daily.Until.Equal(want) {
		t.Errorf("the daily quota ends %v", daily.Until)
	}
}

func TestRetryAfterIsSecondsOrADate(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0": 0, "-3": 0, "soon": 0, "99999999999": 31 * 24 * time.Hour,
		lateDecember.Add(90 * time.Second).UTC().Format(http.TimeFormat): 90 * time.Second,
		lateDecember.Add(-time.Hour).UTC().Format(http.TimeFormat):       0,
	} {
		got := refused(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", value)
			refusing(429, "ThrottlingException", `{}`)(w, r)
		}))
		if got.Kind != fault.Throttled || got.RetryAfter != want {
			t.Errorf("%q is %v", value, got.RetryAfter)
		}
	}
}

func TestSuspiciousActivityAlwaysSaysHowLongToWait(t *testing.T) {
	if got := refused(t, refusing(429, "ThrottlingException", `{"message":"suspicious activity"}`)); got.RetryAfter != 10*time.Minute {
		t.Errorf("wait %v", got.RetryAfter)
	}
}

func TestTooLongSaysItTheWayClientsLookFor(t *testing.T) {
	got := refused(t, refusing(400, "ValidationException", `{"message":"Input is too long.","reason":"CONTENT_LENGTH_EXCEEDS_THRESHOLD"}`))
	if got.Message != "prompt is too long: 200001 tokens > 200000 maximum" {
		t.Error(got.Message)
	}
}

// A message of more than 600,000 bytes is refused in the words for any broken rule, which tell nobody to compact.
func TestAnImproperlyFormedRequestBeyondTheWindowIsTooLong(t *testing.T) {
	service := httptest.NewServer(refusing(400, "ValidationException", `{"message":"Improperly formed request."}`))
	defer service.Close()
	request := question()
	request.Messages[0].Blocks = []chat.Block{chat.Text{Text: strings.Repeat("many words ", 200_000)}}
	_, err := describeEvents(newClient(t, amazonq.Config{Endpoint: service.URL}).Send(t.Context(), credential(), request))
	want := fmt.Sprintf("prompt is too long: %d tokens > 200000 maximum", chat.Estimate(request))
	if got := fault.Of(err); got.Kind != fault.TooLong || got.Message != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

func TestAnImproperlyFormedRequestComesWithAdvice(t *testing.T) {
	got := refused(t, refusing(400, "ValidationException", `{"message":"Improperly formed request."}`))
	for _, part := range []string{"Improperly formed request.", "start a new conversation", "request-7"} {
		if !strings.Contains(got.Message, part) {
			t.Errorf("%q is not in: %s", part, got.Message)
		}
	}
}

func TestTheLogHasWhatSupportAsksFor(t *testing.T) {
	got := refused(t, refusing(400, "ValidationException", `{"message":"No.","reason":"INVALID_KMS_GRANT"}`))
	for _, part := range []string{"400", "ValidationException", "INVALID_KMS_GRANT", "request-7"} {
		if !strings.Contains(got.Error(), part) {
			t.Errorf("%q is not in: %s", part, got.Error())
		}
	}
}

func TestOddFailureBodies(t *testing.T) {
	for name, story := range map[string]struct {
		status int
		body   string
		want   fault.Kind
	}{
		"an HTML page":               {503, "<html><body>Service Unavailable</body></html>", fault.Unavailable},
		"nothing":                    {500, "", fault.Unavailable},
		"the name under code":        {400, `{"code":"ThrottlingException"}`, fault.Throttled},
		"the name without namespace": {400, `{"__type":"ThrottlingException"}`, fault.Throttled},
		"a message with a capital":   {400, `{"__type":"ValidationException","Message":"Input is too long."}`, fault.TooLong},
		"errorMessage":               {400, `{"__type":"ValidationException","errorMessage":"Input is too long."}`, fault.TooLong},
		"a reason inside error":      {400, `{"error":{"reason":"MONTHLY_REQUEST_COUNT"}}`, fault.Exhausted},
		"members of the wrong types": {429, `{"message":5,"reason":{"a":1},"code":[],"__type":null,"error":{"reason":7}}`, fault.Throttled},
		"an endless body":            {400, `{"__type":"ThrottlingException","message":"` + strings.Repeat("x", 1<<20), fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			got := refused(t, refusing(story.status, "", story.body))
			if got.Kind != story.want || strings.Contains(got.Message, "<html>") || len(got.Message) > 1000 {
				t.Errorf("got %v: %.200s", got.Kind, got.Message)
			}
		})
	}
}

func TestTheServicesWordsAreOneLineOfBoundedLength(t *testing.T) {
	got := refused(t, refusing(403, "AccessDeniedException", `{"message":"No.\nNever.\u0000`+strings.Repeat("描", 1000)+`"}`))
	if strings.ContainsAny(got.Message, "\n\x00\uFFFD") || len(got.Message) > 600 || !strings.Contains(got.Message, "No. Never.") {
		t.Errorf("%q", got.Message)
	}
}
