package responses

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// clock is a time that tests turn.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func remembering(entries, bytes int) (*Memory, *clock) {
	c := &clock{time.Unix(0, 0)}
	return NewMemory(c.now, entries, bytes, time.Hour), c
}

func saying(text string) Stored { return Stored{Response: json.RawMessage(text)} }

func remembers(m *Memory, ids ...string) string {
	var found []string
	for _, id := range ids {
		if _, ok := m.Load(id); ok {
			found = append(found, id)
		}
	}
	return strings.Join(found, " ")
}

func TestAResponseIsForgottenAfterAWhile(t *testing.T) {
	m, clock := remembering(10, 1000)
	m.Save("a", saying("a"))
	clock.at = clock.at.Add(59 * time.Minute)
	m.Save("b", saying("b"))
	if got := remembers(m, "a", "b"); got != "a b" {
		t.Errorf("before the hour: %s", got)
	}
	clock.at = clock.at.Add(time.Minute)
	if got := remembers(m, "a", "b"); got != "b" {
		t.Errorf("at the hour: %s", got)
	}
	if m.Delete("a") || m.held != 1 {
		t.Errorf("%d bytes held", m.held)
	}
}

func TestWhatWasNotAskedForTheLongestGivesWay(t *testing.T) {
	m, _ := remembering(2, 1000)
	m.Save("a", saying("a"))
	m.Save("b", saying("b"))
	m.Load("a")
	m.Save("c", saying("c"))
	if got := remembers(m, "a", "b", "c"); got != "a c" {
		t.Errorf("got %s", got)
	}
}

func TestBytesAreBounded(t *testing.T) {
	m, _ := remembering(10, 100)
	m.Save("a", saying(strings.Repeat("a", 60)))
	m.Save("b", saying(strings.Repeat("b", 60)))
	if got := remembers(m, "a", "b"); got != "b" || m.held != 60 {
		t.Errorf("got %s, %d bytes", got, m.held)
	}
	m.Save("b", saying(strings.Repeat("b", 10)))
	m.Save("c", saying(strings.Repeat("c", 90)))
	if got := remembers(m, "b", "c"); got != "b c" || m.held != 100 {
		t.Errorf("after a smaller one took its place: %s, %d bytes", got, m.held)
	}
	m.Save("huge", saying(strings.Repeat("h", 101)))
	if got := remembers(m, "b", "c", "huge"); got != "b c" {
		t.Errorf("after one that is too large: %s", got)
	}
}

func TestASizeCountsEverythingThatIsLong(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, block := range []chat.Block{
		chat.Text{Text: long}, chat.Thinking{Text: long}, chat.Image{Data: long}, chat.Document{Data: long}, chat.Document{Text: long},
		chat.ToolUse{Input: json.RawMessage(long)}, chat.ToolResult{Content: []chat.Block{chat.Text{Text: long}}},
	} {
		stored := Stored{Conversation: say(chat.User, block), Answer: []chat.Block{block}}
		if size := stored.size(); size < 2000 || size > 2500 {
			t.Errorf("%T: %d", block, size)
		}
	}
}

func TestManyMayAskAtOnce(t *testing.T) {
	m, _ := remembering(5, 1000)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 100 {
				id := fmt.Sprint(i, j%7)
				m.Save(id, saying(id))
				m.Load(id)
				m.Delete(id)
			}
		})
	}
	all.Wait()
	if m.held != 0 || m.order.Len() != 0 || len(m.byID) != 0 {
		t.Errorf("left: %d bytes, %d in order, %d by id", m.held, m.order.Len(), len(m.byID))
	}
}

// answer lets a model answer a request, as a stream or whole.
func answer(t *testing.T, d *Dialect, id, body string, stream bool, events ...chat.Event) *chat.Request {
	t.Helper()
	m := meta()
	m.ID = id
	request, rendering, err := d.Decode([]byte(body), m)
	if err != nil {
		t.Fatal(err)
	}
	if stream {
		play(rendering, streaming(events, nil))
		return request
	}
	reply, err := chat.Collect(streaming(events, nil))
	if err != nil {
		t.Fatal(err)
	}
	rendering.Reply(reply)
	return request
}

func calling() []chat.Event {
	return []chat.Event{{Kind: chat.ThinkingDelta, Text: "hm"}, {Kind: chat.TextDelta, Text: "Look"}, {Kind: chat.TextDelta, Text: "ing."},
		{Kind: chat.ToolStart, ToolID: "c1", Name: "js", Namespace: "ns"}, {Kind: chat.ToolInput, Text: `{"input":"1+1"}`}, {Kind: chat.ToolEnd},
		{Kind: chat.ToolStart, ToolID: "c2", Name: "ls"}, {Kind: chat.ToolEnd}, {Kind: chat.Spent}, {Kind: chat.Stopped, Reason: chat.CalledTool}}
}

