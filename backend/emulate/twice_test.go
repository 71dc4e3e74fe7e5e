package emulate_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"amq2api/backend/chat"
	"amq2api/backend/emulate"
	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

func choosing(mode chat.ChoiceMode, name string) chat.Request {
	return chat.Request{
		System:     "Be kind.",
		Messages:   []chat.Message{{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: "hi"}}}},
		Tools:      []chat.Tool{{Name: "a"}, {Name: "b"}},
		ToolChoice: chat.ToolChoice{Mode: mode, Name: name},
	}
}

func TestAForcedCallIsAskedForTwice(t *testing.T) {
	refusal := whole(chat.EndTurn, think("hm"), say("no, "), say("thanks"))
	callA := whole(chat.CalledTool, append([]chat.Event{say("well")}, call("a", "{}")...)...)
	callB := whole(chat.CalledTool, call("b", "{}")...)
	for _, test := range []struct {
		name    string
		request chat.Request
		answers [][]chat.Event
		want    []chat.Block
		reason  chat.StopReason
		calls   int
	}{
		{"it calls at once", choosing(chat.ChoiceAny, ""), [][]chat.Event{callA}, blocks(text("well"), use("a", "{}")), chat.CalledTool, 1},
		{"it calls when told again", choosing(chat.ChoiceAny, ""), [][]chat.Event{refusal, callA}, blocks(text("well"), use("a", "{}")), chat.CalledTool, 2},
		{"it never calls", choosing(chat.ChoiceAny, ""), [][]chat.Event{refusal, whole(0, say("never"))}, blocks(text("never")), chat.EndTurn, 2},
		{"it calls another tool", choosing(chat.ChoiceNamed, "a"), [][]chat.Event{callB, callA}, blocks(text("well"), use("a", "{}")), chat.CalledTool, 2},
		{"it insists on another tool", choosing(chat.ChoiceNamed, "a"), [][]chat.Event{callB, callB}, nil, chat.EndTurn, 2},
		{"it was cut", choosing(chat.ChoiceAny, ""), [][]chat.Event{whole(chat.MaxTokens, say("w"))}, blocks(text("w")), chat.MaxTokens, 1},
		{"it may not call", choosing(chat.ChoiceNone, ""), [][]chat.Event{callA}, blocks(text("well")), chat.EndTurn, 1},
		{"the tool is unknown", choosing(chat.ChoiceNamed, "c"), [][]chat.Event{refusal}, blocks(thought("hm"), text("no, thanks")), chat.EndTurn, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{answers: test.answers}
			got := fold(t, f, emulate.Options{}, &test.request)
			if !reflect.DeepEqual(got.Blocks, test.want) || got.Reason != test.reason || len(f.asked) != test.calls {
				t.Errorf("got %q, reason %d, after %d calls", got.Blocks, got.Reason, len(f.asked))
			}
			if want := test.calls * cost.Output; got.Usage.Output != want || f.left {
				t.Errorf("it cost %+v, left %v", got.Usage, f.left)
			}
		})
	}
}

func TestWhatAModelIsToldAboutItsTools(t *testing.T) {
	for _, test := range []struct {
		request chat.Request
		offered []string
		system  string
		again   string
	}{
		{choosing(chat.ChoiceNone, ""), nil, "Be kind.", ""},
		{choosing(chat.ChoiceAny, ""), []string{"a", "b"}, "one of your tools", "call one of your tools now"},
		{choosing(chat.ChoiceNamed, "b"), []string{"b"}, "calling the tool b", "did not call the tool b"},
		{choosing(chat.ChoiceAuto, ""), []string{"a", "b"}, "Be kind.", ""},
	} {
		f, before := &fake{answers: [][]chat.Event{whole(0, say("no"))}}, test.request
		fold(t, f, emulate.Options{}, &test.request)
		var offered []string
		for _, tool := range f.asked[0].Tools {
			offered = append(offered, tool.Name)
		}
		if !reflect.DeepEqual(offered, test.offered) || !strings.Contains(f.asked[0].System, test.system) {
			t.Errorf("offered %v, told %q", offered, f.asked[0].System)
		}
		if !strings.HasPrefix(f.asked[0].System, "Be kind.") || !reflect.DeepEqual(before, test.request) {
			t.Errorf("the client's words did not stay: %q", f.asked[0].System)
		}
		if test.again == "" {
			continue
		}
		turns := f.asked[1].Messages
		if len(turns) != 3 || turns[1].Role != chat.Assistant || !strings.Contains(turns[2].Blocks[0].(chat.Text).Text, test.again) {
			t.Errorf("the second time it was told %+v", turns)
		}
	}
}

