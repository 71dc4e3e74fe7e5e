package usage_test

import (
	"strings"
	"testing"

	"amq2api/backend/usage"
)

func TestClientsAreCalledByTheNameOfTheirProduct(t *testing.T) {
	for userAgent, want := range map[string]string{
		"claude-cli/2.1.197 (external, sdk-cli)":                             "Claude Code",
		"claude-code/2.1.197":                                                "Claude Code",
		"codex_exec/0.169.0 (Linux 0; x86_64) unknown (codex_exec; 0.169.0)": "Codex",
		"codex_cli_rs/0.46.0 (Mac OS 15.1; arm64)":                           "Codex",
		"opencode/1.18.33 ai-sdk/provider-utils/4.0.23 runtime/bun/1.3.14":   "opencode",
		"Cline/3.0.65":                 "Cline",
		"Continue/1.5.47":              "Continue",
		"Anthropic/JS 1.12.0":          "Anthropic SDK",
		"AsyncAnthropic/Python 0.68.0": "Anthropic SDK",
		"OpenAI/JS 6.49.0":             "OpenAI SDK",
		"AsyncOpenAI/Python 2.1.0":     "OpenAI SDK",
		"ai-sdk/openai-compatible/2.0.91 ai-sdk/provider-utils/4.0.64 runtime/node.js/v20.20": "AI SDK",
		"ai/6.0.326 ai-sdk/provider-utils/4.0.66 runtime/node.js/v20.20.2":                    "AI SDK",
		"Bun/1.4.0":                         "Bun probe",
		"curl/8.9.1":                        "curl",
		"Zed/0.205.0 (linux; x86_64)":       "Zed",
		"python-requests/2.32":              "python-requests",
		"  air-tool 1.0 ":                   "air-tool",
		"":                                  "Unknown",
		"/1.0":                              "Unknown",
		"\x1b[31mred/1.0":                   "Unknown",
		"名前/1.0":                            "Unknown",
		"evil\r\nheader: x":                 "evil",
		strings.Repeat("long", 1000) + "/1": strings.Repeat("long", 10),
	} {
		if got := usage.ClientName(userAgent); got != want {
			t.Errorf("%q is %q, want %q", userAgent, got, want)
		}
	}
}

func FuzzClientName(f *testing.F) {
	f.Add("claude-cli/2.1.197 (external, sdk-cli)")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, userAgent string) {
		name := usage.ClientName(userAgent)
		if name == "" || len(name) > 40 || strings.Trim(name, "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ ") != "" {
			t.Errorf("%q is %q", userAgent, name)
		}
	})
}
