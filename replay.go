package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"amq2api/backend"
)

// errDiffers makes the exit code say that a replay was not as its capture.
var errDiffers = errors.New("the replay differs from the capture; the lines above say where")

func replayCommand() *cobra.Command {
	return &cobra.Command{
		Use: "replay FILE", Short: "Send a captured conversation through this program again, offline, and compare",
		Long: "Replay sends each request of a capture through this program, with the capture's own bytes for Amazon's answers. Nothing leaves the\n" +
			"computer and no account is used. It compares what would be sent to Amazon, and what the client would get, with the capture.\n\n" +
			"A capture is made with POST /admin/captures and downloaded with GET /admin/captures/NAME; it lies in the profile's folder captures.\n\n" +
			"Of a difference, - is the capture and + the replay. The exit code is 0 if all is the same, 1 if something differs, 2 if the\n" +
			"file cannot be read as a capture.",
		Example: "  amq2api replay it.txtar",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := readCapture(args[0])
			if err != nil {
				return err
			}
			replayed, err := backend.Replay(cmd.Context(), text)
			if err != nil {
				return err
			}
			return printReplay(cmd.OutOrStdout(), replayed)
		},
	}
}

// readCapture reads a file, unless it cannot be a capture: those end.
func readCapture(path string) ([]byte, error) {
	const most = 200 << 20
	status, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", backend.ErrNoCapture, err)
	}
	if !status.Mode().IsRegular() || status.Size() > most {
		return nil, fmt.Errorf("%w: it is not a file, or larger than any capture", backend.ErrNoCapture)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", backend.ErrNoCapture, err)
	}
	return text, nil
}

// plain leaves out what would move a terminal's cursor or worse: a capture holds what strangers said.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

func printReplay(out io.Writer, replayed []backend.Replayed) error {
	differs := false
	for i, one := range replayed {
		if len(one.Differences) == 0 {
			fmt.Fprintf(out, "same     %d  %s\n", i+1, plain(one.Path))
			continue
		}
		differs = true
		fmt.Fprintf(out, "differs  %d  %s\n", i+1, plain(one.Path))
		for _, difference := range one.Differences {
			fmt.Fprintf(out, "         %s\n", plain(difference))
		}
	}
	if differs {
		return errDiffers
	}
	return nil
}
