package amazonq_test

import (
	"slices"
	"testing"

	"amq2api/backend/amazonq"
)

func TestTheCatalogue(t *testing.T) {
	for _, id := range []string{"claude-sonnet-4.5", "claude-sonnet-4", "claude-haiku-4.5", "claude-opus-4.5", "auto"} {
		if !slices.Contains(amazonq.Models(), id) || amazonq.Window(id) != 200_000 {
			t.Errorf("%s is missing, or has a window of %d", id, amazonq.Window(id))
		}
	}
	if amazonq.Window("claude-of-the-future") != 200_000 {
		t.Error("an unknown model needs a window, too")
	}
}
