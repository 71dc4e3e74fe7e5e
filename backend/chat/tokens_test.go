package chat_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend/chat"
)

// counted are the true counts of a file in testdata/tokens, made by build/tools/tokens.
type counted struct {
	Claude int `json:"claude"`
	O200K  int `json:"o200k"`
}

func countedTexts(t testing.TB) map[string]counted {
	t.Helper()
	encoded, err := os.ReadFile("testdata/tokens/counts.json")
	if err != nil {
		t.Fatal(err)
	}
	var counts map[string]counted
	if err := json.Unmarshal(encoded, &counts); err != nil {
		t.Fatal(err)
	}
	return counts
}

func readText(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/tokens", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// errorBounds say for each kind of text how far the estimate of one file may be from Anthropic's published tokenizer.
var errorBounds = map[string]struct{ under, over float64 }{
	"go":         {0.08, 0.12},
	"typescript": {0.08, 0.12},
	"svelte":     {0.08, 0.12},
	"sql":        {0.08, 0.12},
	"markdown":   {0.08, 0.12},
	"json":       {0.08, 0.12},
	"schema":     {0.08, 0.12},
	"diff":       {0.08, 0.12},
	"log":        {0.08, 0.12},
	"trace":      {0.08, 0.12},
	"prose":      {0.08, 0.12},
	"base64":     {0.08, 0.12},
	"hex":        {0.08, 0.12},
	"emoji":      {0.08, 0.12},
	"chinese":    {0.10, 0.30}, // a character is a token in a novel and three quarters of one in a manual
	"japanese":   {0.08, 0.15},
	"korean":     {0.08, 0.15},
	"russian":    {0.08, 0.15},
	"arabic":     {0.08, 0.15},
	"german":     {0.15, 0.12},
}

func TestTheEstimateIsNearAPublicTokenizer(t *testing.T) {
	counts := countedTexts(t)
	files, err := filepath.Glob("testdata/tokens/*.txt")
	if err != nil || len(files) != len(counts) || len(files) < 30 {
		t.Fatalf("%d files, %d counts: run build/tools/tokens", len(files), len(counts))
	}
	seen := map[string]bool{}
	for name, truth := range counts {
		kind, _, _ := strings.Cut(name, "-")
		bounds, known := errorBounds[kind]
		if !known {
			t.Errorf("%s is of no kind that has bounds", name)
		}
		seen[kind] = true
		var tokens chat.Tokens
		tokens.Add(readText(t, name))
		off := float64(tokens.Count())/float64(truth.Claude) - 1
		t.Logf("%-18s %5d claude %5d (%+5.1f%%) o200k %5d (%+5.1f%%)", name, tokens.Count(), truth.Claude, 100*off, truth.O200K,
			100*(float64(tokens.Count())/float64(truth.O200K)-1))
		if off < -bounds.under || off > bounds.over {
			t.Errorf("%s is estimated at %d tokens and has %d: %+.1f%%", name, tokens.Count(), truth.Claude, 100*off)
		}
		if tokens.Count() < truth.O200K*97/100 {
			t.Errorf("%s is estimated at %d tokens, fewer than the %d that even OpenAI's tokenizer counts", name, tokens.Count(), truth.O200K)
		}
	}
	if len(seen) != len(errorBounds) {
		t.Errorf("texts of %d kinds, bounds for %d", len(seen), len(errorBounds))
	}
}

// Clients count in order to compact in time: over everything an estimate that is a little too high is right, one too low is not.
func TestTheEstimateLeansToTooMany(t *testing.T) {
	estimated, truth := 0, 0
	for name, counts := range countedTexts(t) {
		var tokens chat.Tokens
		tokens.Add(readText(t, name))
		estimated, truth = estimated+tokens.Count(), truth+counts.Claude
	}
	if off := float64(estimated)/float64(truth) - 1; off < 0 || off > 0.06 {
		t.Errorf("%d tokens are estimated at %d: %+.1f%%", truth, estimated, 100*off)
	}
}

func TestTokensCountTheSameHoweverTextIsCut(t *testing.T) {
	for name := range countedTexts(t) {
		text := readText(t, name)
		var whole chat.Tokens
		whole.Add(text)
		for _, size := range []int{1, 2, 3, 7, 1000} {
			var pieces chat.Tokens
			for from := 0; from < len(text); from += size {
				pieces.Add(text[from:min(from+size, len(text))])
			}
			if pieces != whole || whole.Count() == 0 {
				t.Errorf("%s: whole %d, in pieces of %d bytes %d", name, whole.Count(), size, pieces.Count())
			}
		}
	}
}

// A limit of tokens cuts between two characters, because only the first byte of one costs anything.
func TestOnlyTheFirstByteOfACharacterCosts(t *testing.T) {
	for _, character := range []string{"é", "ж", "λ", "ש", "ع", "ก", "—", "か", "敏", "한", "！", "👍"} {
		var tokens chat.Tokens
		tokens.Add(character[:1])
		first := tokens.Count()
		tokens.Add(character[1:])
		if tokens.Count() != first || first == 0 {
			t.Errorf("%s costs %d, its first byte %d", character, tokens.Count(), first)
		}
	}
}

func TestTokensCountWhatTheModelWroteOfAnEvent(t *testing.T) {
	for want, event := range map[string]chat.Event{
		"text":         {Kind: chat.TextDelta, Text: "text"},
		"a thought":    {Kind: chat.ThinkingDelta, Text: "a thought", Signature: strings.Repeat("s", 100)},
		"read_file":    {Kind: chat.ToolStart, Name: "read_file", ToolID: "tooluse_1"},
		`{"path":"a"}`: {Kind: chat.ToolInput, Text: `{"path":"a"}`, ToolID: "tooluse_1"},
		"":             {Kind: chat.Stopped, Text: "the stop sequence that matched"},
	} {
		var heard, said chat.Tokens
		heard.AddEvent(event)
		said.Add(want)
		if heard.Count() != said.Count() {
			t.Errorf("%+v counts %d, want that of %q, %d", event, heard.Count(), want, said.Count())
		}
	}
}

func TestCountingNeedsNoMemory(t *testing.T) {
	text := readText(t, "go-1.txt")
	if allocations := testing.AllocsPerRun(10, func() {
		var tokens chat.Tokens
		tokens.Add(text)
	}); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}

// FuzzTokens: whatever the bytes and wherever the cut, the count is that of the whole, and it only grows.
func FuzzTokens(f *testing.F) {
	f.Add("The quick brown fox. 敏捷的棕色狐狸。 👍", uint(25))
	f.Add("\xff\x80\xe4", uint(1))
	f.Fuzz(func(t *testing.T, text string, at uint) {
		cut := int(at % uint(len(text)+1))
		var whole, pieces chat.Tokens
		whole.Add(text)
		pieces.Add(text[:cut])
		before := pieces.Count()
		pieces.Add(text[cut:])
		if pieces != whole || before > whole.Count() || math.MaxInt32 < whole.Count() {
			t.Errorf("%q cut at %d: %d, whole %d", text, cut, pieces.Count(), whole.Count())
		}
	})
}
