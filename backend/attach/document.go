package attach

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// The bounds of reading documents.
const (
	maxPages       = 500
	maxCharacters  = 300_000
	readTime       = 20 * time.Second
	readAtOnce     = 2
	documentMemory = 32 << 20 // bytes
	documentLife   = time.Hour
	maxWordXML     = 20 << 20 // bytes of a Word document's text
)

// reader makes text of documents. It remembers what it read, because clients send the same documents with every turn. Some libraries never
// come to an end with a broken file: such a reading keeps its turn, so that only so many can go on.
type reader struct {
	read  *cache[[sha256.Size]byte, string]
	turns chan struct{}
}

func newReader() *reader {
	return &reader{read: newCache[[sha256.Size]byte, string](documentMemory, documentLife), turns: make(chan struct{}, readAtOnce)}
}

// document is a document as text; got is what came of fetching its address, if it has one. One that cannot be read becomes a sentence that says so: clients send documents by themselves, and again
// with every turn.
func (s *stage) document(ctx context.Context, document chat.Document, got catch) (chat.Block, error) {
	raw, err := got.content, got.err
	if document.URL == "" {
		if raw, err = base64.StdEncoding.DecodeString(document.Data); err != nil {
			err = fault.Wrap(fault.Invalid, err, "The document %q is not base64.", document.Title)
		}
	} else {
		document.MediaType, _, _ = mime.ParseMediaType(got.mediaType)
	}
	if err != nil {
		return nil, err
	}
	text, err := s.documents.text(ctx, raw, document.MediaType)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	document.URL, document.Data, document.Text = "", "", text
	if err != nil {
		document.Text = fmt.Sprintf("(This document, %d bytes, could not be read: %v.)", len(raw), err)
	}
	return document, nil
}

func (r *reader) text(ctx context.Context, raw []byte, mediaType string) (string, error) {
	key := sha256.Sum256(raw)
	if known, ok := r.read.get(key); ok {
		return known, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTime)
	defer cancel()
	select {
	case r.turns <- struct{}{}:
	case <-ctx.Done():
		return "", errors.New("reading other documents took too long")
	}
	type outcome struct {
		text string
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() { <-r.turns }()
		defer func() {
			if cause := recover(); cause != nil {
				done <- outcome{err: errors.New("it is damaged")}
			}
		}()
		text, err := readDocument(raw, mediaType)
		done <- outcome{text, err}
	}()
	select {
	case got := <-done:
		if got.err == nil {
			r.read.put(key, got.text, len(got.text))
		}
		return got.text, got.err
	case <-ctx.Done():
		return "", errors.New("reading it took too long")
	}
}

// readDocument goes by a document's first bytes, then by what its sender called it.
func readDocument(raw []byte, mediaType string) (string, error) {
	switch {
	case len(raw) == 0:
		return "", errors.New("it is empty")
	case bytes.HasPrefix(raw, []byte("%PDF-")), mediaType == "application/pdf":
		return readPDF(raw)
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return readWord(raw)
	case isText(raw, mediaType):
		return bounded(plain(raw)), nil
	default:
		return "", fmt.Errorf("its type, %s, is not one that can be read here", firstOf(mediaType, http.DetectContentType(raw)))
	}
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

func isText(raw []byte, mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || strings.HasSuffix(mediaType, "json") || strings.HasSuffix(mediaType, "xml") ||
		strings.HasPrefix(http.DetectContentType(raw), "text/")
}

// plain reads UTF-8, UTF-16 with its mark, and what is left as Latin-1.
func plain(raw []byte) string {
	for mark, order := range map[string][2]int{"\xff\xfe": {0, 1}, "\xfe\xff": {1, 0}} {
		if rest, ok := bytes.CutPrefix(raw, []byte(mark)); ok {
			units := make([]uint16, 0, len(rest)/2)
			for i := 0; i+1 < len(rest); i += 2 {
				units = append(units, uint16(rest[i+order[0]])|uint16(rest[i+order[1]])<<8)
			}
			return string(utf16.Decode(units))
		}
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if utf8.Valid(raw) {
		return string(raw)
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	return string(runes)
}

// bounded cuts what is too long, and says so.
func bounded(text string) string {
	if len(text) <= maxCharacters {
		return text
	}
	return strings.ToValidUTF8(text[:maxCharacters], "") + "\n(The document goes on; only its beginning is here.)"
}

// readPDF takes the text out of a PDF, page by page.
func readPDF(raw []byte) (string, error) {
	file, err := pdf.NewReader(bytes.NewReader(raw), int64(len(raw)))
	switch {
	case errors.Is(err, pdf.ErrInvalidPassword):
		return "", errors.New("it is protected by a password")
	case err != nil:
		return "", errors.New("it is damaged, or not a PDF")
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

// readWord takes the text out of a Word document: that of its paragraphs.
func readWord(raw []byte) (string, error) {
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return "", errors.New("it is a damaged archive")
	}
	body, err := archive.Open("word/document.xml")
	if err != nil {
		return "", errors.New("it is an archive, and not a Word document")
	}
	defer func() { _ = body.Close() }() // it was only read
	var text strings.Builder
	decoder := xml.NewDecoder(io.LimitReader(body, maxWordXML))
	for inText := false; text.Len() <= maxCharacters; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", errors.New("it is a damaged Word document")
		}
		switch t := token.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t"
			if t.Name.Local == "tab" {
				text.WriteByte('\t')
			}
		case xml.EndElement:
			inText = false
			if t.Name.Local == "p" || t.Name.Local == "br" {
				text.WriteByte('\n')
			}
		case xml.CharData:
			if inText {
				text.Write(t)
			}
		}
	}
	if strings.TrimSpace(text.String()) == "" {
		return "", errors.New("it has no text in it")
	}
	return bounded(text.String()), nil
}
