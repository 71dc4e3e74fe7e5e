package backend_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"amq2api/backend"
	"amq2api/backend/amazonq/amazonqtest"
)

// victimVariable makes the test binary run the program instead of the tests, so that it can be killed.
const victimVariable = "AMQ2API_TEST_VICTIM"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == backend.ApartCommand {
		if err := backend.WorkApart(os.Args[2], os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		return
	}
	if os.Getenv(victimVariable) == "" {
		os.Exit(m.Run())
	}
	if err := runVictim(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runVictim opens the program with the file vault, prints its address, and waits to be killed.
func runVictim(ctx context.Context) error {
	env, err := backend.ReadEnvironment()
	if err != nil {
		return err
	}
	env.Port = backend.AnyPort
	b, err := backend.Open(ctx, backend.Options{Version: "victim", Page: fstest.MapFS{}, Environment: env})
	if err != nil {
		return err
	}
	if err := b.Start(ctx, 0); err != nil {
		return err
	}
	fmt.Println(b.Address())
	select {}
}

// The program is killed while it streams, again and again, with tokens that rotate at every renewal. No account and no key is lost, and
// Amazon never sees a token twice that it had replaced.
func TestKillNineWhileStreamingLosesNothing(t *testing.T) {
	amazon := amazonqtest.New(amazonqtest.Options{Seed: 1, Pace: 20 * time.Millisecond})
	url, stop, err := amazon.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	s := &scriptStage{profile: t.TempDir(), amazon: amazon, amazonURL: url, people: map[string]*amazonqtest.Identity{}}
	if err := os.WriteFile(filepath.Join(s.profile, "passphrase"), []byte("kill"), 0o600); err != nil {
		t.Fatal(err)
	}
	kill := s.startVictim(t)
	key := s.keyFor(t)
	const rounds = 4
	for round := range rounds {
		s.readHalf(t, key)
		kill()
		kill = s.startVictim(t)
		status, answer := s.do(t, http.MethodGet, "/admin/accounts", nil, map[string]string{"Authorization": "Bearer " + adminToken})
		if status != http.StatusOK || !strings.Contains(string(answer), `"status":"ready"`) {
			t.Fatalf("round %d: the account is not ready any more: %d %s", round, status, answer)
		}
	}
	s.readHalf(t, key)
	kill()
	if reuses := amazon.Counters().Reuses; reuses != 0 {
		t.Errorf("Amazon saw %d replaced tokens again", reuses)
	}
}

// startVictim starts the program and returns what kills it.
func (s *scriptStage) startVictim(t *testing.T) (kill func()) {
	t.Helper()
	victim := exec.Command(os.Args[0])
	victim.Stderr = os.Stderr
	victim.Env = append(os.Environ(), victimVariable+"=1", "DATABASE_PATH="+filepath.Join(s.profile, "amq2api.db"), "AMQ2API_VAULT=file",
		"AMQ2API_VAULT_PASSPHRASE_FILE="+filepath.Join(s.profile, "passphrase"), "AMQ2API_ADMIN_TOKEN="+adminToken,
		"AMAZONQ_API_ENDPOINT="+s.amazonURL, "AMAZONQ_TOKEN_ENDPOINT="+s.amazonURL+"/token")
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = victim.Process.Kill() // a second kill finds it gone
		_ = victim.Wait()         // reports the kill
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the program did not start: %v", err)
	}
	s.address = strings.TrimSpace(line)
	return kill
}

// readHalf reads the first words of a streamed answer and leaves the rest unread.
func (s *scriptStage) readHalf(t *testing.T, key string) {
	t.Helper()
	body := `{"model":"claude-sonnet-4-5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"hi"}]}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/v1/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "text_delta") {
			return
		}
	}
	t.Fatalf("no words came with status %d", response.StatusCode)
}
