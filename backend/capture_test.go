package backend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"amq2api/backend"
	"amq2api/backend/amazonq/amazonqtest"
)

var update = flag.Bool("update-captures", false, "make the captures in testdata anew")

// conversation is one that is captured: requests, and what Amazon answers to each.
type conversation struct {
	path    string
	headers map[string]string
	bodies  []string
	answers []amazonqtest.Answer
	leaves  string // the client hangs up on its first answer once it has read this; "at once" is before
}

const (
	askLook  = `{"model":"claude-sonnet-4-5","max_tokens":100000,"stream":true,"system":"Be brief.","tools":[{"name":"look-at","description":"Looks.","input_schema":{"type":"object","properties":{"at":{"type":"string"}}}}],"messages":[{"role":"user","content":"Look at it."}]}`
	tellLook = `{"model":"claude-sonnet-4-5","max_tokens":100000,"stream":true,"system":"Be brief.","tools":[{"name":"look-at","description":"Looks.","input_schema":{"type":"object","properties":{"at":{"type":"string"}}}}],"messages":[{"role":"user","content":"Look at it."},{"role":"assistant","content":[{"type":"tool_use","id":"toolu_1","name":"look-at","input":{"at":"it"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"-- a cat --\nasleep"}]}]}`
)

var conversations = map[string]conversation{
	"anthropic_tool": {"/v1/messages?beta=true", map[string]string{"X-Claude-Code-Session-Id": "00000000-0000-4000-8000-000000000001", "User-Agent": "claude-cli/2.1.197"},
		[]string{askLook, tellLook},
		[]amazonqtest.Answer{{amazonqtest.Text("I will look."), amazonqtest.Call("look_at", `{"at":"it"}`)}, {amazonqtest.Text("A cat, asleep. 一只猫。")}}, ""},
	"openai_limited": {"/v1/chat/completions", nil,
		[]string{`{"model":"gpt-4o","max_tokens":5,"stop":["END"],"messages":[{"role":"user","content":"Talk."}]}`},
		[]amazonqtest.Answer{{amazonqtest.Text("a very long answer that goes on and on and on and on and on and on and on END")}}, ""},
	"responses_cut": {"/v1/responses", nil,
		[]string{`{"model":"gpt-5-codex","stream":true,"input":"hi"}`},
		[]amazonqtest.Answer{{amazonqtest.Text("Half an ans"), amazonqtest.Damaged(amazonqtest.CutInPayload)}}, ""},
	"refused": {"/v1/messages", nil, []string{`{"model":"claude-sonnet-4-5","max_tokens":100000,"messages":[{"role":"user","content":"hi"}]}`},
		[]amazonqtest.Answer{{amazonqtest.Refuse(amazonqtest.Malformed)}}, ""},
	"responses_continued": {"/v1/responses", nil,
		[]string{`{"model":"gpt-5-codex","input":"My name is Ada."}`, `{"model":"gpt-5-codex","previous_response_id":"PREVIOUS","input":"What is my name?"}`},
		[]amazonqtest.Answer{{amazonqtest.Text("Hello Ada.")}, {amazonqtest.Text("Ada.")}}, ""},
	"throttled": {"/v1/messages", nil, []string{`{"model":"claude-sonnet-4-5","max_tokens":100000,"messages":[{"role":"user","content":"hi"}]}`},
		[]amazonqtest.Answer{{amazonqtest.Refuse(amazonqtest.Throttled)}}, ""},
	"unknown_model": {"/v1/chat/completions", nil, []string{`{"model":"nobody-has-this","messages":[{"role":"user","content":"hi"}]}`},
		[]amazonqtest.Answer{nil}, ""},
	"down_for_a_moment": {"/v1/chat/completions", nil, []string{`{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`},
		[]amazonqtest.Answer{{amazonqtest.Refuse(amazonqtest.ServerError)}}, ""},
	"hung_up": {path: "/v1/messages", bodies: []string{askLook, tellLook}, leaves: "text_delta",
		answers: []amazonqtest.Answer{{amazonqtest.Text("I will "), amazonqtest.Pause(time.Hour)}, {amazonqtest.Text("A cat.")}}},
	"hung_up_at_once": {path: "/v1/messages", bodies: []string{askLook, tellLook}, leaves: "at once",
		answers: []amazonqtest.Answer{{amazonqtest.Pause(time.Hour)}, {amazonqtest.Text("A cat.")}}},
}

var responseID = regexp.MustCompile(`resp_[0-9A-Za-z]+`)

