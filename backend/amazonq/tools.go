package amazonq

import (
	"strings"
	"unicode/utf8"

	"amq2api/backend/chat"
)

// tool is a tool specification as the service wants it.
type tool struct {
	name        string
	description string // 1 to maxDescription bytes
	schema      []byte // an object
}

const (
	maxDescription    = 10_000
	elsewhere         = "\n(Shortened. The whole description is in the tool documentation at the start of the conversation.)"
	absentDescription = "This tool was used earlier in the conversation and is no longer available. Do not call it."
)

// describe translates the tools a client offers. Descriptions that are too long for the service are shortened, and their whole text is
// returned as documentation, to be said elsewhere.
func describe(offered []chat.Tool, names *toolNames) (tools []tool, documentation string) {
	var documents []string
	done := make(map[string]bool, len(offered))
	for _, from := range offered {
		name := names.claim(toolName{from.Namespace, from.Name})
		if done[name] {
			continue // offered twice
		}
		done[name] = true
		description, whole := shorten(from.Description)
		if description == "" {
			description = "The tool " + name + "."
		}
		if whole != "" {
			documents = append(documents, tagged("tool", ` name="`+name+`"`, whole))
		}
		tools = append(tools, tool{name, description, objectSchema(from.Schema)})
	}
	return tools, tagged("tool-documentation", "", strings.Join(documents, "\n"))
}

// shorten returns a description that fits, and the whole one if something is missing from it.
func shorten(text string) (fitting, whole string) {
	text = validText(text)
	switch {
	case isBlank(text):
		return "", ""
	case len(text) <= maxDescription:
		return text, ""
	default:
		return text[:boundary(text, maxDescription-len(elsewhere))] + elsewhere, text
	}
}

// boundary is the end of the last whole character within limit bytes of text.
func boundary(text string, limit int) int {
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return limit
}

// placeholders are specifications for tools that were used but are not offered: the service wants every tool of the history defined.
func placeholders(names *toolNames) []tool {
	var absent []tool
	for _, name := range names.absent {
		absent = append(absent, tool{name, absentDescription, []byte(emptySchema)})
	}
	return absent
}

func isBlank(text string) bool { return strings.TrimSpace(text) == "" }
