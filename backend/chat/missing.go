package chat

import (
	"slices"
	"strings"
)

// habitual are tools that clients list in every request, whether or not they are wanted; names go on with a date.
var habitual = []string{"web_search", "image_generation", "tool_search", "local_shell"}

// LeaveOut tells the model of tools that a client offered and that only another provider's servers can run, lest it make up what they return.
// Those listed by habit are worth a word only where no tool is left.
func (r *Request) LeaveOut(tools ...string) {
	if len(r.Tools) > 0 {
		tools = slices.DeleteFunc(slices.Clone(tools), func(tool string) bool {
			return slices.ContainsFunc(habitual, func(name string) bool { return strings.HasPrefix(tool, name) })
		})
	}
	r.Lack(tools...)
}

// Lack tells the model that tools cannot be had here.
func (r *Request) Lack(tools ...string) {
	var note string
	switch len(tools) {
	case 0:
		return
	case 1:
		note = "The tool " + tools[0] + " is not available here. Say so, and answer from what you know."
	default:
		last := len(tools) - 1
		note = "The tools " + strings.Join(tools[:last], ", ") + " and " + tools[last] + " are not available here. Say so where they are needed, and answer from what you know."
	}
	r.System = strings.TrimPrefix(r.System+"\n\n"+note, "\n\n")
}
