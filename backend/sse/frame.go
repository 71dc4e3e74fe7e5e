// Package sse writes server-sent events: frames, and a writer that keeps a silent stream alive.
package sse

// Frame is one server-sent event. With Event and Data empty it is a comment, which every parser skips.
type Frame struct {
	Event   string // the event: line; none if empty
	Data    []byte // one line, without a newline; valid until the next frame is asked for
	Comment string // for a frame that is only a comment
}

// Append renders the frame at the end of buf.
func (f Frame) Append(buf []byte) []byte {
	if f.Event == "" && f.Data == nil {
		buf = append(buf, ": "...)
		buf = append(buf, f.Comment...)
		return append(buf, "\n\n"...)
	}
	if f.Event != "" {
		buf = append(buf, "event: "...)
		buf = append(buf, f.Event...)
		buf = append(buf, '\n')
	}
	buf = append(buf, "data: "...)
	buf = append(buf, f.Data...)
	return append(buf, "\n\n"...)
}
