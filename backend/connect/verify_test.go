package connect

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func (d *desk) verify(id string) Trial {
	d.t.Helper()
	trial, err := d.Verify(d.t.Context(), id)
	if err != nil {
		d.t.Fatal(err)
	}
	return trial
}

func TestATrialIsSentAsTheToolWouldSendIt(t *testing.T) {
	d := openDesk(t)
	var heard *http.Request
	var body string
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		heard, body = r, string(text)
		w.Header().Set("X-Amq2api-Model", "claude-sonnet-4.5")
	}))
	defer door.Close()
	d.address = door.URL
	for id, path := range map[string]string{"claude-code": "/v1/messages", "codex": "/v1/responses", "opencode": "/v1/chat/completions", "shell": "/v1/messages"} {
		d.mustConnect(id)
		trial := d.verify(id)
		if !trial.OK || trial.Status != http.StatusOK || trial.Model != "claude-sonnet-4.5" {
			t.Errorf("%s: %+v", id, trial)
		}
		key, known := strings.CutPrefix(heard.Header.Get("Authorization"), "Bearer ")
		if !known || d.keys.texts[key] != d.view(id).KeyID || heard.URL.Path != path || !strings.Contains(body, `"model":"claude-sonnet-4-5"`) {
			t.Errorf("%s sent %s %v %s", id, heard.URL, heard.Header, body)
		}
	}
}

func TestATrialSaysWhatIsWrongAndWhereToLook(t *testing.T) {
	d := openDesk(t)
	answer := func(w http.ResponseWriter) {}
	var calls atomic.Int64
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { calls.Add(1); answer(w) }))
	defer door.Close()
	d.address = door.URL
	running := true
	d.Root = func() (string, bool) { return d.address, running }
	says := func(when, part string, status int) {
		t.Helper()
		if trial := d.verify("codex"); trial.OK || trial.Status != status || !strings.Contains(trial.Message, part) {
			t.Errorf("%s: %+v", when, trial)
		}
	}
	says("never connected", "Connect it first", 0)
	d.mustConnect("codex")
	for status, part := range map[int]string{401: "for a new key", 429: "API keys and Accounts", 404: "another model", 502: "under Requests", 302: "answered 302"} {
		answer = func(w http.ResponseWriter) {
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(status)
			if status != http.StatusFound {
				_, _ = io.WriteString(w, `{"error":{"message":"No, for amq-0123456789012345678901234567890123456"}}`)
			}
		}
		says("refused", part, status)
		if message := d.verify("codex").Message; strings.Contains(message, "0123456789") {
			t.Errorf("a key is told: %s", message)
		}
	}
	answer = func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	says("cut", "could not be reached", 0)
	before := calls.Load()
	running = false
	says("stopped", "Start the proxy", 0)
	running = true
	d.replace(".codex/config.toml", door.URL, "https://me:CANARY@elsewhere.example")
	says("elsewhere", "lead to https://••••••••@elsewhere.example/v1", 0)
	if calls.Load() != before {
		t.Error("a key was sent though nobody was there to take it")
	}
	d.mustConnect("zed")
	if trial := d.verify("zed"); trial.OK || !strings.Contains(trial.Message, "kept by Zed itself") {
		t.Errorf("%+v", trial)
	}
}
