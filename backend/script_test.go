package backend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"amq2api/backend"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/secret"
	"amq2api/backend/vault"
)

// The scripts in testdata/script drive the whole program over HTTP against the simulated Amazon. They know these commands besides
// testscript's own:
//
//	account NAME                 add an account with an identity of its own at Amazon
//	key NAME [JSON]              create a client key; $KEY is its text from then on
//	upstream NAME STEP...        what the account's identity answers next: text TEXT, call TOOL INPUT, refuse EXCEPTION, cut, reset
//	send [-bearer] PATH FILE     post a file as a client with $KEY; with no FILE it is a GET
//	admin METHOD PATH [FILE]     call the admin API with its token
//	received                     write what Amazon was sent last to the file received, as indented JSON
//	calls N                      insist on the number of calls Amazon's streaming service got
//	response                     set $RESPONSE to the id of the response in the answer, and write next.json of next.json.in with it
//	recorded                     wait until the last request is on record, and set $REQUEST to its id
//	find TOOL                    write the ids of the finds of a tool, from the answer, to the file chosen, as a body for the import
//	restart                      close the program and open it again with the same profile
//
// send and admin write the status and the headers of the answer to the file head, its body to the file answer, and the text that a model
// said in it, deltas joined, to the file said.
var testContext = context.Background()

var refusals = map[string]amazonqtest.Refusal{
	"throttled": amazonqtest.Throttled, "suspended": amazonqtest.Suspended, "monthly": amazonqtest.MonthlyLimit, "too_long": amazonqtest.TooLong, "malformed": amazonqtest.Malformed,
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:   "testdata/script",
		Setup: openStage,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"account": command((*scriptStage).account), "key": command((*scriptStage).key), "upstream": command((*scriptStage).upstream),
			"send": command((*scriptStage).send), "admin": command((*scriptStage).admin), "received": command((*scriptStage).received),
			"restart": command((*scriptStage).restart), "calls": command((*scriptStage).calls), "find": command((*scriptStage).find), "recorded": command((*scriptStage).recorded), "response": command((*scriptStage).response),
		},
	})
}

const adminToken = "script-admin-token-0123456789"

// scriptStage is the world of one script.
type scriptStage struct {
	profile   string
	amazon    *amazonqtest.Service
	amazonURL string
	people    map[string]*amazonqtest.Identity
	vault     *vault.Memory
	backend   *backend.Backend
	address   string // the base URL

	executable string // for dangerous work; empty is inside
}

type stageKey struct{}

func openStage(env *testscript.Env) error {
	s := &scriptStage{profile: filepath.Join(env.WorkDir, ".profile"), amazon: amazonqtest.New(amazonqtest.Options{Seed: 1}), people: map[string]*amazonqtest.Identity{}, vault: new(vault.Memory)}
	url, stop, err := s.amazon.Listen()
	if err != nil {
		return err
	}
	env.Defer(stop)
	s.amazonURL = url
	if err := s.open(); err != nil {
		return err
	}
	env.Defer(func() {
		if err := s.backend.Close(env.T().(testing.TB).Context()); err != nil {
			env.T().Fatal(err)
		}
	})
	env.Values[stageKey{}] = s
	return nil
}

func (s *scriptStage) open() error {
	b, err := backend.Open(testContext, backend.Options{
		Version: "script", Vault: s.vault, Executable: s.executable, Page: fstest.MapFS{"index.html": {Data: []byte("<title>AMQ2API</title>")}},
		Environment: backend.Environment{
			DatabasePath: filepath.Join(s.profile, "amq2api.db"), Port: backend.AnyPort, APIEndpoint: s.amazonURL, TokenEndpoint: s.amazonURL + "/token",
			AdminToken: secret.New(adminToken), Home: filepath.Join(filepath.Dir(s.profile), "home"),
		},
	})
	if err != nil {
		return err
	}
	s.backend = b
	if err := b.Start(testContext, 0); err != nil {
		return err
	}
	s.address = b.Address()
	return nil
}

