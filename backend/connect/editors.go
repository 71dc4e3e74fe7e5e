package connect

import (
	"fmt"
	"path/filepath"
	"runtime"
)

// continueDev uses the first of its models. Its extensions of editors read the same file.
func continueDev() tool {
	files := func(p place) []string {
		return []string{p.under("CONTINUE_GLOBAL_DIR", ".continue", "config.yaml")}
	}
	return tool{
		id: "continue", name: "Continue", dialect: "openai", speaks: yamlText{}, program: "cn", files: files, signs: folderOf(files),
		fresh: "name: AMQ2API\nversion: 1.0.0\nschema: v1\n",
		parts: func(t target) []part {
			quoted := yamlText{}.render
			return []part{{path: []string{"models", ourName}, raw: fmt.Sprintf(`- name: %s
  provider: openai
  model: %s
  apiBase: %s
  apiKey: %s
  roles: [chat, edit, apply]
  capabilities: [tool_use, image_input]
  defaultCompletionOptions:
    contextLength: %d`, ourName, quoted(t.model), quoted(t.root+"/v1"), quoted(t.key), contextWindow)}}
		},
		reads: func(d tree) found {
			in := func(name string) string { return d.text("models", ourName, name) }
			return found{in("apiBase"), in("apiKey"), in("model")}
		},
		notes: []Note{NoteRestart},
	}
}

// qwenCode has a key and an address in its settings, for OpenAI's API. Source: the official CLI.
func qwenCode() tool {
	files := func(p place) []string { return []string{filepath.Join(p.home, ".qwen", "settings.json")} }
	return tool{
		id: "qwen-code", name: "Qwen Code", dialect: "openai", speaks: jsonc{}, program: "qwen", files: files, signs: folderOf(files), fresh: "{}\n",
		parts: func(t target) []part {
			parts := members([]string{"security", "auth"}, pair{"selectedType", "openai"}, pair{"apiKey", t.key}, pair{"baseUrl", t.root + "/v1"})
			return append(parts, members([]string{"model"}, pair{"name", t.model})...)
		},
		reads: func(d tree) found {
			in := func(name string) string { return d.text("security", "auth", name) }
			return found{in("baseUrl"), in("apiKey"), d.text("model", "name")}
		},
		notes: []Note{NoteRestart},
	}
}

// zed keeps keys in the system's keychain, where only Zed itself can put one.
func zed() tool {
	files := func(p place) []string {
		if runtime.GOOS == "windows" {
			return []string{p.under("APPDATA", "AppData/Roaming", "Zed", "settings.json")}
		}
		return []string{p.config("zed", "settings.json")}
	}
	return tool{
		id: "zed", name: "Zed", dialect: "openai", speaks: jsonc{}, program: "zed", files: files, signs: folderOf(files), fresh: "{}\n",
		parts: func(t target) []part {
			provider := zedProvider{t.root + "/v1", []zedModel{{t.model, t.model, contextWindow, outputWindow, zedCapabilities{true, true}}}}
			return members([]string{"language_models", "openai_compatible"}, pair{ourName, provider})
		},
		reads: func(d tree) found {
			provider := d.at("language_models", "openai_compatible", ourName)
			models := provider.at("available_models").items
			if len(models) == 0 {
				return found{base: provider.text("api_url")}
			}
			return found{base: provider.text("api_url"), model: models[0].text("name")}
		},
		notes: []Note{NoteKeyByHand},
	}
}

// What stands in Zed's settings.
type (
	zedProvider struct {
		APIURL string     `json:"api_url"`
		Models []zedModel `json:"available_models"`
	}
	zedModel struct {
		Name         string          `json:"name"`
		DisplayName  string          `json:"display_name"`
		MaxTokens    int             `json:"max_tokens"`
		MaxOutput    int             `json:"max_output_tokens"`
		Capabilities zedCapabilities `json:"capabilities"`
	}
	zedCapabilities struct {
		Tools  bool `json:"tools"`
		Images bool `json:"images"`
	}
)
