package backend_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amq2api/backend"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/secret"
)

// The words of a conversation that must not be found anywhere afterwards.
const (
	promptCanary = "prompt-canary-5b1f6a"
	systemCanary = "system-canary-90cc21"
	resultCanary = "result-canary-77d3e0"
	answerCanary = "answer-canary-c2a418"
	echoedCanary = "echoed-canary-13fe9b"
)

// TestNoSecretAndNoWordIsLeftBehind holds every kind of conversation with every fault at the noisiest log level, and then reads every file of
// the profile, while the program runs and afterwards: its database and what was deleted from it, its logs, its vault, its backups.
func TestNoSecretAndNoWordIsLeftBehind(t *testing.T) {
	s := openReplayStage(t)
	passphrase := filepath.Join(t.TempDir(), "passphrase")
	if err := os.WriteFile(passphrase, []byte("passphrase-canary-0d4e71\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.reopenWithFileVault(t, passphrase)
	key := s.keyFor(t)
	admin := map[string]string{"Authorization": "Bearer " + adminToken, "Content-Type": "application/json"}
	if status, answer := s.do(t, http.MethodPut, "/admin/settings", []byte(`{"log_level":"debug"}`), admin); status != http.StatusOK {
		t.Fatalf("settings answered %d %s", status, answer)
	}
	if status, answer := s.do(t, http.MethodPut, "/admin/upstream-proxy/password", []byte(`{"password":"proxy-canary-b6c9aa"}`), admin); status != http.StatusOK {
		t.Fatalf("the proxy's password answered %d %s", status, answer)
	}
	gone := s.keyFor(t)
	s.do(t, http.MethodDelete, "/admin/api-keys/2", nil, admin)
	person := s.people["replay"]
	canaries := map[string]string{
		"client key": key, "deleted client key": gone, "admin token": adminToken, "client secret": person.ClientSecret.Reveal(),
		"refresh token": person.RefreshToken().Reveal(), "passphrase": "passphrase-canary-0d4e71", "proxy password": "proxy-canary-b6c9aa",
		"prompt": promptCanary, "system prompt": systemCanary, "tool result": resultCanary, "answer": answerCanary, "echo of a prompt": echoedCanary,
	}
	requests := 0
	for range map[bool]int{false: 1, true: 2}[reliabilityIsFull()] {
		requests += s.converseInEveryWay(t, key)
	}
	canaries["access token"], canaries["renewed refresh token"] = person.AccessToken().Reveal(), person.RefreshToken().Reveal()

	read := lookFor(t, s.profile, canaries)
	if err := s.backend.Close(testContext); err != nil {
		t.Fatal(err)
	}
	read += lookFor(t, s.profile, canaries)
	s.openAgain(t)
	lookInside(t, canaries)
	t.Logf("A19 | %d canaries in %d requests: 0 found, plain, in hex or base64, in %d bytes of files, arguments and environment", len(canaries), requests, read)
}

// reopenWithFileVault closes the program of a stage and opens it with the sealed vault in the profile.
func (s *scriptStage) reopenWithFileVault(t *testing.T, passphrase string) {
	t.Helper()
	if err := s.backend.Close(testContext); err != nil {
		t.Fatal(err)
	}
	b, err := backend.Open(testContext, backend.Options{
		Version: "script", Page: fstest.MapFS{"index.html": {Data: []byte("<title>AMQ2API</title>")}},
		Environment: backend.Environment{
			DatabasePath: filepath.Join(s.profile, "amq2api.db"), Port: backend.AnyPort, APIEndpoint: s.amazonURL, TokenEndpoint: s.amazonURL + "/token",
			AdminToken: secret.New(adminToken), Vault: backend.VaultFile, PassphraseFile: passphrase,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.backend = b
	if err := b.Start(testContext, 0); err != nil {
		t.Fatal(err)
	}
	s.address = b.Address()
}

// openAgain leaves a program for the stage's end to close.
func (s *scriptStage) openAgain(t *testing.T) {
	t.Helper()
	s.profile = t.TempDir()
	if err := s.open(); err != nil {
		t.Fatal(err)
	}
}

// converseInEveryWay sends the three dialects' requests, streamed and whole, once for each fault of the upstream, and requests that are refused.
func (s *scriptStage) converseInEveryWay(t *testing.T, key string) (requests int) {
	const tools = `[{"type":"function","name":"look","function":{"name":"look","parameters":{"type":"object"}},"parameters":{"type":"object"},"input_schema":{"type":"object"}}]`
	bodies := map[string]string{
		"/v1/messages": `{"model":"claude-sonnet-4-5","max_tokens":1000,"stream":STREAM,"system":"` + systemCanary + `","messages":[{"role":"user","content":"` + promptCanary +
			`"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"look","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"` + resultCanary + `"}]}]}`,
		"/v1/chat/completions": `{"model":"gpt-4o","stream":STREAM,"messages":[{"role":"system","content":"` + systemCanary + `"},{"role":"user","content":"` + promptCanary + `"}]}`,
		"/v1/responses":        `{"model":"gpt-5-codex","stream":STREAM,"instructions":"` + systemCanary + `","input":"` + promptCanary + `"}`,
	}
	person := s.people["replay"]
	faults := append(amazonqtest.Faults(amazonqtest.Text(answerCanary)),
		amazonqtest.Fault{Name: "none", Answer: amazonqtest.Answer{amazonqtest.Text(answerCanary)}},
		amazonqtest.Fault{Name: "an echo", Answer: amazonqtest.Answer{amazonqtest.Reply(http.StatusBadRequest, "application/json",
			`{"__type":"ValidationException","message":"Improperly formed request: `+echoedCanary+`"}`)}})
	paths := []string{"/v1/messages", "/v1/chat/completions", "/v1/responses"}
	for i, fault := range faults {
		for turn := range 2 * len(paths) {
			if !reliabilityIsFull() && turn != i%(2*len(paths)) {
				continue // the short form has each fault in one way
			}
			path, stream := paths[turn%len(paths)], []string{"true", "false"}[turn/len(paths)]
			requests++
			s.clearAccount(t)
			person.Queue(fault.Answer)
			s.sendWhatever(t, path, key, strings.ReplaceAll(bodies[path], "STREAM", stream))
		}
	}
	for path, body := range bodies {
		for _, broken := range []string{body, strings.Replace(body, `"`, `'`, 3), strings.Replace(body, "STREAM", "true,"+`"tools":`+tools, 1)} {
			for _, wrongKey := range []string{key, key + "x", "amq-nobody"} {
				requests++
				s.sendWhatever(t, path, wrongKey, broken)
			}
		}
	}
	return requests
}

// clearAccount makes the account usable again, whatever the last fault did to it.
func (s *scriptStage) clearAccount(t *testing.T) {
	t.Helper()
	s.do(t, http.MethodPost, "/admin/accounts/1/clear", nil, map[string]string{"Authorization": "Bearer " + adminToken})
}

// sendWhatever sends a request whose answer may break off.
func (s *scriptStage) sendWhatever(t *testing.T, path, key, body string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return // it broke off before the status
	}
	var text bytes.Buffer
	_, _ = text.ReadFrom(response.Body)
	_ = response.Body.Close()
}

// lookFor reads every file of a folder and fails for each canary in it.
func lookFor(t *testing.T, folder string, canaries map[string]string) (bytesRead int) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		bytesRead += len(text)
		for name, canary := range canaries {
			if form := hidden(text, canary); form != "" {
				t.Errorf("%s has the %s, %s", filepath.Base(path), name, form)
			}
		}
		return nil
	})
	if err != nil || bytesRead == 0 {
		t.Fatalf("%d bytes were read, %v", bytesRead, err)
	}
	return bytesRead
}

// lookInside looks where other programs of this computer can: at our arguments and our environment.
func lookInside(t *testing.T, canaries map[string]string) {
	t.Helper()
	outside, err := json.Marshal([][]string{os.Args, os.Environ()})
	if err != nil {
		t.Fatal(err)
	}
	for name, canary := range canaries {
		if form := hidden(outside, canary); form != "" {
			t.Errorf("the arguments or the environment have the %s, %s", name, form)
		}
	}
}

// hidden says in which form a text has a canary; empty if in none.
func hidden(text []byte, canary string) string {
	for _, form := range []func(string) string{
		func(c string) string { return c },
		func(c string) string { return hex.EncodeToString([]byte(c)) },
		func(c string) string { return fmt.Sprintf("%X", c) },
	} {
		if looked := form(canary); bytes.Contains(text, []byte(looked)) {
			return "as " + looked[:8] + "..."
		}
	}
	for offset := range 3 {
		// What does not depend on the neighbours of the canary in a base64 text.
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", offset) + canary))
		middle := strings.TrimRight(encoded[4*((offset+2)/3):], "=")
		middle = middle[:len(middle)/4*4-4]
		for _, alphabet := range []string{middle, strings.NewReplacer("+", "-", "/", "_").Replace(middle)} {
			if bytes.Contains(text, []byte(alphabet)) {
				return "in base64"
			}
		}
	}
	return ""
}

func TestCanariesAreFoundInEveryForm(t *testing.T) {
	const canary = "amq-some-secret-0123456789"
	for name, text := range map[string]string{
		"plain": "x" + canary + "y", "hex": hex.EncodeToString([]byte("ab" + canary + "c")),
		"base64": base64.StdEncoding.EncodeToString([]byte("a" + canary + "zz")), "base64 of a URL": base64.RawURLEncoding.EncodeToString([]byte("ab" + canary)),
		"base64 without a neighbour": base64.StdEncoding.EncodeToString([]byte(canary + "tail")),
	} {
		if hidden([]byte(text), canary) == "" {
			t.Errorf("%s is not found", name)
		}
	}
	if form := hidden([]byte("amq-some-other"), canary); form != "" {
		t.Errorf("another text has it %s", form)
	}
}
