package responses

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// This file knows the stream's rules a second time, written from the clients' side, and shares nothing with the renderer.

type wireEvent struct {
	Type         string     `json:"type"`
	Number       *int       `json:"sequence_number"`
	Response     *wireWhole `json:"response"`
	OutputIndex  *int       `json:"output_index"`
	ContentIndex *int       `json:"content_index"`
	SummaryIndex *int       `json:"summary_index"`
	ItemID       *string    `json:"item_id"`
	Item         *wireItem  `json:"item"`
	Part         *wirePart  `json:"part"`
	Delta        *string    `json:"delta"`
	Text         *string    `json:"text"`
	Name         *string    `json:"name"`
	Arguments    *string    `json:"arguments"`
	Input        *string    `json:"input"`
	Logprobs     *[]any     `json:"logprobs"`
}

type wireItem struct {
	Type      string      `json:"type"`
	ID        string      `json:"id"`
	Status    string      `json:"status"`
	Role      string      `json:"role"`
	Content   *[]wirePart `json:"content"`
	Summary   *[]wirePart `json:"summary"`
	CallID    *string     `json:"call_id"`
	Name      *string     `json:"name"`
	Namespace *string     `json:"namespace"`
	Arguments *string     `json:"arguments"`
	Input     *string     `json:"input"`
}

type wirePart struct {
	Type        string `json:"type"`
	Text        string `json:"text"`
	Annotations *[]any `json:"annotations"`
	Logprobs    *[]any `json:"logprobs"`
}

// wireWhole is a response object; the rest of its members only have to be there.
type wireWhole struct {
	members map[string]json.RawMessage
	ID      string     `json:"id"`
	Object  string     `json:"object"`
	Status  string     `json:"status"`
	Output  []wireItem `json:"output"`
	Usage   *wireUsage `json:"usage"`
	Error   *struct {
		Code    string
		Message string
	} `json:"error"`
	IncompleteDetails *struct{ Reason string } `json:"incomplete_details"`
}

type wireUsage struct {
	Input        *int `json:"input_tokens"`
	InputDetails struct {
		Cached *int `json:"cached_tokens"`
	} `json:"input_tokens_details"`
	Output        *int `json:"output_tokens"`
	OutputDetails struct {
		Reasoning *int `json:"reasoning_tokens"`
	} `json:"output_tokens_details"`
	Total *int `json:"total_tokens"`
}

// required are the members that the schema of Open Responses wants in every response, null or not.
var required = strings.Fields(`id object created_at completed_at status incomplete_details model previous_response_id instructions output error
	tools tool_choice truncation parallel_tool_calls text top_p presence_penalty frequency_penalty top_logprobs temperature reasoning usage
	max_output_tokens max_tool_calls store background service_tier metadata safety_identifier prompt_cache_key`)

func (w *wireWhole) UnmarshalJSON(raw []byte) error {
	type plain wireWhole
	if err := json.Unmarshal(raw, (*plain)(w)); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &w.members); err != nil {
		return err
	}
	for _, name := range required {
		if _, ok := w.members[name]; !ok {
			return fmt.Errorf("no %s in %s", name, raw)
		}
	}
	for name := range maps.Keys(w.members) {
		if !slices.Contains(required, name) {
			return fmt.Errorf("%s is no member of a response", name)
		}
	}
	return w.check()
}

func (w *wireWhole) check() error {
	ended := w.Status == "completed" || w.Status == "incomplete"
	switch {
	case w.Object != "response" || !strings.HasPrefix(w.ID, "resp_") || w.Output == nil:
		return errors.New("a crooked response")
	case !ended && w.Status != "in_progress" && w.Status != "failed":
		return fmt.Errorf("status %q", w.Status)
	case ended != (w.Usage != nil), (w.Status == "failed") != (w.Error != nil), (w.Status == "incomplete") != (w.IncompleteDetails != nil):
		return errors.New("usage, error or incomplete_details do not fit the status")
	case w.Usage != nil && (w.Usage.Total == nil || w.Usage.InputDetails.Cached == nil || w.Usage.OutputDetails.Reasoning == nil ||
		*w.Usage.Total != *w.Usage.Input+*w.Usage.Output):
		return errors.New("crooked usage")
	}
	return nil
}

// heard is what a client has put together from a stream.
type heard struct {
	Items []wireItem
	Last  *wireWhole

	events  int
	open    *wireItem // as it was added
	part    *wirePart
	said    string // the open item's deltas
	told    string // the done event's text
	isTold  bool
	partOut bool
}

// listen reads a stream as strictly as the strictest client, and says what is wrong with it.
func listen(wire []byte) (*heard, error) {
	h := &heard{}
	for len(wire) > 0 {
		frame, rest, ok := bytes.Cut(wire, []byte("\n\n"))
		if !ok {
			return h, errors.New("the last frame is not ended")
		}
		wire = rest
		head, data, _ := strings.Cut(string(frame), "\n")
		name, isEvent := strings.CutPrefix(head, "event: ")
		line, isData := strings.CutPrefix(data, "data: ")
		if !isEvent || !isData || strings.ContainsAny(line, "\r\n\u0085\u2028\u2029") {
			return h, fmt.Errorf("not one event line and one data line: %q", frame)
		}
		if err := h.data(name, line); err != nil {
			return h, fmt.Errorf("%w in %s", err, line)
		}
	}
	if h.Last == nil || h.Last.Status == "in_progress" {
		return h, errors.New("no end")
	}
	return h, nil
}

