//go:build production || dev || bindings

package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/runtime"

	wailsoptions "github.com/wailsapp/wails/v2/pkg/options"

	"amq2api/backend"
	"amq2api/backend/fault"
)

// Who starts the program from a menu sees no terminal, so what keeps the window from opening is shown in a small window of its own. That is another
// process, since a toolkit starts once in each.

// What the user can choose where the program cannot start.
const (
	retryChoice     = "retry"
	fileVaultChoice = "file_vault"
	quitChoice      = "quit"
)

const explainCommandName = "explain-trouble"

// trouble is what the small window shows.
type trouble struct {
	Sentence   string   `json:"sentence"`
	NoKeychain bool     `json:"no_keychain"` // for which there are words in the user's language
	Choices    []string `json:"choices"`
}

// explain says why the program cannot start, on the terminal and in the small window, and is what the user chose then.
func explain(ctx context.Context, why error, choices ...string) string {
	say(why)
	chosen, err := ask(ctx, trouble{fault.Sentence(why), errors.Is(why, backend.ErrNoKeychain), choices})
	if err != nil {
		say(fmt.Errorf("show what is wrong: %w", err))
		return quitChoice
	}
	return chosen
}

// ask opens the small window in a process of its own until the user chooses.
func ask(ctx context.Context, shown trouble) (string, error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	page, err := json.Marshal(shown)
	if err != nil {
		return "", err
	}
	child := exec.CommandContext(ctx, program, explainCommandName)
	child.Stdin, child.Stderr = bytes.NewReader(page), os.Stderr
	chosen, err := child.Output()
	return strings.TrimSpace(string(chosen)), err
}

// explainCommand is the process with the small window. It prints what the user chose.
func explainCommand() *cobra.Command {
	return &cobra.Command{
		Use: explainCommandName, Hidden: true, Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var shown trouble
			if err := json.NewDecoder(io.LimitReader(cmd.InOrStdin(), 1<<16)).Decode(&shown); err != nil {
				return fmt.Errorf("read what is to be shown: %w", err)
			}
			context.AfterFunc(cmd.Context(), func() { os.Exit(0) }) // the toolkit loses a Quit that comes while it starts, and nothing is left to do
			chosen, err := show(shown)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), chosen)
			return err
		},
	}
}

// windowCommands are the subcommands that only a program with a window has.
func windowCommands() []*cobra.Command { return []*cobra.Command{explainCommand()} }

// show opens the small window until the user chooses. Closing it is choosing to quit.
func show(shown trouble) (chosen string, err error) {
	w := explanation{trouble: shown, words: troubleIn(""), chosen: quitChoice}
	err = wails.Run(&wailsoptions.App{
		Title: "AMQ2API", Width: 560, Height: 280, MinWidth: 420, MinHeight: 260,
		BackgroundColour: &wailsoptions.RGBA{R: 250, G: 249, B: 247, A: 255},
		AssetServer:      &assetserver.Options{Handler: &w},
		OnStartup:        func(ctx context.Context) { w.ctx = ctx },
	})
	return w.chosen, err
}

// explanation is the page of the small window: its links are the choices.
type explanation struct {
	trouble trouble
	words   troubleWords
	ctx     context.Context // the window's, set when it starts
	chosen  string
}

//go:embed app_explain.html
var explanationPage string

var explanationTemplate = template.Must(template.New("explanation").Parse(explanationPage))

func (e *explanation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if choice := strings.TrimPrefix(r.URL.Path, "/"); slices.Contains(e.trouble.Choices, choice) {
		e.chosen = choice
		w.WriteHeader(http.StatusNoContent)
		runtime.Quit(e.ctx)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	_ = explanationTemplate.Execute(w, e) // a window that is gone needs no page
}

// Sentence, Note, Lang, SentenceLang and Buttons are for the template.
func (e *explanation) Sentence() string {
	if e.trouble.NoKeychain {
		return e.words.NoKeychain
	}
	return e.trouble.Sentence
}

func (e *explanation) SentenceLang() string {
	if e.trouble.NoKeychain {
		return e.words.lang
	}
	return "en"
}

func (e *explanation) Lang() string { return e.words.lang }

func (e *explanation) Title() string { return e.words.Title }

func (e *explanation) Note() string {
	if slices.Contains(e.trouble.Choices, fileVaultChoice) {
		return e.words.FileVaultNote
	}
	return ""
}

// button is a choice in words.
type button struct{ Choice, Text string }

func (e *explanation) Buttons() (buttons []button) {
	texts := map[string]string{retryChoice: e.words.Retry, fileVaultChoice: e.words.FileVault, quitChoice: e.words.Quit}
	for _, choice := range e.trouble.Choices {
		buttons = append(buttons, button{choice, texts[choice]})
	}
	return buttons
}
