package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// folder makes the same files in a place and at a time of their own, in the order given.
func folder(t *testing.T, names ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "thing-1.0")
	for _, name := range names {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		permission := os.FileMode(0o600)
		if name == "program" {
			permission = 0o700
		}
		if err := os.WriteFile(path, []byte("the content of "+name), permission); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func packed(t *testing.T, kind, dir string, at time.Time) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out"+kind)
	if err := pack(path, dir, at); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestEqualContentsMakeEqualArchivesWhereverAndWhenever(t *testing.T) {
	for _, kind := range []string{".tar.gz", ".zip"} {
		one := packed(t, kind, folder(t, "program", "README", "doc/a", "doc/b"), noon)
		dir := folder(t, "doc/b", "README", "doc/a", "program")
		if err := os.Chtimes(filepath.Join(dir, "README"), noon, noon.AddDate(-1, 0, 0)); err != nil {
			t.Fatal(err)
		}
		if other := packed(t, kind, dir, noon.In(time.FixedZone("elsewhere", 7200))); !bytes.Equal(one, other) {
			t.Errorf("%s: the same contents made different archives", kind)
		}
		if other := packed(t, kind, folder(t, "program", "README", "doc/a"), noon); bytes.Equal(one, other) {
			t.Errorf("%s: other contents made the same archive", kind)
		}
	}
}

func TestATarHasRootsFilesBelowTheFoldersName(t *testing.T) {
	plain, err := gzip.NewReader(bytes.NewReader(packed(t, ".tar.gz", folder(t, "program", "README"), noon)))
	if err != nil {
		t.Fatal(err)
	}
	files := tar.NewReader(plain)
	for _, want := range []struct {
		name string
		mode int64
	}{{"thing-1.0/README", 0o644}, {"thing-1.0/program", 0o755}} {
		got, err := files.Next()
		if err != nil || got.Name != want.name || got.Mode != want.mode || got.Uid != 0 || !got.ModTime.Equal(noon) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
	if _, err := files.Next(); err != io.EOF {
		t.Errorf("more than was put in: %v", err)
	}
}

func TestAZipKeepsWhatIsExecutable(t *testing.T) {
	content := packed(t, ".zip", folder(t, "program", "README"), noon)
	files, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	if files.File[0].Name != "thing-1.0/README" || files.File[1].Mode().Perm() != 0o755 || !files.File[1].Modified.Equal(noon) {
		t.Errorf("got %+v and %+v", files.File[0].FileHeader, files.File[1].FileHeader)
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	dir := folder(t, "README")
	if err := os.Symlink("README", filepath.Join(dir, "link")); err != nil {
		t.Skip("this system makes no links here")
	}
	if err := pack(filepath.Join(t.TempDir(), "out.zip"), dir, noon); err == nil {
		t.Error("a link was packed")
	}
	if err := pack(filepath.Join(t.TempDir(), "out.rar"), folder(t, "README"), noon); err == nil {
		t.Error("an archive of a sort that nobody knows was made")
	}
}
