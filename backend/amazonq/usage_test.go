package amazonq

import (
	"fmt"
	"strings"
	"testing"

	"amq2api/backend/chat"
)

// A request beyond the window is refused with the number that counting it gives, one within it with a number that is still beyond.
func TestTooLongSaysByHowMuch(t *testing.T) {
	const window = 1000
	for name, text := range map[string]string{"short": "hi", "long": strings.Repeat("words and words ", 2000)} {
		t.Run(name, func(t *testing.T) {
			request := &chat.Request{Messages: []chat.Message{{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: text}}}}}
			var tokens, maximum int
			if _, err := fmt.Sscanf(tooLong(request, window), "prompt is too long: %d tokens > %d maximum", &tokens, &maximum); err != nil {
				t.Fatal(err)
			}
			if estimate := chat.Estimate(request); maximum != window || tokens <= maximum || estimate > window && tokens != estimate {
				t.Errorf("%d tokens > %d, estimated %d", tokens, maximum, estimate)
			}
		})
	}
}

// What is not measured is tagged so, and a cache is never made up.
func TestUsageSaysHowItWasComeBy(t *testing.T) {
	request := &chat.Request{Messages: []chat.Message{{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: "hi"}}}}}
	said := func(m *meter) *meter { m.output.Add("Hello there."); return m }
	var output chat.Tokens
	output.Add("Hello there.")
	counted := tokenUsage{UncachedInput: 10, CacheRead: 20, CacheWrite: 30, Output: 5}
	full := &meter{window: 1000}
	full.filled(50)
	measured := &meter{window: 1000}
	measured.measured(counted)
	measured.filled(50)
	for name, step := range map[string]struct {
		meter *meter
		want  chat.Usage
	}{
		"nothing is known":       {&meter{window: 1000}, chat.Usage{Input: chat.Estimate(request), Output: output.Count(), Source: chat.Estimated}},
		"how full the window is": {full, chat.Usage{Input: 500 - output.Count(), Output: output.Count(), Source: chat.Derived}},
		"the service counted":    {measured, chat.Usage{Input: 60, Output: 5, CacheRead: 20, CacheWrite: 30, Source: chat.Measured}},
	} {
		if got := said(step.meter).usage(request); got != step.want {
			t.Errorf("%s: %+v, want %+v", name, got, step.want)
		}
	}
}
