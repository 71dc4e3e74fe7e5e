package amazonq

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"amq2api/backend/chat"
)

// dice makes requests out of bytes, good and bad ones.
type dice struct{ rest []byte }

// roll is a number below sides, 0 when the bytes are used up.
func (d *dice) roll(sides int) int {
	if len(d.rest) == 0 {
		return 0
	}
	n := int(d.rest[0]) % sides
	d.rest = d.rest[1:]
	return n
}

func pick[T any](d *dice, from ...T) T { return from[d.roll(len(from))] }

func (d *dice) text() string {
	return pick(d, "words", "", " \n", "quote \" and \\ and \x01", "中文😀", "bad \xff utf-8", strings.Repeat("long ", 50), "</tool-result>")
}

func (d *dice) id() string { return pick(d, "t1", "t2", "t3", "", "t1_1", "中\"", "t4") }

func (d *dice) tool() (namespace, name string) {
	return pick(d, "", "", "", "files", "a.b"), pick(d, "ls", "LS", "Ls", "mcp.x-y", "mcp_x_y", "", "9", strings.Repeat("long", 30), "读", "ls_00000000")
}

func (d *dice) json() json.RawMessage {
	return json.RawMessage(pick(d, `{}`, `{"a":1,"b":[null]}`, ``, `null`, `[1]`, `"s"`, ` {"x": "\ud800"} `, "{\"bad\":\"\xff\"}", `{"a":{"a":{}}}`, `{"type":"object","properties":{}}`,
		`{"type":"object","properties":null,"required":null}`, `{"properties":{"required":null,"x":{"required":null}}}`, `{"type":"string"}`, `{"type":"object","properties":{"p":{"type":"object","properties":{}}},"required":["p"]}`))
}

func (d *dice) image() chat.Image {
	return chat.Image{MediaType: pick(d, "image/png", "image/jpg", "image/bmp", ""), Data: pick(d, "iVBORw0KGgoAAAANSUhEUg==", "AAAA", "", "_9j_4AAQSkZJRgABAQAAAQ")}
}

func (d *dice) block(deep bool) chat.Block {
	switch d.roll(8) {
	case 0, 1:
		return chat.Text{Text: d.text()}
	case 2:
		return d.image()
	case 3:
		return chat.Document{Title: d.text(), MediaType: pick(d, "text/plain", "application/pdf"), Text: d.text(), Data: pick(d, "", "aGk=", "??")}
	case 4:
		return chat.Thinking{Text: d.text()}
	case 5:
		namespace, name := d.tool()
		return chat.ToolUse{ID: d.id(), Namespace: namespace, Name: name, Input: d.json()}
	default:
		result := chat.ToolResult{ID: d.id(), IsError: d.roll(2) == 1}
		for range d.roll(3) {
			if deep {
				result.Content = append(result.Content, d.block(false))
			}
		}
		return result
	}
}

func (d *dice) request() *chat.Request {
	r := &chat.Request{Upstream: pick(d, "claude-sonnet-4.5", ""), System: d.text(), Session: pick(d, "", "s1")}
	if d.roll(8) == 7 {
		r.ToolChoice.Mode = chat.ChoiceNone
	}
	for range d.roll(6) {
		namespace, name := d.tool()
		r.Tools = append(r.Tools, chat.Tool{Namespace: namespace, Name: name, Description: pick(d, d.text(), strings.Repeat("描", 4000)), Schema: d.json()})
	}
	for len(d.rest) > 0 {
		message := chat.Message{Role: pick(d, chat.User, chat.Assistant, chat.User, chat.Assistant, chat.System)}
		for range d.roll(5) {
			message.Blocks = append(message.Blocks, d.block(true))
		}
		r.Messages = append(r.Messages, message)
	}
	return r
}

func checkTranslation(t *testing.T, seed []byte) {
	t.Helper()
	request := (&dice{seed}).request()
	before := fmt.Sprintf("%+v", request)
	c, err := newConversation(request, "CLI")
	if err != nil {
		t.Fatal(err)
	}
	body := c.encode()
	for _, problem := range validate(body) {
		t.Errorf("%s\nin %s\nfrom %s", problem, body, before)
	}
	if fmt.Sprintf("%+v", request) != before {
		t.Errorf("the request was changed:\n%s\n%+v", before, request)
	}
	for _, tool := range request.Tools {
		name := toolName{tool.Namespace, tool.Name}
		if request.ToolChoice.Mode == chat.ChoiceAuto && c.names.restore(c.names.upstream[name]) != name {
			t.Errorf("%v comes back as %v", name, c.names.restore(c.names.upstream[name]))
		}
	}
}

func FuzzTranslation(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		f.Add(randomBytes(random))
	}
	f.Fuzz(checkTranslation)
}

func TestWhateverAClientSendsTheServiceGetsAValidConversation(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		checkTranslation(t, randomBytes(random))
		if t.Failed() {
			return
		}
	}
}

func randomBytes(random *rand.Rand) []byte {
	bytes := make([]byte, random.IntN(300))
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	return bytes
}

func translated(t testing.TB, request *chat.Request) *conversation {
	t.Helper()
	c, err := newConversation(request, "CLI")
	if err != nil {
		t.Fatal(err)
	}
	if problems := validate(c.encode()); len(problems) > 0 {
		t.Fatal(problems)
	}
	return c
}

func asking(blocks ...chat.Block) []chat.Message {
	return []chat.Message{{Role: chat.User, Blocks: blocks}}
}

