package amazonqtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"amq2api/backend/amazonq/amazonqtest"
)

// world is a Service on a real port and a client that follows no redirects.
type world struct {
	*amazonqtest.Service
	t      *testing.T
	url    string
	client *http.Client
	now    time.Time
}

func start(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}
	w.Service = amazonqtest.New(amazonqtest.Options{Seed: 1, Now: func() time.Time { return w.now }})
	url, stop, err := w.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	w.url = url
	w.client = &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return w
}

// answer is a whole HTTP answer. Broken is the error of reading its body.
type answer struct {
	status int
	header http.Header
	body   string
	broken error
}

func (a answer) decode(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// post sends a body. Headers are pairs of name and value.
func (w *world) post(path, body string, headers ...string) (answer, error) {
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := w.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(read), err}, nil
}

// oidc posts to the token service.
func (w *world) oidc(path, body string) answer {
	w.t.Helper()
	a, err := w.post(path, body, "Content-Type", "application/json")
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

const hello = `{"conversationState":{"conversationId":"6f0c8f0e-6f4e-4c0c-9a54-5b3d0c6a1a11","chatTriggerType":"MANUAL",` +
	`"currentMessage":{"userInputMessage":{"content":"hello","origin":"CLI","modelId":"claude-sonnet-4.5"}}}}`

// rpc posts to the streaming service as an identity.
func (w *world) rpc(identity *amazonqtest.Identity, operation, body string) (answer, error) {
	return w.post("/", body, "Content-Type", "application/x-amz-json-1.0", "X-Amz-Target", targetOf(operation),
		"Authorization", "Bearer "+identity.AccessToken().Reveal())
}

func targetOf(operation string) string {
	if operation == amazonqtest.Generate {
		return "AmazonCodeWhispererStreamingService." + operation
	}
	return "AmazonCodeWhispererService." + operation
}

// generate posts a conversation.
func (w *world) generate(identity *amazonqtest.Identity, body string) answer {
	w.t.Helper()
	a, err := w.rpc(identity, amazonqtest.Generate, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// read decodes the answer's stream.
func (a answer) read() (messages []message, broken string) {
	messages, broken = readFrames(bytes.NewReader([]byte(a.body)))
	if a.broken != nil {
		broken = strings.TrimSpace(broken + " " + a.broken.Error())
	}
	return messages, broken
}

// text joins the text deltas.
func text(t *testing.T, messages []message) string {
	t.Helper()
	var all strings.Builder
	for _, m := range messages {
		if m.kind != "assistantResponseEvent" {
			continue
		}
		var event struct{ Content string }
		if err := json.Unmarshal([]byte(m.payload), &event); err != nil {
			t.Fatalf("%v in %s", err, m.payload)
		}
		all.WriteString(event.Content)
	}
	return all.String()
}

// kinds are the kinds of the messages, with runs of the same kind shown once.
func kinds(messages []message) string {
	var all []string
	for _, m := range messages {
		if len(all) == 0 || all[len(all)-1] != m.kind {
			all = append(all, m.kind)
		}
	}
	return strings.Join(all, " ")
}

func (w *world) last() amazonqtest.Received {
	w.t.Helper()
	calls := w.Received("")
	if len(calls) == 0 {
		w.t.Fatal("nothing was received")
	}
	return calls[len(calls)-1]
}
