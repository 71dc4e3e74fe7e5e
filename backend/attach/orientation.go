package attach

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/draw"
)

// orientation is how a JPEG is to be turned, from 1, which is not at all, to 8. Source: Exif 2.3, 4.6.4, the tag Orientation. What cannot be
// read is 1.
func orientation(raw []byte) int {
	if !bytes.HasPrefix(raw, []byte{0xff, 0xd8}) {
		return 1
	}
	for rest := raw[2:]; len(rest) >= 4 && rest[0] == 0xff; {
		marker, size := rest[1], int(binary.BigEndian.Uint16(rest[2:]))
		if marker == 0xda || size < 2 || 2+size > len(rest) {
			break // the picture begins
		}
		if tiff, found := bytes.CutPrefix(rest[4:2+size], []byte("Exif\x00\x00")); found && marker == 0xe1 {
			return turnIn(tiff)
		}
		rest = rest[2+size:]
	}
	return 1
}

// turnIn reads the tag in the first directory of a TIFF.
func turnIn(tiff []byte) int {
	const tag, entrySize = 0x0112, 12
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	start := uint64(order.Uint32(tiff[4:]))
	if start+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < entrySize {
			break
		}
		if turn := int(order.Uint16(entries[8:])); order.Uint16(entries) == tag && turn >= 1 && turn <= 8 {
			return turn
		}
		entries = entries[entrySize:]
	}
	return 1
}

// upright turns a picture the way it is to be seen.
func upright(source image.Image, turn int) image.Image {
	if turn == 1 {
		return source
	}
	size := source.Bounds().Size()
	from := image.NewRGBA(image.Rectangle{Max: size})
	draw.Draw(from, from.Bounds(), source, source.Bounds().Min, draw.Src)
	if turn >= 5 {
		size.X, size.Y = size.Y, size.X
	}
	turned := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			fromX, fromY := seenAt(turn, x, y, size)
			turned.SetRGBA(x, y, from.RGBAAt(fromX, fromY))
		}
	}
	return turned
}

// seenAt is where in the picture as it is stored the pixel is that belongs at x, y in one of a size.
func seenAt(turn, x, y int, size image.Point) (fromX, fromY int) {
	right, bottom := size.X-1-x, size.Y-1-y
	switch turn {
	case 2:
		return right, y
	case 3:
		return right, bottom
	case 4:
		return x, bottom
	case 5:
		return y, x
	case 6:
		return y, right
	case 7:
		return bottom, right
	default: // 8
		return bottom, x
	}
}
