package chat_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend/chat"
)

// Every byte of every request is counted: this must stay about a gigabyte a second, without an allocation.
func BenchmarkTokens200K(b *testing.B) {
	paths, err := filepath.Glob("*.go")
	if err != nil {
		b.Fatal(err)
	}
	var source strings.Builder
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		source.Write(text)
	}
	text := strings.Repeat(source.String(), 20)[:200_000]
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var tokens chat.Tokens
		tokens.Add(text)
	}
}
