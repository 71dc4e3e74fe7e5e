package settings_test

import (
	"testing"

	"amq2api/backend/settings"
)

func TestTheBestPatternHasThePrice(t *testing.T) {
	s := settings.Settings{Prices: []settings.Price{
		{Model: "*", Input: 1}, {Model: "claude-*", Input: 2}, {Model: " Claude-Sonnet-* ", Input: 3}, {Model: "claude-sonnet-4.5", Input: 4},
	}}
	for model, want := range map[string]float64{"claude-sonnet-4.5": 4, "Claude-Sonnet-4": 3, "claude-haiku-4.5": 2, "auto": 1, "": 1} {
		if price, ok := s.Price(model); !ok || price.Input != want {
			t.Errorf("%q costs %v, %v", model, price.Input, ok)
		}
	}
	if _, ok := settings.Defaults().Price("claude-sonnet-4.5"); ok {
		t.Error("a price nobody set")
	}
}

func TestKeepingSumsForEverIsLongEnough(t *testing.T) {
	s := settings.Defaults()
	for _, days := range [][2]int{{0, 0}, {90, 0}, {90, 90}, {1, 1}} {
		if s.UsageRetention, s.RollupRetention = days[0], days[1]; s.Validate() != nil {
			t.Errorf("%v: %v", days, s.Validate())
		}
	}
}
