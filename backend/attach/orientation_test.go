package attach

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"amq2api/backend/chat"
)

// photo is a JPEG, dark in its left upper quarter and light elsewhere, that says how it is to be turned.
func photo(t testing.TB, side, turn int, order binary.AppendByteOrder) []byte {
	t.Helper()
	drawn := image.NewGray(image.Rect(0, 0, side, side/2))
	for i := range drawn.Pix {
		drawn.Pix[i] = 255
	}
	for y := range side / 4 {
		for x := range side / 2 {
			drawn.SetGray(x, y, color.Gray{})
		}
	}
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, drawn, nil); err != nil {
		t.Fatal(err)
	}
	mark := "II"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		mark = "MM"
	}
	tiff := order.AppendUint32(order.AppendUint16([]byte(mark), 42), 8)
	tiff = order.AppendUint16(tiff, 2)
	for _, entry := range [][2]uint16{{0x010f, 7}, {0x0112, uint16(turn)}} {
		tiff = order.AppendUint16(order.AppendUint16(tiff, entry[0]), 3)
		tiff = order.AppendUint16(order.AppendUint16(order.AppendUint32(tiff, 1), entry[1]), 0)
	}
	segment := append([]byte("Exif\x00\x00"), tiff...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(segment)+2))
	return append(append(head, segment...), encoded.Bytes()[2:]...)
}

func TestAPhotoIsTurnedBeforeItIsDrawnAnew(t *testing.T) {
	const side = 400
	for turn, dark := range map[int]string{1: "left top", 2: "right top", 3: "right bottom", 4: "left bottom", 5: "left top", 6: "right top", 7: "right bottom", 8: "left bottom"} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			raw := photo(t, side, turn, order)
			if got := orientation(raw); got != turn {
				t.Errorf("%d is read as %d", turn, got)
			}
			source, err := jpeg.Decode(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			turned := upright(source, orientation(raw))
			size := turned.Bounds().Size()
			if upends := size.Y > size.X; upends != (turn >= 5) {
				t.Errorf("%d becomes %v", turn, size)
			}
			for place, at := range map[string]image.Point{
				"left top": {size.X / 4, size.Y / 4}, "right top": {size.X * 3 / 4, size.Y / 4}, "left bottom": {size.X / 4, size.Y * 3 / 4}, "right bottom": {size.X * 3 / 4, size.Y * 3 / 4},
			} {
				if gray := color.GrayModel.Convert(turned.At(at.X, at.Y)).(color.Gray).Y; (gray < 128) != (place == dark) {
					t.Errorf("turned by %d, %s is %d", turn, place, gray)
				}
			}
		}
	}
}

func TestWhatShowsThroughALargePictureIsWhite(t *testing.T) {
	drawn := image.NewNRGBA(image.Rect(0, 0, 64, 64))
	flat := onWhite(drawn)
	if r, g, b, a := flat.At(10, 10).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff || a != 0xffff {
		t.Errorf("it is %d %d %d %d", r, g, b, a)
	}
	opaque := image.NewGray(image.Rect(0, 0, 4, 4))
	if onWhite(opaque) != image.Image(opaque) {
		t.Error("a picture nothing shows through was copied")
	}
}

// A picture that needs no change stays as it is, with its own orientation: the model's side reads that.
func TestASmallPhotoIsLeftAlone(t *testing.T) {
	raw := photo(t, 400, 6, binary.BigEndian)
	block, err := newStudio(here).fit(t.Context(), chat.Image{MediaType: "image/jpeg", Data: base64.StdEncoding.EncodeToString(raw)})
	if err != nil || block.(chat.Image).Data != base64.StdEncoding.EncodeToString(raw) {
		t.Errorf("it was changed, %v", err)
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add(photo(f, 40, 6, binary.LittleEndian))
	f.Add(photo(f, 40, 3, binary.BigEndian))
	var encoded bytes.Buffer
	_ = png.Encode(&encoded, image.NewGray(image.Rect(0, 0, 1, 1)))
	f.Add(encoded.Bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if turn := orientation(raw); turn < 1 || turn > 8 {
			t.Errorf("%d", turn)
		}
	})
}
