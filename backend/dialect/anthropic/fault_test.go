package anthropic

import (
	"encoding/json"
	"testing"

	"amq2api/backend/fault"
)

func TestEveryFaultHasItsStatusAndType(t *testing.T) {
	for kind, want := range map[fault.Kind]struct {
		status int
		word   string
	}{
		fault.Invalid:          {400, "invalid_request_error"},
		fault.TooLong:          {400, "invalid_request_error"},
		fault.TooLarge:         {413, "request_too_large"},
		fault.Unauthenticated:  {401, "authentication_error"},
		fault.Forbidden:        {403, "permission_error"},
		fault.NotFound:         {404, "not_found_error"},
		fault.Limited:          {429, "rate_limit_error"},
		fault.Throttled:        {429, "rate_limit_error"},
		fault.Exhausted:        {429, "rate_limit_error"},
		fault.Credential:       {403, "permission_error"},
		fault.Suspended:        {403, "permission_error"},
		fault.Suspicious:       {429, "rate_limit_error"},
		fault.Refused:          {403, "permission_error"},
		fault.ModelUnavailable: {404, "not_found_error"},
		fault.Overloaded:       {529, "overloaded_error"},
		fault.Unavailable:      {502, "api_error"},
		fault.Offline:          {503, "api_error"},
		fault.Canceled:         {499, "api_error"},
		fault.Internal:         {500, "api_error"},
	} {
		f := fault.New(kind, "It \"failed\".\n")
		status, body := Fault(f, "req_1")
		encoded, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		const message = `","message":"It \"failed\".\n"}`
		begin := `{"type":"error","error":{"type":"` + want.word
		if status != want.status || string(encoded) != begin+message+`,"request_id":"req_1"}` {
			t.Errorf("%s: %d %s", kind, status, encoded)
		}
		if streamed := string(appendFailure(nil, f)); streamed != begin+message+"}" {
			t.Errorf("%s in a stream: %s", kind, streamed)
		}
	}
}

// Claude Code reads both numbers out of this message and then compacts the conversation.
func TestAnOverflowKeepsTheWordsClientsParse(t *testing.T) {
	_, body := Fault(fault.New(fault.TooLong, "prompt is too long: 250000 tokens > 200000 maximum"), "req_1")
	if got := body.(*failure).Error; got.Type != "invalid_request_error" || got.Message != "prompt is too long: 250000 tokens > 200000 maximum" {
		t.Errorf("got %+v", got)
	}
}
