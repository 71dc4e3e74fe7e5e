package sse

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestAStringIsQuotedAndEscaped(t *testing.T) {
	for text, want := range map[string]string{
		"":                      `""`,
		"plain":                 `"plain"`,
		"say \"hi\" \\ bye":     `"say \"hi\" \\ bye"`,
		"a\nb\tc\rd":            `"a\nb\tc\rd"`,
		"bell \x07 nul \x00":    `"bell \u0007 nul \u0000"`,
		"日本語 and 🙂":             `"日本語 and 🙂"`,
		"broken \xff\xfe bytes": "\"broken \uFFFD\uFFFD bytes\"",
		"cut rune \xe6\x97":     "\"cut rune \uFFFD\uFFFD\"",
		"<script>&":             `"<script>&"`,
	} {
		if got := string(AppendString(nil, text)); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestAStringIsAppendedToWhatIsThere(t *testing.T) {
	if got := string(AppendString([]byte(`{"a":`), "b")); got != `{"a":"b"` {
		t.Errorf("got %s", got)
	}
}

// Some line readers split at every line end Unicode knows, which would cut a frame in two.
func TestNoLineEndOfUnicodeSurvivesUnescaped(t *testing.T) {
	got := string(AppendString(nil, "a\u2028b\u2029c\u0085d\ve\ff\x1cg"))
	if strings.ContainsAny(got, "\u2028\u2029\u0085\v\f\x1c\n\r") {
		t.Errorf("a line end survived in %q", got)
	}
}

func TestAppendStringDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 256)
	if allocs := testing.AllocsPerRun(100, func() { buf = AppendString(buf[:0], "forty bytes of text, \"quoted\", 日本語\n") }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func FuzzAppendString(f *testing.F) {
	for _, seed := range []string{"", "plain", "\"\\\n", "\x00\x1f\x7f", "\u0085\u2028\u2029", "\xed\xa0\x80", "\xf0\x9f\x99", "日本語🙂\ufffd"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := AppendString([]byte("x"), text)[1:]
		std, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var ours, theirs string
		if err := json.Unmarshal(got, &ours); err != nil {
			t.Fatalf("%q is not JSON: %v", got, err)
		}
		if err := json.Unmarshal(std, &theirs); err != nil {
			t.Fatal(err)
		}
		if ours != theirs {
			t.Fatalf("%q means %q, encoding/json's %q", got, ours, theirs)
		}
		if bytes.ContainsAny(got, "\n\r") {
			t.Fatalf("%q is more than one line", got)
		}
	})
}

func BenchmarkAppendString(b *testing.B) {
	buf := make([]byte, 0, 256)
	for b.Loop() {
		buf = AppendString(buf[:0], "a text delta as they come, forty bytes.\n")
	}
}
