package connect

import (
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// tool is a program whose settings can be written, or only shown.
type tool struct {
	id      string
	name    string // a key made for it is called so
	dialect string // anthropic, openai, responses
	speaks  language
	program string                    // its command; empty if it has none
	signs   func(place) []string      // folders that are there if it is installed
	files   func(place) []string      // what is written; nil if it can only be shown
	fresh   string                    // what a file begins as if there is none
	parts   func(target) []part       // what is ours in each file
	reads   func(document tree) found // what the tool makes of a file
	notes   []Note
	// overrides names what takes precedence over what is written; nil if nothing is known to.
	overrides func(document tree, env func(string) string) []string
}

// target is what is written.
type target struct {
	root  string // this program's address without a path; Anthropic's clients add /v1 themselves
	model string // as clients write it
	key   string
	at    time.Time
	fish  bool // the file is one of fish's
}

// part is one thing of ours in a file.
type part struct {
	path []string
	raw  string
	soft bool // only what the file's form asks for: what stands there already stays, and the tool may change ours
}

// found is what a file tells a tool to call, and how.
type found struct{ base, key, model string }

// place is where tools lie and keep their settings.
type place struct {
	home    string
	env     func(string) string
	folders []string // of commands, besides those in PATH
}

// under is a folder below the one that a variable names, or else below the home.
func (p place) under(variable, otherwise string, names ...string) string {
	root := p.env(variable)
	if !filepath.IsAbs(root) {
		root = filepath.Join(p.home, filepath.FromSlash(otherwise))
	}
	return filepath.Join(append([]string{root}, names...)...)
}

func (p place) config(names ...string) string { return p.under("XDG_CONFIG_HOME", ".config", names...) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// usualFolders are where commands lie that a desktop's PATH often lacks.
func usualFolders(home string) []string {
	folders := []string{"/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"}
	for _, own := range []string{
		".local/bin", ".npm-global/bin", ".bun/bin", ".opencode/bin", ".claude/local", ".volta/bin", ".cargo/bin", "AppData/Roaming/npm",
	} {
		folders = append(folders, filepath.Join(home, filepath.FromSlash(own)))
	}
	return folders
}

// installed reports whether a tool's command or its folder is there.
func (t tool) installed(p place) bool {
	if t.signs != nil {
		for _, folder := range t.signs(p) {
			if exists(folder) {
				return true
			}
		}
	}
	if t.program == "" {
		return false
	}
	for _, folder := range append(filepath.SplitList(p.env("PATH")), p.folders...) {
		for _, ending := range endings() {
			if status, err := os.Stat(filepath.Join(folder, t.program+ending)); err == nil && !status.IsDir() {
				return true
			}
		}
	}
	return false
}

func endings() []string {
	if runtime.GOOS == "windows" {
		return []string{".exe", ".cmd", ".bat"}
	}
	return []string{""}
}

// folderOf says that a tool is there if the folder of its first file is.
func folderOf(files func(place) []string) func(place) []string {
	return func(p place) []string { return []string{filepath.Dir(files(p)[0])} }
}
