package settings

import (
	"math"
	"slices"
	"strings"
)

// Price is the price of a model as the upstream calls it, whatever the case: by its whole name, else by the longest beginning. False if none fits.
func (s Settings) Price(model string) (Price, bool) {
	at, ok := bestPattern(len(s.Prices), func(i int) string { return s.Prices[i].Model }, model)
	if !ok {
		return Price{}, false
	}
	return s.Prices[at], true
}

// Cost is what tokens of a model cost, in dollars. False if the model has no price.
func (s Settings) Cost(model string, input, output int64) (dollars float64, ok bool) {
	const each = 1e6
	price, ok := s.Price(model)
	return (float64(input)*price.Input + float64(output)*price.Output) / each, ok
}

// bestPattern finds the pattern that fits a name best, whatever the case: the whole name, else the longest beginning.
func bestPattern(count int, pattern func(int) string, name string) (int, bool) {
	name = strings.ToLower(name)
	best, longest := 0, -1
	for i := range count {
		wanted := strings.ToLower(strings.TrimSpace(pattern(i)))
		if wanted == name {
			return i, true
		}
		if start, ok := strings.CutSuffix(wanted, "*"); ok && strings.HasPrefix(name, start) && len(start) > longest {
			best, longest = i, len(start)
		}
	}
	return best, longest >= 0
}

// The bounds of the table of prices.
const (
	maxPrices = 200
	maxPrice  = 1e6
)

// validatePrices wants a model for each price, each model once, and prices that can be added up.
func (s Settings) validatePrices() error {
	if len(s.Prices) > maxPrices {
		return invalid("prices", "prices may have at most %d lines.", maxPrices)
	}
	var seen []string
	for i, price := range s.Prices {
		model := strings.ToLower(strings.TrimSpace(price.Model))
		switch {
		case model == "":
			return invalid("prices", "Price %d has no model.", i+1)
		case strings.Contains(strings.TrimSuffix(model, "*"), "*"):
			return invalid("prices", "The price of %.80s has a * that is not at its end.", price.Model)
		case slices.Contains(seen, model):
			return invalid("prices", "The price of %.80s is there twice.", price.Model)
		case !isPrice(price.Input) || !isPrice(price.Output):
			return invalid("prices", "The price of %.80s must be from 0 to %d dollars for a million tokens.", price.Model, int(maxPrice))
		}
		seen = append(seen, model)
	}
	return nil
}

func isPrice(dollars float64) bool {
	return !math.IsNaN(dollars) && dollars >= 0 && dollars <= maxPrice
}

// maxRetention is the longest time that can be named, in days. For ever is longer.
const maxRetention = 36500

// validateRetention wants sums kept at least as long as what they add up.
func (s Settings) validateRetention() error {
	rows, sums := s.UsageRetention, s.RollupRetention
	switch {
	case rows < 0 || rows > maxRetention:
		return invalid("usage_retention_days", "usage_retention_days must be from 1 to %d days, or 0 to keep requests for ever.", maxRetention)
	case sums < 0 || sums > maxRetention:
		return invalid("rollup_retention_days", "rollup_retention_days must be from 1 to %d days, or 0 to keep sums for ever.", maxRetention)
	case sums != 0 && (rows == 0 || sums < rows):
		return invalid("rollup_retention_days", "rollup_retention_days must not be shorter than usage_retention_days: the statistics are made of the sums.")
	default:
		return nil
	}
}