// command lets a method of the stage serve as a script's command; a leading "!" is refused, since no command is about failing.
func command(run func(*scriptStage, *testscript.TestScript, []string) error) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("this command cannot be negated")
		}
		ts.Check(run(ts.Value(stageKey{}).(*scriptStage), ts, args))
	}
}

func (s *scriptStage) account(ts *testscript.TestScript, args []string) error {
	person := s.amazon.AddIdentity(amazonqtest.IdentityOptions{Name: args[0]})
	s.people[args[0]] = person
	body, err := json.Marshal(map[string]any{
		"name": args[0], "refresh_token": person.RefreshToken().Reveal(), "client_id": person.ClientID, "client_secret": person.ClientSecret.Reveal(),
	})
	if err != nil {
		return err
	}
	answer, err := s.call(ts, http.MethodPost, "/admin/accounts", body, "Bearer "+adminToken, "")
	if err == nil && answer != http.StatusCreated {
		return fmt.Errorf("adding the account answered %d: %s", answer, ts.ReadFile("answer"))
	}
	return err
}

func (s *scriptStage) key(ts *testscript.TestScript, args []string) error {
	body := fmt.Sprintf(`{"name":%q}`, args[0])
	if len(args) > 1 {
		body = args[1]
	}
	status, err := s.call(ts, http.MethodPost, "/admin/api-keys", []byte(body), "Bearer "+adminToken, "")
	if err != nil || status != http.StatusCreated {
		return fmt.Errorf("creating the key answered %d: %w", status, err)
	}
	var made struct {
		Key string `json:"key"`
	}
	if err := json.Unmarshal([]byte(ts.ReadFile("answer")), &made); err != nil {
		return err
	}
	ts.Setenv("KEY", made.Key)
	return nil
}

func (s *scriptStage) upstream(_ *testscript.TestScript, args []string) error {
	person, known := s.people[args[0]]
	if !known {
		return fmt.Errorf("no account %q", args[0])
	}
	var answer amazonqtest.Answer
	for args = args[1:]; len(args) > 0; {
		step, used, err := readStep(args)
		if err != nil {
			return err
		}
		answer, args = append(answer, step), args[used:]
	}
	person.Queue(answer)
	return nil
}

func readStep(args []string) (step amazonqtest.Step, used int, err error) {
	switch {
	case args[0] == "text" && len(args) > 1:
		return amazonqtest.Text(args[1]), 2, nil
	case args[0] == "call" && len(args) > 2:
		return amazonqtest.Call(args[1], args[2]), 3, nil
	case args[0] == "cut":
		return amazonqtest.Damaged(amazonqtest.CutInPayload), 1, nil
	case args[0] == "reset":
		return amazonqtest.Reset(), 1, nil
	case args[0] == "refuse" && len(args) > 1:
		refusal, known := refusals[args[1]]
		if !known {
			return nil, 0, fmt.Errorf("no refusal %q", args[1])
		}
		return amazonqtest.Refuse(refusal), 2, nil
	}
	return nil, 0, fmt.Errorf("no step %q", args[0])
}

func (s *scriptStage) send(ts *testscript.TestScript, args []string) error {
	authorization, key := "", ts.Getenv("KEY")
	if args[0] == "-bearer" {
		authorization, key, args = "Bearer "+key, "", args[1:]
	}
	if len(args) == 1 {
		_, err := s.call(ts, http.MethodGet, args[0], nil, authorization, key)
		return err
	}
	_, err := s.call(ts, http.MethodPost, args[0], []byte(ts.ReadFile(args[1])), authorization, key)
	return err
}

func (s *scriptStage) admin(ts *testscript.TestScript, args []string) error {
	var body []byte
	if len(args) > 2 {
		body = []byte(ts.ReadFile(args[2]))
	}
	_, err := s.call(ts, args[0], args[1], body, "Bearer "+adminToken, "")
	return err
}