func TestAFormatIsRepairedOnce(t *testing.T) {
	object := chat.Format{Kind: chat.FormatJSON}
	schema := func(s string) chat.Format { return chat.Format{Kind: chat.FormatSchema, Schema: []byte(s)} }
	number := schema(`{"type":"object","properties":{"a":{"type":"number"}},"required":["a"]}`)
	for _, test := range []struct {
		name    string
		format  chat.Format
		answers []string
		want    string
		told    string // when asked again
	}{
		{"right at once", number, []string{`{"a":1}`}, `{"a":1}`, ""},
		{"in a fence", number, []string{"```json\n{\"a\":1}\n```\nThere you are."}, `{"a":1}`, ""},
		{"not JSON", object, []string{"sure", `{"a":1}`}, `{"a":1}`, "not one JSON value"},
		{"two values", object, []string{"{}{}", `{}`}, `{}`, "not one JSON value"},
		{"not an object", object, []string{"[1]", `{}`}, `{}`, "not a JSON object"},
		{"not valid", number, []string{`{"a":"x"}`, "```\n{\"a\":2}\n```"}, `{"a":2}`, "at '/a': got string, want number"},
		{"never valid", number, []string{`{"a":"x"}`, `{"b":1}`}, `{"b":1}`, "got string"},
		{"a schema that is no schema", schema(`{"type":7}`), []string{`{"a":"x"}`}, `{"a":"x"}`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := &fake{}
			for _, answer := range test.answers {
				f.answers = append(f.answers, whole(0, think("hm"), say(answer)))
			}
			got := fold(t, f, emulate.Options{}, &chat.Request{Format: test.format})
			if !reflect.DeepEqual(got.Blocks, blocks(thought("hm"), text(test.want))) || len(f.asked) != len(test.answers) {
				t.Errorf("got %q after %d calls", got.Blocks, len(f.asked))
			}
			if !strings.Contains(f.asked[0].System, string(test.format.Schema)) || got.Usage.Input != len(f.asked)*cost.Input {
				t.Errorf("told %q, cost %+v", f.asked[0].System, got.Usage)
			}
			if test.told != "" {
				if turns := f.asked[1].Messages; !strings.Contains(turns[1].Blocks[0].(chat.Text).Text, test.told) {
					t.Errorf("the second time it was told %q", turns)
				}
			}
		})
	}
}

func TestASchemaCannotMakeUsReadFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "schema.json")
	if err := os.WriteFile(path, []byte(`{"type":"string"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	schema := []byte(`{"$ref":"file://` + filepath.ToSlash(path) + `"}`)
	f := &fake{answers: [][]chat.Event{whole(0, say("1"))}}
	fold(t, f, emulate.Options{}, &chat.Request{Format: chat.Format{Kind: chat.FormatSchema, Schema: schema}})
	if len(f.asked) != 1 {
		t.Error("the file's schema was checked")
	}
}

func TestACutAnswerOrACallIsNotRepaired(t *testing.T) {
	for _, events := range [][]chat.Event{
		whole(chat.MaxTokens, say(`{"a":`)),
		whole(chat.CalledTool, append([]chat.Event{say("I look")}, call("ls", `{"a":1}`)...)...),
	} {
		f := &fake{answers: [][]chat.Event{events}}
		want, _ := chat.Collect((&fake{answers: f.answers}).Send(t.Context(), nil, record()))
		got := fold(t, f, emulate.Options{}, &chat.Request{Format: chat.Format{Kind: chat.FormatJSON}})
		if len(f.asked) != 1 || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v after %d calls", got, len(f.asked))
		}
	}
}

func TestAStreamLosesItsFences(t *testing.T) {
	tale := func(name, said, want string) story {
		return story{name: name, request: chat.Request{Stream: true, Format: chat.Format{Kind: chat.FormatJSON}},
			events: whole(0, say(said)), want: blocks(text(want))}
	}
	tell(t, emulate.Options{}, []story{
		tale("a fence", "```json\n{\"a\": 1}\n```\n", `{"a": 1}`),
		tale("words after it", "\n```\n[1,\n2]\n ```\nThere.", "[1,\n2]"),
		tale("on one line", "```{\"a\":1}```", `{"a":1}`),
		tale("a word for a value", "```true```", "true"),
		tale("never closed", "```json\n{}", "{}"),
		tale("ticks in a string", "```json\n{\"a\":\"``` x\"}\n```", "{\"a\":\"``` x\"}"),
		tale("no fence", "{\"a\":\"```\"}\n``` ", "{\"a\":\"```\"}\n``` "),
	})
}

