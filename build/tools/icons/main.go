// Icons draws the application's icon in the sizes of the hicolor theme, as FOLDER/NxN/apps/NAME.png, and those that Windows looks for as one
// file beside the folder, FOLDER.ico.
//
//	icons FILE.png FOLDER NAME
package main

import (
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"
)

// sizes are those that desktops look for, in pixels.
var sizes = []int{16, 22, 24, 32, 48, 64, 128, 256, 512}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: icons FILE.png FOLDER NAME")
	}
	if err := theme(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal("icons: ", err)
	}
}

func theme(source, folder, name string) error {
	file, err := os.Open(source)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	icon, err := png.Decode(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", source, err)
	}
	for _, size := range sizes {
		path := filepath.Join(folder, fmt.Sprintf("%dx%d", size, size), "apps", name+".png")
		if err := save(path, scaled(icon, size)); err != nil {
			return err
		}
	}
	return windowsIcon(icon, folder+".ico")
}

func scaled(icon image.Image, size int) image.Image {
	drawn := image.NewNRGBA(image.Rect(0, 0, size, size))
	draw.CatmullRom.Scale(drawn, drawn.Bounds(), icon, icon.Bounds(), draw.Src, nil)
	return drawn
}

func save(path string, drawn image.Image) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(file, drawn); err != nil {
		_ = file.Close() // the first failure counts
		return err
	}
	return file.Close()
}
