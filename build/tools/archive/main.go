// Archive packs a folder so that equal contents make equal files, whoever packs them, where and when: names are sorted, times are one time,
// owners are root, and a file is either executable or not.
//
//	archive FILE.tar.gz|FILE.zip FOLDER TIME
package main

import (
	"archive/tar"
	"archive/zip"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 4 {
		log.Fatal("usage: archive FILE.tar.gz|FILE.zip FOLDER TIME")
	}
	at, err := time.Parse(time.RFC3339, os.Args[3])
	if err == nil {
		err = pack(os.Args[1], os.Args[2], at)
	}
	if err != nil {
		log.Fatal("archive: ", err)
	}
}

// packer takes the entries of a folder in their order. Names have slashes, and begin with the folder's own.
type packer interface {
	add(name string, executable bool, content []byte) error
	io.Closer
}

// pack writes an archive of the sort that its name says.
func pack(path, folder string, at time.Time) (err error) {
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	var to packer
	switch {
	case strings.HasSuffix(path, ".zip"):
		to = newZipped(out, at)
	case strings.HasSuffix(path, ".tar.gz"):
		to, err = newTarred(out, at)
	default:
		err = fmt.Errorf("%s is neither a .tar.gz nor a .zip", path)
	}
	if err != nil {
		return err
	}
	return errors.Join(fill(to, folder), to.Close())
}

// fill adds the files below a folder; WalkDir goes by name.
func fill(to packer, folder string) error {
	parent := filepath.Dir(filepath.Clean(folder))
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		status, err := entry.Info()
		if err != nil {
			return err
		}
		if !status.Mode().IsRegular() {
			return fmt.Errorf("%s is no file", path)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(parent, path)
		if err != nil {
			return err
		}
		return to.add(filepath.ToSlash(name), status.Mode().Perm()&0o100 != 0, content)
	})
}

func mode(executable bool) int64 {
	if executable {
		return 0o755
	}
	return 0o644
}

// tarred is a .tar.gz being written.
type tarred struct {
	*tar.Writer
	gzip *gzip.Writer
	at   time.Time
}

func newTarred(out io.Writer, at time.Time) (*tarred, error) {
	compressed, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	return &tarred{Writer: tar.NewWriter(compressed), gzip: compressed, at: at}, nil
}

func (t *tarred) add(name string, executable bool, content []byte) error {
	header := &tar.Header{Name: name, Mode: mode(executable), Size: int64(len(content)), ModTime: t.at, Uname: "root", Gname: "root", Format: tar.FormatUSTAR}
	if err := t.WriteHeader(header); err != nil {
		return err
	}
	_, err := t.Write(content)
	return err
}

func (t *tarred) Close() error { return errors.Join(t.Writer.Close(), t.gzip.Close()) }

// zipped is a .zip being written.
type zipped struct {
	*zip.Writer
	at time.Time
}

func newZipped(out io.Writer, at time.Time) *zipped {
	z := &zipped{Writer: zip.NewWriter(out), at: at.UTC()}
	z.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestCompression) })
	return z
}

func (z *zipped) add(name string, executable bool, content []byte) error {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: z.at}
	header.SetMode(fs.FileMode(mode(executable)))
	entry, err := z.CreateHeader(header)
	if err != nil {
		return err
	}
	_, err = entry.Write(content)
	return err
}
