package main

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/png"
	"os"
)

// icoSizes are those that Windows looks for, in pixels.
var icoSizes = []int{16, 32, 48, 256}

// windowsIcon writes an .ico: a count, a line of 16 bytes for each picture, and the pictures as PNG.
func windowsIcon(icon image.Image, path string) error {
	const head, line = 6, 16
	var lines, pictures bytes.Buffer
	for _, size := range icoSizes {
		before := pictures.Len()
		if err := png.Encode(&pictures, scaled(icon, size)); err != nil {
			return err
		}
		lines.Write([]byte{byte(size), byte(size), 0, 0, 1, 0, 32, 0}) // 256 is written as 0; one plane, 32 bits a pixel
		lines.Write(binary.LittleEndian.AppendUint32(nil, uint32(pictures.Len()-before)))
		lines.Write(binary.LittleEndian.AppendUint32(nil, uint32(head+line*len(icoSizes)+before)))
	}
	file := append([]byte{0, 0, 1, 0, byte(len(icoSizes)), 0}, lines.Bytes()...)
	return os.WriteFile(path, append(file, pictures.Bytes()...), 0o644)
}
