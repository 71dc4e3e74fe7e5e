package responses

import (
	"encoding/json"
	"strconv"
	"strings"

	"amq2api/backend/sse"
)

// Members of events that are always the same: an item has one part.
const (
	contentIndex = `,"content_index":0`
	summaryIndex = `,"summary_index":0`
	noLogprobs   = `,"logprobs":[]`
)

// start begins an event. Every event has its number, counted from 0.
func (w *writer) start(name string) {
	w.name = name
	w.buf = append(w.buf[:0], `{"type":"`...)
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, `","sequence_number":`...)
	w.buf = strconv.AppendInt(w.buf, int64(w.number), 10)
	w.number++
}

// place begins an event about the open item.
func (w *writer) place(name string) {
	w.start(name)
	w.member("item_id", w.itemID)
	w.outputIndex()
}

// part begins an event about the open item's only part.
func (w *writer) part(name, index string) {
	w.place(name)
	w.buf = append(w.buf, index...)
}

func (w *writer) outputIndex() {
	w.buf = append(w.buf, `,"output_index":`...)
	w.buf = strconv.AppendInt(w.buf, int64(len(w.items)), 10)
}

func (w *writer) member(name, text string) {
	w.buf = append(w.buf, `,"`...)
	w.buf = append(w.buf, name...)
	w.buf = append(w.buf, `":`...)
	w.buf = sse.AppendString(w.buf, text)
}

func (w *writer) itemEvent(name string, item outputItem) bool {
	w.start(name)
	w.outputIndex()
	w.buf = append(append(w.buf, `,"item":`...), encode(item)...)
	return w.send()
}

func (w *writer) partEvent(name, index string, part any) bool {
	w.part(name, index)
	w.buf = append(append(w.buf, `,"part":`...), encode(part)...)
	return w.send()
}

// snapshot is an event with the whole response, as JSON; it is named for what became of it.
func (w *writer) snapshot(state string, encoded json.RawMessage) bool {
	w.start("response." + state)
	w.buf = append(append(w.buf, `,"response":`...), encoded...)
	return w.send()
}

// send ends an event.
func (w *writer) send() bool {
	w.buf = append(w.buf, '}')
	return w.yield(sse.Frame{Event: w.name, Data: w.buf})
}

// encode renders a value of ours as JSON on one line. The error can only be JSON that is none, and what we keep of requests was read
// before.
func encode(value any) json.RawMessage {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return json.RawMessage("null")
	}
	return json.RawMessage(oneLine(strings.TrimSuffix(out.String(), "\n")))
}

// oneLine escapes what some clients take for the end of a line. In JSON these characters are always inside strings.
func oneLine(text string) string {
	for _, end := range [...][2]string{{"\u0085", `\u0085`}, {"\u2028", `\u2028`}, {"\u2029", `\u2029`}} {
		text = strings.ReplaceAll(text, end[0], end[1])
	}
	return text
}