// captured holds a conversation under capture and returns the file.
func (c conversation) captured(t *testing.T) []byte {
	s := openReplayStage(t)
	key := s.keyFor(t)
	person := s.people["replay"]
	s.mustAdmin(t, "/admin/captures", map[string]any{"minutes": 5}, nil)
	previous := ""
	for i, body := range c.bodies {
		if c.answers[i] != nil {
			person.Queue(c.answers[i])
		}
		headers := map[string]string{"Content-Type": "application/json", "X-Api-Key": key}
		for name, value := range c.headers {
			headers[name] = value
		}
		if i == 0 && c.leaves != "" {
			s.hangUp(t, c.path, body, headers, c.leaves)
			continue
		}
		_, answer := s.do(t, http.MethodPost, c.path, []byte(strings.Replace(body, "PREVIOUS", previous, 1)), headers)
		previous = responseID.FindString(string(answer))
	}
	// Another conversation does not belong to it.
	s.do(t, http.MethodPost, "/v1/chat/completions", []byte(`{"model":"gpt-4o","messages":[{"role":"user","content":"canary-of-another"}]}`),
		map[string]string{"Content-Type": "application/json", "Authorization": "Bearer " + key, "User-Agent": "other/1"})
	admin := map[string]string{"Authorization": "Bearer " + adminToken}
	var list []struct {
		Name      string
		State     string
		Exchanges int
	}
	_, answer := s.do(t, http.MethodGet, "/admin/captures", nil, admin)
	if err := json.Unmarshal(answer, &list); err != nil || len(list) != 1 || list[0].State != "recording" || list[0].Exchanges != len(c.bodies) {
		t.Fatalf("the captures are %s, %v", answer, err)
	}
	status, text := s.do(t, http.MethodGet, "/admin/captures/"+list[0].Name, nil, admin)
	if status != http.StatusOK {
		t.Fatalf("the capture answered %d %s", status, text)
	}
	for _, secret := range []string{key, person.AccessToken().Reveal(), person.RefreshToken().Reveal(), "canary-of-another", adminToken} {
		if bytes.Contains(text, []byte(secret)) {
			t.Errorf("the capture has %.12s... in it", secret)
		}
	}
	return text
}

// hangUp reads an answer up to a text, leaves, and waits until the program has noticed.
func (s *scriptStage) hangUp(t *testing.T, path, body string, headers map[string]string, at string) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	if at == "at once" {
		time.AfterFunc(200*time.Millisecond, leave)
	}
	response, err := http.DefaultClient.Do(request)
	for read := ""; err == nil && !strings.Contains(read, at); {
		part := make([]byte, 4096)
		var n int
		n, err = response.Body.Read(part)
		read += string(part[:n])
	}
	leave()
	for range 500 {
		if _, answer := s.do(t, http.MethodGet, "/admin/captures", nil, map[string]string{"Authorization": "Bearer " + adminToken}); bytes.Contains(answer, []byte(`"exchanges":1`)) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the program did not notice that its client hung up")
}

func mustReplay(t *testing.T, text []byte, exchanges int) {
	t.Helper()
	replayed, err := backend.Replay(t.Context(), text)
	if err != nil || len(replayed) != exchanges {
		t.Fatalf("replayed %+v, %v", replayed, err)
	}
	for i, one := range replayed {
		for _, difference := range one.Differences {
			t.Errorf("exchange %d: %s", i+1, difference)
		}
	}
}

func TestACapturedConversationReplaysTheSame(t *testing.T) {
	for name, c := range conversations {
		t.Run(name, func(t *testing.T) {
			text := c.captured(t)
			mustReplay(t, text, len(c.bodies))
			if *update {
				if err := os.WriteFile(filepath.Join("testdata/captures", name+".txtar"), text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Conversations that were captured once are stories: they must be translated the same for ever, or be made anew on purpose.
func TestEveryCaptureOnFileReplaysTheSame(t *testing.T) {
	files, err := filepath.Glob("testdata/captures/*.txtar")
	if err != nil || len(files) < len(conversations) {
		t.Fatalf("%d captures, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			mustReplay(t, text, strings.Count(string(text), "/exchange.json --"))
		})
	}
}

func TestAReplayThatIsNotTheSameSaysWhere(t *testing.T) {
	text, err := os.ReadFile("testdata/captures/anthropic_tool.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string][2]string{
		"the client gets status 200, not 500": {`"status": 200,
 "model"`, `"status": 500,
 "model"`},
		`+ "content": "Look away."`: {`"content":"Look at it."`, `"content":"Look away."`},
		"the client's answer: line": {`"stop_reason":"tool_use"`, `"stop_reason":"end_turn"`},
	} {
		changed := strings.Replace(string(text), change[0], change[1], 1)
		if changed == string(text) {
			t.Fatalf("%s: nothing was changed", want)
		}
		replayed, err := backend.Replay(t.Context(), []byte(changed))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, one := range replayed {
			all = append(all, one.Differences...)
		}
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("want %q, got %q", want, all)
		}
	}
	for _, broken := range []string{"", "hello", string(text[:300]), strings.Replace(string(text), `"format": 1`, `"format": 9`, 1), strings.Replace(string(text), "01/response", "01/reply", 1)} {
		if _, err := backend.Replay(t.Context(), []byte(broken)); !errors.Is(err, backend.ErrNoCapture) {
			t.Errorf("%.40q: %v", broken, err)
		}
	}
}
