package emulate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"amq2api/backend/chat"
	"amq2api/backend/usage"
)

// strict checks the calls of tools whose schemas the client counts on.
func (e *emulation) strict(next Sender, request *chat.Request) Sender {
	if !slices.ContainsFunc(request.Tools, func(tool chat.Tool) bool { return tool.Strict }) {
		return next
	}
	return checking{next: next, checker: e.checker()}
}

func (e *emulation) checker() checker { return checker{e.options.Apart, e.options.Log} }

// checking holds the calls of strict tools back until they are whole. If the first call of an answer does not fit its schema, the model is
// asked for it once more. A later one passes as it is, because the client has seen what led to it; so does one that does not fit again,
// because the model reads a tool's own complaint best.
type checking struct {
	next Sender
	checker
}

func (c checking) Send(ctx context.Context, request *chat.Request, record *usage.Record) chat.Stream {
	return func(yield func(chat.Event, error) bool) {
		draft := &draft{tools: request.Tools, check: func(tool *chat.Tool, input string) *misfit { return c.fits(ctx, tool, input) }}
		if !each(c.next.Send(ctx, request, record), yield, draft.take) || draft.wrong == nil {
			return
		}
		misfit := draft.use()
		c.log.Warn("a tool call did not fit its schema; the model is asked again", "tool", misfit.Name, "places", draft.wrong.places)
		asked := answered(request, draft.said.String(), fmt.Sprintf(repairCall, misfit.Name, draft.wrong))
		again := &secondDraft{first: draft.held}
		again.spent = chat.Usage{Input: chat.Estimate(request), Output: draft.tokens.Count(), Source: chat.Estimated}
		each(c.next.Send(ctx, asked, record), yield, again.take)
	}
}

// draft passes an answer on, except for a call that is not whole yet.
type draft struct {
	tools  []chat.Tool
	check  func(tool *chat.Tool, input string) *misfit
	tool   *chat.Tool // of the call that is held; nil if none is
	held   []chat.Event
	calls  int
	wrong  *misfit // why the held call does not fit; the answer ends with it
	said   strings.Builder
	tokens chat.Tokens
}

func (d *draft) take(event chat.Event, pass func(chat.Event) bool) bool {
	d.tokens.Add(event.Text)
	switch event.Kind {
	case chat.TextDelta:
		d.said.WriteString(event.Text)
	case chat.ToolStart:
		d.calls++
		d.tool = d.strict(event)
	}
	if d.tool == nil {
		return pass(event)
	}
	d.held = append(d.held, event)
	if event.Kind != chat.ToolEnd {
		return true
	}
	if wrong := d.check(d.tool, string(d.use().Input)); wrong != nil && d.calls == 1 {
		d.wrong = wrong
		return false
	}
	d.tool = nil
	return release(&d.held, pass)
}

// strict is the tool of a call that is to be checked, or nil.
func (d *draft) strict(event chat.Event) *chat.Tool {
	for i := range d.tools {
		if tool := &d.tools[i]; tool.Strict && tool.Name == event.Name && tool.Namespace == event.Namespace {
			return tool
		}
	}
	return nil
}

// use is the call that is held.
func (d *draft) use() chat.ToolUse {
	use := chat.ToolUse{ID: d.held[0].ToolID, Name: d.held[0].Name, Namespace: d.held[0].Namespace}
	for _, event := range d.held {
		if event.Kind == chat.ToolInput {
			use.Input = append(use.Input, event.Text...)
		}
	}
	return use
}

// fits checks a call's input. No input at all is an empty object.
func (c checking) fits(ctx context.Context, tool *chat.Tool, input string) *misfit {
	if strings.TrimSpace(input) == "" {
		input = "{}"
	}
	return c.check(ctx, tool.Name, question{tool.Schema, input})
}

// secondDraft passes on the calls of an answer that was asked for again. An answer without any leaves the first call as it was.
type secondDraft struct {
	first  []chat.Event // the call that did not fit
	spent  chat.Usage   // on the first answer
	called bool
}

func (d *secondDraft) take(event chat.Event, pass func(chat.Event) bool) bool {
	switch event.Kind {
	case chat.TextDelta, chat.ThinkingDelta:
		return true
	case chat.ToolStart:
		d.called = true
	case chat.Spent:
		event.Usage = sum(d.spent, event.Usage)
		return (d.called || release(&d.first, pass)) && pass(event)
	case chat.Stopped:
		event = chat.Event{Kind: chat.Stopped, Reason: chat.CalledTool}
	}
	return pass(event)
}

// release passes on what was held.
func release(held *[]chat.Event, pass func(chat.Event) bool) bool {
	for _, event := range *held {
		if !pass(event) {
			return false
		}
	}
	*held = nil
	return true
}
