package main

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"amq2api/backend/store"
)

// version, commit and date (RFC 3339) are set by the build. A plain `go build` sets none; then the last two are what Go noted of the checkout.
var (
	version = "dev"
	commit  string
	date    string
)

// licences holds the licences of everything that is built in, as one compressed text that build/tools/licences writes. A checkout in which
// nothing was made yet has none.
//
//go:embed all:build/licences
var licences embed.FS

const licenceList = "build/licences/third-party.txt.gz"

// facts are what a report of a problem should name.
type facts struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Date     string `json:"date,omitempty"`
	Build    string `json:"build"` // desktop or headless
	Platform string `json:"platform"`
	Go       string `json:"go"`
	Schema   int    `json:"schema"` // of the database; an older one is brought up to it at start
}

func thisBuild() facts {
	f := facts{
		Version: version, Commit: commit, Date: date, Build: buildSort,
		Platform: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(), Schema: store.SchemaVersion(),
	}
	if built, ok := debug.ReadBuildInfo(); ok && f.Commit == "" {
		f.Commit, f.Date = noted(built, "vcs.revision"), noted(built, "vcs.time")
	}
	return f
}

// noted is what Go noted under a name when it built, empty if nothing.
func noted(built *debug.BuildInfo, name string) string {
	for _, setting := range built.Settings {
		if setting.Key == name {
			return setting.Value
		}
	}
	return ""
}

func (f facts) print(out io.Writer) {
	fmt.Fprintf(out, "amq2api %s\n", f.Version)
	if f.Commit != "" {
		fmt.Fprintf(out, "  commit    %s, %s\n", f.Commit, f.Date)
	}
	fmt.Fprintf(out, "  build     %s, %s, %s\n  database  schema %d\n", f.Build, f.Platform, f.Go, f.Schema)
}

func versionCommand() *cobra.Command {
	asJSON, asLicences := false, false
	command := &cobra.Command{
		Use: "version", Short: "Say what exactly this program is: version, commit, build, platform, schema", Args: cobra.NoArgs,
		Long: "Version prints what a report of a problem should name. The database's schema is the one this program brings older databases up to; it\n" +
			"refuses newer ones.",
		Example: "  amq2api version\n  amq2api version --json | jq -r .commit\n  amq2api version --licenses | less",
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case asLicences:
				return printLicences(cmd.OutOrStdout(), licenceList)
			case asJSON:
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(thisBuild())
			}
			thisBuild().print(cmd.OutOrStdout())
			return nil
		},
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print it as JSON")
	command.Flags().BoolVar(&asLicences, "licenses", false, "print the licences of everything that is built in")
	command.MarkFlagsMutuallyExclusive("json", "licenses")
	return command
}

// printLicences prints this program's licence and, if the build has it, the list of the others.
func printLicences(out io.Writer, list string) error {
	if _, err := fmt.Fprintf(out, "AMQ2API\n\n%s\n", ownLicence); err != nil {
		return err
	}
	packed, err := licences.ReadFile(list)
	if err != nil {
		_, err = fmt.Fprintln(out, "This build carries no list of other licences: it was not made by `make`.")
		return err
	}
	text, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("read the licences: %w", err)
	}
	_, err = io.Copy(out, text)
	return err
}

//go:embed LICENSE
var ownLicence string