// call writes the answer to the files head and answer.
func (s *scriptStage) call(ts *testscript.TestScript, method, path string, body []byte, authorization, key string) (status int, err error) {
	request, err := http.NewRequestWithContext(testContext, method, s.address+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	for name, value := range map[string]string{"Authorization": authorization, "X-Api-Key": key} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	head := []string{fmt.Sprint(response.StatusCode)}
	for name, values := range response.Header {
		head = append(head, strings.ToLower(name)+": "+strings.Join(values, ", "))
	}
	slices.Sort(head[1:])
	for name, content := range map[string]string{"head": strings.Join(head, "\n") + "\n", "answer": string(text), "said": said(text)} {
		if err := os.WriteFile(ts.MkAbs(name), []byte(content), 0o600); err != nil {
			return 0, err
		}
	}
	return response.StatusCode, nil
}

// saidShape is where both dialects put a model's words.
var saidShape = regexp.MustCompile(`"(?:text|content)":("(?:[^"\\\\]|\\\\.)*")`)

func said(answer []byte) string {
	var words strings.Builder
	for _, found := range saidShape.FindAllSubmatch(answer, -1) {
		var text string
		if json.Unmarshal(found[1], &text) == nil {
			words.WriteString(text)
		}
	}
	return words.String() + "\n"
}

func (s *scriptStage) calls(_ *testscript.TestScript, args []string) error {
	if got := fmt.Sprint(s.amazon.Counters().Calls); got != args[0] {
		return fmt.Errorf("Amazon got %s calls, want %s", got, args[0])
	}
	return nil
}

func (s *scriptStage) received(ts *testscript.TestScript, _ []string) error {
	all := s.amazon.Received(amazonqtest.Generate)
	if len(all) == 0 {
		return fmt.Errorf("Amazon received nothing")
	}
	last := all[len(all)-1]
	text, err := json.MarshalIndent(last.Request, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs("received"), append(text, '\n'), 0o600)
}

func (s *scriptStage) restart(*testscript.TestScript, []string) error {
	if err := s.backend.Close(testContext); err != nil {
		return err
	}
	return s.open()
}

func (s *scriptStage) find(ts *testscript.TestScript, args []string) error {
	var finds []struct{ ID, Tool string }
	if err := json.Unmarshal([]byte(ts.ReadFile("answer")), &finds); err != nil {
		return err
	}
	var chosen struct {
		IDs []string `json:"ids"`
	}
	for _, f := range finds {
		if strings.HasPrefix(f.Tool, args[0]) {
			chosen.IDs = append(chosen.IDs, f.ID)
		}
	}
	text, err := json.Marshal(chosen)
	if err != nil {
		return err
	}
	return os.WriteFile(ts.MkAbs("chosen"), text, 0o600)
}

func (s *scriptStage) recorded(ts *testscript.TestScript, _ []string) error {
	_, rest, _ := strings.Cut("\n"+ts.ReadFile("head"), "\nrequest-id: ")
	id, _, _ := strings.Cut(rest, "\n")
	ts.Setenv("REQUEST", id)
	for range 500 {
		status, err := s.call(ts, http.MethodGet, "/admin/requests/"+id+"/doctor", nil, "Bearer "+adminToken, "")
		if err != nil || status == http.StatusOK && strings.Contains(ts.ReadFile("answer"), `"request":{`) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
	return fmt.Errorf("the request %s was not recorded", id)
}

func (s *scriptStage) response(ts *testscript.TestScript, _ []string) error {
	var answer struct{ ID string }
	if err := json.Unmarshal([]byte(ts.ReadFile("answer")), &answer); err != nil {
		return err
	}
	ts.Setenv("RESPONSE", answer.ID)
	next := strings.ReplaceAll(ts.ReadFile("next.json.in"), "$RESPONSE", answer.ID)
	return os.WriteFile(ts.MkAbs("next.json"), []byte(next), 0o600)
}