func TestALongDescriptionIsShortenedBetweenCharactersAndKeptWhole(t *testing.T) {
	for _, pad := range []int{0, 1, 2} {
		whole := strings.Repeat("x", pad) + strings.Repeat("描", 4000)
		c := translated(t, &chat.Request{System: "Be kind.", Messages: asking(chat.Text{Text: "go"}), Tools: []chat.Tool{{Name: "ls", Description: whole}, {Name: "cat", Description: "short"}}})
		if got := c.tools[0].description; strings.ContainsRune(got, '\uFFFD') || !strings.HasPrefix(whole, strings.TrimSuffix(got, elsewhere)) || len(got) < 9990 {
			t.Errorf("shortened to %d bytes: ...%s", len(got), got[len(got)-150:])
		}
		if first := c.history[0].user.text; len(first) != 2 || first[0] != "Be kind." || !strings.Contains(first[1], whole) || strings.Contains(first[1], "short") {
			t.Errorf("the whole description is not in the first turn")
		}
	}
}

func TestADescriptionOfExactlyTheLimitStays(t *testing.T) {
	whole := strings.Repeat("x", maxDescription)
	c := translated(t, &chat.Request{Messages: asking(chat.Text{Text: "go"}), Tools: []chat.Tool{{Name: "ls", Description: whole}}})
	if c.tools[0].description != whole || len(c.history) != 0 {
		t.Error("it was touched")
	}
}

func TestOnlyTheNewestImagesAreSent(t *testing.T) {
	picture := func(n int) chat.Block {
		return chat.Image{MediaType: "image/gif", Data: fmt.Sprintf("%04d", n)}
	}
	request := &chat.Request{}
	for turn := range 4 {
		message := chat.Message{Role: chat.User}
		for n := range 4 {
			message.Blocks = append(message.Blocks, picture(turn*4+n))
		}
		request.Messages = append(request.Messages, message, chat.Message{Role: chat.Assistant, Blocks: []chat.Block{chat.Text{Text: "I see."}}})
	}
	c := translated(t, request)
	var kept []string
	for _, turn := range c.history {
		for _, image := range turn.user.images {
			kept = append(kept, image.data)
		}
	}
	if got := strings.Join(kept, " "); got != "0006 0007 0008 0009 0010 0011 0012 0013 0014 0015" {
		t.Errorf("kept %s", got)
	}
	if got := c.history[1].user.text; len(got) != 1 || !strings.HasPrefix(got[0], "(2 of the images") {
		t.Errorf("the model is told %q", got)
	}
}

func TestAnImageThatIsTooLargeIsLeftOutWithANote(t *testing.T) {
	c := translated(t, &chat.Request{Messages: asking(chat.Image{MediaType: "image/png", Data: strings.Repeat("A", maxImageBytes*4/3+8)})})
	if len(c.current.images) != 0 || len(c.current.text) != 1 {
		t.Errorf("got %d images and %q", len(c.current.images), c.current.text)
	}
}

func TestASessionKeepsItsConversationID(t *testing.T) {
	id := func(session string) string {
		return translated(t, &chat.Request{Session: session, Messages: asking(chat.Text{Text: "go"})}).id
	}
	first, again, other := id("a"), id("a"), id("b")
	if first != again || first == other {
		t.Errorf("the id of a session must be its own, and stay: %s, %s, %s", first, again, other)
	}
	if first, again = id(""), id(""); first == again {
		t.Error("without a session every request has a fresh id")
	}
}

func TestToolNamesStayTheSameWhateverElseIsOffered(t *testing.T) {
	alone := newToolNames([]chat.Tool{{Name: "a.b"}})
	crowd := newToolNames([]chat.Tool{{Name: "a_b"}, {Name: "x.y"}, {Name: "a-b"}, {Name: "a.b"}})
	if name := (toolName{"", "a.b"}); alone.upstream[name] != crowd.upstream[name] {
		t.Errorf("%s became %s", alone.upstream[name], crowd.upstream[name])
	}
}

func TestANameThatLooksLikeASubstituteDoesNotTakeItsPlace(t *testing.T) {
	substitute := newToolNames([]chat.Tool{{Name: "a.b"}}).upstream[toolName{"", "a.b"}]
	names := newToolNames([]chat.Tool{{Name: "a.b"}, {Name: substitute}})
	if names.restore(substitute) != (toolName{"", substitute}) || names.upstream[toolName{"", "a.b"}] == substitute {
		t.Error("a tool that is offered by that very name must keep it")
	}
}

func TestAGoodSchemaIsNotTouched(t *testing.T) {
	for _, schema := range []string{
		`{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`,
		`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{},"additionalProperties":false}`,
	} {
		if got := objectSchema(json.RawMessage(schema)); !bytes.Equal(got, []byte(schema)) || !isGoodSchema([]byte(schema)) {
			t.Errorf("%s became %s", schema, got)
		}
	}
}

func TestManyCallsOfOneIDAreNotSlow(t *testing.T) {
	request := &chat.Request{Tools: []chat.Tool{{Name: "ls"}}}
	use, result := chat.Message{Role: chat.Assistant}, chat.Message{Role: chat.User}
	for n := range 20_000 {
		use.Blocks = append(use.Blocks, chat.ToolUse{ID: "t", Name: "ls", Input: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n))})
		result.Blocks = append(result.Blocks, chat.ToolResult{ID: "t", Content: []chat.Block{chat.Text{Text: "x"}}})
	}
	request.Messages = []chat.Message{use, result}
	if got := translated(t, request); len(got.history[0].assistant.uses) != 20_000 || len(got.current.results) != 20_000 {
		t.Error("calls were lost")
	}
}
