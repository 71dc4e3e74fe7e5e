package main

import (
	"github.com/spf13/cobra"

	"amq2api/backend"
)

// apartCommand is called by the program itself, never by people.
func apartCommand() *cobra.Command {
	return &cobra.Command{
		Use: backend.ApartCommand + " KIND", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return backend.WorkApart(args[0], cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}
