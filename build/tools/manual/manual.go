// Package manual makes the manual page from the commands, so that the program need not carry what makes it.
package manual

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Page is the manual page amq2api(1) in roff, for the root command and all that people may call below it.
func Page(root *cobra.Command) string {
	p := &page{}
	name := root.Name()
	p.line(".\\\" Made from the commands by: go test -run Manual . -update")
	p.line(".TH %s 1 \"\" \"AMQ2API\" \"User commands\"", strings.ToUpper(name))
	p.section("NAME")
	p.text("%s - %s", name, lower(root.Short))
	p.section("SYNOPSIS")
	p.line(".B %s", name)
	p.line("[\\fICOMMAND\\fR]")
	p.section("DESCRIPTION")
	p.prose(root.Long)
	p.section("COMMANDS")
	for _, command := range root.Commands() {
		p.command(command)
	}
	p.section("FILES")
	p.entry("~/.local/share/amq2api/", "The profile: the database, its backups, the log, and the file vault if you chose it. No package removes it.")
	p.entry("~/.config/amq2api/environment", "Variables for the user service, one NAME=value a line.")
	p.section("SERVICE")
	p.prose("The package brings a unit for systemd's user manager that runs serve; it is off until you start it:")
	p.code("systemctl --user enable --now amq2api\nloginctl enable-linger        so that it runs while you are not signed in")
	p.section("EXAMPLES")
	p.code(root.Example)
	return p.String()
}

// page writes roff.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) section(name string) { p.line(".SH %s", name) }

func (p *page) text(format string, args ...any) { p.line("%s", escape(fmt.Sprintf(format, args...))) }

func (p *page) entry(term, text string) {
	p.line(".TP\n.B %s", escape(term))
	p.text("%s", text)
}

// prose writes paragraphs; one that has indented lines is a table, whose lines stay as they are.
func (p *page) prose(text string) {
	for i, paragraph := range strings.Split(text, "\n\n") {
		if i > 0 {
			p.line(".PP")
		}
		if strings.Contains(paragraph, "\n  ") {
			p.code(paragraph)
			continue
		}
		p.text("%s", strings.ReplaceAll(paragraph, "\n", " "))
	}
}

func (p *page) code(text string) { p.line(".PP\n.nf\n%s\n.fi", escape(text)) }

// command writes one command, or those below it if it is only their name.
func (p *page) command(c *cobra.Command) {
	if c.Hidden || c.Name() == "help" {
		return
	}
	p.line(".SS %s", escape(c.UseLine()))
	if c.Long != "" && !c.HasSubCommands() {
		p.prose(c.Long)
	} else {
		p.text("%s.", strings.TrimSuffix(c.Short, "."))
	}
	if c.HasSubCommands() {
		p.text("Shells: %s.", strings.Join(names(c.Commands()), ", "))
	}
	c.LocalFlags().VisitAll(func(flag *pflag.Flag) {
		if flag.Name != "help" {
			p.entry("--"+flag.Name, flag.Usage)
		}
	})
	if c.Example != "" {
		p.code(c.Example)
	}
}

func names(commands []*cobra.Command) (all []string) {
	for _, c := range commands {
		all = append(all, c.Name())
	}
	return all
}

// escape keeps roff from reading a text: its backslashes, its hyphens (which roff would make typographic), and dots and quotes that begin a line.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}

func lower(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToLower(text[:1]) + text[1:]
}
