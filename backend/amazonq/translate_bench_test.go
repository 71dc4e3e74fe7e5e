package amazonq

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"amq2api/backend/chat"
)

var prose = strings.Repeat("We check \"it\" before calling the handler, then update\n\tthe test of package server; 中文 too. ", 40)

// agentRequest is what a coding agent sends in the middle of its work, about 200 KB: a long system prompt, tools, and turns with calls
// and results.
func agentRequest() *chat.Request {
	const tools, turns = 30, 30
	r := &chat.Request{Upstream: "claude-sonnet-4.5", System: strings.Repeat(prose, 3), Session: "s1"}
	for n := range tools {
		r.Tools = append(r.Tools, chat.Tool{
			Name:        fmt.Sprintf("mcp__server__tool_%d", n),
			Description: prose[:900],
			Schema: json.RawMessage(`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","properties":{"path":{"type":"string","description":"` +
				strings.Repeat("where ", 60) + `"},"edits":{"type":"array","items":{"type":"object","properties":{"old":{"type":"string"},"new":{"type":"string"}}}}},"required":["path"]}`),
		})
	}
	r.Messages = asking(chat.Text{Text: prose})
	for n := range turns {
		id := fmt.Sprintf("tooluse_%d", n)
		r.Messages = append(r.Messages,
			chat.Message{Role: chat.Assistant, Blocks: []chat.Block{
				chat.Text{Text: prose[:200]}, chat.ToolUse{ID: id, Name: "mcp__server__tool_1", Input: json.RawMessage(`{"path":"a.go","old":"` + strings.Repeat("x ", 300) + `"}`)},
			}},
			chat.Message{Role: chat.User, Blocks: []chat.Block{chat.ToolResult{ID: id, Content: []chat.Block{chat.Text{Text: prose}}}}},
		)
	}
	return r
}

// smallRequest is a question of about 1 KB.
func smallRequest() *chat.Request {
	return &chat.Request{Upstream: "claude-sonnet-4.5", System: prose[:100], Messages: asking(chat.Text{Text: prose[:800]})}
}

func TestTheEncodedSizeIsForeseen(t *testing.T) {
	for _, request := range []*chat.Request{agentRequest(), smallRequest()} {
		c := translated(t, request)
		if body := c.encode(); cap(body) > 2*len(body)+2048 || cap(body) != c.size() {
			t.Errorf("%d bytes were foreseen for %d", c.size(), len(body))
		}
	}
}

func BenchmarkTranslate200K(b *testing.B) { benchmarkTranslation(b, agentRequest()) }

func BenchmarkTranslate1K(b *testing.B) { benchmarkTranslation(b, smallRequest()) }

func benchmarkTranslation(b *testing.B, request *chat.Request) {
	b.SetBytes(int64(len(translated(b, request).encode())))
	b.ReportAllocs()
	for b.Loop() {
		c, err := newConversation(request, "CLI")
		if err != nil {
			b.Fatal(err)
		}
		c.encode()
	}
}
