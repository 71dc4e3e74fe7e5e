package anthropic

import (
	"iter"
	"strconv"
	"strings"
	"unicode"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/sse"
)

// Frames renders an answer as it comes: message_start, blocks one after the other, message_delta, message_stop. A stream that fails, or
// ends without a stop, ends with an error event and nothing after it: what was open stays open, so that no client runs a call of which
// it has only a part. A frame's data is valid until the next is asked for.
func (r *Rendering) Frames(stream chat.Stream) iter.Seq[sse.Frame] {
	return func(yield func(sse.Frame) bool) {
		out := &writer{Rendering: r, yield: yield, spent: chat.Usage{Input: r.input}}
		for event, err := range stream {
			switch {
			case out.ended:
				continue // ranged to its end all the same: leaving early would cancel the call
			case err != nil:
				out.fail(err)
				return
			case !out.event(event):
				return
			}
		}
		if !out.ended {
			out.fail(chat.ErrUnfinished)
		}
	}
}

// KeepAlive is a frame that says nothing: a ping.
func (r *Rendering) KeepAlive() sse.Frame {
	return sse.Frame{Event: "ping", Data: []byte(`{"type":"ping"}`)}
}

// The types of the blocks of an answer.
const (
	textBlock     = "text"
	thinkingBlock = "thinking"
	toolUseBlock  = "tool_use"
)

// writer renders the events of one stream. Its methods report whether the consumer wants more.
type writer struct {
	*Rendering
	yield     func(sse.Frame) bool
	buf       []byte
	began     bool   // message_start is out
	ended     bool   // message_stop is out
	open      string // the type of the open block; empty if none is
	blocks    int    // blocks begun
	calls     int    // of them calls
	filled    bool   // the open call has input
	signature string // of the open thinking
	spent     chat.Usage
}

func (w *writer) event(e chat.Event) bool {
	if !w.began && !w.begin() {
		return false
	}
	switch e.Kind {
	case chat.TextDelta:
		return w.leave(textBlock) && w.text(e.Text)
	case chat.ThinkingDelta:
		return w.leave(thinkingBlock) && w.think(e)
	case chat.ToolStart:
		return w.close() && w.beginCall(e)
	case chat.ToolInput:
		return w.fillCall(e.Text)
	case chat.ToolEnd:
		return w.close()
	case chat.Spent:
		w.spent = e.Usage
	case chat.Stopped:
		return w.close() && w.stop(e)
	}
	return true
}

func (w *writer) begin() bool {
	w.began = true
	w.buf = sse.AppendString(append(w.buf[:0], `{"type":"message_start","message":{"id":`...), w.id)
	w.buf = sse.AppendString(append(w.buf, `,"type":"message","role":"assistant","model":`...), w.model)
	w.buf = append(w.buf, `,"content":[],"stop_reason":null,"stop_sequence":null,"usage":`...)
	w.buf = appendSpent(w.buf, spent{InputTokens: w.input, OutputTokens: 1})
	w.buf = append(w.buf, "}}"...)
	return w.send("message_start")
}

func (w *writer) text(text string) bool {
	switch {
	case text == "":
		return true
	case w.open == "" && !w.openBlock(textBlock, `"text":""`):
		return false
	default:
		return w.delta(`"text_delta","text":`, text)
	}
}

// think holds the signature back: it is the last thing in a block.
func (w *writer) think(e chat.Event) bool {
	switch {
	case !w.thinks || e.Text+e.Signature == "":
		return true
	case w.open == "" && !w.openBlock(thinkingBlock, `"thinking":"","signature":""`):
		return false
	}
	w.signature += e.Signature
	return e.Text == "" || w.delta(`"thinking_delta","thinking":`, e.Text)
}

func (w *writer) beginCall(e chat.Event) bool {
	w.calls++
	w.filled = false
	members := sse.AppendString([]byte(`"id":`), e.ToolID)
	members = sse.AppendString(append(members, `,"name":`...), e.Name)
	return w.openBlock(toolUseBlock, string(append(members, `,"input":{}`...)))
}

func (w *writer) fillCall(fragment string) bool {
	if !w.filled {
		fragment = strings.TrimLeftFunc(fragment, unicode.IsSpace)
	}
	if fragment == "" || w.open != toolUseBlock {
		return true
	}
	w.filled = true
	return w.delta(`"input_json_delta","partial_json":`, fragment)
}

// leave closes the open block unless it is of the given type.
func (w *writer) leave(except string) bool { return w.open == except || w.close() }

// close ends the open block, if there is one. A call without input gets an empty object.
func (w *writer) close() bool {
	if w.open == "" {
		return true
	}
	switch {
	case w.open == toolUseBlock && !w.filled && !w.fillCall("{}"):
		return false
	case w.signature != "" && !w.delta(`"signature_delta","signature":`, w.signature):
		return false
	}
	w.open, w.signature = "", ""
	w.about("content_block_stop")
	w.buf = append(w.buf, '}')
	return w.send("content_block_stop")
}

func (w *writer) stop(e chat.Event) bool {
	w.ended = true
	w.buf = sse.AppendString(append(w.buf[:0], `{"type":"message_delta","delta":{"stop_reason":`...), stopReason(e.Reason, w.calls))
	w.buf = append(w.buf, `,"stop_sequence":`...)
	if e.Reason == chat.StopSequence {
		w.buf = sse.AppendString(w.buf, e.Text)
	} else {
		w.buf = append(w.buf, "null"...)
	}
	w.buf = appendSpent(append(w.buf, `},"usage":`...), spentOf(w.spent))
	w.buf = append(w.buf, '}')
	if !w.send("message_delta") {
		return false
	}
	w.buf = append(w.buf[:0], `{"type":"message_stop"}`...)
	return w.send("message_stop")
}

func (w *writer) fail(err error) {
	w.buf = appendFailure(w.buf[:0], fault.Of(err))
	w.send("error")
}

// openBlock begins a block with the members it has at first.
func (w *writer) openBlock(kind, members string) bool {
	w.open = kind
	w.blocks++
	w.about("content_block_start")
	w.buf = append(w.buf, `,"content_block":{"type":"`...)
	w.buf = append(w.buf, kind...)
	w.buf = append(w.buf, `",`...)
	w.buf = append(w.buf, members...)
	w.buf = append(w.buf, "}}"...)
	return w.send("content_block_start")
}

// delta adds text to the open block.
func (w *writer) delta(members, text string) bool {
	w.about("content_block_delta")
	w.buf = append(w.buf, `,"delta":{"type":`...)
	w.buf = sse.AppendString(append(w.buf, members...), text)
	w.buf = append(w.buf, "}}"...)
	return w.send("content_block_delta")
}

// about begins an event about the newest block.
func (w *writer) about(event string) {
	w.buf = append(w.buf[:0], `{"type":"`...)
	w.buf = append(w.buf, event...)
	w.buf = append(w.buf, `","index":`...)
	w.buf = strconv.AppendInt(w.buf, int64(w.blocks-1), 10)
}

func (w *writer) send(event string) bool { return w.yield(sse.Frame{Event: event, Data: w.buf}) }

func appendSpent(buf []byte, s spent) []byte {
	for _, member := range [...]struct {
		name  string
		count int
	}{
		{`{"input_tokens":`, s.InputTokens},
		{`,"cache_creation_input_tokens":`, s.CacheCreationInputTokens},
		{`,"cache_read_input_tokens":`, s.CacheReadInputTokens},
		{`,"output_tokens":`, s.OutputTokens},
	} {
		buf = strconv.AppendInt(append(buf, member.name...), int64(member.count), 10)
	}
	return append(buf, '}')
}
