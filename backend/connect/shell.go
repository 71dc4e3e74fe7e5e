package connect

import (
	"path/filepath"
	"strings"
)

// shell sets the variables that most tools read, in the profiles that are there.
func shell() tool {
	return tool{
		id: "shell", name: "Shell", dialect: "anthropic", speaks: shellText{}, files: profiles,
		parts: func(t target) []part {
			lines := []string{blockBegin}
			for _, v := range []pair{
				{"ANTHROPIC_BASE_URL", t.root}, {"ANTHROPIC_AUTH_TOKEN", t.key}, {"ANTHROPIC_MODEL", t.model},
				{"OPENAI_BASE_URL", t.root + "/v1"}, {"OPENAI_API_KEY", t.key},
			} {
				word := posixWord(v.value.(string))
				if t.fish {
					lines = append(lines, "set -gx "+v.name+" "+word)
				} else {
					lines = append(lines, "export "+v.name+"="+word)
				}
			}
			return []part{{path: blockPath(), raw: strings.Join(append(lines, blockEnd), "\n")}}
		},
		reads: func(d tree) found {
			in := func(name string) string { return d.text(ourName, name) }
			return found{in("ANTHROPIC_BASE_URL"), in("ANTHROPIC_AUTH_TOKEN"), in("ANTHROPIC_MODEL")}
		},
		notes: []Note{NoteNewTerminals},
	}
}

// profiles are those of the shells that have one, or else that of the user's shell. Windows' shells keep theirs elsewhere.
func profiles(p place) []string {
	bash, zsh, fish := filepath.Join(p.home, ".bashrc"), p.under("ZDOTDIR", "", ".zshrc"), p.config("fish", "config.fish")
	var there []string
	for _, file := range []string{bash, zsh, fish} {
		if exists(file) {
			there = append(there, file)
		}
	}
	switch own := filepath.Base(p.env("SHELL")); {
	case len(there) > 0:
		return there
	case own == "zsh":
		return []string{zsh}
	case own == "fish":
		return []string{fish}
	default:
		return []string{bash}
	}
}
