package emulate_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"amq2api/backend/chat"
	"amq2api/backend/emulate"
)

func text(s string) chat.Block    { return chat.Text{Text: s} }
func thought(s string) chat.Block { return chat.Thinking{Text: s} }
func use(name, in string) chat.Block {
	return chat.ToolUse{ID: "id-" + name, Name: name, Input: []byte(in)}
}
func blocks(b ...chat.Block) []chat.Block { return b }

func TestAnAnswerEndsBeforeAStopSequence(t *testing.T) {
	stop := func(sequences ...string) chat.Request { return chat.Request{Stop: sequences} }
	tell(t, emulate.Options{}, []story{
		{"it matches in the middle", stop("END"), whole(0, say("one END two")), blocks(text("one ")), chat.StopSequence, "END", true},
		{"nothing matches", stop("END"), whole(0, say("one EN")), blocks(text("one EN")), chat.EndTurn, "", false},
		{"the sequence begins twice", stop("aab"), whole(0, say("aaab")), blocks(text("a")), chat.StopSequence, "aab", true},
		{"the first to be complete wins", stop("abcd", "bc"), whole(0, say("xabcd")), blocks(text("xa")), chat.StopSequence, "bc", true},
		{"the longest of equals wins", stop("cd", "bcd"), whole(0, say("abcd")), blocks(text("a")), chat.StopSequence, "bcd", true},
		{"whole characters", stop("äö"), whole(0, say("ää äö")), blocks(text("ää ")), chat.StopSequence, "äö", true},
		{"at the very beginning", stop("", "\n"), whole(0, say("\nx")), nil, chat.StopSequence, "\n", true},
		{"thinking and input are not text", stop("END"),
			whole(chat.CalledTool, append([]chat.Event{think("END"), say("E")}, call("ls", `{"a":"END"}`)...)...),
			blocks(thought("END"), text("E"), use("ls", `{"a":"END"}`)), chat.CalledTool, "", false},
	})
}

func TestAStopSequenceHoldsBackOnlyWhatMayBeginIt(t *testing.T) {
	f := &fake{answers: [][]chat.Event{whole(0, say("one E"), say("N"), say("T"))}}
	var seen []string
	for event := range emulate.New(f, emulate.Options{}).Send(t.Context(), &chat.Request{Stop: []string{"END"}}, record()) {
		if event.Kind == chat.TextDelta {
			seen = append(seen, event.Text)
		}
	}
	if got := strings.Join(seen, "|"); got != "one |ENT" {
		t.Errorf("got %q", got)
	}
}

func TestStopSequencesMatchWhatASimpleSearchFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := rapid.StringMatching(`[abé]{0,12}`).Draw(t, "said")
		sequence := rapid.StringMatching(`[abé]{1,4}`).Draw(t, "sequence")
		want, _, found := strings.Cut(said, sequence)
		f := &fake{answers: [][]chat.Event{cut(t, whole(0, say(said)))}}
		got := fold(t, f, emulate.Options{}, &chat.Request{Stop: []string{sequence}})
		if words(got) != want || found != (got.Reason == chat.StopSequence) {
			t.Errorf("got %q, reason %d; want %q", words(got), got.Reason, want)
		}
	})
}

func TestAnAnswerIsCutAtItsLimit(t *testing.T) {
	limit := func(n int) chat.Request { return chat.Request{MaxTokens: n} }
	thinking := func(n int) chat.Request {
		return chat.Request{MaxTokens: n, Reasoning: chat.Reasoning{Enabled: true}}
	}
	const digits, thoughts = "123456789012345678901234567890", "12345678"
	tell(t, emulate.Options{}, []story{
		{"text", limit(2), whole(0, say(digits)), blocks(text(within(2, digits))), chat.MaxTokens, "", true},
		{"an answer that just fits", limit(2), whole(0, say(within(2, digits))), blocks(text(within(2, digits))), chat.EndTurn, "", false},
		{"between characters", limit(3), whole(0, say("世界世界")), blocks(text(within(3, "世界世界"))), chat.MaxTokens, "", true},
		{"thinking nobody asked for is free", limit(2), whole(0, think(thoughts), say(within(2, digits))),
			blocks(thought(thoughts), text(within(2, digits))), chat.EndTurn, "", false},
		{"thinking that was asked for is not", thinking(6), whole(0, think(thoughts), say(digits)),
			blocks(thought(thoughts), text(within(6, thoughts+digits)[len(thoughts):])), chat.MaxTokens, "", true},
		{"a call that has begun is finished", limit(1), whole(chat.CalledTool, join(call("a", `{"a":"long"}`), call("b", "{}"))...),
			blocks(use("a", `{"a":"long"}`)), chat.MaxTokens, "", true},
		{"the last call may be beyond it", limit(1), whole(chat.CalledTool, call("a", `{"a":"long"}`)...),
			blocks(use("a", `{"a":"long"}`)), chat.CalledTool, "", false},
		{"an agent's formality", limit(8192), whole(0, say(strings.Repeat("1", 40_000))),
			blocks(text(strings.Repeat("1", 40_000))), chat.EndTurn, "", false},
	})
}

// within is as much of a text as is estimated at a limit of tokens.
func within(limit int, text string) string {
	end := 0
	for at, r := range text {
		var tokens chat.Tokens
		if tokens.Add(text[:at+utf8.RuneLen(r)]); tokens.Count() > limit {
			break
		}
		end = at + utf8.RuneLen(r)
	}
	return text[:end]
}

func TestOnlyOneCallAtATime(t *testing.T) {
	one := chat.Request{Tools: []chat.Tool{{Name: "a"}}, ToolChoice: chat.ToolChoice{Single: true}}
	tell(t, emulate.Options{}, []story{
		{"the second call is dropped", one, whole(chat.CalledTool, join(call("a", "{}"), call("b", "{}"))...),
			blocks(use("a", "{}")), chat.CalledTool, "", true},
		{"one is enough", one, whole(chat.CalledTool, call("a", "{}")...), blocks(use("a", "{}")), chat.CalledTool, "", false},
	})
}
