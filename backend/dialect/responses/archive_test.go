package responses

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"amq2api/backend/chat"
)

// drawer is an archive in memory.
type drawer map[string][]byte

func (d drawer) Load(id string) ([]byte, time.Time, bool) {
	encoded, ok := d[id]
	return encoded, time.Time{}, ok
}
func (d drawer) Save(id string, encoded []byte) { d[id] = encoded }
func (d drawer) Delete(id string) bool          { _, ok := d[id]; delete(d, id); return ok }

func lasting(archive drawer, on bool) *Lasting {
	return &Lasting{Memory: NewMemory(time.Now, 10, 100_000, time.Hour), Archive: archive, On: func() bool { return on }}
}

func everyBlock() Stored {
	blocks := []chat.Block{
		chat.Text{Text: "hi"}, chat.Image{MediaType: "image/png", Data: "AAAA"}, chat.Image{URL: "https://example.com/a.png"},
		chat.Document{Title: "a", MediaType: "text/plain", Text: "b"}, chat.Thinking{Text: "hm", Signature: "s", Redacted: true},
		chat.ToolUse{ID: "c1", Name: "ls", Namespace: "n", Input: json.RawMessage(`{"a":1}`)},
		chat.ToolResult{ID: "c1", Content: []chat.Block{chat.Text{Text: "no"}}, IsError: true}, chat.ToolResult{ID: "c2"},
	}
	return Stored{
		Earlier: []string{"resp_0"}, Conversation: []chat.Message{{Role: chat.System, Blocks: blocks}, {Role: chat.Assistant}}, Answer: blocks,
		Response: json.RawMessage(`{"id":"resp_1"}`),
	}
}

func TestAStoredResponseSurvivesTheProgramIfThatIsWanted(t *testing.T) {
	archive := drawer{}
	lasting(archive, true).Save("a", everyBlock())
	if got, ok := lasting(archive, true).Load("a"); !ok || !reflect.DeepEqual(got, everyBlock()) {
		t.Errorf("got %+v, %v", got, ok)
	}
	if _, ok := lasting(archive, false).Load("a"); ok {
		t.Error("an archive that is switched off answered")
	}
	off := lasting(archive, false)
	off.Save("b", everyBlock())
	if _, ok := off.Load("b"); !ok || archive["b"] != nil {
		t.Errorf("what is only remembered was found %v, archived %q", ok, archive["b"])
	}
	if !off.Delete("a") || off.Delete("a") || len(archive) != 0 {
		t.Errorf("the archive still has %d responses", len(archive))
	}
}

// borrowed is an archive that has one response, for a minute more.
type borrowed struct {
	drawer
	until time.Time
}

func (b borrowed) Load(id string) ([]byte, time.Time, bool) {
	encoded, _, ok := b.drawer.Load(id)
	return encoded, b.until, ok
}

func TestAResponseBroughtBackToMemoryGetsNoSecondHour(t *testing.T) {
	now := time.Now()
	archive := drawer{}
	lasting(archive, true).Save("a", everyBlock())
	memory := NewMemory(func() time.Time { return now }, 10, 100_000, time.Hour)
	brought := &Lasting{Memory: memory, Archive: borrowed{archive, now.Add(time.Minute)}, On: func() bool { return true }}
	if _, ok := brought.Load("a"); !ok {
		t.Fatal("it is not there")
	}
	now = now.Add(time.Minute)
	if _, ok := memory.Load("a"); ok {
		t.Error("it is still remembered")
	}
}

func FuzzDecodeStored(f *testing.F) {
	encoded, err := encodeStored(everyBlock())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Add([]byte(`{"conversation":[{"role":9}]}`))
	f.Add([]byte(`{"answer":[{}]}`))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		stored, err := decodeStored(encoded)
		if err != nil {
			return
		}
		again, err := encodeStored(stored)
		if err != nil {
			t.Skip() // raw JSON that only its own decoder takes
		}
		if twice, err := decodeStored(again); err != nil || len(twice.Conversation) != len(stored.Conversation) {
			t.Errorf("%q was decoded to %+v, %v", again, twice, err)
		}
	})
}
