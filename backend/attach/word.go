package attach

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// maxWordXML bounds a Word document's text, in bytes.
const maxWordXML = 20 << 20

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
	for inText, inRun := false, false; text.Len() <= maxCharacters; {
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
			inRun = inRun || t.Name.Local == "r"
			if inRun && t.Name.Local == "tab" {
				text.WriteByte('\t') // elsewhere it is a tab stop
			}
		case xml.EndElement:
			inText, inRun = false, inRun && t.Name.Local != "r"
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