func TestAConversationGoesOnFromAStoredResponse(t *testing.T) {
	for _, stream := range []bool{false, true} {
		store, _ := remembering(10, 1<<20)
		d := &Dialect{Store: store}
		answer(t, d, "one", `{"model":"m","instructions":"Old.","input":[{"role":"developer","content":"Rule."},{"role":"user","content":"Go."}],
			"tools":[{"type":"function","name":"ls"},{"type":"namespace","name":"ns","tools":[{"type":"custom","name":"js"}]}]}`, stream, calling()...)
		answer(t, d, "two", `{"model":"m","previous_response_id":"resp_one","input":[{"type":"custom_tool_call_output","call_id":"c1","output":"2"},
			{"type":"function_call_output","call_id":"c2","output":"."}]}`, stream, textEvents(1)...)
		third := answer(t, d, "three", `{"model":"m","previous_response_id":"resp_two","input":"And?"}`, stream, textEvents(1)...)
		want := `model m, stream false, max tokens 0, stop [], session session-of-the-headers
system prompt "Rule."
user
  text "Go."
assistant
  thinking "hm"
  text "Looking."
  use c1 of ns/js: {"input":"1+1"}
  use c2 of ls: {}
user
  result of c1
    text "2"
user
  result of c2
    text "."
assistant
  text "forty bytes of text, as deltas are long\n"
user
  text "And?"
`
		if got := describeRequest(third); got != want {
			t.Errorf("streamed %t: got\n%s", stream, got)
		}
	}
}

func TestItemsOfAnAnswerCanBeReferredTo(t *testing.T) {
	store, _ := remembering(10, 1<<20)
	d := &Dialect{Store: store}
	answer(t, d, "one", `{"model":"m","input":"Go."}`, true, calling()...)
	r := answer(t, d, "two", `{"model":"m","input":[{"role":"user","content":"Go."},{"type":"item_reference","id":"msg_one_1"},{"type":"item_reference","id":"fc_one_3"},
		{"type":"function_call_output","output":"."}]}`, true, textEvents(1)...)
	if got := describeRequest(r); !strings.Contains(got, `text "Looking."`) || !strings.Contains(got, "use c2 of ls") || !strings.Contains(got, "result of c2") {
		t.Errorf("got %s", got)
	}
	r = answer(t, d, "three", `{"model":"m","previous_response_id":"resp_one","input":[{"type":"item_reference","id":"msg_one_1"},{"role":"user","content":"So?"}]}`,
		true, textEvents(1)...)
	if got := describeRequest(r); strings.Count(got, "Looking.") != 1 {
		t.Errorf("said twice: %s", got)
	}
}

