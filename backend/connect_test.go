package backend_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend/admin"
)

// owner calls the admin API and insists on a status.
func (s *scriptStage) owner(t *testing.T, method, path string, body, into any, want int) {
	t.Helper()
	var encoded []byte
	if body != nil {
		var err error
		if encoded, err = json.Marshal(body); err != nil {
			t.Fatal(err)
		}
	}
	status, answer := s.do(t, method, path, encoded, map[string]string{"Authorization": "Bearer " + adminToken, "Content-Type": "application/json"})
	if status != want {
		t.Fatalf("%s %s answered %d %s", method, path, status, answer)
	}
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			t.Fatal(err)
		}
	}
}

// connected plans and applies.
func (s *scriptStage) connected(t *testing.T, tool string) (shown admin.ConnectTool) {
	t.Helper()
	var plan admin.ConnectPlan
	s.owner(t, http.MethodPost, "/admin/connect/"+tool+"/plan", nil, &plan, http.StatusOK)
	start := admin.ConnectStart{Model: plan.Model}
	for _, change := range plan.Files {
		start.Digests = append(start.Digests, change.Digest)
	}
	s.owner(t, http.MethodPost, "/admin/connect/"+tool, start, &shown, http.StatusOK)
	return shown
}

func TestEveryToolIsConnectedTriedAndPutBack(t *testing.T) {
	s := openReplayStage(t)
	s.keyFor(t)
	home := filepath.Join(filepath.Dir(s.profile), "home")
	if err := os.MkdirAll(filepath.Join(home, ".codex"), 0o700); err != nil {
		t.Fatal(err)
	}
	const before = "# mine\nmodel = \"o3\"\n"
	if err := os.WriteFile(filepath.Join(home, ".codex", "config.toml"), []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"claude-code", "codex", "opencode", "cline", "continue", "qwen-code", "shell"} {
		shown := s.connected(t, tool)
		if shown.State != admin.ConnectOurs || shown.Model != "claude-sonnet-4-5" || shown.KeyName != shown.Name || !shown.CanUndo {
			t.Errorf("%s is %+v", tool, shown)
		}
		var trial admin.ConnectTrial
		s.owner(t, http.MethodPost, "/admin/connect/"+tool+"/verify", nil, &trial, http.StatusOK)
		if !trial.OK || trial.Status != http.StatusOK || trial.Model != "claude-sonnet-4.5" || trial.Message != "" {
			t.Errorf("%s was tried: %+v", tool, trial)
		}
	}
	s.mustNotTell(t)

	var codex admin.ConnectTool
	s.owner(t, http.MethodPost, "/admin/api-keys/"+"2"+"/revoke", nil, nil, http.StatusOK)
	var trial admin.ConnectTrial
	s.owner(t, http.MethodPost, "/admin/connect/claude-code/verify", nil, &trial, http.StatusOK)
	if trial.OK || trial.Status != http.StatusUnauthorized || !strings.Contains(trial.Message, "revoked") || !strings.Contains(trial.Message, "Connect the tool again") {
		t.Errorf("with a revoked key: %+v", trial)
	}
	if shown := s.connected(t, "claude-code"); shown.State != admin.ConnectOurs || shown.KeyID != 2 {
		t.Errorf("connected again: %+v", shown)
	}

	s.owner(t, http.MethodDelete, "/admin/connect/codex?keep_key=true", nil, &codex, http.StatusOK)
	if text, err := os.ReadFile(filepath.Join(home, ".codex", "config.toml")); err != nil || string(text) != before || codex.CanUndo {
		t.Errorf("Codex has %q, %v, %+v", text, err, codex)
	}
	var tools []admin.ConnectTool
	s.owner(t, http.MethodDelete, "/admin/connect", nil, &tools, http.StatusOK)
	for _, tool := range tools {
		if tool.CanUndo || tool.State == admin.ConnectOurs {
			t.Errorf("%+v is left", tool)
		}
	}
	var keys []admin.Key
	s.owner(t, http.MethodGet, "/admin/api-keys", nil, &keys, http.StatusOK)
	for _, key := range keys {
		if kept := key.Name == "Codex" || key.Name == "replay"; key.IsActive != kept {
			t.Errorf("the key %s is active: %v", key.Name, key.IsActive)
		}
	}
}

// mustNotTell insists that no answer of the tools' routes, no log and no database has a key's text.
func (s *scriptStage) mustNotTell(t *testing.T) {
	t.Helper()
	written, err := os.ReadFile(filepath.Join(filepath.Dir(s.profile), "home", ".claude", "settings.json"))
	if err != nil {
		t.Fatal(err)
	}
	var settings struct {
		Env struct{ ANTHROPIC_AUTH_TOKEN string }
	}
	if err := json.Unmarshal(written, &settings); err != nil || len(settings.Env.ANTHROPIC_AUTH_TOKEN) != 40 {
		t.Fatalf("%s, %v", written, err)
	}
	key := settings.Env.ANTHROPIC_AUTH_TOKEN
	for _, call := range []struct{ method, path string }{{http.MethodGet, "/admin/connect"}, {http.MethodPost, "/admin/connect/claude-code/plan"}} {
		_, answer := s.do(t, call.method, call.path, nil, map[string]string{"Authorization": "Bearer " + adminToken})
		if strings.Contains(string(answer), key) {
			t.Errorf("%s tells the key", call.path)
		}
	}
	if bytes := lookFor(t, s.profile, map[string]string{"key": key}); bytes == 0 {
		t.Error("the profile was not read")
	}
}
