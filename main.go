// AMQ2API turns a developer's own Amazon Q Developer accounts into an Anthropic- and OpenAI-compatible API on localhost.
package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"amq2api/backend/fault"
)

// version is set by the build.
var version = "dev"

//go:embed all:frontend/dist
var dist embed.FS

//go:embed frontend/messages/en.json frontend/messages/zh-CN.json
var messages embed.FS

func main() {
	keepFilesPrivate()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := commands().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "amq2api:", fault.Sentence(err))
		os.Exit(exitCode(err))
	}
}

func commands() *cobra.Command {
	root := &cobra.Command{
		Use:           "amq2api",
		Short:         "Your Amazon Q Developer accounts as an Anthropic- and OpenAI-compatible API on localhost",
		Long:          "Without a subcommand the window opens.",
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return runWindow(cmd.Context(), false) },
	}
	root.AddCommand(
		&cobra.Command{
			Use: "serve", Short: "Run without a window", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), cmd.OutOrStdout()) },
		},
		demoCommand(),
		doctorCommand(),
		backupCommand(),
		restoreCommand(),
		replayCommand(),
		apartCommand(),
		&cobra.Command{
			Use: "admin-token", Short: "Print the admin token of this profile", Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error { return printAdminToken(cmd.Context(), cmd.OutOrStdout()) },
		},
		&cobra.Command{
			Use: "version", Short: "Print the version", Args: cobra.NoArgs,
			Run: func(cmd *cobra.Command, _ []string) { fmt.Fprintln(cmd.OutOrStdout(), "amq2api", version) },
		},
	)
	return root
}

func demoCommand() *cobra.Command {
	headless := false
	command := &cobra.Command{
		Use: "demo", Short: "Try everything against a simulated Amazon Q, without an AWS account", Args: cobra.NoArgs,
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

// page is the built dashboard.
func page() fs.FS {
	built, err := fs.Sub(dist, "frontend/dist")
	if err != nil {
		panic(err) // the path is a constant that the embed directive checked
	}
	return built
}
