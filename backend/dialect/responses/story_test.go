package responses

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

var update = flag.Bool("update", false, "rewrite what the stories expect")

// rememberingDialect keeps one response from before: resp_before, in which the model thought, spoke and called.
func rememberingDialect() *Dialect {
	store := NewMemory(func() time.Time { return meta().At }, 10, 1<<20, time.Hour)
	store.Save("resp_before", Stored{
		Conversation: []chat.Message{{Role: chat.User, Blocks: []chat.Block{chat.Text{Text: "the question before"}}}},
		Answer: []chat.Block{chat.Thinking{Text: "hm"}, chat.Text{Text: "the answer before"},
			chat.ToolUse{ID: "call_before", Name: "bash", Input: json.RawMessage(`{"command":"ls"}`)}},
		Response: json.RawMessage(`{"id":"resp_before"}`),
	})
	return &Dialect{Store: store}
}

func meta() chat.Meta {
	return chat.Meta{ID: "req1", At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Session: "session-of-the-headers"}
}

// TestStories plays testdata/*.txtar: the client's request.json must decode to chat, and the model's events must render as frames and
// reply.json. A request that is refused has a fault.json instead.
func TestStories(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) { playStory(t, path) })
	}
}

func playStory(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	told := tell(t, archive)
	if *update {
		if err := os.WriteFile(path, txtar.Format(told), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, file := range told.Files {
		if want := section(archive, file.Name); string(want) != string(file.Data) {
			t.Errorf("%s:\n%s\nwant:\n%s", file.Name, file.Data, want)
		}
	}
	if len(archive.Files) != len(told.Files) {
		t.Errorf("the story has %d sections, expected %d", len(archive.Files), len(told.Files))
	}
}

// tell plays the given sections and returns the story with the sections that follow from them.
func tell(t *testing.T, archive *txtar.Archive) *txtar.Archive {
	told := &txtar.Archive{Comment: archive.Comment}
	add := func(name string, content []byte) {
		told.Files = append(told.Files, txtar.File{Name: name, Data: content})
	}
	body := section(archive, "request.json")
	add("request.json", body)
	dialect := rememberingDialect()
	request, rendering, err := dialect.Decode(body, meta())
	if err != nil {
		add("fault.json", renderedFault(t, err))
		return told
	}
	add("chat", []byte(describeRequest(request)))
	script := section(archive, "events")
	add("events", script)
	add("frames", play(rendering, streamOf(t, script)))
	reply, err := chat.Collect(streamOf(t, script))
	if err != nil {
		add("fault.json", renderedFault(t, err))
		return told
	}
	add("reply.json", indented(t, rendering.Reply(reply)))
	return told
}

func section(archive *txtar.Archive, name string) []byte {
	for _, file := range archive.Files {
		if file.Name == name {
			return file.Data
		}
	}
	return nil
}

func play(r *Rendering, stream chat.Stream) []byte {
	var wire []byte
	for frame := range r.Frames(stream) {
		wire = frame.Append(wire)
	}
	return wire
}

func indented(t testing.TB, value any) []byte {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	return text.Bytes()
}

func renderedFault(t *testing.T, err error) []byte {
	status, body := Fault(fault.Of(err), "req1")
	return fmt.Appendf(nil, "%d\n%s", status, indented(t, body))
}

// describeRequest is a request in lines, for people to read.
func describeRequest(r *chat.Request) string {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("model %s, stream %t, max tokens %d, stop %q, session %s", r.Model, r.Stream, r.MaxTokens, r.Stop, r.Session)
	if r.Reasoning != (chat.Reasoning{}) {
		line("reasoning enabled %t, effort %s", r.Reasoning.Enabled, r.Reasoning.Effort)
	}
	if r.Format.Kind != chat.FormatText {
		line("format %s %q %s", []string{"", "json", "schema"}[r.Format.Kind], r.Format.Name, r.Format.Schema)
	}
	for _, tool := range r.Tools {
		line("tool %s %q %s", qualified(tool.Namespace, tool.Name), tool.Description, tool.Schema)
	}
	if r.ToolChoice != (chat.ToolChoice{}) {
		line("choice %s %q, single %t", []string{"auto", "none", "any", "named"}[r.ToolChoice.Mode], r.ToolChoice.Name, r.ToolChoice.Single)
	}
	if r.System != "" {
		line("system prompt %q", r.System)
	}
	for _, message := range r.Messages {
		line("%s", message.Role)
		for _, block := range message.Blocks {
			line("  %s", describeBlock(block))
		}
	}
	return out.String()
}

func describeBlock(block chat.Block) string {
	switch b := block.(type) {
	case chat.Text:
		return fmt.Sprintf("text %q", b.Text)
	case chat.Thinking:
		return fmt.Sprintf("thinking %q", b.Text)
	case chat.Image:
		return fmt.Sprintf("image %q data %q url %q", b.MediaType, b.Data, b.URL)
	case chat.Document:
		return fmt.Sprintf("document %q of %q text %q data %q", b.Title, b.MediaType, b.Text, b.Data)
	case chat.ToolUse:
		return fmt.Sprintf("use %s of %s: %s", b.ID, qualified(b.Namespace, b.Name), b.Input)
	case chat.ToolResult:
		inner := []string{fmt.Sprintf("result of %s", b.ID)}
		for _, content := range b.Content {
			inner = append(inner, "    "+describeBlock(content))
		}
		return strings.Join(inner, "\n")
	default:
		return fmt.Sprintf("%#v", block)
	}
}

func qualified(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + "/" + name
}

// streamOf reads an event script: one event a line, its texts quoted as in Go.
func streamOf(t testing.TB, script []byte) chat.Stream {
	t.Helper()
	var events []chat.Event
	var failure error
	for line := range strings.Lines(string(script)) {
		event, err := readEvent(strings.TrimSpace(line))
		var known *fault.Error
		if errors.As(err, &known) {
			failure = err
		} else if err != nil {
			t.Fatalf("event %q: %v", line, err)
		} else {
			events = append(events, event)
		}
	}
	return func(yield func(chat.Event, error) bool) {
		for _, event := range events {
			if !yield(event, nil) {
				return
			}
		}
		if failure != nil {
			yield(chat.Event{}, failure)
		}
	}
}

func readEvent(line string) (chat.Event, error) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "text", "thinking", "input":
		text, err := strconv.Unquote(rest)
		kind := map[string]chat.EventKind{"text": chat.TextDelta, "thinking": chat.ThinkingDelta, "input": chat.ToolInput}[word]
		return chat.Event{Kind: kind, Text: text}, err
	case "start":
		id, name, _ := strings.Cut(rest, " ")
		event := chat.Event{Kind: chat.ToolStart, ToolID: id, Name: name}
		if namespace, inner, ok := strings.Cut(name, "/"); ok {
			event.Namespace, event.Name = namespace, inner
		}
		return event, nil
	case "end":
		return chat.Event{Kind: chat.ToolEnd}, nil
	case "spent":
		event := chat.Event{Kind: chat.Spent}
		_, err := fmt.Sscanf(rest, "%d in, %d out, %d cached", &event.Usage.Input, &event.Usage.Output, &event.Usage.CacheRead)
		return event, err
	case "stopped":
		reasons := map[string]chat.StopReason{"turn": chat.EndTurn, "tool": chat.CalledTool, "tokens": chat.MaxTokens,
			"sequence": chat.StopSequence, "window": chat.ContextWindow, "filtered": chat.Filtered}
		reason, ok := reasons[rest]
		if !ok {
			return chat.Event{}, fmt.Errorf("no such reason")
		}
		return chat.Event{Kind: chat.Stopped, Reason: reason}, nil
	case "fail":
		name, message, _ := strings.Cut(rest, " ")
		var kind fault.Kind
		if err := kind.UnmarshalText([]byte(name)); err != nil {
			return chat.Event{}, err
		}
		failure := fault.New(kind, "%s", message)
		if kind == fault.Throttled {
			failure.RetryAfter = 1500 * time.Millisecond
		}
		return chat.Event{}, failure
	default:
		return chat.Event{}, fmt.Errorf("no such event")
	}
}
