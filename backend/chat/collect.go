package chat

import (
	"encoding/json"
	"errors"
	"strings"
)

// ErrUnfinished is what Collect reports when a stream ended without saying so.
var ErrUnfinished = errors.New("the stream ended without a stop")

// Collect ranges a stream into a whole reply: the non-streaming answer is the same path, folded.
func Collect(stream Stream) (*Reply, error) {
	var fold folding
	for event, err := range stream {
		if err != nil {
			return nil, err
		}
		fold.add(event)
	}
	if !fold.stopped {
		return nil, ErrUnfinished
	}
	return &fold.reply, nil
}

// folding gathers runs of deltas into blocks.
type folding struct {
	reply     Reply
	text      strings.Builder
	signature string
	open      EventKind
	tool      ToolUse
	stopped   bool
}

func (f *folding) add(e Event) {
	switch e.Kind {
	case TextDelta, ThinkingDelta:
		if f.open != e.Kind {
			f.close()
		}
		f.open = e.Kind
		f.text.WriteString(e.Text)
		f.signature += e.Signature
	case ToolStart:
		f.close()
		f.open = ToolStart
		f.tool = ToolUse{ID: e.ToolID, Name: e.Name, Namespace: e.Namespace}
	case ToolInput:
		f.text.WriteString(e.Text)
	case ToolEnd:
		f.close()
	case Spent:
		f.reply.Usage = e.Usage
	case Stopped:
		f.close()
		f.reply.Reason, f.reply.StopSequence, f.stopped = e.Reason, e.Text, true
	}
}

// close turns what is open into a block. An empty run leaves no block, except that a tool call always does.
func (f *folding) close() {
	text := f.text.String()
	switch {
	case f.open == ToolStart:
		f.tool.Input = json.RawMessage(text)
		if strings.TrimSpace(text) == "" {
			f.tool.Input = json.RawMessage("{}")
		}
		f.reply.Blocks = append(f.reply.Blocks, f.tool)
	case f.open == ThinkingDelta && text+f.signature != "":
		f.reply.Blocks = append(f.reply.Blocks, Thinking{Text: text, Signature: f.signature})
	case f.open == TextDelta && text != "":
		f.reply.Blocks = append(f.reply.Blocks, Text{text})
	}
	f.text.Reset()
	f.signature, f.open = "", TextDelta
}
