package emulate_test

import (
	"bytes"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"amq2api/backend/chat"
	"amq2api/backend/emulate"
)

var number = []byte(`{"type":"object","properties":{"n":{"type":"number"}},"required":["n"]}`)

func strictly() chat.Request {
	return chat.Request{Tools: []chat.Tool{
		{Name: "a", Schema: number, Strict: true}, {Name: "loose", Schema: number}, {Name: "odd", Schema: []byte(`{"type":7}`), Strict: true},
	}}
}

func TestAStrictToolsCallFitsItsSchema(t *testing.T) {
	calls := func(events ...[]chat.Event) []chat.Event {
		return whole(chat.CalledTool, append([]chat.Event{say("well")}, join(events...)...)...)
	}
	for _, test := range []struct {
		name    string
		answers [][]chat.Event
		want    []chat.Block
	}{
		{"it fits", [][]chat.Event{calls(call("a", `{"n":1}`))}, blocks(text("well"), use("a", `{"n":1}`))},
		{"it fits when asked again", [][]chat.Event{calls(call("a", `{"n":"x"}`)), calls(call("a", `{"n":1}`))}, blocks(text("well"), use("a", `{"n":1}`))},
		{"it never fits", [][]chat.Event{calls(call("a", `{"n":"x"}`)), calls(call("a", `{}`))}, blocks(text("well"), use("a", `{}`))},
		{"it is not made again", [][]chat.Event{calls(call("a", `{"n":"x"}`)), whole(0, say("sorry"))}, blocks(text("well"), use("a", `{"n":"x"}`))},
		{"it is no JSON", [][]chat.Event{calls(call("a", `{"n":`)), calls(call("a", `{"n":1}`))}, blocks(text("well"), use("a", `{"n":1}`))},
		{"it is the second call", [][]chat.Event{calls(call("a", `{"n":1}`), call("a", `{}`))}, blocks(text("well"), use("a", `{"n":1}`), use("a", `{}`))},
		{"another tool's call", [][]chat.Event{calls(call("loose", `{}`))}, blocks(text("well"), use("loose", `{}`))},
		{"a schema that is no schema", [][]chat.Event{calls(call("odd", `{}`))}, blocks(text("well"), use("odd", `{}`))},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, request := &fake{answers: test.answers}, strictly()
			got := fold(t, f, emulate.Options{}, &request)
			if !reflect.DeepEqual(got.Blocks, test.want) || got.Reason != chat.CalledTool || len(f.asked) != len(test.answers) {
				t.Errorf("got %q, reason %d, after %d calls", got.Blocks, got.Reason, len(f.asked))
			}
			if !reflect.DeepEqual(request, strictly()) {
				t.Error("the request was changed")
			}
		})
	}
}

func TestAModelIsToldWhyItsCallDoesNotFitAndTheLogOnlyWhere(t *testing.T) {
	var log bytes.Buffer
	f, request := &fake{answers: [][]chat.Event{whole(chat.CalledTool, call("a", `{"n":"private"}`)...)}}, strictly()
	reply := fold(t, f, emulate.Options{Log: slog.New(slog.NewTextHandler(&log, nil))}, &request)
	turns := f.asked[1].Messages
	told := turns[len(turns)-1].Blocks[0].(chat.Text).Text
	if !strings.Contains(told, "the tool a cannot be used") || !strings.Contains(told, "got string, want number") {
		t.Errorf("the model was told %q", told)
	}
	if got := log.String(); !strings.Contains(got, "/properties/n/type") || strings.Contains(got, "private") {
		t.Errorf("logged %q", got)
	}
	if reply.Usage.Output <= cost.Output || reply.Usage.Source != chat.Estimated {
		t.Errorf("two answers cost %+v", reply.Usage)
	}
}
