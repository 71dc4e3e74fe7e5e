package capture

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amq2api/backend/fault"
)

// desk is a recorder whose clock is set by hand, before a door that answers what it is told.
type desk struct {
	*Recorder
	folder string
	now    time.Time
	door   http.Handler
	answer string
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{folder: filepath.Join(t.TempDir(), "recorded"), now: time.Now(), answer: "an answer"}
	d.open()
	return d
}

func (d *desk) open() {
	d.Recorder = OpenRecorder(RecordingConfig{
		Folder: d.folder, Now: func() time.Time { return d.now }, Log: slog.New(slog.DiscardHandler), Known: func() []string { return []string{"our-own-secret"} },
		Key: func(r *http.Request) int64 { return int64(len(r.Header.Get("X-Api-Key"))) },
	})
	d.door = d.Door(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body [1 << 10]byte
		for {
			if _, err := r.Body.Read(body[:]); err != nil {
				break
			}
		}
		w.Header().Set("Request-Id", r.Header.Get("Test-Id"))
		_, _ = w.Write([]byte(d.answer))
	}))
}

func (d *desk) ask(id, key, body string) {
	request := httptest.NewRequest(http.MethodPost, "/v1/messages", strings.NewReader(body))
	request.Header.Set("Test-Id", id)
	request.Header.Set("X-Api-Key", key)
	d.door.ServeHTTP(httptest.NewRecorder(), request)
}

func (d *desk) has(id string) bool {
	_, err := d.Read(id)
	return err == nil
}

func TestBodiesAreRecordedForAStatedTimeOnly(t *testing.T) {
	d := newDesk(t)
	d.ask("before", "k", "x")
	if _, err := d.Start(15, 0); err != nil {
		t.Fatal(err)
	}
	d.ask("within", "k", "a question")
	d.ask("nobody", "", "a stranger's")
	d.now = d.now.Add(10 * time.Minute)
	d.open() // a restart
	if state := d.State(); !state.On || state.Requests != 1 {
		t.Errorf("after a restart it is %+v", state)
	}
	d.ask("restarted", "k", "x")
	d.now = d.now.Add(5 * time.Minute)
	d.ask("after", "k", "x")
	d.open()
	d.ask("long-after", "k", "x")
	for id, want := range map[string]bool{"before": false, "within": true, "nobody": false, "restarted": true, "after": false, "long-after": false} {
		if d.has(id) != want {
			t.Errorf("%s: recorded is %v", id, !want)
		}
	}
	bodies, err := d.Read("within")
	if err != nil || bodies.Request != "a question" || bodies.Answer != "an answer" || bodies.Key != 1 {
		t.Errorf("recorded is %+v, %v", bodies, err)
	}
	if status, err := os.Stat(d.path("within.json")); err != nil || status.Mode().Perm() != 0o600 {
		t.Errorf("its file: %v, %v", status, err)
	}
	d.now = d.now.Add(keepBodies)
	if d.has("within") {
		t.Error("it is shown after its time")
	}
	d.care()
	if _, err := os.Stat(d.path("within.json")); err == nil || d.State().Requests != 0 {
		t.Error("it is still there after a day")
	}
}

func TestARecordingIsOfOneKeyAndEndsAtAWord(t *testing.T) {
	d := newDesk(t)
	for _, minutes := range []int{0, 61} {
		if _, err := d.Start(minutes, 0); fault.Of(err).Param != "minutes" {
			t.Errorf("%d minutes: %v", minutes, err)
		}
	}
	if _, err := d.Start(60, 2); err != nil {
		t.Fatal(err)
	}
	d.ask("mine", "ab", "x")
	d.ask("other", "abc", "x")
	if !d.has("mine") || d.has("other") || d.has("../recording") {
		t.Error("another key's bodies were recorded")
	}
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	d.ask("stopped", "ab", "x")
	if d.has("stopped") || !d.has("mine") || d.State().On {
		t.Error("the end is not the end, or took what there was")
	}
	if err := d.Delete(); err != nil || d.has("mine") {
		t.Errorf("it is there after it was deleted, %v", err)
	}
	if files, err := os.ReadDir(d.folder); err == nil {
		t.Errorf("left are %v", files)
	}
}

