package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func place(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, words := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(words), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLicencesAreFoundUnderTheirManyNames(t *testing.T) {
	dir := place(t, map[string]string{
		"LICENSE": "one", "LICENCE.md": "two", "COPYING": "three", "NOTICE.txt": "four", "license-sqlite": "five",
		"license.go": "package license", "licenses.json": "{}", "README": "no", "sub/LICENSE": "not ours",
	})
	found, err := textsIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, one := range found {
		words = append(words, one.words)
	}
	if got := strings.Join(words, " "); got != "three two one four five" {
		t.Errorf("found %s", got)
	}
}

func TestATextThatSeveralShareIsPrintedOnce(t *testing.T) {
	shared := []text{{"LICENSE", "the words"}}
	got := string(render([]part{{name: "b", version: "v2", texts: shared}, {name: "a", version: "v1", licence: "MIT", texts: shared}}))
	if strings.Count(got, "the words") != 1 || !strings.Contains(got, "  a v1 (MIT)\n  b v2\n") || !strings.Contains(got, "a (LICENSE)\nb (LICENSE)\n") {
		t.Errorf("it says\n%s", got)
	}
}

func TestEqualTextsAreEqualFiles(t *testing.T) {
	first, second := filepath.Join(t.TempDir(), "a.gz"), filepath.Join(t.TempDir(), "other.gz")
	for _, path := range []string{first, second} {
		if err := write(path, []byte("words")); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := os.ReadFile(first)
	b, _ := os.ReadFile(second)
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Errorf("%x is not %x", a, b)
	}
}

func TestThePagesPackagesAreNamedWithVersionAndLicence(t *testing.T) {
	dir := place(t, map[string]string{
		"bundled.json":                         `["@of/it"]`,
		"node_modules/@of/it/package.json":     `{"name":"@of/it","version":"1.2.3","license":"ISC"}`,
		"node_modules/@of/it/LICENSE":          "words",
		"node_modules/@of/unused/package.json": `{"name":"@of/unused","version":"1.0.0"}`,
	})
	list, err := pageParts(dir)
	if err != nil || len(list) != 1 || list[0].name != "@of/it" || list[0].version != "1.2.3" || list[0].licence != "ISC" || len(list[0].texts) != 1 {
		t.Errorf("got %+v, %v", list, err)
	}
	if _, err := pageParts(t.TempDir()); err == nil {
		t.Error("without a built page it cannot be known what is in it")
	}
}
