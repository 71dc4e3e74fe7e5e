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
	Running      string `json:"tray_running"`
	Stopped      string `json:"tray_stopped"`
	Paused       string `json:"tray_paused"`
	PortTaken    string `json:"tray_port_taken"`
	PortRefused  string `json:"tray_port_refused"`
	CannotListen string `json:"tray_cannot_listen"`
	NobodyReady  string `json:"tray_nobody_ready"`
	NoAccounts   string `json:"tray_no_accounts"`
	Accounts     string `json:"tray_accounts"`
	Quota        string `json:"tray_quota"`
	Start        string `json:"tray_start"`
	Stop         string `json:"tray_stop"`
	Pause        string `json:"tray_pause"`
	PauseShort   string `json:"tray_pause_short"`
	PauseLong    string `json:"tray_pause_long"`
	CopyClaude   string `json:"tray_copy_claude"`
	CopyOpenAI   string `json:"tray_copy_openai"`
	Open         string `json:"tray_open"`
	Quit         string `json:"tray_quit"`
}

// labels reads the tray's words.
func labels(files embed.FS, language string) desktop.Labels {
	var w words
	read(files, language, &w)
	return desktop.Labels(w)
}

// troubleWords are what a program that cannot start says.
type troubleWords struct {
	Title         string `json:"trouble_title"`
	NoKeychain    string `json:"trouble_no_keychain"`
	FileVaultNote string `json:"trouble_file_vault_note"`
	FileVault     string `json:"trouble_file_vault"`
	Retry         string `json:"trouble_retry"`
	Quit          string `json:"trouble_quit"`
	lang          string
}

func troubleIn(language string) (w troubleWords) {
	w.lang = read(messages, language, &w)
	return w
}

// read fills w with words of the language the user chose, and is the language they are in; an empty choice follows the system.
func read(files embed.FS, language string, w any) string {
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
	if err := json.Unmarshal(text, w); err != nil {
		panic(err) // a test reads the same file
	}
	return language
}

func firstSet(names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return ""
}
