package attach

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// maxCharacters is how much of a document goes along.
const maxCharacters = 300_000

// document is a document as text; got is what came of fetching its address, if it has one. One that cannot be read becomes a sentence that
// says so: clients send documents by themselves, and again with every turn.
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

// kind is what a document is, as far as reading it goes.
type kind int

const (
	unreadable kind = iota
	pdfFile
	wordFile // or another archive
	plainText
)

// kindOf goes by a document's first bytes, then by what its sender called it.
func kindOf(raw []byte, mediaType string) kind {
	switch {
	case len(raw) == 0:
		return unreadable
	case bytes.HasPrefix(raw, []byte("%PDF-")), mediaType == "application/pdf":
		return pdfFile
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return wordFile
	case isText(raw, mediaType):
		return plainText
	default:
		return unreadable
	}
}

// readDocument makes text of a document that is not text already.
func readDocument(raw []byte, mediaType string) (string, error) {
	switch kindOf(raw, mediaType) {
	case pdfFile:
		return readPDF(raw)
	case wordFile:
		return readWord(raw)
	default:
		if len(raw) == 0 {
			return "", errors.New("it is empty")
		}
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
	if rest, little := bytes.CutPrefix(raw, []byte("\xff\xfe")); little {
		return wide(rest, binary.LittleEndian)
	}
	if rest, big := bytes.CutPrefix(raw, []byte("\xfe\xff")); big {
		return wide(rest, binary.BigEndian)
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

// wide reads UTF-16.
func wide(raw []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units))
}

// bounded cuts what is too long, and says so.
func bounded(text string) string {
	if len(text) <= maxCharacters {
		return text
	}
	return strings.ToValidUTF8(text[:maxCharacters], "") + "\n(The document goes on; only its beginning is here.)"
}
