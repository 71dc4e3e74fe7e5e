package emulate_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"amq2api/backend/chat"
	"amq2api/backend/emulate"
)

func thinking() chat.Request {
	return chat.Request{Reasoning: chat.Reasoning{Enabled: true, Tags: true}}
}

func TestThinkingBetweenTags(t *testing.T) {
	tale := func(name, said string, want ...chat.Block) story {
		return story{name: name, request: thinking(), events: whole(0, say(said)), want: want}
	}
	tell(t, emulate.Options{}, []story{
		tale("thinking, then an answer", "<thinking>\nhm  hm\n</thinking>\n\nyes", thought("hm  hm"), text("yes")),
		tale("leading newlines", "\n\n<thinking>hm</thinking>yes", thought("hm"), text("yes")),
		tale("no thinking", "\n yes", text("\n yes")),
		tale("only thinking", "<thinking>hm</thinking>", thought("hm")),
		tale("thinking without an end", "<thinking>hm </thin", thought("hm </thin")),
		tale("an empty thought", "<thinking></thinking>yes", text("yes")),
		tale("half a tag", "<think", text("<think")),
		tale("another tag", "<thinker>", text("<thinker>")),
		tale("a tag in the answer", "<thinking>a</thinking>b <thinking>c</thinking>", thought("a"), text("b <thinking>c</thinking>")),
		tale("a tag that does not come first", "I say <thinking>a</thinking>", text("I say <thinking>a</thinking>")),
		tale("an opening tag in code", "`<thinking>` is a tag", text("`<thinking>` is a tag")),
		tale("in backticks", "<thinking>the `</thinking>` tag</thinking>yes", thought("the `</thinking>` tag"), text("yes")),
		tale("in longer code", "<thinking>``x ` </thinking> ``\n</thinking>yes", thought("``x ` </thinking> ``"), text("yes")),
		tale("in quotes", `<thinking>the "</thinking>" tag</thinking>yes`, thought(`the "</thinking>" tag`), text("yes")),
		tale("after a quotation", `<thinking>he says "yes"</thinking>yes`, thought(`he says "yes"`), text("yes")),
		tale("in a code block", "<thinking>\n```\n</thinking>\n```\n</thinking>\nyes", thought("```\n</thinking>\n```"), text("yes")),
		tale("an odd backtick", "<thinking>the ` key</thinking>\nthe `a` key", thought("the ` key"), text("the `a` key")),
		tale("an odd backtick, on one line", "<thinking>the ` key</thinking>yes", thought("the ` key"), text("yes")),
		tale("an odd backtick, a line before", "<thinking>the ` key\n</thinking>see `a`", thought("the ` key"), text("see `a`")),
		tale("an open code block at the end", "<thinking>\n```\nx\n</thinking>\n", thought("```\nx")),
		{"followed by a call", thinking(), whole(chat.CalledTool, append([]chat.Event{say("<thinking>the ` hm\n\"</thinking>")}, call("ls", "{}")...)...),
			blocks(thought("the ` hm\n\""), use("ls", "{}")), chat.CalledTool, "", false},
		{"a call inside", thinking(), whole(chat.CalledTool, append([]chat.Event{say("<thinking>hm\n")}, call("ls", "{}")...)...),
			blocks(thought("hm"), use("ls", "{}")), chat.CalledTool, "", false},
		{"native thinking", thinking(), whole(0, think("a"), say("b")), blocks(thought("a"), text("b")), chat.EndTurn, "", false},
	})
}

func TestAModelIsToldToThinkOnlyWhenThatIsWanted(t *testing.T) {
	for _, test := range []struct {
		request chat.Request
		told    string
	}{
		{thinking(), "<thinking>"},
		{chat.Request{Reasoning: chat.Reasoning{Enabled: true, Tags: true, Budget: 500, Effort: "high"}}, "about 500 tokens. Think with high effort"},
		{chat.Request{Reasoning: chat.Reasoning{Enabled: true}}, ""},
		{chat.Request{Reasoning: chat.Reasoning{Tags: true}}, ""},
	} {
		f := &fake{answers: [][]chat.Event{whole(0, say("<thinking>a</thinking>b"))}}
		reply := fold(t, f, emulate.Options{}, &test.request)
		if told := f.asked[0].System; !strings.Contains(told, test.told) || test.told == "" && told != "" {
			t.Errorf("%+v was told %q", test.request.Reasoning, told)
		}
		if split := len(reply.Blocks) == 2; split != (test.told != "") {
			t.Errorf("%+v got %q", test.request.Reasoning, reply.Blocks)
		}
	}
}

// FuzzTags cuts any text at any place: what is split must not depend on it, and no word of the answer may be lost.
func FuzzTags(f *testing.F) {
	f.Add("<thinking>a `</thinking>` b</thinking>\n\nc", uint8(12))
	f.Add("\n<thinking>```\n</thinking> \n```</thinking>c", uint8(20))
	f.Add("<thinking>\"</thinking>\" ` </thinking>x`", uint8(30))
	f.Fuzz(func(t *testing.T, said string, at uint8) {
		compareCut(t, emulate.Options{}, thinking(), said, int(at))
	})
}

// FuzzFence does the same to code fences.
func FuzzFence(f *testing.F) {
	f.Add("```json\n{\"a\":1}\n```\nThere.", uint8(10))
	f.Add("```{}``` ", uint8(5))
	f.Add(" ``` ```` \n``", uint8(6))
	f.Fuzz(func(t *testing.T, said string, at uint8) {
		compareCut(t, emulate.Options{}, chat.Request{Stream: true, Format: chat.Format{Kind: chat.FormatJSON}}, said, int(at))
	})
}

func compareCut(t *testing.T, options emulate.Options, request chat.Request, said string, at int) {
	at = min(at, len(said))
	split := func(events ...chat.Event) string {
		reply := fold(t, &fake{answers: [][]chat.Event{whole(0, events...)}}, options, &request)
		var all strings.Builder
		for _, block := range reply.Blocks {
			switch b := block.(type) {
			case chat.Text:
				all.WriteString("text:" + b.Text)
			case chat.Thinking:
				all.WriteString("thinking:" + b.Text)
			}
		}
		return all.String()
	}
	if one, two := split(say(said)), split(say(said[:at]), say(said[at:])); one != two {
		t.Errorf("in one piece %q, in two %q", one, two)
	}
}

func TestTagsDoNotDependOnTheBordersOfDeltas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOf(rapid.SampledFrom([]string{"<thinking>", "</thinking>", "`", "```", "\n", " ", "\"", "'", "é", "a", "</"}))
		said := "<thinking>" + strings.Join(parts.Draw(t, "said"), "")
		request := thinking()
		one := fold(t, &fake{answers: [][]chat.Event{whole(0, say(said))}}, emulate.Options{}, &request)
		many := fold(t, &fake{answers: [][]chat.Event{cut(t, whole(0, say(said)))}}, emulate.Options{}, &request)
		if words(one) != words(many) || len(one.Blocks) != len(many.Blocks) {
			t.Errorf("in one piece %q, in pieces %q", one.Blocks, many.Blocks)
		}
	})
}
