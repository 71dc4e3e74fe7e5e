package attach

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	_ "image/gif" // so that a GIF can be read
	"image/jpeg"
	"image/png"
	"net/http"
	"strings"
	"time"

	_ "golang.org/x/image/bmp" // so that a BMP can be read
	"golang.org/x/image/draw"
	_ "golang.org/x/image/tiff" // so that a TIFF can be read
	_ "golang.org/x/image/webp" // so that a WebP can be read

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// What a picture may be. Source: the language server of the official plugins; the size that is drawn is what models look at.
const (
	maxPicture    = 3750 << 10 // bytes
	maxSide       = 8000       // pixels
	drawnSide     = 2000       // pixels of the longer side of a picture that is drawn anew
	maxPixels     = 50_000_000 // that are decoded
	jpegQuality   = 85
	pictureMemory = 32 << 20 // bytes
	pictureLife   = time.Hour

	pictureFailures = 1 << 20 // bytes
	drawTime        = 20 * time.Second
	drawAtOnce      = 2
)

// studio draws pictures anew that are too large or in another format. It remembers what it drew, because clients send the same pictures
// with every turn.
type studio struct {
	drawn  *cache[[sha256.Size]byte, chat.Image]
	failed *cache[[sha256.Size]byte, error]
	turns  chan struct{}
	work   apart
}

func newStudio(work apart) *studio {
	return &studio{
		drawn:  newCache[[sha256.Size]byte, chat.Image](pictureMemory, pictureLife),
		failed: newCache[[sha256.Size]byte, error](pictureFailures, pictureLife),
		turns:  make(chan struct{}, drawAtOnce), work: work,
	}
}

// image is a picture as the upstream can take it; got is what came of fetching its address, if it has one.
func (s *stage) image(ctx context.Context, picture chat.Image, got catch) (chat.Block, error) {
	switch {
	case picture.URL == "":
		return s.pictures.fit(ctx, picture)
	case got.err != nil:
		return nil, got.err
	}
	media := http.DetectContentType(got.content)
	if _, _, err := image.DecodeConfig(bytes.NewReader(got.content)); err != nil && !strings.HasPrefix(media, "image/") {
		return nil, refusal(picture.URL, "is not a picture that can be read, but %s", media)
	}
	return s.pictures.fit(ctx, chat.Image{MediaType: media, Data: base64.StdEncoding.EncodeToString(got.content)})
}

// fit leaves a picture alone that is small enough, and draws others anew.
func (s *studio) fit(ctx context.Context, picture chat.Image) (chat.Block, error) {
	raw, err := base64.StdEncoding.DecodeString(picture.Data)
	if err != nil {
		return picture, nil // the upstream's translation reads more kinds of base64, and says what it cannot read
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, fault.New(fault.Invalid, "An image of %d bytes cannot be read. Send it as PNG, JPEG, GIF or WebP.", len(raw))
	}
	known := format == "png" || format == "jpeg" || format == "gif" || format == "webp"
	if known && len(raw) <= maxPicture && max(size.Width, size.Height) <= maxSide {
		return chat.Image{MediaType: "image/" + format, Data: picture.Data}, nil
	}
	if size.Width*size.Height > maxPixels {
		return nil, fault.New(fault.Invalid, "An image has %d x %d pixels, which is more than can be read here. Send a smaller one.", size.Width, size.Height)
	}
	key := sha256.Sum256(raw)
	if known, ok := s.drawn.get(key); ok {
		return known, nil
	}
	drawn, err := s.draw(ctx, key, raw)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "An image of %d bytes cannot be read. Send it as PNG, JPEG, GIF or WebP.", len(raw))
	}
	return drawn, nil
}

// draw makes a picture fit, in its turn, and remembers what came of it: clients send it with every turn.
func (s *studio) draw(ctx context.Context, key [sha256.Size]byte, raw []byte) (chat.Image, error) {
	if err, known := s.failed.get(key); known {
		return chat.Image{}, err
	}
	bounded, cancel := context.WithTimeout(ctx, drawTime)
	defer cancel()
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-bounded.Done():
		return chat.Image{}, bounded.Err()
	}
	drawn, err := s.work.picture(bounded, raw)
	switch {
	case err == nil:
		s.drawn.put(key, drawn, len(drawn.Data))
	case ctx.Err() == nil && !errors.Is(err, ErrNotBegun):
		s.failed.put(key, err, len(key))
	}
	return drawn, err
}

// redraw makes a picture that fits: as PNG if that is small enough, else as JPEG. Of a moving one the first frame is left.
func redraw(raw []byte) (chat.Image, error) {
	source, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return chat.Image{}, err
	}
	source = upright(shrink(source), orientation(raw))
	var encoded bytes.Buffer
	if err := png.Encode(&encoded, source); err == nil && encoded.Len() <= maxPicture/4 {
		return encode("image/png", encoded.Bytes()), nil
	}
	encoded.Reset()
	if err := jpeg.Encode(&encoded, onWhite(source), &jpeg.Options{Quality: jpegQuality}); err != nil {
		return chat.Image{}, err
	}
	if encoded.Len() > maxPicture {
		return chat.Image{}, fmt.Errorf("%d bytes after it was drawn anew", encoded.Len())
	}
	return encode("image/jpeg", encoded.Bytes()), nil
}

func encode(mediaType string, raw []byte) chat.Image {
	return chat.Image{MediaType: mediaType, Data: base64.StdEncoding.EncodeToString(raw)}
}

// onWhite is a picture without transparency, which JPEG does not have: what shows through would be black.
func onWhite(source image.Image) image.Image {
	if opaque, ok := source.(interface{ Opaque() bool }); ok && opaque.Opaque() {
		return source
	}
	flat := image.NewRGBA(source.Bounds())
	draw.Draw(flat, flat.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), source, source.Bounds().Min, draw.Over)
	return flat
}

// shrink makes the longer side drawnSide pixels at most.
func shrink(source image.Image) image.Image {
	bounds := source.Bounds()
	longer := max(bounds.Dx(), bounds.Dy())
	if longer <= drawnSide {
		return source
	}
	smaller := image.NewRGBA(image.Rect(0, 0, max(1, bounds.Dx()*drawnSide/longer), max(1, bounds.Dy()*drawnSide/longer)))
	draw.ApproxBiLinear.Scale(smaller, smaller.Bounds(), source, bounds, draw.Src, nil)
	return smaller
}