// once answers the first time, and fails from then on.
type once struct{ fake }

func (o *once) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	if len(o.asked) > 0 {
		return chat.Fail(fault.New(fault.Throttled, "Slow down."))
	}
	return o.fake.Send(ctx, request, record)
}

func TestAnAnswerWhoseRepairFailsIsBetterThanNone(t *testing.T) {
	f := &once{fake{answers: [][]chat.Event{whole(chat.EndTurn, say(`{"a":"no number"}`))}}}
	format := chat.Format{Kind: chat.FormatSchema, Schema: json.RawMessage(`{"properties":{"a":{"type":"number"}}}`)}
	reply, err := chat.Collect(emulate.New(f, emulate.Options{}).Send(t.Context(), &chat.Request{Format: format}, record()))
	if err != nil || len(reply.Blocks) != 1 || reply.Blocks[0].(chat.Text).Text != `{"a":"no number"}` {
		t.Errorf("%+v, %v", reply, err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	f.asked = nil
	if _, err := chat.Collect(emulate.New(f, emulate.Options{}).Send(ctx, &chat.Request{Format: format}, record())); err == nil {
		t.Error("a client that left got an answer")
	}
}

func TestANumberBeyondAllMeasureDoesNotStopTheCheck(t *testing.T) {
	for _, schema := range []string{`{"properties":{"a":{"maximum":5}}}`, `{"properties":{"a":{"multipleOf":2}}}`} {
		f := &fake{answers: [][]chat.Event{whole(chat.EndTurn, say(`{"a":1e10000000}`))}}
		format := chat.Format{Kind: chat.FormatSchema, Schema: json.RawMessage(schema)}
		reply, err := chat.Collect(emulate.New(f, emulate.Options{}).Send(t.Context(), &chat.Request{Format: format}, record()))
		if err != nil || reply.Blocks[0].(chat.Text).Text != `{"a":1e10000000}` {
			t.Errorf("%s: %+v, %v", schema, reply, err)
		}
	}
}

// A word of a schema that makes its check dangerous may be written with escapes.
func TestOnlyAHarmlessSchemaIsCheckedHere(t *testing.T) {
	for schema, here := range map[string]bool{
		`{"type":"object","properties":{"a":{"type":"number"}}}`: true, `{"$ref":"#"}`: false, `{"\u0024ref":"#"}`: false,
		`{"properties":{"a":{"pattern":"a{1000}"}}}`: false, `{"properties":{"a":{"p\u0061ttern":"a"}}}`: false,
	} {
		apart := 0
		options := emulate.Options{Apart: func(_ context.Context, kind string, asked []byte) ([]byte, error) {
			apart++
			return emulate.Check(asked), nil
		}}
		f := &fake{answers: [][]chat.Event{whole(chat.EndTurn, say(`{"a":1}`))}}
		if _, err := chat.Collect(emulate.New(f, options).Send(t.Context(), &chat.Request{Format: chat.Format{Kind: chat.FormatSchema, Schema: json.RawMessage(schema)}}, record())); err != nil {
			t.Fatal(err)
		}
		if (apart == 0) != here {
			t.Errorf("%s was checked apart %d times", schema, apart)
		}
	}
}