func TestAStoredResponseIsTheOneTheClientGot(t *testing.T) {
	d := rememberingDialect()
	_, rendering, err := d.Decode([]byte(`{"model":"m","input":"x","metadata":{"a":"b"}}`), meta())
	if err != nil {
		t.Fatal(err)
	}
	h, err := listen(play(rendering, streaming(calling(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	stored, ok := d.Stored(0, "resp_req1")
	var whole wireWhole
	if err := json.Unmarshal(encode(stored), &whole); !ok || err != nil || len(whole.Output) != 4 || string(whole.members["output"]) != string(h.Last.members["output"]) {
		t.Errorf("stored %t: %s, %v", ok, stored, err)
	}
	if !d.Delete(0, "resp_req1") || d.Delete(0, "resp_req1") {
		t.Error("it can be deleted once")
	}
	if _, ok := d.Stored(0, "resp_req1"); ok {
		t.Error("it is still there")
	}
}

func TestWhatIsNotStored(t *testing.T) {
	const plain = `{"model":"m","input":"x"}`
	good := textEvents(1)
	for name, test := range map[string]struct {
		body   string
		events []chat.Event
		err    error
		want   bool
	}{
		"by default":     {plain, good, nil, true},
		"store null":     {`{"model":"m","input":"x","store":null}`, good, nil, true},
		"store false":    {`{"model":"m","input":"x","store":false}`, good, nil, false},
		"hit a limit":    {plain, []chat.Event{{Kind: chat.TextDelta, Text: "x"}, {Kind: chat.Stopped, Reason: chat.MaxTokens}}, nil, true},
		"failed":         {plain, good[:1], fault.New(fault.Unavailable, "Cut."), false},
		"no end":         {plain, good[:1], nil, false},
		"said nothing":   {plain, good[1:], nil, true},
		"cut in a call ": {plain, []chat.Event{{Kind: chat.ToolStart, Name: "n"}, {Kind: chat.Stopped}}, nil, false},
	} {
		d := rememberingDialect()
		_, rendering, err := d.Decode([]byte(test.body), meta())
		if err != nil {
			t.Fatal(err)
		}
		play(rendering, streaming(test.events, test.err))
		if _, ok := d.Stored(0, "resp_req1"); ok != test.want {
			t.Errorf("%s: stored %t", name, ok)
		}
	}
}

// A client that continues at once must find what it just heard.
func TestAResponseIsStoredBeforeItsEndIsSent(t *testing.T) {
	d := rememberingDialect()
	_, rendering, err := d.Decode([]byte(`{"model":"m","input":"x","stream":true}`), meta())
	if err != nil {
		t.Fatal(err)
	}
	for frame := range rendering.Frames(streaming(textEvents(1), nil)) {
		if _, ok := d.Stored(0, "resp_req1"); ok != (frame.Event == "response.completed") {
			t.Errorf("stored %t at %s", ok, frame.Event)
		}
	}
}

func TestADialectWithoutAStoreAnswersAllTheSame(t *testing.T) {
	d := new(Dialect)
	answer(t, d, "one", `{"model":"m","input":"x","store":true}`, true, textEvents(1)...)
	answer(t, d, "one", `{"model":"m","input":"x","store":true}`, false, textEvents(1)...)
	if _, ok := d.Stored(0, "resp_one"); ok || d.Delete(0, "resp_one") {
		t.Error("something is stored")
	}
}

func TestNobodyGetsAtWhatIsKeptOfSomebodyElse(t *testing.T) {
	d := &Dialect{Store: NewMemory(time.Now, 10, 1<<20, time.Hour)}
	body := []byte(`{"model":"m","input":"hello"}`)
	_, rendering, err := d.Decode(body, chat.Meta{ID: "req1", Owner: 7})
	if err != nil {
		t.Fatal(err)
	}
	rendering.Reply(&chat.Reply{Blocks: []chat.Block{chat.Text{Text: "hi"}}})
	following := []byte(`{"model":"m","input":"and?","previous_response_id":"resp_req1"}`)
	for owner, want := range map[int64]bool{7: true, 8: false, 0: false} {
		if _, ok := d.Stored(owner, "resp_req1"); ok != want {
			t.Errorf("owner %d sees it: %t", owner, ok)
		}
		if _, _, err := d.Decode(following, chat.Meta{ID: "req2", Owner: owner}); (err == nil) != want {
			t.Errorf("owner %d goes on with it: %v", owner, err)
		}
	}
	if d.Delete(8, "resp_req1") || !d.Delete(7, "resp_req1") {
		t.Error("somebody else deleted it, or its owner could not")
	}
}

// Every item of the chain that previous_response_id continues is in the conversation already, not only those of its last answer.
func TestReferencesIntoTheChainAddNothing(t *testing.T) {
	store := NewMemory(time.Now, 10, 1<<20, time.Hour)
	store.Save("resp_one", Stored{Answer: []chat.Block{chat.Text{Text: "first"}}})
	store.Save("resp_two", Stored{Earlier: []string{"resp_one"}, Answer: []chat.Block{chat.Text{Text: "second"}},
		Conversation: []chat.Message{{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: "hi"}}}, {Role: chat.Assistant, Blocks: []chat.Block{chat.Text{Text: "first"}}}}})
	d := &Dialect{Store: store}
	request, rendering, err := d.Decode([]byte(`{"model":"m","previous_response_id":"resp_two","input":[{"type":"item_reference","id":"msg_one_0"},{"type":"item_reference","id":"msg_two_0"},{"role":"user","content":"go on"}]}`), meta())
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprint(request.Messages)
	if strings.Count(said, "first") != 1 || strings.Count(said, "second") != 1 {
		t.Errorf("the conversation is %s", said)
	}
	rendering.Reply(&chat.Reply{Blocks: []chat.Block{chat.Text{Text: "third"}}})
	if kept, ok := store.Load(responsePrefix + meta().ID); !ok || fmt.Sprint(kept.Earlier) != "[resp_one resp_two]" {
		t.Errorf("the chain is %v, %v", kept.Earlier, ok)
	}
}

// What is held must be what is counted, or a client fills the memory with what is not.
func TestEveryPartOfAResponseCounts(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, block := range []chat.Block{
		chat.Text{Text: long}, chat.Thinking{Signature: long}, chat.Image{URL: long}, chat.Image{MediaType: long}, chat.Document{URL: long}, chat.Document{MediaType: long},
		chat.Document{Title: long}, chat.ToolUse{ID: long}, chat.ToolUse{Namespace: long}, chat.ToolResult{Content: []chat.Block{chat.Document{URL: long}}},
	} {
		stored := Stored{Conversation: []chat.Message{{Blocks: []chat.Block{block}}}}
		if size := stored.size(); size < len(long) {
			t.Errorf("%.60v counts for %d", block, size)
		}
	}
}
