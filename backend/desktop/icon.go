package desktop

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"image"
	"image/color"
	"image/draw"
	"image/png"
)

// The three icons are made of one picture: as it is while the proxy runs, pale while it does not, and with a mark in trouble, so that they differ
// in more than colour.

//go:embed tray.png
var trayPicture []byte

// iconSide is the width and height of tray.png in pixels. A larger one would be sent whole over the session bus at every change.
const iconSide = 64

// Icon is the picture of a look, as PNG.
func Icon(look Look) []byte {
	picture := canvas()
	switch look {
	case Stopped:
		change(picture, pale)
	case Trouble:
		mark(picture)
	}
	return encode(picture)
}

// TemplateIcon is the picture of a look as macOS wants it: black, of which only the opacity counts.
func TemplateIcon(look Look) []byte {
	picture := canvas()
	change(picture, stencil)
	if look == Stopped {
		change(picture, func(c color.NRGBA) color.NRGBA { c.A /= 2; return c })
	}
	if look == Trouble {
		dot(picture, 50, 50, 13, color.NRGBA{A: 255})
	}
	return encode(picture)
}

// ICO puts a PNG of iconSide into an ICO file of one picture, the only form Windows takes.
func ICO(picture []byte) []byte {
	const headerBytes = 22
	var ico bytes.Buffer
	for _, field := range []any{
		uint16(0), uint16(1), uint16(1), // reserved, type icon, one picture
		uint8(iconSide), uint8(iconSide), uint8(0), uint8(0), // no palette
		uint16(1), uint16(32), uint32(len(picture)), uint32(headerBytes),
	} {
		_ = binary.Write(&ico, binary.LittleEndian, field) // a bytes.Buffer does not fail
	}
	ico.Write(picture)
	return ico.Bytes()
}

// canvas is a copy of tray.png to draw on.
func canvas() *image.NRGBA {
	picture, err := png.Decode(bytes.NewReader(trayPicture))
	if err != nil {
		panic(err) // the file is embedded, and a test reads it
	}
	copied := image.NewNRGBA(picture.Bounds())
	draw.Draw(copied, copied.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return copied
}

func encode(picture image.Image) []byte {
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		panic(err) // a bytes.Buffer does not fail
	}
	return file.Bytes()
}

func change(picture *image.NRGBA, to func(color.NRGBA) color.NRGBA) {
	for y := picture.Rect.Min.Y; y < picture.Rect.Max.Y; y++ {
		for x := picture.Rect.Min.X; x < picture.Rect.Max.X; x++ {
			picture.SetNRGBA(x, y, to(picture.NRGBAAt(x, y)))
		}
	}
}

// pale takes the colour out and makes what is left half transparent.
func pale(c color.NRGBA) color.NRGBA {
	grey := color.GrayModel.Convert(color.NRGBA{R: c.R, G: c.G, B: c.B, A: 255}).(color.Gray).Y
	grey = 90 + grey/255*110
	return color.NRGBA{R: grey, G: grey, B: grey, A: uint8(int(c.A) * 3 / 5)}
}

// stencil keeps the drawing and drops the ground it stands on.
func stencil(c color.NRGBA) color.NRGBA {
	bright := max(c.R, c.G, c.B)
	return color.NRGBA{A: uint8(int(bright) * int(c.A) / 255 * min(1, int(bright)/100))}
}

// mark draws an amber disc with an exclamation mark into the lower right corner.
func mark(picture *image.NRGBA) {
	amber, ink := color.NRGBA{R: 245, G: 166, B: 35, A: 255}, color.NRGBA{R: 30, G: 26, B: 20, A: 255}
	dot(picture, 47, 47, 17, color.NRGBA{R: 250, G: 249, B: 247, A: 255})
	dot(picture, 47, 47, 15, amber)
	draw.Draw(picture, image.Rect(45, 37, 50, 50), image.NewUniform(ink), image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(45, 53, 50, 58), image.NewUniform(ink), image.Point{}, draw.Src)
}

// dot fills the pixels whose middle is within radius of the middle of pixel x, y.
func dot(picture *image.NRGBA, x, y, radius int, fill color.NRGBA) {
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			if dx*dx+dy*dy <= radius*radius {
				picture.SetNRGBA(x+dx, y+dy, fill)
			}
		}
	}
}
