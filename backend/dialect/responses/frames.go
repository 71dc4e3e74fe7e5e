package responses

import (
	"iter"
	"strings"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/sse"
)

// Frames renders an answer as it comes. A stream that fails, ends without a stop, or goes on inside a call, ends with response.failed,
// and what was open is never done. A frame's data is valid until the next is asked for.
func (r *Rendering) Frames(stream chat.Stream) iter.Seq[sse.Frame] {
	return func(yield func(sse.Frame) bool) {
		out := &writer{yield: yield, Rendering: r, items: []outputItem{}}
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

// KeepAlive says response.in_progress once more, with its number of the first time: parsers skip comments, so that a comment would not
// reset the clock of a client that waits for events only so long.
func (r *Rendering) KeepAlive() sse.Frame {
	var kept sse.Frame
	out := &writer{Rendering: r, number: 1, yield: func(f sse.Frame) bool {
		kept = f
		return true
	}}
	out.snapshot(inProgress, encode(r.begun()))
	return kept
}

// writer renders the events of one stream. Its methods report whether the consumer wants more.
type writer struct {
	*Rendering
	yield  func(sse.Frame) bool
	buf    []byte
	name   string // of the event in buf
	number int    // of the next event
	began  bool   // response.created is out
	ended  bool   // the last event is out
	items  []outputItem
	open   opening
	itemID string          // the open item's
	text   strings.Builder // what the open item holds
	call   chat.ToolUse    // the open call, without input
	custom bool            // the open call is one of a custom tool
	spent  chat.Usage
}

// opening is what kind of item is open.
type opening uint8

const (
	nothing opening = iota
	openMessage
	openThought
	openCall
)

func (w *writer) event(e chat.Event) bool {
	if !w.begin() {
		return false
	}
	if w.open == openCall && e.Kind != chat.ToolInput && e.Kind != chat.ToolEnd && e.Kind != chat.Spent {
		w.fail(fault.New(fault.Unavailable, "The answer was cut off inside a tool call. Try again."))
		return false
	}
	switch e.Kind {
	case chat.TextDelta:
		return w.speak(e.Text)
	case chat.ThinkingDelta:
		return w.think(e.Text)
	case chat.ToolStart:
		return w.close(completed) && w.beginCall(e)
	case chat.ToolInput:
		return w.fillCall(e.Text)
	case chat.ToolEnd:
		return w.endCall()
	case chat.Spent:
		w.spent = e.Usage
	case chat.Stopped:
		return w.stop(e.Reason)
	}
	return true
}

func (w *writer) begin() bool {
	if w.began {
		return true
	}
	w.began = true
	begun := encode(w.begun())
	return w.snapshot("created", begun) && w.snapshot(inProgress, begun)
}

func (w *writer) speak(text string) bool {
	if text == "" {
		return true
	}
	if w.open != openMessage && !(w.close(completed) && w.beginMessage()) {
		return false
	}
	w.text.WriteString(text)
	w.part("response.output_text.delta", contentIndex)
	w.member("delta", text)
	w.buf = append(w.buf, noLogprobs...)
	return w.send()
}

func (w *writer) think(text string) bool {
	if text == "" {
		return true
	}
	if w.open != openThought && !(w.close(completed) && w.beginThought()) {
		return false
	}
	w.text.WriteString(text)
	w.part("response.reasoning_summary_text.delta", summaryIndex)
	w.member("delta", text)
	return w.send()
}

func (w *writer) beginMessage() bool {
	w.openItem(openMessage, itemID(messagePrefix, w.id, len(w.items)))
	return w.itemEvent("response.output_item.added", newMessage(w.itemID, inProgress)) &&
		w.partEvent("response.content_part.added", contentIndex, textOf(""))
}

func (w *writer) beginThought() bool {
	w.openItem(openThought, itemID(thoughtPrefix, w.id, len(w.items)))
	return w.itemEvent("response.output_item.added", newThought(w.itemID)) &&
		w.partEvent("response.reasoning_summary_part.added", summaryIndex, summaryOf(""))
}

func (w *writer) openItem(kind opening, id string) {
	w.open, w.itemID = kind, id
	w.text.Reset()
}

// close ends the open message or thought, if there is one.
func (w *writer) close(status string) bool {
	text := w.text.String()
	switch w.open {
	case openMessage:
		w.part("response.output_text.done", contentIndex)
		w.member("text", text)
		w.buf = append(w.buf, noLogprobs...)
		return w.send() && w.partEvent("response.content_part.done", contentIndex, textOf(text)) &&
			w.done(newMessage(w.itemID, status, textOf(text)))
	case openThought:
		w.part("response.reasoning_summary_text.done", summaryIndex)
		w.member("text", text)
		return w.send() && w.partEvent("response.reasoning_summary_part.done", summaryIndex, summaryOf(text)) &&
			w.done(newThought(w.itemID, summaryOf(text)))
	default:
		return true
	}
}

func (w *writer) done(item outputItem) bool {
	more := w.itemEvent("response.output_item.done", item)
	w.items = append(w.items, item)
	w.open = nothing
	return more
}

// stop ends a good stream. The response is stored before the client hears that it is complete.
func (w *writer) stop(reason chat.StopReason) bool {
	status, _ := ending(reason)
	if !w.close(status) {
		return false
	}
	w.ended = true
	whole := w.finished(w.items, reason, w.spent)
	encoded := encode(whole)
	if w.store != nil {
		w.keep(whole, encoded)
	}
	return w.snapshot(status, encoded)
}

func (w *writer) fail(err error) {
	if !w.begin() {
		return
	}
	w.ended = true
	broken := w.begun()
	broken.Status, broken.Output, broken.Error = failed, w.items, causeOf(fault.Of(err))
	broken.Store = false
	w.snapshot(failed, encode(broken))
}
