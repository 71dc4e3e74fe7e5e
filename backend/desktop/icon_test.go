package desktop_test

import (
	"bytes"
	"image/png"
	"testing"

	"amq2api/backend/desktop"
)

func TestTheThreeIconsDifferAndAreSmall(t *testing.T) {
	seen := map[string]desktop.Look{}
	for _, look := range []desktop.Look{desktop.Stopped, desktop.Running, desktop.Trouble} {
		for name, drawn := range map[string][]byte{"icon": desktop.Icon(look), "template": desktop.TemplateIcon(look)} {
			picture, err := png.Decode(bytes.NewReader(drawn))
			if err != nil {
				t.Fatal(err)
			}
			if size := picture.Bounds().Size(); size.X != 64 || size.Y != 64 {
				t.Errorf("the %s of look %d is %v", name, look, size)
			}
			if other, taken := seen[string(drawn)]; taken {
				t.Errorf("the %s of look %d is that of %d", name, look, other)
			}
			seen[string(drawn)] = look
		}
	}
}

func TestATemplateIsBlack(t *testing.T) {
	for _, look := range []desktop.Look{desktop.Stopped, desktop.Running, desktop.Trouble} {
		picture, err := png.Decode(bytes.NewReader(desktop.TemplateIcon(look)))
		if err != nil {
			t.Fatal(err)
		}
		opaque := 0
		for y := range 64 {
			for x := range 64 {
				r, g, b, a := picture.At(x, y).RGBA()
				if r|g|b != 0 {
					t.Fatalf("look %d has a colour at %d, %d", look, x, y)
				}
				if a > 0 {
					opaque++
				}
			}
		}
		if opaque < 100 || opaque > 64*64/2 {
			t.Errorf("look %d draws %d pixels: neither nothing nor a block", look, opaque)
		}
	}
}

func TestAnICOFileHoldsThePicture(t *testing.T) {
	drawn := desktop.Icon(desktop.Running)
	ico := desktop.ICO(drawn)
	if !bytes.Equal(ico[:6], []byte{0, 0, 1, 0, 1, 0}) || ico[6] != 64 || ico[7] != 64 || !bytes.Equal(ico[22:], drawn) {
		t.Errorf("it begins with % x", ico[:22])
	}
}
