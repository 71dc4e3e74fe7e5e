package chat_test

import (
	"testing"

	"amq2api/backend/chat"
)

func TestAModelIsToldOfToolsThatCannotBeHadHere(t *testing.T) {
	one := []chat.Tool{{Name: "read"}}
	for name, c := range map[string]struct {
		tools   []chat.Tool
		missing []string
		want    string
	}{
		"none is missing":         {one, nil, "Be kind."},
		"listed by habit":         {one, []string{"web_search_20250305", "image_generation"}, "Be kind."},
		"no other tool is left":   {nil, []string{"web_search"}, "Be kind.\n\nThe tool web_search is not available here. Say so, and answer from what you know."},
		"not listed by habit":     {one, []string{"web_search", "mcp"}, "Be kind.\n\nThe tool mcp is not available here. Say so, and answer from what you know."},
		"several, in their order": {nil, []string{"mcp", "file_search", "web_search"}, "Be kind.\n\nThe tools mcp, file_search and web_search are not available here. Say so where they are needed, and answer from what you know."},
	} {
		r := chat.Request{System: "Be kind.", Tools: c.tools}
		r.LeaveOut(c.missing...)
		if r.System != c.want {
			t.Errorf("%s: the prompt is %q", name, r.System)
		}
	}
	var silent chat.Request
	silent.Lack("x")
	if silent.System != "The tool x is not available here. Say so, and answer from what you know." {
		t.Errorf("alone: %q", silent.System)
	}
}
