package connect

import (
	"bytes"
	"regexp"
	"strings"
)

// shellText is a shell's profile, with one marked block that is ours. It is not understood beyond that.
type shellText struct{}

const (
	blockBegin = "# >>> AMQ2API >>>"
	blockEnd   = "# <<< AMQ2API <<<"
)

// blockPath is the only path there is.
func blockPath() []string { return []string{ourName} }

// assignment is a line of the block, in any of the shells.
var assignment = regexp.MustCompile(`(?m)^(?:export |set -gx )([A-Z_]+)[= ](.*?)\r?$`)

func (shellText) decode(text []byte) (tree, error) {
	block, there, err := findBlock(text)
	if err != nil {
		return tree{}, err
	}
	if !there {
		return mapping(map[string]tree{"rest": otherLines(text)}), nil
	}
	variables := map[string]tree{}
	for _, line := range assignment.FindAllSubmatch(text[block.from:block.to], -1) {
		variables[string(line[1])] = tree{value: unquotedWord(string(line[2]))}
	}
	return mapping(map[string]tree{ourName: mapping(variables), "rest": otherLines(cutSection(text, block))}), nil
}

// otherLines are those of a profile that are not ours; its last line's end means nothing.
func otherLines(text []byte) tree { return tree{value: strings.TrimRight(string(text), "\r\n")} }

// unquotedWord reads what posixWord writes.
func unquotedWord(word string) string {
	if !strings.HasPrefix(word, "'") {
		return word
	}
	return strings.ReplaceAll(strings.Trim(word, "'"), `'\''`, "'")
}

// posixWord quotes a text for sh, bash, zsh and fish, none of which reads anything in it.
func posixWord(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func (shellText) render(value any) string { return value.(string) }

// findBlock is where the block stands, its last line's end included.
func findBlock(text []byte) (block span, there bool, err error) {
	begin, end := -1, -1
	for from := 0; from < len(text); from = afterLine(text, from) {
		switch string(bytes.TrimSpace(text[from:afterLine(text, from)])) {
		case blockBegin:
			if begin >= 0 {
				return span{}, false, unsuited("it has the line %s twice", blockBegin)
			}
			begin = from
		case blockEnd:
			if begin < 0 || end >= 0 {
				return span{}, false, unsuited("the line %s stands where it does not belong", blockEnd)
			}
			end = afterLine(text, from)
		}
	}
	if begin >= 0 && end < 0 {
		return span{}, false, unsuited("it has the line %s and not the one that ends the block", blockBegin)
	}
	return span{begin, end}, begin >= 0, nil
}

func (shellText) find(text []byte, _ []string) (string, bool, error) {
	block, there, err := findBlock(text)
	if err != nil || !there {
		return "", false, err
	}
	return strings.TrimRight(string(text[block.from:block.to]), "\r\n"), true, nil
}

func (shellText) put(text []byte, _ []string, raw string) ([]byte, error) {
	block, there, err := findBlock(text)
	if err != nil {
		return nil, err
	}
	ending := newline(text)
	raw = withNewlines(strings.ReplaceAll(raw, "\r\n", "\n"), ending)
	if !there {
		return appendSection(text, raw, ending), nil
	}
	return putSection(text, []span{block}, raw, ending), nil
}

// tidy has nothing to do: there is nothing around the block.
func (shellText) tidy(text []byte, _ []string) ([]byte, error) { return text, nil }

func (shellText) drop(text []byte, _ []string) ([]byte, error) {
	block, there, err := findBlock(text)
	if err != nil || !there {
		return text, err
	}
	return cutSection(text, block), nil
}
