package amazonq_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"amq2api/backend/account"
	"amq2api/backend/amazonq"
	"amq2api/backend/chat"
	"amq2api/backend/fault"
	"amq2api/backend/secret"

	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite what the stories expect")

// A story in testdata is a request in words and the body the service gets, or the stream the service sends and the events that come of
// it. Its file is named after the symptom it keeps away.
//
//	-- chat --      the request, see parseChat
//	-- body --      what the service gets, with the conversation's id as ID; or fault: ...
//	-- stream --    messages: an event type and its payload, "exception TYPE PAYLOAD", "error CODE TEXT", or "cut N" to lose the last N bytes
//	-- events --    what the range yields
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { tell(t, file) })
	}
}

const simpleChat = "user\n  text hi\n"

const simpleStream = `assistantResponseEvent {"content":"Hello."}` + "\n"

func tell(t *testing.T, file string) {
	story, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	section := func(name, otherwise string) string {
		for _, f := range story.Files {
			if f.Name == name {
				return string(f.Data)
			}
		}
		return otherwise
	}
	body, events := play(t, parseChat(t, section("chat", simpleChat)), parseStream(t, section("stream", simpleStream)))
	got := map[string]string{"body": body, "events": events}
	changed := false
	for i, f := range story.Files {
		if result, ok := got[f.Name]; ok && result != string(f.Data) {
			if !*update {
				t.Errorf("%s is\n%s\nwant\n%s", f.Name, result, f.Data)
			}
			story.Files[i].Data, changed = []byte(result), true
		}
	}
	if changed && *update {
		if err := os.WriteFile(file, txtar.Format(story), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// play sends a request to a service that answers with stream, and returns the body it got and the events that came back.
func play(t *testing.T, request *chat.Request, stream []byte) (body, events string) {
	t.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var got bytes.Buffer
		if _, err := got.ReadFrom(r.Body); err != nil {
			t.Error(err)
		}
		body = pretty(t, got.Bytes())
		w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
		_, _ = w.Write(stream)
	}))
	defer service.Close()
	client := newClient(t, amazonq.Config{Endpoint: service.URL})
	events, err := describeEvents(client.Send(t.Context(), credential(), request))
	if body == "" && err != nil {
		body = fmt.Sprintf("fault: %v\n", err)
	}
	return body, events
}

func newClient(t *testing.T, config amazonq.Config) *amazonq.Client {
	t.Helper()
	config.Version = "test"
	client, err := amazonq.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func credential() account.Credential {
	return account.Credential{AccountID: 1, Service: account.AmazonQ, Region: "us-east-1", AccessToken: secret.New("token-1")}
}

func pretty(t *testing.T, body []byte) string {
	t.Helper()
	var id struct {
		State struct {
			ID string `json:"conversationId"`
		} `json:"conversationState"`
	}
	if err := json.Unmarshal(body, &id); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, bytes.Replace(body, []byte(id.State.ID), []byte("ID"), 1), "", "  "); err != nil {
		t.Fatal(err)
	}
	return indented.String() + "\n"
}

var reasons = map[chat.StopReason]string{
	chat.EndTurn: "end_turn", chat.CalledTool: "called_tool", chat.MaxTokens: "max_tokens", chat.StopSequence: "stop_sequence",
	chat.ContextWindow: "context_window", chat.Filtered: "filtered",
}

// describeEvents writes a stream's events down, one a line.
func describeEvents(stream chat.Stream) (string, error) {
	var lines strings.Builder
	for event, err := range stream {
		if err != nil {
			f := fault.Of(err)
			fmt.Fprintf(&lines, "fault %s: %s\n", f.Kind, f.Message)
			return lines.String(), err
		}
		lines.WriteString(describeEvent(event) + "\n")
	}
	return lines.String(), nil
}

func describeEvent(e chat.Event) string {
	switch e.Kind {
	case chat.TextDelta:
		return "text " + strconv.Quote(e.Text)
	case chat.ThinkingDelta:
		return strings.TrimSpace("thinking " + strconv.Quote(e.Text) + " " + e.Signature)
	case chat.ToolStart:
		return strings.TrimSpace("tool " + e.ToolID + " " + e.Name + " " + e.Namespace)
	case chat.ToolInput:
		return "input " + e.ToolID + " " + strconv.Quote(e.Text)
	case chat.ToolEnd:
		return "end " + e.ToolID
	case chat.Spent:
		u := e.Usage
		return fmt.Sprintf("spent %d in (cache read %d, written %d), %d out, %s", u.Input, u.CacheRead, u.CacheWrite, u.Output, u.Source)
	default:
		return "stopped " + reasons[e.Reason]
	}
}

