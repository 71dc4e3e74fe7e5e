package backend_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/checkup"
	"amq2api/backend/vault"
)

// recording is a request that a real client sent once, with its key replaced.
type recording struct {
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// Every recorded request of every client goes through the whole program to the strict simulator, with the client's own headers.
func TestRecordedClientsAreServed(t *testing.T) {
	s := openReplayStage(t)
	key := s.keyFor(t)
	replayed := 0
	for _, pattern := range []string{"dialect/anthropic/testdata/recorded/*.json", "dialect/openai/testdata/recorded/*.json", "dialect/responses/testdata/recorded/*.json"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			replayed++
			t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) { s.replay(t, file, key) })
		}
	}
	if replayed < 40 {
		t.Errorf("only %d recordings were replayed", replayed)
	}
}

func openReplayStage(t *testing.T) *scriptStage {
	t.Helper()
	return openStageOn(t, &scriptStage{profile: filepath.Join(t.TempDir(), "profile")})
}

// openStageOn opens a stage that says what is special about it.
func openStageOn(t *testing.T, s *scriptStage) *scriptStage {
	t.Helper()
	s.amazon, s.people, s.vault = amazonqtest.New(amazonqtest.Options{Seed: 1}), map[string]*amazonqtest.Identity{}, new(vault.Memory)
	url, stop, err := s.amazon.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	s.amazonURL = url
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.backend.Close(testContext); err != nil {
			t.Error(err)
		}
	})
	return s
}

// keyFor adds an account without caps and makes a key.
func (s *scriptStage) keyFor(t *testing.T) string {
	t.Helper()
	person := s.amazon.AddIdentity(amazonqtest.IdentityOptions{})
	s.people["replay"] = person
	s.mustAdmin(t, "/admin/accounts", map[string]any{
		"name": "replay", "refresh_token": person.RefreshToken().Reveal(), "client_id": person.ClientID, "client_secret": person.ClientSecret.Reveal(),
		"requests_per_minute": 0, "max_concurrent": 0,
	}, nil)
	var made struct {
		Key string `json:"key"`
	}
	s.mustAdmin(t, "/admin/api-keys", map[string]any{"name": "replay", "requests_per_minute": 0}, &made)
	return made.Key
}

func (s *scriptStage) mustAdmin(t *testing.T, path string, body map[string]any, into any) {
	t.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := s.do(t, http.MethodPost, path, encoded, map[string]string{"Authorization": "Bearer " + adminToken, "Content-Type": "application/json"})
	if status != http.StatusCreated {
		t.Fatalf("%s answered %d: %s", path, status, answer)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatal(err)
	}
}

func (s *scriptStage) do(t *testing.T, method, path string, body []byte, headers map[string]string) (status int, answer []byte) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.address+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if answer, err = io.ReadAll(response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

func (s *scriptStage) replay(t *testing.T, file, key string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var recorded recording
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	headers := map[string]string{}
	for name, value := range recorded.Headers {
		switch strings.ToLower(name) {
		case "host", "connection", "accept-encoding", "transfer-encoding": // the transport's own
		case "authorization":
			headers[name] = "Bearer " + key
		case "x-api-key":
			headers[name] = key
		default:
			headers[name] = value
		}
	}
	body := recorded.Body
	if string(body) == "null" {
		body = nil
	}
	before := len(s.amazon.Received(amazonqtest.Generate))
	status, answer := s.do(t, recorded.Method, recorded.Path, body, headers)
	if status != http.StatusOK {
		t.Fatalf("status %d: %s", status, answer)
	}
	for _, call := range s.amazon.Received(amazonqtest.Generate)[before:] {
		if call.Refusal != "" {
			t.Errorf("Amazon refused: %s", call.Refusal)
		}
		mustBeSound(t, call)
	}
	s.wellFormed(t, body, answer)
}

// mustBeSound has the request doctor look at what was sent.
func mustBeSound(t *testing.T, call amazonqtest.Received) {
	t.Helper()
	sent, err := json.Marshal(call.Request)
	if err != nil {
		t.Fatal(err)
	}
	found, err := checkup.Examine(sent, nil)
	if err != nil || len(found.Findings) > 0 && found.Findings[0].Level == checkup.Broken {
		t.Errorf("the doctor found %+v, %v", found.Findings, err)
	}
}

// wellFormed checks that the answer has a proper end; the dialects' own tests check everything before it.
func (s *scriptStage) wellFormed(t *testing.T, body, answer []byte) {
	var asked struct {
		Stream bool `json:"stream"`
	}
	if body == nil || json.Unmarshal(body, &asked) != nil {
		return
	}
	if !asked.Stream {
		if !json.Valid(answer) {
			t.Errorf("not JSON: %s", answer)
		}
		return
	}
	end := strings.TrimSpace(string(answer))
	lastEvent := end[max(0, strings.LastIndex("\n"+end, "\nevent: ")):]
	if !strings.HasSuffix(end, `{"type":"message_stop"}`) && !strings.HasSuffix(end, "[DONE]") && !strings.HasPrefix(lastEvent, "event: response.completed\n") {
		t.Errorf("the stream does not end as it must: %s", end[max(0, len(end)-300):])
	}
}
