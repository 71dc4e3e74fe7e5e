package anthropic

import (
	"path/filepath"
	"testing"

	"amq2api/backend/chat"
)

// Clients ask for the price of a request, send it, and compare: the three numbers must be one.
func TestTheCountIsWhatTheStreamBeginsAndEndsWith(t *testing.T) {
	paths, err := filepath.Glob("testdata/recorded/*.json")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, path := range paths {
		body := []byte(recorded(t, filepath.Base(path)).Body)
		request, rendering, err := Decode(body, meta())
		if err != nil {
			continue // it has no messages: a question for models or a count
		}
		counted, err := CountTokens(body)
		if err != nil {
			t.Fatal(err)
		}
		want := counted.(*count).InputTokens
		h, err := listen(play(rendering, streaming([]chat.Event{
			{Kind: chat.TextDelta, Text: "Yes."},
			{Kind: chat.Spent, Usage: chat.Usage{Input: chat.Estimate(request), Output: 2, Source: chat.Estimated}},
			{Kind: chat.Stopped},
		}, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if *h.began.Input != want || *h.Usage.Input != want || *h.Usage.CacheRead+*h.Usage.CacheWrite != 0 {
			t.Errorf("%s counts %d, begins with %d, ends with %d", path, want, *h.began.Input, *h.Usage.Input)
		}
		compared++
	}
	if compared < 10 {
		t.Errorf("only %d requests were compared", compared)
	}
}
