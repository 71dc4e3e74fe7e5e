package emulate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// format asks for JSON. A streaming answer loses its code fences on the way; one in a single piece is also checked, and repaired once.
func (e *emulation) format(next Sender, request *chat.Request) Sender {
	var prompt string
	switch request.Format.Kind {
	case chat.FormatJSON:
		prompt = answerJSON
	case chat.FormatSchema:
		prompt = fmt.Sprintf(answerSchema, request.Format.Schema)
	default:
		return next
	}
	if !request.Stream {
		return repairing{next: next, prompt: prompt, format: request.Format, checker: e.checker()}
	}
	return stage{
		next:    next,
		prepare: func(request *chat.Request) *chat.Request { return instructed(request, prompt) },
		editor:  func() editor { return &unfencing{} },
	}
}

// repairing reads a whole answer, and asks once more if its text is not in the format. What comes then is passed on as it is, without
// code fences.
type repairing struct {
	next   Sender
	prompt string
	format chat.Format
	checker
}

func (r repairing) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		reply, err := r.answer(ctx, request, record)
		if err != nil {
			yield(chat.Event{}, err)
			return
		}
		replay(reply, func(event chat.Event) bool { return yield(event, nil) })
	}
}

func (r repairing) answer(ctx context.Context, request *chat.Request, record *usage.Record) (*chat.Reply, error) {
	asked := instructed(request, r.prompt)
	reply, text, err := r.ask(ctx, asked, record)
	if err != nil || !finished(reply) {
		return reply, err
	}
	wrong := r.fits(ctx, text)
	if wrong == nil {
		return reply, nil
	}
	asked = answered(asked, text, fmt.Sprintf(repairJSON, wrong))
	repaired, _, err := r.ask(ctx, asked, record)
	if err != nil && ctx.Err() == nil {
		r.log.Warn("an answer that does not fit its schema could not be repaired", "error", err)
		return reply, nil // it is whole, and better than none
	}
	if err != nil {
		return nil, err
	}
	repaired.Usage = sum(reply.Usage, repaired.Usage)
	return repaired, nil
}

// ask gets a reply whose text is one block without fences.
func (r repairing) ask(ctx context.Context, request *chat.Request, record *usage.Record) (*chat.Reply, string, error) {
	reply, err := chat.Collect(r.next.Send(ctx, request, record))
	if err != nil {
		return nil, "", err
	}
	text := unfence(reply)
	return reply, text, nil
}

// finished tells whether a reply is an answer to be checked: it was not cut, and it is not a tool call.
func finished(reply *chat.Reply) bool {
	for _, block := range reply.Blocks {
		if _, called := block.(chat.ToolUse); called {
			return false
		}
	}
	return reply.Reason == chat.EndTurn
}

// unfence joins a reply's text where it begins, without fences, and returns it.
func unfence(reply *chat.Reply) string {
	var text strings.Builder
	var blocks []chat.Block
	first := -1
	for _, block := range reply.Blocks {
		said, ok := block.(chat.Text)
		if !ok {
			blocks = append(blocks, block)
			continue
		}
		if first < 0 {
			first = len(blocks)
			blocks = append(blocks, said)
		}
		text.WriteString(said.Text)
	}
	whole := unfenced(text.String())
	if first >= 0 {
		blocks[first] = chat.Text{Text: whole}
	}
	reply.Blocks = blocks
	return whole
}

// errNoObject is about JSON that is something else.
var errNoObject = errors.New("it is not a JSON object")

// fits returns what is wrong with an answer.
func (r repairing) fits(ctx context.Context, text string) error {
	if r.format.Kind == chat.FormatSchema {
		if wrong := r.check(ctx, "answer", question{r.format.Schema, text}); wrong != nil {
			return wrong
		}
		return nil
	}
	if _, err := parse(text); err != nil {
		return err
	}
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return errNoObject
	}
	return nil
}

// replay passes a whole reply on as events.
func replay(reply *chat.Reply, pass func(chat.Event) bool) {
	for _, block := range reply.Blocks {
		for _, event := range events(block) {
			if !pass(event) {
				return
			}
		}
	}
	if pass(chat.Event{Kind: chat.Spent, Usage: reply.Usage}) {
		pass(chat.Event{Kind: chat.Stopped, Reason: reply.Reason, Text: reply.StopSequence})
	}
}

func events(block chat.Block) []chat.Event {
	switch b := block.(type) {
	case chat.Text:
		if b.Text != "" {
			return []chat.Event{{Kind: chat.TextDelta, Text: b.Text}}
		}
	case chat.Thinking:
		return []chat.Event{{Kind: chat.ThinkingDelta, Text: b.Text, Signature: b.Signature}}
	case chat.ToolUse:
		return []chat.Event{
			{Kind: chat.ToolStart, ToolID: b.ID, Name: b.Name, Namespace: b.Namespace},
			{Kind: chat.ToolInput, ToolID: b.ID, Text: string(b.Input)},
			{Kind: chat.ToolEnd, ToolID: b.ID},
		}
	}
	return nil
}
