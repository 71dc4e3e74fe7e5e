// AMQ2API turns a developer's own Amazon Q Developer accounts into an Anthropic- and OpenAI-compatible API on localhost.
package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"amq2api/backend/fault"
)

//go:embed all:frontend/dist
var dist embed.FS

//go:embed frontend/messages/en.json frontend/messages/zh-CN.json
var messages embed.FS

func main() {
	keepFilesPrivate()
	ctx, stop := signal.NotifyContext(context.Background(), endings()...)
	defer stop()
	if err := commands().ExecuteContext(ctx); err != nil {
		if _, known := errors.AsType[said](err); !known {
			say(err)
		}
		os.Exit(exitCode(err))
	}
}

// say prints what is wrong for the user.
func say(err error) { fmt.Fprintln(os.Stderr, "amq2api:", fault.Sentence(err)) }

func commands() *cobra.Command {
	root := &cobra.Command{
		Use:   "amq2api",
		Short: "Your Amazon Q Developer accounts as an Anthropic- and OpenAI-compatible API on localhost",
		Long: "Without a subcommand the window opens, where there is a display and this is the desktop build; on a server use serve. While it runs,\n" +
			"clients connect to http://localhost:8080 with a key that you make in the dashboard.\n\n" +
			"The exit code is 0 if all went well, 1 if something failed or was found wrong, 2 if a file is not what it should be, and 3 if there is no\n" +
			"keychain, so that AMQ2API_VAULT=file would help.",
		Example: "  amq2api                     open the window\n" +
			"  amq2api demo                try it without an AWS account\n" +
			"  amq2api serve               run on a machine without a display\n" +
			"  amq2api doctor              is everything sound?",
		Version:       version,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return runWindow(cmd.Context(), false) },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see `%s --help`, settings are given in the environment", err, cmd.CommandPath())
	})
	root.AddCommand(
		serveCommand(),
		demoCommand(),
		doctorCommand(),
		backupCommand(),
		restoreCommand(),
		replayCommand(),
		apartCommand(),
		tokenCommand(),
		versionCommand(),
	)
	root.AddCommand(windowCommands()...)
	return root
}

func serveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "serve", Short: "Run without a window", Args: cobra.NoArgs,
		Long: "Serve runs the proxy and the admin API until Ctrl-C or SIGTERM; answers under way get 30 seconds to finish. It prints where the\n" +
			"dashboard is; sign in there with the token that `amq2api admin-token` prints.\n\n" +
			"Without a keychain it ends with exit code 3; the file vault with a passphrase file takes a keychain's place.\n\n" + variables,
		Example: "  amq2api serve\n" +
			"  PORT=9000 amq2api serve\n" +
			"  AMQ2API_VAULT=file AMQ2API_VAULT_PASSPHRASE_FILE=~/.amq2api-passphrase amq2api serve",
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), cmd.OutOrStdout()) },
	}
}

func tokenCommand() *cobra.Command {
	return &cobra.Command{
		Use: "admin-token", Short: "Print the admin token of this profile", Args: cobra.NoArgs,
		Long: "Admin-token prints the token that signs in to the dashboard and the admin API. It is made at the first start and lies in the vault, so run\n" +
			"this with the variables that AMQ2API runs with. Who has it can do everything with your accounts.",
		Example: "  amq2api admin-token\n" +
			"  curl -H \"Authorization: Bearer $(amq2api admin-token)\" http://localhost:8080/admin/state",
		RunE: func(cmd *cobra.Command, _ []string) error { return printAdminToken(cmd.Context(), cmd.OutOrStdout()) },
	}
}

func demoCommand() *cobra.Command {
	headless := false
	command := &cobra.Command{
		Use: "demo", Short: "Try everything against a simulated Amazon Q, without an AWS account", Args: cobra.NoArgs,
		Long: "Demo runs the program with an account of a simulated Amazon Q and a key ready, and prints how to use them. Its profile is temporary: nothing is\n" +
			"kept, and your own profile is not touched. PORT and AMQ2API_ADMIN_TOKEN count here too.",
		Example: "  amq2api demo\n  PORT=9000 amq2api demo --headless",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if headless || !canOpenWindow() {
				return serveDemo(cmd.Context(), cmd.OutOrStdout())
			}
			return runWindow(cmd.Context(), true)
		},
	}
	command.Flags().BoolVar(&headless, "headless", false, "run without a window even where there is a display")
	return command
}

const variables = `Environment variables, all optional:
  PORT                              where clients connect (8080)
  DATABASE_PATH                     the database; its folder is the profile
  AMQ2API_VAULT                     where secrets go: keychain (default) or file
  AMQ2API_VAULT_PASSPHRASE_FILE     the passphrase of the file vault
  AMQ2API_ADMIN_TOKEN, ..._FILE     your own admin token, 16 characters or more
  AMAZONQ_REFRESH_TOKEN, AMAZONQ_CLIENT_ID, AMAZONQ_CLIENT_SECRET, AMAZONQ_PROFILE_ARN
                                    an account to import, once
  AMAZONQ_API_ENDPOINT, AMAZONQ_TOKEN_ENDPOINT
                                    other endpoints: https on an AWS host, or loopback`

// page is the built dashboard.
func page() fs.FS {
	built, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		panic(err) // the path is a constant that the embed directive checked
	}
	return built
}