// parseChat reads a request: lines of a word and what it says. Messages begin with a role alone on its line and are indented.
//
//	model ID, session ID, system TEXT, choice none, tool NAME SCHEMA, describe TEXT (the tool before), namespace NAME (the tool before)
//	user, assistant, instruction (a system message)
//	  text TEXT, thinking TEXT, image TYPE BASE64, image-url URL, document TITLE TEXT, file TITLE TYPE BASE64
//	  call ID NAME INPUT, result ID TEXT, error ID TEXT, + BLOCK (more content of the result before)
func parseChat(t *testing.T, text string) *chat.Request {
	t.Helper()
	request := &chat.Request{Upstream: "claude-sonnet-4.5"}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if indented, ok := strings.CutPrefix(line, "  "); ok {
			last := &request.Messages[len(request.Messages)-1]
			last.Blocks = addBlock(t, last.Blocks, indented)
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "model":
			request.Upstream = rest
		case "session":
			request.Session = rest
		case "system":
			request.System = unquote(rest)
		case "choice":
			request.ToolChoice.Mode = chat.ChoiceNone
		case "tool":
			name, schema, _ := strings.Cut(rest, " ")
			request.Tools = append(request.Tools, chat.Tool{Name: name, Description: "About " + name + ".", Schema: json.RawMessage(schema)})
		case "describe":
			request.Tools[len(request.Tools)-1].Description = rest
		case "namespace":
			request.Tools[len(request.Tools)-1].Namespace = rest
		case "user":
			request.Messages = append(request.Messages, chat.Message{Role: chat.User})
		case "assistant":
			request.Messages = append(request.Messages, chat.Message{Role: chat.Assistant})
		case "instruction":
			request.Messages = append(request.Messages, chat.Message{Role: chat.System})
		default:
			t.Fatalf("what is %q?", line)
		}
	}
	return request
}

func addBlock(t *testing.T, blocks []chat.Block, line string) []chat.Block {
	t.Helper()
	word, rest, _ := strings.Cut(line, " ")
	first, second, _ := strings.Cut(rest, " ")
	switch word {
	case "text":
		return append(blocks, chat.Text{Text: unquote(rest)})
	case "thinking":
		return append(blocks, chat.Thinking{Text: rest})
	case "image":
		return append(blocks, chat.Image{MediaType: first, Data: second})
	case "image-url":
		return append(blocks, chat.Image{URL: rest})
	case "document":
		return append(blocks, chat.Document{Title: first, MediaType: "text/plain", Text: unquote(second)})
	case "file":
		kind, data, _ := strings.Cut(second, " ")
		return append(blocks, chat.Document{Title: first, MediaType: kind, Data: data})
	case "call":
		name, input, _ := strings.Cut(second, " ")
		namespace, bare, grouped := strings.Cut(name, "/")
		if !grouped {
			namespace, bare = "", name
		}
		return append(blocks, chat.ToolUse{ID: first, Namespace: namespace, Name: bare, Input: json.RawMessage(input)})
	case "result", "error":
		result := chat.ToolResult{ID: first, IsError: word == "error"}
		if second != "" {
			result.Content = []chat.Block{chat.Text{Text: unquote(second)}}
		}
		return append(blocks, result)
	case "+":
		result := blocks[len(blocks)-1].(chat.ToolResult)
		result.Content = addBlock(t, result.Content, rest)
		blocks[len(blocks)-1] = result
		return blocks
	default:
		t.Fatalf("what is %q?", line)
		return nil
	}
}

func unquote(text string) string {
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return text
}

func parseStream(t *testing.T, text string) []byte {
	t.Helper()
	var stream []byte
	for line := range strings.Lines(text) {
		kind, payload, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		first, second, _ := strings.Cut(payload, " ")
		switch kind {
		case "exception":
			stream = appendException(stream, first, second)
		case "error":
			stream = appendError(stream, first, second)
		case "cut":
			lost, err := strconv.Atoi(first)
			if err != nil {
				t.Fatal(err)
			}
			stream = stream[:len(stream)-lost]
		default:
			stream = appendEvent(stream, kind, payload)
		}
	}
	return stream
}
