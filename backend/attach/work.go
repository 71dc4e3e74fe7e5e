package attach

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"

	"amq2api/backend/chat"
)

// The kinds of work that strangers' files are subject to.
const (
	DocumentWork = "document" // text is made of a document
	PictureWork  = "picture"  // a picture is drawn anew
)

// The first byte of a result: whether what follows is what was made, or half a sentence why it was not.
const (
	made   = '+'
	unmade = '-'
)

// Work does one kind of work. Input and result are as they go to and come from a process of its own: a media type, a new line, and bytes.
func Work(kind string, input []byte) (result []byte) {
	mediaType, raw, _ := bytes.Cut(input, []byte("\n"))
	switch kind {
	case DocumentWork:
		text, err := readDocument(raw, string(mediaType))
		if err != nil {
			return append([]byte{unmade}, err.Error()...)
		}
		return append([]byte{made}, text...)
	case PictureWork:
		drawn, err := redraw(raw)
		if err != nil {
			return append([]byte{unmade}, err.Error()...)
		}
		return append([]byte{made}, drawn.MediaType+"\n"+drawn.Data...)
	default:
		return []byte{unmade}
	}
}

// What came of work that has no result: it took its process along, or nobody had time for it, which says nothing about the file.
var (
	errLost     = errors.New("it is damaged, or takes more than there is")
	ErrNotBegun = errors.New("there was no time for it just now")
)

type apart func(ctx context.Context, kind string, input []byte) ([]byte, error)

// do has work done and takes its result apart.
func (a apart) do(ctx context.Context, kind, mediaType string, raw []byte) ([]byte, error) {
	result, err := a(ctx, kind, append([]byte(mediaType+"\n"), raw...))
	switch {
	case errors.Is(err, ErrNotBegun):
		return nil, ErrNotBegun
	case err != nil || len(result) == 0:
		return nil, errLost
	case result[0] == made:
		return result[1:], nil
	default:
		return nil, errors.New(string(result[1:]))
	}
}

func (a apart) document(ctx context.Context, raw []byte, mediaType string) (string, error) {
	text, err := a.do(ctx, DocumentWork, mediaType, raw)
	return string(text), err
}

func (a apart) picture(ctx context.Context, raw []byte) (chat.Image, error) {
	drawn, err := a.do(ctx, PictureWork, "", raw)
	if err != nil {
		return chat.Image{}, err
	}
	mediaType, data, _ := bytes.Cut(drawn, []byte("\n"))
	if _, err := base64.StdEncoding.DecodeString(string(data)); err != nil {
		return chat.Image{}, errLost
	}
	return chat.Image{MediaType: string(mediaType), Data: string(data)}, nil
}
