package usage

import "strings"

const (
	unknownClient   = "Unknown"
	maxClientLength = 40
)

// products are the clients whose user agent does not begin with the name people know them by. The first match of a lower-case prefix wins.
// Source: observed requests.
var products = []struct{ prefix, name string }{
	{"claude-cli/", "Claude Code"},
	{"claude-code/", "Claude Code"},
	{"codex", "Codex"},
	{"cline", "Cline"},
	{"continue", "Continue"},
	{"opencode/", "opencode"},
	{"qwencode/", "Qwen Code"},
	{"roocode/", "Roo Code"},
	{"kilo", "Kilo Code"},
	{"anthropic/", "Anthropic SDK"},
	{"asyncanthropic/", "Anthropic SDK"},
	{"openai/", "OpenAI SDK"},
	{"asyncopenai/", "OpenAI SDK"},
	{"ai-sdk/", "AI SDK"},
	{"ai/", "AI SDK"},
	{"bun/", "Bun probe"},
	{"mozilla/", "Browser"},
}

// ClientName is a client's product name, from its user agent: the name people know it by, else the first product in the user agent without
// its version, at most 40 bytes of printable ASCII.
func ClientName(userAgent string) string {
	userAgent = strings.TrimSpace(userAgent)
	known := strings.ToLower(userAgent[:min(len(userAgent), maxClientLength)])
	for _, product := range products {
		if strings.HasPrefix(known, product.prefix) {
			return product.name
		}
	}
	end := strings.IndexFunc(userAgent, func(r rune) bool { return r <= ' ' || r > '~' || r == '/' || r == '(' })
	if end < 0 {
		end = len(userAgent)
	}
	if end == 0 {
		return unknownClient
	}
	return userAgent[:min(end, maxClientLength)]
}
