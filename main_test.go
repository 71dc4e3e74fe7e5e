package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend"
	"amq2api/backend/fault"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	command := commands()
	command.SetArgs(args)
	command.SetOut(&out)
	err := command.ExecuteContext(t.Context())
	return out.String(), err
}

func TestVersionAndHelp(t *testing.T) {
	if out, err := run(t, "version"); err != nil || !strings.HasPrefix(out, "amq2api "+version+"\n") {
		t.Errorf("version prints %q, %v", out, err)
	}
	out, err := run(t, "--help")
	for _, word := range []string{"serve", "demo", "admin-token"} {
		if err != nil || !strings.Contains(out, word) {
			t.Errorf("the help does not name %s: %v", word, err)
		}
	}
	if _, err := run(t, "nonsense"); err == nil {
		t.Error("an unknown subcommand must be refused")
	}
}

func TestAProfileThatWasNeverMadeHasNoToken(t *testing.T) {
	t.Setenv("DATABASE_PATH", t.TempDir()+"/none/amq2api.db")
	if _, err := run(t, "admin-token"); err == nil || !strings.Contains(err.Error(), "start AMQ2API once") {
		t.Errorf("got %v", err)
	}
}

func TestServeRefusesValuesThatCannotBeMeant(t *testing.T) {
	for name, value := range map[string]string{"PORT": "eighty", "AMQ2API_VAULT": "drawer", "AMQ2API_ADMIN_TOKEN": "short"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("DATABASE_PATH", t.TempDir()+"/amq2api.db")
			t.Setenv(name, value)
			if _, err := run(t, "serve"); err == nil {
				t.Errorf("%s=%s was taken", name, value)
			}
		})
	}
}

func TestErrorsAreSentencesOnTheTerminal(t *testing.T) {
	inside := fault.Wrap(fault.Unavailable, errors.New("dial unix"), "The keychain is locked. Unlock it.")
	err := fmt.Errorf("open: %w", errors.Join(backend.ErrNoKeychain, inside))
	if got := fault.Sentence(err); got != inside.Message {
		t.Errorf("the terminal shows %q", got)
	}
	if exitCode(err) != exitNoKeychain || exitCode(errors.New("other")) != 1 {
		t.Error("only a missing keychain has an exit code of its own")
	}
}

func TestReplaySaysWhetherAConversationGoesAsItWent(t *testing.T) {
	const file = "backend/testdata/captures/responses_continued.txtar"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := run(t, "replay", file); err != nil || out != "same     1  /v1/responses\nsame     2  /v1/responses\n" {
		t.Errorf("it prints %q, %v", out, err)
	}
	other := filepath.Join(t.TempDir(), "other.txtar")
	if err := os.WriteFile(other, bytes.Replace(text, []byte("What is my name?"), []byte("What is her name?"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := run(t, "replay", other)
	if !errors.Is(err, errDiffers) || exitCode(err) != 1 || !strings.Contains(out, "same     1") || !strings.Contains(out, "differs  2") {
		t.Errorf("another conversation prints %q, %v", out, err)
	}
	if got := plain("\x1b]0;pwn\a\nline"); strings.ContainsAny(got, "\x1b\a") || !strings.Contains(got, "\nline") {
		t.Errorf("the terminal gets %q", got)
	}
	for _, wrong := range []string{"main.go", "no such file", os.DevNull, "."} {
		if out, err := run(t, "replay", wrong); exitCode(err) != exitUnreadable || out != "" {
			t.Errorf("%s prints %q, %v", wrong, out, err)
		}
	}
}

// The tray reads its words from the page's message files.
func TestMessageFilesHoldTheTraysWords(t *testing.T) {
	for _, language := range []string{"en", "zh-CN"} {
		text, err := messages.ReadFile("frontend/messages/" + language + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var words struct {
			Running    string `json:"tray_running"`
			Stopped    string `json:"tray_stopped"`
			Start      string `json:"tray_start"`
			Stop       string `json:"tray_stop"`
			CopyClaude string `json:"tray_copy_claude"`
			CopyOpenAI string `json:"tray_copy_openai"`
			Open       string `json:"tray_open"`
			Quit       string `json:"tray_quit"`
		}
		if err := json.Unmarshal(text, &words); err != nil {
			t.Fatal(err)
		}
		for name, word := range map[string]string{
			"tray_running": words.Running, "tray_stopped": words.Stopped, "tray_start": words.Start, "tray_stop": words.Stop,
			"tray_copy_claude": words.CopyClaude, "tray_copy_openai": words.CopyOpenAI, "tray_open": words.Open, "tray_quit": words.Quit,
		} {
			if word == "" {
				t.Errorf("%s.json has no %s", language, name)
			}
		}
	}
}
