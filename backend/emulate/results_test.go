package emulate_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"amq2api/backend/chat"
	"amq2api/backend/emulate"
)

// turns is a conversation in which the model made one call after the other.
func turns(uses ...chat.Block) []chat.Message {
	said := []chat.Message{{Role: chat.User, Blocks: []chat.Block{text("go")}}}
	for i, block := range uses {
		use := block.(chat.ToolUse)
		use.ID = fmt.Sprintf("id-%d", i)
		said = append(said,
			chat.Message{Role: chat.Assistant, Blocks: []chat.Block{use}},
			chat.Message{Role: chat.User, Blocks: []chat.Block{chat.ToolResult{ID: use.ID, Content: []chat.Block{text("no")}}}})
	}
	return said
}

// noted is what was added to each result of a conversation.
func noted(messages []chat.Message) []string {
	var notes []string
	for _, message := range messages {
		for _, block := range message.Blocks {
			result, ok := block.(chat.ToolResult)
			switch {
			case !ok:
			case len(result.Content) == 1:
				notes = append(notes, "")
			default:
				notes = append(notes, result.Content[1].(chat.Text).Text)
			}
		}
	}
	return notes
}

func TestTheResultOfACallThatWasCutOffSaysSo(t *testing.T) {
	f := &fake{failure: errors.New("cut"), answers: [][]chat.Event{join(call("ls", "{}"), []chat.Event{{Kind: chat.ToolStart, ToolID: "id-1", Name: "write"}})}}
	sender := emulate.New(f, emulate.Options{})
	request := chat.Request{Messages: turns(use("ls", "{}"), use("write", "{}"))}
	before := turns(use("ls", "{}"), use("write", "{}"))
	if _, err := chat.Collect(sender.Send(context.Background(), &request, record())); err == nil {
		t.Fatal("the cut was not passed on")
	}
	f.failure, f.answers = nil, [][]chat.Event{whole(0, say("ok"))}
	for range 2 {
		if _, err := chat.Collect(sender.Send(context.Background(), &request, record())); err != nil {
			t.Fatal(err)
		}
		notes := noted(f.asked[len(f.asked)-1].Messages)
		if notes[0] != "" || !strings.Contains(notes[1], "nothing was executed") {
			t.Errorf("the results got the notes %q", notes)
		}
	}
	if !reflect.DeepEqual(request.Messages, before) {
		t.Error("the request was changed")
	}
}

func TestAModelThatGoesInCirclesIsToldSoOnlyIfThatIsWanted(t *testing.T) {
	again := use("ls", `{"path":"."}`)
	asked := chat.Message{Role: chat.User, Blocks: []chat.Block{text("again")}}
	for _, test := range []struct {
		name     string
		messages []chat.Message
		told     bool
	}{
		{"twice", turns(again, again), false},
		{"three times", turns(again, again, again), true},
		{"four times", turns(use("cd", "{}"), again, again, again, again), true},
		{"another input between", turns(again, use("ls", "{}"), again, again), false},
		{"another call at the end", turns(again, again, again, use("cd", "{}")), false},
		{"the user asked for it", append(append(turns(again, again), asked), turns(again)[1:]...), false},
		{"nothing", nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, wanted := range []bool{true, false} {
				f := &fake{answers: [][]chat.Event{whole(0, say("ok"))}}
				fold(t, f, emulate.Options{BreakRepeats: func() bool { return wanted }}, &chat.Request{Messages: test.messages})
				notes := noted(f.asked[0].Messages)
				told := len(notes) > 0 && strings.Contains(notes[len(notes)-1], "Do something else")
				if told != (test.told && wanted) {
					t.Errorf("wanted %v: the notes are %q", wanted, notes)
				}
				for _, note := range notes[:max(0, len(notes)-1)] {
					if note != "" {
						t.Errorf("an earlier result got the note %q", note)
					}
				}
			}
		})
	}
}
