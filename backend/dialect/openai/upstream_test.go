package openai

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"reflect"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/amazonq"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/chat"
	"amq2api/backend/secret"
)

// TestWhateverTheUpstreamSendsEndsOnce: an answer is made up, broken on its way and read by the real client. The strictest client of this
// API must find one end in it, a good one only if the answer was whole, and in one piece the answer must be the same.
func TestWhateverTheUpstreamSendsEndsOnce(t *testing.T) {
	const variable, seed = "AMQ2API_RELIABILITY", 5
	count := 400
	if os.Getenv(variable) == "full" {
		count = 10_000
	}
	random := rand.New(rand.NewPCG(seed, seed))
	whole, slowest := 0, time.Duration(0)
	for n := range count {
		sent := amazonqtest.Mangle(random)
		began := time.Now()
		if err := overhear(t, sent, n%2 == 0); err != nil {
			t.Fatalf("stream %d (%s): %v", n, sent.How, err)
		}
		if slowest = max(slowest, time.Since(began)); sent.Sound() {
			whole++
		}
	}
	if whole < count/10 || whole > count*9/10 {
		t.Errorf("%d of %d answers were whole: this proves little", whole, count)
	}
	t.Logf("A5 openai | %d streams, %d of them whole | one valid end each, a good one only then | slowest %s", count, whole, slowest.Round(time.Millisecond))
}

// received is a new reading of an answer by the real client.
func received(t *testing.T, sent amazonqtest.Mangled) chat.Stream {
	t.Helper()
	client, err := amazonq.New(amazonq.Config{HTTP: &http.Client{Transport: sent}, Endpoint: "http://127.0.0.1:1/"})
	if err != nil {
		t.Fatal(err)
	}
	credential := account.Credential{AccountID: 1, Service: account.AmazonQ, Region: "us-east-1", AccessToken: secret.New("token")}
	return client.Send(t.Context(), credential, &chat.Request{
		Upstream: "claude-sonnet-4.5", Tools: []chat.Tool{{Name: "write"}},
		Messages: []chat.Message{{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: "hi"}}}},
	})
}

// overhear says what is wrong with the rendering of an answer.
func overhear(t *testing.T, sent amazonqtest.Mangled, usage bool) error {
	r := &Rendering{id: "chatcmpl-x", created: 7, model: "m", includeUsage: usage}
	h, err := listen(play(r, received(t, sent)), usage)
	if err != nil {
		return err
	}
	reply, err := chat.Collect(received(t, sent))
	switch {
	case (err == nil) != sent.Sound() || h.done != sent.Sound():
		return fmt.Errorf("whole %t, ended well %t, in one piece %v", sent.Sound(), h.done, err)
	case err != nil:
		return nil
	}
	want := heardFrom(t, r.Reply(reply))
	if !usage {
		want.Usage = ""
	}
	if got := (heard{Content: h.Content, Reasoning: h.Reasoning, Calls: h.Calls, Finish: h.Finish, Usage: h.Usage}); !reflect.DeepEqual(got, want) {
		return fmt.Errorf("streamed %+v, in one piece %+v", got, want)
	}
	return nil
}
