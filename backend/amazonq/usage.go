package amazonq

import (
	"math"

	"amq2api/backend/chat"
)

// meter finds out what an answer cost, by the best of three sources: what the service measured, how full it says the context window
// is, an estimate from lengths.
type meter struct {
	window  int         // of the model, in tokens
	output  chat.Tokens // of everything the model wrote
	credits float64     // what the service charged, in its own unit
	tokens  *tokenUsage
	percent float64 // of the context window, with the answer in it; 0 is unknown
}

func (m *meter) measured(tokens tokenUsage) {
	m.filled(tokens.ContextUsagePercentage)
	if tokens.UncachedInput+tokens.CacheRead+tokens.CacheWrite+tokens.Output > 0 {
		m.tokens = &tokens
	}
}

func (m *meter) filled(percent float64) {
	if percent > 0 {
		m.percent = min(percent, 100)
	}
}

// isFull reports whether the answer ended because the context window did.
func (m *meter) isFull() bool { return m.percent >= 100 }

// whole makes a count of a number that may be anything.
func whole(number float64) int {
	const most = 1e12
	return int(min(max(number, 0), most))
}

// charged adds what one event says the answer cost.
func (m *meter) charged(credits float64) {
	if credits > 0 && !math.IsInf(credits, 1) {
		m.credits += credits
	}
}

func (m *meter) usage(request *chat.Request) chat.Usage {
	usage := m.tokensUsed(request)
	usage.Credits = m.credits
	return usage
}

func (m *meter) tokensUsed(request *chat.Request) chat.Usage {
	if m.tokens != nil {
		return chat.Usage{
			Input:      whole(m.tokens.UncachedInput + m.tokens.CacheRead + m.tokens.CacheWrite),
			Output:     whole(m.tokens.Output),
			CacheRead:  whole(m.tokens.CacheRead),
			CacheWrite: whole(m.tokens.CacheWrite),
			Source:     chat.Measured,
		}
	}
	output := m.output.Count()
	if m.percent > 0 {
		total := int(m.percent / 100 * float64(m.window))
		if input := total - output; input > 0 {
			return chat.Usage{Input: input, Output: output, Source: chat.Derived}
		}
	}
	return chat.Usage{Input: chat.Estimate(request), Output: output, Source: chat.Estimated}
}
