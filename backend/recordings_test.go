package backend_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Bodies are on the disk as long as the user wants them there, without keys, and never in a backup.
func TestRecordedBodiesAreOnlyWhereTheyBelong(t *testing.T) {
	s := openReplayStage(t)
	key := s.keyFor(t)
	admin := map[string]string{"Authorization": "Bearer " + adminToken, "Content-Type": "application/json"}
	must := func(want int, method, path, body string) string {
		t.Helper()
		status, answer := s.do(t, method, path, []byte(body), admin)
		if status != want {
			t.Fatalf("%s %s answered %d %s", method, path, status, answer)
		}
		return string(answer)
	}
	ask := func() string {
		t.Helper()
		body := `{"model":"claude-sonnet-4-5","max_tokens":50,"messages":[{"role":"user","content":"` + promptCanary + `, the key is ` + key + ` and the token ` + adminToken + `"}]}`
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/v1/messages", strings.NewReader(body))
		check(t, err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("x-api-key", key)
		response, err := http.DefaultClient.Do(request)
		check(t, err)
		check(t, response.Body.Close())
		return response.Header.Get("Request-Id")
	}
	unrecorded := ask()
	must(201, http.MethodPost, "/admin/recording", `{"minutes":5}`)
	id := ask()
	if answer := must(404, http.MethodGet, "/admin/requests/"+unrecorded+"/bodies", ""); !strings.Contains(answer, "Nothing was recorded") {
		t.Errorf("what was not recorded is answered %s", answer)
	}
	got := must(200, http.MethodGet, "/admin/requests/"+id+"/bodies", "")
	if !strings.Contains(got, promptCanary) || strings.Contains(got, key) || strings.Contains(got, adminToken) {
		t.Errorf("recorded is %s", got)
	}
	must(201, http.MethodPost, "/admin/backups", "")
	var state struct{ Recording struct{ On bool } }
	check(t, json.Unmarshal([]byte(must(200, http.MethodGet, "/admin/state", "")), &state))
	if !state.Recording.On {
		t.Error("the state does not say that bodies are recorded")
	}
	lookFor(t, filepath.Join(s.profile, "backups"), map[string]string{"prompt": promptCanary})
	lookFor(t, s.profile, map[string]string{"client key": key, "admin token": adminToken})
	must(200, http.MethodPost, "/admin/recording/stop", "")
	must(404, http.MethodGet, "/admin/requests/"+ask()+"/bodies", "")
	must(200, http.MethodGet, "/admin/requests/"+id+"/bodies", "")
	must(200, http.MethodDelete, "/admin/recording", "")
	must(404, http.MethodGet, "/admin/requests/"+id+"/bodies", "")
	lookFor(t, s.profile, map[string]string{"prompt": promptCanary, "client key": key})
	if _, err := os.Stat(filepath.Join(s.profile, "recorded")); err == nil {
		t.Error("the folder is still there")
	}
}
