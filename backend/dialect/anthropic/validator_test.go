package anthropic

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// This file knows the stream's rules a second time, written from the clients' side, and shares nothing with the renderer.

// wireEvent is the data of any event, with every member that any of them may have.
type wireEvent struct {
	Type    string       `json:"type"`
	Message *wireMessage `json:"message"`
	Index   *int         `json:"index"`
	Block   *wireBlock   `json:"content_block"`
	Delta   *wireDelta   `json:"delta"`
	Usage   *wireUsage   `json:"usage"`
	Error   *wireError   `json:"error"`
}

type wireMessage struct {
	ID           string       `json:"id"`
	Type         string       `json:"type"`
	Role         string       `json:"role"`
	Model        string       `json:"model"`
	Content      *[]wireBlock `json:"content"`
	StopReason   *string      `json:"stop_reason"`
	StopSequence *string      `json:"stop_sequence"`
	Usage        *wireUsage   `json:"usage"`
}

type wireBlock struct {
	Type      string           `json:"type"`
	Text      *string          `json:"text,omitempty"`
	Thinking  *string          `json:"thinking,omitempty"`
	Signature *string          `json:"signature,omitempty"`
	ID        *string          `json:"id,omitempty"`
	Name      *string          `json:"name,omitempty"`
	Input     *json.RawMessage `json:"input,omitempty"`
}

type wireDelta struct {
	Type         string  `json:"type"`
	Text         *string `json:"text"`
	Thinking     *string `json:"thinking"`
	Signature    *string `json:"signature"`
	PartialJSON  *string `json:"partial_json"`
	StopReason   string  `json:"stop_reason"`
	StopSequence *string `json:"stop_sequence"`
}

type wireUsage struct {
	Input      *int `json:"input_tokens"`
	CacheWrite *int `json:"cache_creation_input_tokens"`
	CacheRead  *int `json:"cache_read_input_tokens"`
	Output     *int `json:"output_tokens"`
}

func (u *wireUsage) complete() bool {
	return u != nil && u.Input != nil && u.CacheWrite != nil && u.CacheRead != nil && u.Output != nil
}

type wireError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// heard is what a client has put together from a stream: a message, or a failure.
type heard struct {
	wireMessage
	Failure *wireError

	began   *wireUsage // of message_start
	open    *wireBlock
	partial strings.Builder // the open block's text, thinking or input
	blocks  int             // begun
	stopped bool            // message_delta came
	done    bool
}

// listen reads a stream as strictly as the strictest client, and says what is wrong with it.
func listen(wire []byte) (*heard, error) {
	h := &heard{}
	rest := string(wire)
	for rest != "" {
		frame, after, ok := strings.Cut(rest, "\n\n")
		rest = after
		lines := strings.Split(frame, "\n")
		switch {
		case !ok:
			return h, errors.New("the last frame is not ended")
		case len(lines) != 2 || strings.ContainsAny(frame, "\r\u0085\u2028\u2029"):
			return h, fmt.Errorf("not two lines: %q", frame)
		case h.done || h.Failure != nil:
			return h, fmt.Errorf("after the end: %s", frame)
		}
		name, hasName := strings.CutPrefix(lines[0], "event: ")
		payload, hasData := strings.CutPrefix(lines[1], "data: ")
		if !hasName || !hasData {
			return h, fmt.Errorf("not an event with a name: %q", frame)
		}
		if err := h.hear(name, payload); err != nil {
			return h, fmt.Errorf("%w in %s", err, frame)
		}
	}
	if h.done == (h.Failure != nil) {
		return h, errors.New("not exactly one end")
	}
	return h, nil
}

func (h *heard) hear(name, payload string) error {
	decoder := json.NewDecoder(strings.NewReader(payload))
	decoder.DisallowUnknownFields()
	var e wireEvent
	if err := decoder.Decode(&e); err != nil {
		return err
	}
	if e.Type != name {
		return errors.New("the type is not the event's name")
	}
	if h.began == nil && !slices.Contains([]string{"message_start", "ping", "error"}, name) {
		return errors.New("before message_start")
	}
	if isBlocks := strings.HasPrefix(name, "content_block_"); isBlocks && (e.Index == nil || h.stopped) {
		return errors.New("a block without index, or after message_delta")
	}
	switch name {
	case "ping":
		return nil
	case "error":
		h.Failure = e.Error
		return errorIf(e.Error == nil || e.Error.Type == "", "an error without type")
	case "message_start":
		return h.start(e.Message)
	case "content_block_start":
		return h.startBlock(&e)
	case "content_block_delta":
		return h.delta(&e)
	case "content_block_stop":
		return h.stopBlock(*e.Index)
	case "message_delta":
		return h.stop(&e)
	case "message_stop":
		h.done = true
		return errorIf(!h.stopped, "message_stop without message_delta")
	default:
		return errors.New("no client knows this event")
	}
}