func TestAClockThatGoesBackEndsARecording(t *testing.T) {
	d := newDesk(t)
	if _, err := d.Start(15, 0); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(-time.Minute)
	d.open()
	d.ask("again", "k", "x")
	if d.State().On || d.has("again") {
		t.Error("it goes on, for nobody knows how long")
	}
}

func TestRecordedBodiesAreBounded(t *testing.T) {
	d := newDesk(t)
	if _, err := d.Start(15, 0); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("long ", maxRecordedBody/5)
	d.ask("long", "k", long+"amq-"+strings.Repeat("a", 36))
	bodies, err := d.Read("long")
	if err != nil || !bodies.RequestCut || len(bodies.Request) > maxRecordedBody || bodies.AnswerCut {
		t.Errorf("%d bytes, %v", len(bodies.Request), err)
	}
	d.count = maxRecordedCount
	d.ask("too-many", "k", "x")
	if d.has("too-many") || !d.State().Full {
		t.Error("there is no bound")
	}
}

func TestSecretsAreTakenOutOfWhatIsRecorded(t *testing.T) {
	key := "amq-0123456789abcdefghijABCDEFGHIJ012345"
	for name, text := range map[string]string{
		"our key": key, "ours": "our-own-secret", "an AWS key": "AKIAIOSFODNN7EXAMPLE", "a header": `{"Authorization": "Bearer tok_0123456789abcdef"}`,
		"a header in JSON": `"authorization\":\"Basic dXNlcjpwYXNz"`, "an AWS secret": "aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY",
		"a refresh token": "aorAAAAAGabcdefghijklmnop:0123456789", "a JWT": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghij", "a private key": "-----BEGIN RSA PRIVATE KEY-----\\nMIIEabcdef\\n-----END RSA PRIVATE KEY-----",
		"another's key": "ghp_" + strings.Repeat("x", 36), "a password": `"password":"hunter2-canary"`, "bearer": "send bearer abcdefghij0123",
		"an address": "postgres://app:hunter2-canary@db.example:5432/main", "an address without a name": "redis://:hunter2@cache.example/0",
		"a second cookie": "Cookie: theme=dark; session=0123456789",
	} {
		clean, found := redact([]byte("before "+text+" after"), []string{"our-own-secret"})
		if found == 0 || !strings.Contains(string(clean), redacted) || !strings.HasPrefix(string(clean), "before ") {
			t.Errorf("%s: %d found, %s", name, found, clean)
		}
		for _, part := range []string{"0123456789", "IOSFODNN", "wJalr", "MIIE", "hunter2", "dXNlc", "our-own", "abcdefghij"} {
			if strings.Contains(string(clean), part) {
				t.Errorf("%s: %s", name, clean)
			}
		}
	}
	innocent := `{"messages":[{"role":"user","content":"What does the token bucket cost? See src/auth.go:12 and http://127.0.0.1:8080/@me"}]}`
	if clean, found := redact([]byte(innocent), nil); found != 0 || string(clean) != innocent {
		t.Errorf("%d found in %s", found, clean)
	}
	for dialect, form := range map[string]string{
		"anthropic": `{"type":"content_block_delta","delta":{"type":"text_delta","text":"PART"}}`, "chat": `{"choices":[{"delta":{"content":"PART"}}]}`,
		"responses": `{"type":"response.output_text.delta","delta":"PART"}`,
	} {
		var stream string
		for i := 0; i < len(key); i += 5 {
			stream += "data: " + strings.ReplaceAll(form, "PART", key[i:i+5]) + "\n\n"
		}
		if clean, found := redactStream([]byte(stream), nil); found == 0 || saidIn(clean) != "" || string(clean) != redacted {
			t.Errorf("%s: %d found, %s", dialect, found, clean)
		}
	}
}

func FuzzRedact(f *testing.F) {
	f.Add([]byte("data: {\"delta\":\"amq-0123456789abcdefghij\"}\n"))
	f.Add([]byte("authorization: bearer x"))
	f.Fuzz(func(t *testing.T, text []byte) {
		clean, _ := redactStream(text, []string{"amq-own"})
		if strings.Contains(string(clean), "amq-own") {
			t.Errorf("left in %q", clean)
		}
	})
}
