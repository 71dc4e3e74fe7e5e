package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"amq2api/build/tools/manual"
)

var update = flag.Bool("update", false, "rewrite the manual page")

// documented are the commands as they are with what cobra adds when it runs.
func documented() *cobra.Command {
	root := commands()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	return root
}

func TestTheManualIsWhatTheCommandsSay(t *testing.T) {
	const path = "build/linux/amq2api.1"
	page := manual.Page(documented())
	if *update {
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(path)
	if err != nil || string(kept) != page {
		t.Errorf("%s is not what the commands say (%v): rewrite it with go test -run Manual . -update", path, err)
	}
}

func TestEveryCommandSaysWhatItIsForAndHowItIsCalled(t *testing.T) {
	for _, c := range documented().Commands() {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			continue
		}
		if c.Short == "" || c.Long == "" || !strings.Contains(c.Example, "  amq2api "+c.Name()) {
			t.Errorf("%s needs a sentence, an explanation and an example", c.Name())
		}
		for _, line := range strings.Split(c.Long+"\n"+c.Example, "\n") {
			if len(line) > 150 {
				t.Errorf("%s: too long for a terminal: %q", c.Name(), line)
			}
		}
	}
}

func TestTheManualKeepsRoffFromReadingItsTexts(t *testing.T) {
	root := &cobra.Command{Use: "thing", Short: "Do it", Long: ".dots and 'quotes'\n\n'quoted\nback\\slash"}
	page := manual.Page(root)
	for _, want := range []string{"\n\\&.dots", "\n\\&'quoted back\\eslash"} {
		if !strings.Contains(page, want) {
			t.Errorf("there is no %q in\n%s", want, page)
		}
	}
}
