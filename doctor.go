package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"amq2api/backend"
)

// errUnhealthy makes the exit code say what the report says.
var errUnhealthy = errors.New("something is wrong; the lines above say what, and how to mend it")

func doctorCommand() *cobra.Command {
	asJSON := false
	command := &cobra.Command{
		Use: "doctor", Short: "Check this profile: its files, the database and its backups, the vault, and every account's secrets", Args: cobra.NoArgs,
		Long: "Doctor looks and changes nothing, whether AMQ2API runs or not. Each line says ok, note or fail about one thing; what can be mended says how.\n" +
			"The exit code is 1 if anything fails.",
		Example: "  amq2api doctor\n  amq2api doctor --json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return doctor(cmd.Context(), cmd.OutOrStdout(), asJSON) },
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return command
}

func doctor(ctx context.Context, out io.Writer, asJSON bool) error {
	env, err := backend.ReadEnvironment()
	if err != nil {
		return err
	}
	checks := backend.Examine(ctx, env, time.Now())
	if err := printChecks(out, checks, asJSON); err != nil {
		return err
	}
	if slices.ContainsFunc(checks, func(c backend.Check) bool { return c.Verdict == backend.Broken }) {
		return errUnhealthy
	}
	return nil
}

func printChecks(out io.Writer, checks []backend.Check, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(checks)
	}
	for _, c := range checks {
		about := c.Name
		if c.Account != "" {
			about += " (" + c.Account + ")"
		}
		fmt.Fprintf(out, "%-4s  %s: %s\n", c.Verdict, about, c.Message)
		if c.Mend != "" {
			fmt.Fprintf(out, "      %s\n", c.Mend)
		}
	}
	return nil
}
