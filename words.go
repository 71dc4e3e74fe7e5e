//go:build production || dev || bindings

package main

import (
	"embed"
	"encoding/json"
	"os"
	"strings"

	"amq2api/backend/desktop"
)

// words are the texts of a message file that are shown outside the page.
type words struct {
	Running    string `json:"tray_running"`
	Stopped    string `json:"tray_stopped"`
	Start      string `json:"tray_start"`
	Stop       string `json:"tray_stop"`
	CopyClaude string `json:"tray_copy_claude"`
	CopyOpenAI string `json:"tray_copy_openai"`
	Open       string `json:"tray_open"`
	Quit       string `json:"tray_quit"`
}

// labels reads the tray's words in the language the user chose; an empty choice follows the system.
func labels(files embed.FS, language string) desktop.Labels {
	if language == "" && strings.HasPrefix(strings.ToLower(firstSet("LC_ALL", "LC_MESSAGES", "LANG")), "zh") {
		language = "zh-CN"
	}
	if language != "zh-CN" {
		language = "en"
	}
	text, err := files.ReadFile("frontend/messages/" + language + ".json")
	if err != nil {
		panic(err) // the file is embedded by name
	}
	var w words
	if err := json.Unmarshal(text, &w); err != nil {
		panic(err) // a test reads the same file
	}
	return desktop.Labels(w)
}

func firstSet(names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}
