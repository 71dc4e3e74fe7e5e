package openai

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/sse"
)

// Frames renders an answer as it comes: chunks, then [DONE]. A stream that fails, or ends without a stop, ends with an error chunk and
// nothing after it; that the finish reason and [DONE] are missing is how a client knows that the answer is not whole. A frame's data is
// valid until the next is asked for.
func (r *Rendering) Frames(stream chat.Stream) iter.Seq[sse.Frame] {
	return func(yield func(sse.Frame) bool) {
		out := r.writer(yield)
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

// KeepAlive is a frame that says nothing: a comment.
func (r *Rendering) KeepAlive() sse.Frame { return sse.Frame{Comment: "keep-alive"} }

// writer renders the events of one stream. Its methods report whether the consumer wants more.
type writer struct {
	yield  func(sse.Frame) bool
	legacy bool
	usage  bool   // the client wants a chunk with it
	head   string // every chunk up to its choices
	buf    []byte
	began  bool // the chunk with the role is out
	ended  bool // [DONE] is out
	calls  int  // calls begun
	open   bool // the last call has not ended
	filled bool // the open call has arguments
	spent  chat.Usage
}

func (r *Rendering) writer(yield func(sse.Frame) bool) *writer {
	head := sse.AppendString([]byte(`{"id":`), r.id)
	head = append(head, `,"object":"chat.completion.chunk","created":`...)
	head = strconv.AppendInt(head, r.created, 10)
	head = append(head, `,"model":`...)
	head = sse.AppendString(head, r.model)
	if r.includeUsage {
		head = append(head, `,"usage":null`...)
	}
	return &writer{yield: yield, legacy: r.legacy, usage: r.includeUsage, head: string(head)}
}

func (w *writer) event(e chat.Event) bool {
	if !w.began {
		w.began = true
		w.delta(`"role":"assistant","content":""`)
		if !w.send() {
			return false
		}
	}
	if w.open && e.Kind != chat.ToolInput && !w.endCall() {
		return false
	}
	switch e.Kind {
	case chat.TextDelta:
		return w.text(`"content":`, e.Text)
	case chat.ThinkingDelta:
		return w.text(`"reasoning_content":`, e.Text)
	case chat.ToolStart:
		return w.beginCall(e)
	case chat.ToolInput:
		return w.fillCall(e.Text)
	case chat.Spent:
		w.spent = e.Usage
	case chat.Stopped:
		return w.stop(e.Reason)
	}
	return true
}

func (w *writer) text(member, text string) bool {
	if text == "" {
		return true
	}
	w.delta(member)
	w.buf = sse.AppendString(w.buf, text)
	return w.send()
}

func (w *writer) beginCall(e chat.Event) bool {
	w.calls, w.open, w.filled = w.calls+1, true, false
	if w.hidden() {
		return true
	}
	if w.legacy {
		w.delta(`"function_call":{"name":`)
		w.buf = sse.AppendString(w.buf, e.Name)
		w.buf = append(w.buf, `,"arguments":""}`...)
		return w.send()
	}
	w.deltaCall(`,"id":`)
	w.buf = sse.AppendString(w.buf, e.ToolID)
	w.buf = append(w.buf, `,"type":"function","function":{"name":`...)
	w.buf = sse.AppendString(w.buf, e.Name)
	w.buf = append(w.buf, `,"arguments":""}}]`...)
	return w.send()
}

// hidden tells whether the open call has no place in the legacy form.
func (w *writer) hidden() bool { return w.legacy && w.calls > 1 }

func (w *writer) fillCall(fragment string) bool {
	if !w.filled {
		fragment = strings.TrimLeftFunc(fragment, unicode.IsSpace)
	}
	if fragment == "" || !w.open || w.hidden() {
		return true
	}
	w.filled = true
	if w.legacy {
		w.delta(`"function_call":{"arguments":`)
		w.buf = sse.AppendString(w.buf, fragment)
		w.buf = append(w.buf, '}')
		return w.send()
	}
	w.deltaCall(`,"function":{"arguments":`)
	w.buf = sse.AppendString(w.buf, fragment)
	w.buf = append(w.buf, `}}]`...)
	return w.send()
}

// endCall gives a call without arguments an empty object: some clients refuse an empty text.
func (w *writer) endCall() bool {
	if !w.filled && !w.fillCall("{}") {
		return false
	}
	w.open = false
	return true
}

func (w *writer) stop(reason chat.StopReason) bool {
	w.ended = true
	word := finishReason(reason)
	switch {
	case w.calls > 0 && w.legacy:
		word = finishedByFunction
	case w.calls > 0:
		word = finishedByTools
	}
	w.delta("")
	return w.finish(`"`+word+`"`) && w.cost() && w.yield(sse.Frame{Data: []byte("[DONE]")})
}

// cost is the chunk without choices that carries the usage to a client that asked for it.
func (w *writer) cost() bool {
	if !w.usage {
		return true
	}
	cost := spentOf(w.spent)
	w.buf = append(w.buf[:0], strings.TrimSuffix(w.head, "null")...)
	w.buf = fmt.Appendf(w.buf, `{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,`,
		cost.PromptTokens, cost.CompletionTokens, cost.TotalTokens)
	w.buf = fmt.Appendf(w.buf, `"prompt_tokens_details":{"cached_tokens":%d},`, cost.PromptTokensDetails.CachedTokens)
	w.buf = fmt.Appendf(w.buf, `"completion_tokens_details":{"reasoning_tokens":%d}},"choices":[]}`,
		cost.CompletionTokensDetails.ReasoningTokens)
	return w.yield(sse.Frame{Data: w.buf})
}

func (w *writer) fail(err error) {
	w.buf = failureOf(fault.Of(err)).append(w.buf[:0])
	w.yield(sse.Frame{Data: w.buf})
}

// delta begins a chunk, up to the members of its delta.
func (w *writer) delta(members string) {
	w.buf = append(w.buf[:0], w.head...)
	w.buf = append(w.buf, `,"choices":[{"index":0,"delta":{`...)
	w.buf = append(w.buf, members...)
}

// deltaCall begins a chunk about the open call.
func (w *writer) deltaCall(members string) {
	w.delta(`"tool_calls":[{"index":`)
	w.buf = strconv.AppendInt(w.buf, int64(w.calls-1), 10)
	w.buf = append(w.buf, members...)
}

// send ends a chunk that delta began, one that is not the last.
func (w *writer) send() bool { return w.finish("null") }

// finish ends a chunk that delta began.
func (w *writer) finish(reason string) bool {
	w.buf = append(w.buf, `},"logprobs":null,"finish_reason":`...)
	w.buf = append(w.buf, reason...)
	w.buf = append(w.buf, `}]}`...)
	return w.yield(sse.Frame{Data: w.buf})
}
