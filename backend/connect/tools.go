package connect

import (
	"fmt"
	"path/filepath"
	"strings"
)

// The tokens that fit into a conversation with Amazon Q's Claude models, and into one answer.
const (
	contextWindow = 200_000
	outputWindow  = 32_000
)

// Names of ours in other tools' settings.
const (
	ourProvider = "amq2api" // Codex
	ourAMQ      = "amq"     // opencode
	ourName     = "AMQ2API"
)

// tools are all there are, in the page's order.
func tools() []tool {
	return []tool{
		claudeCode(), codex(), openCode(), cline(), continueDev(), qwenCode(),
		{id: "vscode", name: "VS Code", dialect: "openai", program: "code"},
		zed(),
		{id: "cursor", name: "Cursor", dialect: "openai", program: "cursor"},
		shell(),
	}
}

// claudeCode reads variables from its settings. Source: the official CLI.
func claudeCode() tool {
	files := func(p place) []string { return []string{p.under("CLAUDE_CONFIG_DIR", ".claude", "settings.json")} }
	return tool{
		id: "claude-code", name: "Claude Code", dialect: "anthropic", speaks: jsonc{}, program: "claude", files: files, signs: folderOf(files), fresh: "{}\n",
		parts: func(t target) []part {
			return members([]string{"env"}, pair{"ANTHROPIC_BASE_URL", t.root}, pair{"ANTHROPIC_AUTH_TOKEN", t.key}, pair{"ANTHROPIC_MODEL", t.model})
		},
		reads: func(d tree) found {
			return found{d.text("env", "ANTHROPIC_BASE_URL"), d.text("env", "ANTHROPIC_AUTH_TOKEN"), d.text("env", "ANTHROPIC_MODEL")}
		},
		notes: []Note{NoteRestart},
		overrides: func(d tree, _ func(string) string) (names []string) {
			if d.at("apiKeyHelper").there() {
				names = append(names, "apiKeyHelper")
			}
			for _, name := range []string{"ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"} {
				if d.at("env", name).there() {
					names = append(names, "env."+name)
				}
			}
			return names
		},
	}
}

// codex takes a provider's key as a bearer token from its settings, so that no variable has to be set. Source: the official CLI.
func codex() tool {
	files := func(p place) []string { return []string{p.under("CODEX_HOME", ".codex", "config.toml")} }
	table := []string{"model_providers", ourProvider}
	return tool{
		id: "codex", name: "Codex", dialect: "responses", speaks: tomlText{}, program: "codex", files: files, signs: folderOf(files),
		parts: func(t target) []part {
			quoted := tomlText{}.render
			return []part{
				{path: []string{"model"}, raw: quoted(t.model)},
				{path: []string{"model_provider"}, raw: quoted(ourProvider)},
				{path: []string{"model_context_window"}, raw: fmt.Sprint(contextWindow)},
				{path: table, raw: fmt.Sprintf("[model_providers.%s]\nname = %s\nbase_url = %s\nwire_api = \"responses\"\nexperimental_bearer_token = %s",
					ourProvider, quoted(ourName), quoted(t.root+"/v1"), quoted(t.key))},
			}
		},
		reads: func(d tree) found {
			provider := d.text("model_provider")
			return found{d.text("model_providers", provider, "base_url"), d.text("model_providers", provider, "experimental_bearer_token"), d.text("model")}
		},
		notes: []Note{NoteRestart},
		overrides: func(d tree, _ func(string) string) []string {
			if d.at("profile").there() {
				return []string{"profile"}
			}
			return nil
		},
	}
}

