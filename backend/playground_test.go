package backend_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"amq2api/backend/amazonq/amazonqtest"
)

// played is how a question is put in each dialect, and what its answers have in them.
var played = []struct{ dialect, body, streamEnd string }{
	{"anthropic", `{"model":"claude-sonnet-4.5","max_tokens":100,"messages":[{"role":"user","content":"hi"}]`, "message_stop"},
	{"openai", `{"model":"claude-sonnet-4.5","messages":[{"role":"user","content":"hi"}]`, "[DONE]"},
	{"responses", `{"model":"claude-sonnet-4.5","input":"hi"`, "response.completed"},
}

// play puts a question in the playground.
func (s *scriptStage) play(t *testing.T, ctx context.Context, dialect, body string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/admin/playground/"+dialect, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+adminToken)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

func (s *scriptStage) played(t *testing.T, dialect, body string) (*http.Response, string) {
	t.Helper()
	response := s.play(t, t.Context(), dialect, body)
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(text)
}

// onRecord waits for the record of a request.
func (s *scriptStage) onRecord(t *testing.T, id string) recordedRequest {
	t.Helper()
	for {
		status, answer := s.do(t, http.MethodGet, "/admin/requests/"+id, nil, map[string]string{"Authorization": "Bearer " + adminToken})
		if status == http.StatusOK {
			var found recordedRequest
			if err := json.Unmarshal(answer, &found); err != nil {
				t.Fatal(err)
			}
			return found
		}
		select {
		case <-t.Context().Done():
			t.Fatal(id + " is not on record")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// recordedRequest is as much of a record as these tests read.
type recordedRequest struct {
	Key       string `json:"key"`
	Client    string `json:"client"`
	Dialect   string `json:"dialect"`
	ModelUsed string `json:"model_used"`
	Account   string `json:"account"`
	Streaming bool   `json:"streaming"`
	Status    int    `json:"status"`
	Fault     string `json:"fault"`
}

func TestThePlaygroundIsAnsweredAsClientsAre(t *testing.T) {
	s := openReplayStage(t)
	s.keyFor(t)
	for _, p := range played {
		for more, end := range map[string]string{"": "", `,"stream":true`: p.streamEnd} {
			s.people["replay"].Queue(amazonqtest.Answer{amazonqtest.Text("Hello Ada.")})
			response, text := s.played(t, p.dialect, p.body+more+"}")
			if response.StatusCode != http.StatusOK || !strings.Contains(text, end) || end == "" && !strings.Contains(text, "Hello Ada.") {
				t.Errorf("%s%s answered %d %s", p.dialect, more, response.StatusCode, text)
			}
			head := response.Header
			if head.Get("X-Amq2api-Model") != "claude-sonnet-4.5" || head.Get("X-Amq2api-Account") != "replay" {
				t.Errorf("%s%s has the headers %v", p.dialect, more, head)
			}
			want := recordedRequest{Client: "Playground", Dialect: p.dialect, ModelUsed: "claude-sonnet-4.5", Account: "replay", Streaming: more != "", Status: 200}
			if got := s.onRecord(t, head.Get("Request-Id")); got != want {
				t.Errorf("%s%s is on record as %+v", p.dialect, more, got)
			}
		}
	}
}

func TestThePlaygroundSaysWhatAmazonRefused(t *testing.T) {
	s := openReplayStage(t)
	s.keyFor(t)
	for _, p := range played {
		s.people["replay"].Queue(amazonqtest.Answer{amazonqtest.Refuse(amazonqtest.TooLong)})
		response, text := s.played(t, p.dialect, p.body+`,"stream":true}`)
		if response.StatusCode != http.StatusBadRequest || !strings.Contains(text, `"message"`) {
			t.Errorf("%s answered %d %s", p.dialect, response.StatusCode, text)
		}
		if got := s.onRecord(t, response.Header.Get("Request-Id")); got.Fault != "too_long" || got.Client != "Playground" {
			t.Errorf("%s is on record as %+v", p.dialect, got)
		}
	}
}

// The simulator sees the call end, although nothing but the page's connection was closed.
func TestStoppingInThePlaygroundStopsTheCallToAmazon(t *testing.T) {
	s := openReplayStage(t)
	s.keyFor(t)
	s.people["replay"].Queue(amazonqtest.Answer{amazonqtest.Text("one"), amazonqtest.Hold(nil)})
	ctx, stop := context.WithCancel(t.Context())
	response := s.play(t, ctx, "anthropic", played[0].body+`,"stream":true}`)
	if _, err := bufio.NewReader(response.Body).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	stop()
	check(t, s.amazon.Wait(t.Context(), func(c amazonqtest.Counters) bool { return c.Calls == 1 && c.Streams == 0 }))
	if got := s.onRecord(t, response.Header.Get("Request-Id")); got.Status != 499 || got.Fault != "canceled" {
		t.Errorf("it is on record as %+v", got)
	}
}

func TestAKeysRulesHoldInThePlaygroundForWhoPlaysAsIt(t *testing.T) {
	s := openReplayStage(t)
	s.keyFor(t)
	s.mustAdmin(t, "/admin/api-keys", map[string]any{"name": "narrow", "requests_per_minute": 1, "allowed_models": []string{"claude-sonnet-4.5"}, "allowed_dialects": []string{"anthropic"}}, nil)
	question := func(model string) string {
		return `{"model":"` + model + `","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}`
	}
	for i, asked := range []struct {
		dialect, model string
		status         int
	}{
		{"openai?key=2", "claude-sonnet-4.5", http.StatusForbidden}, {"anthropic?key=2", "claude-haiku-4.5", http.StatusForbidden},
		{"anthropic?key=2", "claude-sonnet-4.5", http.StatusOK}, {"anthropic?key=2", "claude-sonnet-4.5", http.StatusTooManyRequests},
		{"anthropic", "claude-haiku-4.5", http.StatusOK},
	} {
		response, text := s.played(t, asked.dialect, question(asked.model))
		if response.StatusCode != asked.status {
			t.Errorf("%d: %s answered %d %s, want %d", i, asked.dialect, response.StatusCode, text, asked.status)
		}
	}
}

func TestACaptureKeepsThePlaygroundsConversationWithoutTheAdminToken(t *testing.T) {
	s := openReplayStage(t)
	s.keyFor(t)
	s.mustAdmin(t, "/admin/captures", map[string]any{"minutes": 5}, nil)
	s.played(t, "openai", played[1].body+"}")
	admin := map[string]string{"Authorization": "Bearer " + adminToken}
	var list []struct{ Name string }
	_, answer := s.do(t, http.MethodGet, "/admin/captures", nil, admin)
	if err := json.Unmarshal(answer, &list); err != nil || len(list) != 1 {
		t.Fatalf("the captures are %s, %v", answer, err)
	}
	_, text := s.do(t, http.MethodGet, "/admin/captures/"+list[0].Name, nil, admin)
	if bytes.Contains(text, []byte(adminToken)) || !bytes.Contains(text, []byte("/v1/chat/completions")) {
		t.Errorf("the capture is %s", text)
	}
	mustReplay(t, text, 1)
}
