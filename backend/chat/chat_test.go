package chat_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"image"
	"image/png"
	"reflect"
	"strings"
	"testing"

	"amq2api/backend/chat"
)

func stream(events ...chat.Event) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		for _, e := range events {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func TestCollectFoldsDeltasIntoBlocks(t *testing.T) {
	reply, err := chat.Collect(stream(
		chat.Event{Kind: chat.ThinkingDelta, Text: "let me "}, chat.Event{Kind: chat.ThinkingDelta, Text: "see", Signature: "sig"},
		chat.Event{Kind: chat.TextDelta, Text: "I will "}, chat.Event{Kind: chat.TextDelta, Text: "look."},
		chat.Event{Kind: chat.ToolStart, ToolID: "t1", Name: "ls"},
		chat.Event{Kind: chat.ToolInput, ToolID: "t1", Text: `{"path":`}, chat.Event{Kind: chat.ToolInput, ToolID: "t1", Text: `"."}`},
		chat.Event{Kind: chat.ToolEnd, ToolID: "t1"},
		chat.Event{Kind: chat.ToolStart, ToolID: "t2", Name: "pwd"}, chat.Event{Kind: chat.ToolEnd, ToolID: "t2"},
		chat.Event{Kind: chat.Spent, Usage: chat.Usage{Input: 3, Output: 4}},
		chat.Event{Kind: chat.Stopped, Reason: chat.CalledTool},
	))
	if err != nil {
		t.Fatal(err)
	}
	want := &chat.Reply{
		Blocks: []chat.Block{
			chat.Thinking{Text: "let me see", Signature: "sig"},
			chat.Text{Text: "I will look."},
			chat.ToolUse{ID: "t1", Name: "ls", Input: []byte(`{"path":"."}`)},
			chat.ToolUse{ID: "t2", Name: "pwd", Input: []byte(`{}`)},
		},
		Reason: chat.CalledTool,
		Usage:  chat.Usage{Input: 3, Output: 4},
	}
	if !reflect.DeepEqual(reply, want) {
		t.Errorf("got  %+v\nwant %+v", reply, want)
	}
}

func TestCollectDoesNotTakeACutStreamForAnAnswer(t *testing.T) {
	if _, err := chat.Collect(stream(chat.Event{Kind: chat.TextDelta, Text: "half"})); !errors.Is(err, chat.ErrUnfinished) {
		t.Errorf("got %v", err)
	}
	broken := errors.New("broken")
	if _, err := chat.Collect(chat.Fail(broken)); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestEstimateGrowsWithEverythingTheModelSees(t *testing.T) {
	user := func(blocks ...chat.Block) *chat.Request {
		return &chat.Request{Messages: []chat.Message{{Role: chat.User, Blocks: blocks}}}
	}
	base := chat.Estimate(user(chat.Text{Text: "hi"}))
	long := strings.Repeat("word ", 600)
	for name, request := range map[string]*chat.Request{
		"text":        user(chat.Text{Text: long}),
		"system":      {System: long, Messages: user(chat.Text{Text: "hi"}).Messages},
		"tools":       {Tools: []chat.Tool{{Name: "ls", Description: long}}, Messages: user(chat.Text{Text: "hi"}).Messages},
		"tool result": user(chat.ToolResult{Content: []chat.Block{chat.Text{Text: long}}}),
		"tool use":    user(chat.ToolUse{Input: []byte(`{"text":"` + long + `"}`)}),
		"document":    user(chat.Document{Text: long}),
	} {
		if got := chat.Estimate(request); got < base+400 {
			t.Errorf("%s: %d tokens, without it %d", name, got, base)
		}
	}
}

func TestAnImageCostsItsArea(t *testing.T) {
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, image.NewGray(image.Rect(0, 0, 750, 200))); err != nil {
		t.Fatal(err)
	}
	estimate := func(data string) int {
		return chat.Estimate(&chat.Request{Messages: []chat.Message{{Blocks: []chat.Block{chat.Image{Data: data}}}}})
	}
	empty := chat.Estimate(&chat.Request{Messages: []chat.Message{{}}})
	if got := estimate(base64.StdEncoding.EncodeToString(encoded.Bytes())) - empty; got != 200 {
		t.Errorf("a picture of 750 x 200 costs %d tokens, want 200", got)
	}
	if got := estimate("not a picture") - empty; got != 1600 {
		t.Errorf("a picture nobody can read costs %d tokens, want the most there is", got)
	}
}
