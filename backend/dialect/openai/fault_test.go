package openai

import (
	"encoding/json"
	"testing"

	"amq2api/backend/fault"
)

func TestEveryFaultHasItsStatusAndCode(t *testing.T) {
	for kind, want := range map[fault.Kind]struct {
		status     int
		word, code string
	}{
		fault.Invalid:          {400, "invalid_request_error", "invalid_request_error"},
		fault.TooLong:          {400, "invalid_request_error", "context_length_exceeded"},
		fault.TooLarge:         {413, "invalid_request_error", "request_too_large"},
		fault.Unauthenticated:  {401, "invalid_request_error", "invalid_api_key"},
		fault.Forbidden:        {403, "permission_error", "permission_denied"},
		fault.NotFound:         {404, "invalid_request_error", "not_found"},
		fault.Limited:          {429, "rate_limit_error", "rate_limit_exceeded"},
		fault.Throttled:        {429, "rate_limit_error", "rate_limit_exceeded"},
		fault.Exhausted:        {429, "insufficient_quota", "insufficient_quota"},
		fault.Credential:       {403, "permission_error", "permission_denied"},
		fault.Suspended:        {403, "permission_error", "permission_denied"},
		fault.Suspicious:       {429, "rate_limit_error", "rate_limit_exceeded"},
		fault.Refused:          {403, "permission_error", "permission_denied"},
		fault.ModelUnavailable: {404, "invalid_request_error", "model_not_found"},
		fault.Overloaded:       {503, "server_error", "server_error"},
		fault.Unavailable:      {502, "server_error", "server_error"},
		fault.Offline:          {503, "server_error", "server_error"},
		fault.Canceled:         {499, "server_error", "server_error"},
		fault.Internal:         {500, "server_error", "server_error"},
	} {
		f := fault.New(kind, "It \"failed\".\n")
		f.Param = "n"
		status, body := Fault(f, "req1")
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		expected := `{"error":{"message":"It \"failed\".\n","type":"` + want.word + `","param":"n","code":"` + want.code + `"}}`
		if status != want.status || string(encoded) != expected {
			t.Errorf("%s: %d %s", kind, status, encoded)
		}
		if appended := string(failureOf(f).append(nil)); appended != expected {
			t.Errorf("%s in a stream: %s", kind, appended)
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
