package main

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// drawn is a picture with a transparent border.
func drawn(t *testing.T) string {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 512, 512))
	for x := 64; x < 448; x++ {
		for y := 64; y < 448; y++ {
			picture.Set(x, y, color.NRGBA{200, 100, 50, 255})
		}
	}
	path := filepath.Join(t.TempDir(), "icon.png")
	if err := save(path, picture); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestEverySizeOfTheThemeIsDrawnWithItsTransparency(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "icons")
	if err := theme(drawn(t), folder, "thing"); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"16x16", "48x48", "512x512"} {
		file, err := os.Open(filepath.Join(folder, name, "apps", "thing.png"))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(file)
		_ = file.Close()
		if err != nil {
			t.Fatal(err)
		}
		middle := picture.Bounds().Dx() / 2
		_, _, _, corner := picture.At(0, 0).RGBA()
		r, _, _, inside := picture.At(middle, middle).RGBA()
		if corner != 0 || inside != 0xffff || r>>8 != 200 {
			t.Errorf("%s: the corner is %d, the middle %d with red %d", name, corner, inside, r>>8)
		}
	}
}

func TestTheWindowsIconSaysWhereItsPicturesAre(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "icons")
	if err := theme(drawn(t), folder, "thing"); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(folder + ".ico")
	if err != nil || file[2] != 1 || int(file[4]) != len(icoSizes) {
		t.Fatalf("it begins with %x, %v", file[:6], err)
	}
	end := 6 + 16*len(icoSizes)
	for i := range icoSizes {
		line := file[6+16*i:]
		size, from := int(binary.LittleEndian.Uint32(line[8:])), int(binary.LittleEndian.Uint32(line[12:]))
		if from != end || string(file[from+1:from+4]) != "PNG" {
			t.Errorf("picture %d is said to be at %d; it should be at %d", i, from, end)
		}
		end += size
	}
	if end != len(file) {
		t.Errorf("the pictures end at %d of %d bytes", end, len(file))
	}
}