// openCode reads JSON with comments; a file called jsonc comes after the other, and so decides.
func openCode() tool {
	files := func(p place) []string {
		if file := p.config("opencode", "opencode.jsonc"); exists(file) {
			return []string{file}
		}
		return []string{p.config("opencode", "opencode.json")}
	}
	return tool{
		id: "opencode", name: "opencode", dialect: "openai", speaks: jsonc{}, program: "opencode", files: files, signs: folderOf(files),
		fresh: "{\n  \"$schema\": \"https://opencode.ai/config.json\"\n}\n",
		parts: func(t target) []part {
			provider := openCodeProvider{
				NPM: "@ai-sdk/openai-compatible", Name: ourName, Options: openCodeOptions{t.root + "/v1", t.key},
				Models: map[string]openCodeModel{t.model: {Name: t.model, Limit: openCodeLimit{contextWindow, outputWindow}}},
			}
			return append(members([]string{"provider"}, pair{ourAMQ, provider}), members(nil, pair{"model", ourAMQ + "/" + t.model})...)
		},
		reads: func(d tree) found {
			provider, model, _ := strings.Cut(d.text("model"), "/")
			return found{d.text("provider", provider, "options", "baseURL"), d.text("provider", provider, "options", "apiKey"), model}
		},
		notes: []Note{NoteRestart},
		overrides: func(_ tree, env func(string) string) (names []string) {
			for _, name := range []string{"OPENCODE_CONFIG", "OPENCODE_CONFIG_CONTENT"} {
				if env(name) != "" {
					names = append(names, name)
				}
			}
			return names
		},
	}
}

// What stands in opencode's settings.
type (
	openCodeProvider struct {
		NPM     string                   `json:"npm"`
		Name    string                   `json:"name"`
		Options openCodeOptions          `json:"options"`
		Models  map[string]openCodeModel `json:"models"`
	}
	openCodeOptions struct {
		BaseURL string `json:"baseURL"`
		APIKey  string `json:"apiKey"`
	}
	openCodeModel struct {
		Name  string        `json:"name"`
		Limit openCodeLimit `json:"limit"`
	}
	openCodeLimit struct {
		Context int `json:"context"`
		Output  int `json:"output"`
	}
)

// stamp is how Cline writes times.
const stamp = "2006-01-02T15:04:05.000Z"

// cline keeps what its command's auth writes. An entry that lacks a member makes it forget the file. Source: the official CLI.
func cline() tool {
	const provider = "openai-compatible"
	files := func(p place) []string {
		return []string{filepath.Join(p.home, ".cline", "data", "settings", "providers.json")}
	}
	settings := []string{"providers", provider, "settings"}
	return tool{
		id: "cline", name: "Cline", dialect: "openai", speaks: jsonc{}, program: "cline", files: files,
		signs: func(p place) []string { return []string{filepath.Join(p.home, ".cline")} },
		fresh: "{\n  \"version\": 1,\n  \"modes\": {},\n  \"providers\": {}\n}\n",
		parts: func(t target) []part {
			parts := members(settings, pair{"provider", provider}, pair{"apiKey", t.key}, pair{"model", t.model}, pair{"baseUrl", t.root + "/v1"})
			parts = append(parts, members(nil, pair{"lastUsedProvider", provider})...)
			for _, required := range members(settings[:2], pair{"tokenSource", "manual"}, pair{"updatedAt", t.at.UTC().Format(stamp)}) {
				required.soft = true
				parts = append(parts, required)
			}
			return parts
		},
		reads: func(d tree) found {
			if d.text("lastUsedProvider") != provider {
				return found{}
			}
			in := func(name string) string { return d.text("providers", provider, "settings", name) }
			return found{in("baseUrl"), in("apiKey"), in("model")}
		},
		notes: []Note{NoteRestart},
	}
}

// pair is a member of ours.
type pair struct {
	name  string
	value any
}

// members are parts below a path of JSON.
func members(path []string, pairs ...pair) []part {
	parts := make([]part, 0, len(pairs))
	for _, p := range pairs {
		parts = append(parts, part{path: append(path[:len(path):len(path)], p.name), raw: jsonc{}.render(p.value)})
	}
	return parts
}
