package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"amq2api/backend"
)

// errNotRestored makes the exit code say that nothing happened.
var errNotRestored = errors.New("nothing was changed")

func backupCommand() *cobra.Command {
	return &cobra.Command{
		Use: "backup [FILE]", Short: "Copy the database, also while AMQ2API runs",
		Long: "Backup writes a checked copy of the database into the profile's folder backups, or to FILE. It has accounts, keys, settings and statistics,\n" +
			"but no secrets: those are in the keychain or the encrypted vault, and a copy restored elsewhere has to sign in again.",
		Example: "  amq2api backup\n  amq2api backup /media/stick/amq2api.db",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := backend.ReadEnvironment()
			if err != nil {
				return err
			}
			path, bytes, err := backend.BackUp(cmd.Context(), env, first(args), time.Now)
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "%s (%s)\n", path, size(bytes))
			}
			return err
		},
	}
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func size(bytes int64) string {
	const kilo, mega = 1 << 10, 1 << 20
	if bytes < mega {
		return fmt.Sprintf("%d KB", (bytes+kilo-1)/kilo)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/mega)
}

func restoreCommand() *cobra.Command {
	sure := false
	command := &cobra.Command{
		Use: "restore [FILE|NAME]", Short: "Put a backup in the database's place; without a name, list the backups",
		Long: "Restore takes a backup by its name, or any file that `amq2api backup` wrote, while AMQ2API is not running. What is there now is backed up\n" +
			"first. The sign-ins in the vault stay as they are: each account goes on with its newest one, accounts added since the backup stay, switched\n" +
			"off, and keys revoked since stay revoked. Keys deleted since work again.\n\n" +
			"The exit code is 1 if nothing was changed, 2 if there is no such backup, or the file is none.",
		Example: "  amq2api restore                              list the backups\n" +
			"  amq2api restore NAME                         one of that list\n" +
			"  amq2api restore --yes /media/stick/amq2api.db",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			env, err := backend.ReadEnvironment()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return listBackups(cmd.OutOrStdout(), env)
			}
			if !sure && !confirmed(cmd.InOrStdin(), cmd.OutOrStdout(), args[0]) {
				return errNotRestored
			}
			return restore(cmd.Context(), cmd.OutOrStdout(), env, args[0])
		},
	}
	command.Flags().BoolVar(&sure, "yes", false, "do not ask")
	return command
}

func listBackups(out io.Writer, env backend.Environment) error {
	list, err := backend.ListBackups(env, time.Now)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		fmt.Fprintln(out, "There are no backups yet. `amq2api backup` makes one.")
	}
	for _, one := range list {
		fmt.Fprintf(out, "%s  %8s  %s\n", one.At.Local().Format(time.DateTime), size(one.Bytes), one.Name)
	}
	return nil
}

func confirmed(in io.Reader, out io.Writer, backup string) bool {
	fmt.Fprintf(out, "Put %s in the place of the database? What is there now is backed up first. Type yes: ", backup)
	answer, _ := bufio.NewReader(in).ReadString('\n') // the end of the input is no answer
	return strings.TrimSpace(answer) == "yes"
}

func restore(ctx context.Context, out io.Writer, env backend.Environment, backup string) error {
	done, err := backend.Restore(ctx, env, backup, time.Now)
	if errors.Is(err, backend.ErrProfileBusy) {
		return fmt.Errorf("%w. Quit it first, or let it restore at its next start: POST /admin/backups/NAME/restore", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Restored %s.\n", backup)
	for _, line := range []struct{ text, about string }{
		{"What was there is the backup %s.\n", done.Before},
		{"What was there was damaged; it is now %s.\n", done.Aside},
		{"Added since, kept and switched off: %s.\n", strings.Join(done.Kept, ", ")},
		{"To be looked for in the vault at the next start: %s.\n", strings.Join(done.Doubtful, ", ")},
	} {
		if line.about != "" {
			fmt.Fprintf(out, line.text, line.about)
		}
	}
	return nil
}