func (h *heard) data(name, line string) error {
	decoder := json.NewDecoder(strings.NewReader(line))
	decoder.DisallowUnknownFields()
	var e wireEvent
	if err := decoder.Decode(&e); err != nil {
		return err
	}
	switch {
	case e.Type != name || e.Number == nil || *e.Number != h.events:
		return errors.New("a wrong name or number")
	case h.Last != nil && h.Last.Status != "in_progress":
		return errors.New("after the end")
	}
	h.events++
	if e.Response != nil {
		return h.whole(&e)
	}
	if h.events < 3 {
		return errors.New("response.created and response.in_progress must come first")
	}
	if e.OutputIndex == nil || *e.OutputIndex != len(h.Items) {
		return errors.New("not about the next item")
	}
	return h.item(&e)
}

func (h *heard) whole(e *wireEvent) error {
	want := map[int]string{1: "response.created", 2: "response.in_progress"}[h.events]
	if want == "" {
		want = "response." + e.Response.Status
	} else if e.Response.Status != "in_progress" || len(e.Response.Output) != 0 {
		return errors.New("a response that begins with an end")
	}
	if e.Type != want || h.Last != nil && h.Last.ID != e.Response.ID {
		return fmt.Errorf("want %s, the same response", want)
	}
	h.Last = e.Response
	if h.events > 2 {
		if h.open != nil && e.Response.Status != "failed" {
			return errors.New("an item is still open")
		}
		if len(h.Items) != len(e.Response.Output) || len(h.Items) > 0 && !reflect.DeepEqual(h.Items, e.Response.Output) {
			return errors.New("the output is not what was heard")
		}
	}
	return nil
}

func (h *heard) item(e *wireEvent) error {
	kind := strings.TrimPrefix(e.Type, "response.")
	if kind == "output_item.added" {
		if h.open != nil || e.Item == nil {
			return errors.New("an item inside another, or none")
		}
		*h = heard{Items: h.Items, Last: h.Last, events: h.events, open: e.Item}
		return h.checkItem(e.Item, "in_progress", "")
	}
	if h.open == nil {
		return errors.New("no item is open")
	}
	if kind == "output_item.done" {
		return h.itemDone(e)
	}
	if e.ItemID == nil || *e.ItemID != h.open.ID || h.open.ID == "" {
		return errors.New("not about the open item")
	}
	allowed := map[string]string{"content_part": "message", "output_text": "message", "reasoning_summary_part": "reasoning",
		"reasoning_summary_text": "reasoning", "function_call_arguments": "function_call", "custom_tool_call_input": "custom_tool_call"}
	subject, step, _ := strings.Cut(kind, ".")
	if allowed[subject] != h.open.Type {
		return errors.New("an event of another kind of item")
	}
	if strings.HasSuffix(subject, "_part") {
		return h.partEvent(e, step)
	}
	return h.textEvent(e, subject, step)
}

func (h *heard) partEvent(e *wireEvent, step string) error {
	if e.Part == nil || (h.open.Type == "message") != (e.ContentIndex != nil) || (h.open.Type == "reasoning") != (e.SummaryIndex != nil) {
		return errors.New("a part without its index")
	}
	switch {
	case step == "added" && h.part == nil && e.Part.Text == "":
		h.part = e.Part
		return nil
	case step == "done" && h.isTold && e.Part.Text == h.told && !h.partOut:
		h.partOut = true
		return nil
	default:
		return errors.New("a part out of order")
	}
}

func (h *heard) textEvent(e *wireEvent, subject, step string) error {
	inPart := h.open.Type == "message" || h.open.Type == "reasoning"
	if inPart && h.part == nil || h.isTold || (subject == "output_text") != (e.Logprobs != nil) {
		return errors.New("text out of order, or without logprobs")
	}
	if step == "delta" {
		if e.Delta == nil || *e.Delta == "" {
			return errors.New("an empty delta")
		}
		h.said += *e.Delta
		return nil
	}
	done := map[string]*string{"output_text": e.Text, "reasoning_summary_text": e.Text, "function_call_arguments": e.Arguments,
		"custom_tool_call_input": e.Input}[subject]
	if done == nil || *done != h.said {
		return fmt.Errorf("done is not what the deltas said: %q", h.said)
	}
	h.told, h.isTold = *done, true
	return nil
}

func (h *heard) itemDone(e *wireEvent) error {
	if e.Item == nil || !h.isTold || (h.part != nil) != h.partOut || e.Item.ID != h.open.ID || e.Item.Type != h.open.Type {
		return errors.New("done too early, or another item")
	}
	if err := h.checkItem(e.Item, "completed", h.told); err != nil {
		return err
	}
	h.Items = append(h.Items, *e.Item)
	h.open = nil
	return nil
}

func (h *heard) checkItem(i *wireItem, status, text string) error {
	var parts *[]wirePart
	var whole *string
	switch i.Type {
	case "message":
		parts = i.Content
		if i.Status == "incomplete" && status == "completed" {
			status = "incomplete"
		}
	case "reasoning":
		parts, status = i.Summary, ""
	case "function_call":
		whole = i.Arguments
	case "custom_tool_call":
		whole = i.Input
	}
	switch {
	case i.Status != status:
		return fmt.Errorf("status %q", i.Status)
	case parts != nil:
		if status == "in_progress" && len(*parts) != 0 || len(*parts) > 1 || len(*parts) == 1 && (*parts)[0].Text != text {
			return errors.New("the wrong parts")
		}
	case whole == nil || *whole != text || i.CallID == nil || i.Name == nil:
		return errors.New("a crooked call")
	}
	return nil
}
