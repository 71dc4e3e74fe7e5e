package attach

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
)

const (
	maxPages     = 500
	maxTreeDepth = 40
	maxTreeNodes = 50_000
)

// readPDF takes the text out of a PDF, page by page.
func readPDF(raw []byte) (string, error) {
	file, err := pdf.NewReader(bytes.NewReader(raw), int64(len(raw)))
	switch {
	case errors.Is(err, pdf.ErrInvalidPassword):
		return "", errors.New("it is protected by a password")
	case err != nil:
		return "", errors.New("it is damaged, or not a PDF")
	}
	if !soundTree(file.Trailer().Key("Root").Key("Pages")) {
		return "", errors.New("its pages are damaged")
	}
	var text strings.Builder
	said := false
	fonts := map[string]*pdf.Font{}
	for number := 1; number <= min(file.NumPage(), maxPages) && text.Len() <= maxCharacters; number++ {
		page := file.Page(number)
		if page.V.IsNull() {
			continue
		}
		words, err := page.GetPlainText(fonts)
		if err != nil {
			continue // other pages may be readable
		}
		said = said || strings.TrimSpace(words) != ""
		fmt.Fprintf(&text, "[Page %d of %d]\n%s\n", number, file.NumPage(), strings.TrimSpace(printable(words)))
	}
	if !said {
		return "", errors.New("it has no text in it, only pictures perhaps; send its pages as images")
	}
	return bounded(text.String()), nil
}

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError {
			return -1
		}
		return r
	}, text)
}

// soundTree tells whether the tree of pages comes to an end. In one that names itself the library would look for a page for ever.
func soundTree(root pdf.Value) bool {
	nodes := 0
	var sound func(node pdf.Value, depth int) bool
	sound = func(node pdf.Value, depth int) bool {
		if nodes++; depth > maxTreeDepth || nodes > maxTreeNodes {
			return false
		}
		kids := node.Key("Kids")
		for i := range kids.Len() {
			if !sound(kids.Index(i), depth+1) {
				return false
			}
		}
		return true
	}
	return sound(root, 0)
}
