package responses

import (
	"encoding/json"
	"testing"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

func TestEveryFaultHasItsStatusAndCode(t *testing.T) {
	for kind, want := range map[fault.Kind]struct {
		status             int
		word, code, failed string
	}{
		fault.Invalid:          {400, "invalid_request_error", "invalid_request_error", "invalid_prompt"},
		fault.TooLong:          {400, "invalid_request_error", "context_length_exceeded", "context_length_exceeded"},
		fault.TooLarge:         {413, "invalid_request_error", "request_too_large", "invalid_prompt"},
		fault.Unauthenticated:  {401, "invalid_request_error", "invalid_api_key", "invalid_api_key"},
		fault.Forbidden:        {403, "permission_error", "permission_denied", "permission_denied"},
		fault.NotFound:         {404, "invalid_request_error", "not_found", "not_found"},
		fault.Limited:          {429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_exceeded"},
		fault.Throttled:        {429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_exceeded"},
		fault.Exhausted:        {429, "insufficient_quota", "insufficient_quota", "insufficient_quota"},
		fault.Credential:       {403, "permission_error", "permission_denied", "permission_denied"},
		fault.Suspended:        {403, "permission_error", "permission_denied", "permission_denied"},
		fault.Suspicious:       {429, "rate_limit_error", "rate_limit_exceeded", "rate_limit_exceeded"},
		fault.Refused:          {403, "permission_error", "permission_denied", "permission_denied"},
		fault.ModelUnavailable: {404, "invalid_request_error", "model_not_found", "model_not_found"},
		fault.Overloaded:       {503, "server_error", "server_error", "server_error"},
		fault.Unavailable:      {502, "server_error", "server_error", "server_error"},
		fault.Offline:          {503, "server_error", "server_error", "server_error"},
		fault.Canceled:         {499, "server_error", "server_error", "server_error"},
		fault.Internal:         {500, "server_error", "server_error", "server_error"},
	} {
		f := fault.New(kind, "It \"failed\".\n")
		f.Param = "input"
		status, body := Fault(f, "req1")
		expected := `{"error":{"message":"It \"failed\".\n","type":"` + want.word + `","param":"input","code":"` + want.code + `"}}`
		if encoded := encode(body); status != want.status || string(encoded) != expected {
			t.Errorf("%s: %d %s", kind, status, encoded)
		}
		h, err := listen(play(&Rendering{}, chat.Fail(f)))
		if err != nil || h.Last.Error.Code != want.failed || h.Last.Error.Message != f.Message {
			t.Errorf("%s in a stream: %+v, %v", kind, h.Last, err)
		}
	}
}

func TestOnlyAMissingModelIsCalledAMissingModel(t *testing.T) {
	f := fault.New(fault.NotFound, "There is no such model.")
	f.Param = "model"
	if _, body := Fault(f, "req1"); body.(*failure).Error.Code != "model_not_found" {
		t.Errorf("code %s", body.(*failure).Error.Code)
	}
}

func TestAFaultThatBlamesNoMemberHasNullParam(t *testing.T) {
	_, body := Fault(fault.New(fault.Limited, "Slow down."), "req1")
	encoded, err := json.Marshal(body)
	if err != nil || string(encoded) != `{"error":{"message":"Slow down.","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}` {
		t.Errorf("%s, %v", encoded, err)
	}
}

func TestAWrongTypeIsNotAMissingResponse(t *testing.T) {
	_, _, err := new(Dialect).Decode([]byte(`{"model":"m","input":"x","previous_response_id":5}`), meta())
	_, body := Fault(fault.Of(err), "req1")
	if code := body.(*failure).Error.Code; code != "invalid_request_error" {
		t.Errorf("code %s of %v", code, err)
	}
}

func TestARateLimitInAStreamSaysHowLong(t *testing.T) {
	for message, want := range map[string]string{
		"Slow down.":                         "Slow down. Try again in 13s.",
		"Slow down. Please try again in 2s.": "Slow down. Please try again in 2s.",
	} {
		f := fault.New(fault.Throttled, "%s", message)
		f.RetryAfter = 12*time.Second + time.Millisecond
		if got := causeOf(f).Message; got != want {
			t.Errorf("got %q", got)
		}
	}
}
