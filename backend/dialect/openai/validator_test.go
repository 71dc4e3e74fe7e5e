package openai

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// This file knows the stream's rules a second time, written from the clients' side, and shares nothing with the renderer.

type wireChunk struct {
	ID      string           `json:"id"`
	Object  string           `json:"object"`
	Created *int64           `json:"created"`
	Model   string           `json:"model"`
	Choices *[]wireChoice    `json:"choices"`
	Usage   *json.RawMessage `json:"usage"`
	Error   *wireError       `json:"error"`
}

type wireChoice struct {
	Index        *int             `json:"index"`
	Delta        *wireDelta       `json:"delta"`
	Logprobs     *json.RawMessage `json:"logprobs"`
	FinishReason *string          `json:"finish_reason"`
}

type wireDelta struct {
	Role      *string    `json:"role"`
	Content   *string    `json:"content"`
	Reasoning *string    `json:"reasoning_content"`
	Calls     []wireCall `json:"tool_calls"`
	Legacy    *wireFunc  `json:"function_call"`
}

type wireCall struct {
	Index    *int      `json:"index"`
	ID       *string   `json:"id"`
	Type     *string   `json:"type"`
	Function *wireFunc `json:"function"`
}

type wireFunc struct {
	Name      *string `json:"name"`
	Arguments *string `json:"arguments"`
}

type wireError struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    string  `json:"code"`
}

// heard is what a client has put together from a stream.
type heard struct {
	Content, Reasoning string
	Calls              []heardCall
	Legacy             *heardCall
	Finish             string
	Usage              string
	Failure            *wireError

	first      *wireChunk
	done       bool
	wantsUsage bool
}

type heardCall struct{ ID, Name, Arguments string }

// listen reads a stream as strictly as the strictest client, and says what is wrong with it.
func listen(wire []byte, wantsUsage bool) (*heard, error) {
	h := &heard{wantsUsage: wantsUsage}
	for len(wire) > 0 {
		frame, rest, ok := bytes.Cut(wire, []byte("\n\n"))
		if !ok {
			return h, errors.New("the last frame is not ended")
		}
		wire = rest
		line, isData := strings.CutPrefix(string(frame), "data: ")
		switch {
		case strings.ContainsAny(line, "\r\n\u0085\u2028\u2029"):
			return h, fmt.Errorf("more than one line: %q", frame)
		case strings.HasPrefix(line, ":"):
			continue
		case !isData:
			return h, fmt.Errorf("neither data nor comment: %q", frame)
		case h.done || h.Failure != nil:
			return h, fmt.Errorf("after the end: %s", line)
		}
		if err := h.data(line); err != nil {
			return h, fmt.Errorf("%w in %s", err, line)
		}
	}
	if !h.done && h.Failure == nil {
		return h, errors.New("neither [DONE] nor an error at the end")
	}
	return h, nil
}

func (h *heard) data(line string) error {
	if line == "[DONE]" {
		h.done = true
		return h.complete()
	}
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.DisallowUnknownFields()
	var chunk wireChunk
	if err := decoder.Decode(&chunk); err != nil {
		return err
	}
	if h.Failure = chunk.Error; h.Failure != nil {
		if !strings.HasPrefix(line, `{"error":{`) || h.Failure.Type == "" || h.Failure.Code == "" {
			return errors.New("a crooked error")
		}
		return nil
	}
	return h.chunk(&chunk, strings.Contains(line, `"usage":null`))
}

func (h *heard) chunk(c *wireChunk, usageIsNull bool) error {
	if h.first == nil {
		h.first = c
	}
	switch {
	case c.Object != "chat.completion.chunk" || c.Created == nil || c.Choices == nil:
		return errors.New("a member is missing")
	case c.ID != h.first.ID || c.Model != h.first.Model || *c.Created != *h.first.Created:
		return errors.New("not the same id, model and time in all chunks")
	case len(*c.Choices) == 0:
		if c.Usage == nil || !h.wantsUsage || h.Finish == "" || h.Usage != "" {
			return errors.New("a chunk without choices that has no business here")
		}
		h.Usage = string(*c.Usage)
		return nil
	case len(*c.Choices) > 1 || h.Finish != "":
		return errors.New("more than one choice, or a delta after the finish")
	case usageIsNull != h.wantsUsage || c.Usage != nil:
		return errors.New("usage must be null if asked for, else missing")
	}
	return h.choice(&(*c.Choices)[0], c == h.first)
}

func (h *heard) choice(c *wireChoice, first bool) error {
	if c.Index == nil || *c.Index != 0 || c.Delta == nil {
		return errors.New("a choice without index or delta")
	}
	d := c.Delta
	if first != (d.Role != nil) {
		return errors.New("the role belongs into the first chunk, only there")
	}
	if first && (*d.Role != "assistant" || d.Content == nil || *d.Content != "") {
		return errors.New("the first chunk must be the assistant's role and empty content")
	}
	if c.FinishReason != nil {
		if h.Finish = *c.FinishReason; d.Content != nil || d.Reasoning != nil || d.Calls != nil || d.Legacy != nil {
			return errors.New("the finish must have an empty delta")
		}
	}
	h.Content += text(d.Content)
	h.Reasoning += text(d.Reasoning)
	for i := range d.Calls {
		if err := h.call(&d.Calls[i]); err != nil {
			return err
		}
	}
	return h.legacy(d.Legacy)
}

func (h *heard) call(c *wireCall) error {
	if c.Index == nil || c.Function == nil || c.Function.Arguments == nil {
		return errors.New("a call without index or arguments")
	}
	if *c.Index == len(h.Calls) {
		if c.ID == nil || c.Type == nil || *c.Type != "function" || c.Function.Name == nil {
			return errors.New("a call must begin with id, type and name")
		}
		h.Calls = append(h.Calls, heardCall{ID: *c.ID, Name: *c.Function.Name})
	} else if c.ID != nil || c.Type != nil || c.Function.Name != nil {
		return errors.New("id, type and name come once")
	}
	if *c.Index != len(h.Calls)-1 {
		return errors.New("calls come one after the other")
	}
	h.Calls[*c.Index].Arguments += *c.Function.Arguments
	return nil
}

func (h *heard) legacy(f *wireFunc) error {
	switch {
	case f == nil:
		return nil
	case f.Arguments == nil || (h.Legacy == nil) != (f.Name != nil):
		return errors.New("a function_call must begin with its name, and have arguments")
	case h.Legacy == nil:
		h.Legacy = &heardCall{Name: *f.Name}
	}
	h.Legacy.Arguments += *f.Arguments
	return nil
}

func (h *heard) complete() error {
	calls := h.Calls
	if h.Legacy != nil {
		calls = append(calls, *h.Legacy)
	}
	for _, call := range calls {
		if call.Arguments == "" {
			return fmt.Errorf("the call of %s has no arguments", call.Name)
		}
	}
	switch {
	case (len(h.Calls) > 0) != (h.Finish == "tool_calls"), (h.Legacy != nil) != (h.Finish == "function_call"):
		return fmt.Errorf("finish reason %q with %d calls", h.Finish, len(calls))
	case !slices.Contains([]string{"stop", "length", "content_filter", "tool_calls", "function_call"}, h.Finish):
		return fmt.Errorf("finish reason %q", h.Finish)
	case h.wantsUsage != (h.Usage != ""):
		return errors.New("usage must come if asked for, only then")
	default:
		return nil
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
