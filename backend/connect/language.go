package connect

import (
	"bytes"
	"errors"
	"fmt"
)

// language edits the text of one kind of settings file in place: what it is not told to change stays as it is, byte for byte. A path names
// members from the outermost in; a raw text is a value in the language's own notation.
type language interface {
	// decode reads a whole text, for its meaning.
	decode(text []byte) (tree, error)
	// find is what stands at a path; false if nothing does.
	find(text []byte, path []string) (raw string, found bool, err error)
	// put has raw stand at a path. What must be there around it is made.
	put(text []byte, path []string, raw string) ([]byte, error)
	// drop takes a path out, which is there.
	drop(text []byte, path []string) ([]byte, error)
	// tidy takes out what stands at a path if nothing is left in it.
	tidy(text []byte, path []string) ([]byte, error)
	// render is a value in the language's notation.
	render(value any) string
}

// errUnsuited says that a text is valid, and written in a way that ours cannot be put into.
var errUnsuited = errors.New("it is written in a way that leaves no place for these settings")

// unsuited is errUnsuited with what is in the way.
func unsuited(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUnsuited, fmt.Sprintf(format, args...))
}

const byteOrderMark = "\xef\xbb\xbf"

// split takes the byte order mark off a text.
func split(text []byte) (mark, rest []byte) {
	if bytes.HasPrefix(text, []byte(byteOrderMark)) {
		return text[:len(byteOrderMark)], text[len(byteOrderMark):]
	}
	return nil, text
}

// newline is the line ending that a text uses.
func newline(text []byte) string {
	if at := bytes.IndexByte(text, '\n'); at > 0 && text[at-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// withNewlines has a text of ours end its lines as another does.
func withNewlines(ours, ending string) string {
	if ending == "\n" {
		return ours
	}
	return string(bytes.ReplaceAll([]byte(ours), []byte("\n"), []byte(ending)))
}

// splice replaces text[from:to].
func splice(text []byte, from, to int, with string) []byte {
	changed := make([]byte, 0, len(text)-(to-from)+len(with))
	changed = append(changed, text[:from]...)
	changed = append(changed, with...)
	return append(changed, text[to:]...)
}
