package amazonq

import (
	"encoding/base64"
	"fmt"
	"strings"

	"amq2api/backend/chat"
)

// picture is an image as the service wants it.
type picture struct {
	format string // png, jpeg, gif or webp
	data   string // standard base64
}

// What one request may carry. Source: the official CLI.
const (
	maxImages     = 10
	maxImageBytes = 10 << 20
)

// newPicture translates an image, or says in words why it is left out. A picture that fails would fail again in every later request,
// because clients send their history along, so leaving it out is kinder than refusing the request.
func newPicture(image chat.Image) (picture, string) {
	data := standardBase64(image.Data)
	format := firstOf(sniff(data), formatOf(image.MediaType))
	switch {
	case format == "" || data == "":
		return picture{}, fmt.Sprintf("(An image was left out because its format, %s, cannot be read.)", firstOf(image.MediaType, "unknown"))
	case base64.StdEncoding.DecodedLen(len(data)) > maxImageBytes:
		return picture{}, fmt.Sprintf("(An image was left out because it is larger than %d MiB.)", maxImageBytes>>20)
	}
	return picture{format, data}, ""
}

// sniff tells a format by an image's first bytes, because clients often declare the wrong one.
func sniff(data string) string {
	const enough = 16 // base64 digits
	head, err := base64.StdEncoding.DecodeString(data[:min(len(data), enough)/4*4])
	switch start := string(head); {
	case err != nil:
		return ""
	case strings.HasPrefix(start, "\x89PNG"):
		return "png"
	case strings.HasPrefix(start, "\xff\xd8\xff"):
		return "jpeg"
	case strings.HasPrefix(start, "GIF8"):
		return "gif"
	case strings.HasPrefix(start, "RIFF") && strings.HasPrefix(start[min(len(start), 8):], "WEBP"):
		return "webp"
	default:
		return ""
	}
}

func formatOf(mediaType string) string {
	switch strings.ToLower(mediaType) {
	case "image/png":
		return "png"
	case "image/jpeg", "image/jpg":
		return "jpeg"
	case "image/gif":
		return "gif"
	case "image/webp":
		return "webp"
	default:
		return ""
	}
}

// standardBase64 removes line breaks and turns the URL alphabet, with or without padding, into the standard one.
func standardBase64(data string) string {
	if strings.ContainsAny(data, " \t\r\n-_") {
		data = strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "", "-", "+", "_", "/").Replace(data)
	}
	if missing := len(data) % 4; missing > 1 {
		data += "=="[missing-2:]
	}
	return data
}

// limitImages keeps the newest images and puts words in place of the others.
func (c *conversation) limitImages() {
	left := c.current.keepImages(maxImages)
	for i := len(c.history) - 1; i >= 0; i-- {
		left = c.history[i].user.keepImages(left)
	}
}

// keepImages keeps a turn's last images, at most so many, and returns how many more there may be.
func (t *userTurn) keepImages(limit int) int {
	dropped := max(len(t.images)-limit, 0)
	t.images = t.images[dropped:]
	if dropped > 0 {
		t.say(fmt.Sprintf("(%d of the images here were left out: a request can carry %d.)", dropped, maxImages))
	}
	return limit - len(t.images)
}