func (h *heard) start(m *wireMessage) error {
	switch {
	case h.began != nil || m == nil:
		return errors.New("not one message_start")
	case m.Type != "message" || m.Role != "assistant" || m.Content == nil || len(*m.Content) > 0 || m.StopReason != nil || m.StopSequence != nil:
		return errors.New("a crooked message")
	case !m.Usage.complete() || *m.Usage.Output != 1:
		return errors.New("usage must be complete, with one token out")
	}
	h.wireMessage, h.began = *m, m.Usage
	return nil
}

func (h *heard) startBlock(e *wireEvent) error {
	b := e.Block
	if h.open != nil || *e.Index != h.blocks || b == nil {
		return errors.New("blocks come one after the other")
	}
	h.open = b
	h.blocks++
	h.partial.Reset()
	switch b.Type {
	case "text":
		return errorIf(b.Text == nil || *b.Text != "", "text must begin empty")
	case "thinking":
		return errorIf(b.Thinking == nil || b.Signature == nil || *b.Thinking+*b.Signature != "", "thinking must begin empty")
	case "tool_use":
		return errorIf(b.ID == nil || b.Name == nil || b.Input == nil || string(*b.Input) != "{}", "a call begins with id, name and an empty input")
	default:
		return errors.New("no client knows this block")
	}
}

func (h *heard) delta(e *wireEvent) error {
	if h.open == nil || *e.Index != h.blocks-1 || e.Delta == nil {
		return errors.New("a delta of a block that is not open")
	}
	kinds := map[string]*string{"text_delta": e.Delta.Text, "thinking_delta": e.Delta.Thinking, "input_json_delta": e.Delta.PartialJSON,
		"signature_delta": e.Delta.Signature}
	text := kinds[e.Delta.Type]
	block := map[string]string{"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "tool_use", "signature_delta": "thinking"}
	switch {
	case text == nil || *text == "":
		return errors.New("a delta without text")
	case block[e.Delta.Type] != h.open.Type:
		return errors.New("a delta of another type")
	case h.open.Signature != nil && *h.open.Signature != "":
		return errors.New("the signature comes once, and last")
	case e.Delta.Type == "signature_delta":
		h.open.Signature = text
	default:
		h.partial.WriteString(*text)
	}
	return nil
}

func (h *heard) stopBlock(index int) error {
	if h.open == nil || index != h.blocks-1 {
		return errors.New("a stop of a block that is not open")
	}
	text := h.partial.String()
	switch h.open.Type {
	case "text":
		h.open.Text = &text
	case "thinking":
		h.open.Thinking = &text
	case "tool_use":
		input := json.RawMessage(text)
		h.open.Input = &input
	}
	*h.Content = append(*h.Content, *h.open)
	h.open = nil
	return errorIf(text == "" && h.wireMessage.last().Type != "thinking", "a block without anything in it")
}

func (m *wireMessage) last() wireBlock { return (*m.Content)[len(*m.Content)-1] }

func (h *heard) stop(e *wireEvent) error {
	reasons := []string{"end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "model_context_window_exceeded"}
	switch {
	case h.stopped || h.open != nil || e.Delta == nil || !e.Usage.complete():
		return errors.New("a crooked message_delta")
	case !slices.Contains(reasons, e.Delta.StopReason):
		return errors.New("no client knows this reason")
	case (e.Delta.StopReason == "stop_sequence") != (e.Delta.StopSequence != nil):
		return errors.New("the stop sequence belongs to its reason")
	}
	calls := slices.ContainsFunc(*h.Content, func(b wireBlock) bool { return b.Type == "tool_use" })
	h.stopped, h.StopReason, h.StopSequence, h.Usage = true, &e.Delta.StopReason, e.Delta.StopSequence, e.Usage
	return errorIf(e.Delta.StopReason == "tool_use" && !calls, "no tool was called")
}

func errorIf(wrong bool, text string) error {
	if wrong {
		return errors.New(text)
	}
	return nil
}
