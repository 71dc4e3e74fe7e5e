package amazonq

import (
	"context"
	"errors"
	"io"
	"strings"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// answer turns one event stream into chat events.
type answer struct {
	client  *Client
	request *chat.Request
	names   *toolNames
	yield   func(chat.Event, error) bool

	scratch scratch
	meter   meter
	spoke   bool   // a content or metadata event has come
	stop    string // the service's own stop reason, if it gave one

	uses     map[string]*toolUse // by id
	usedTool bool                // a call was complete
	unended  int                 // calls without a stop
	open     string              // the call that is being passed on
	held     []chat.Event        // what waits for it to end
}

// read passes the stream on until its end, which the service marks in no other way than by ending.
func (a *answer) read(ctx context.Context, source io.Reader, patience *patience) error {
	messages := newFrames(source)
	for {
		if !messages.buffered() {
			patience.start()
		}
		message, err := messages.next()
		patience.pause()
		if errors.Is(err, io.EOF) {
			return a.end()
		}
		if err != nil {
			return broken(ctx, err)
		}
		if isLengthLimit(message) && a.spoke {
			a.stop = "MAX_TOKENS"
			return a.end()
		}
		if err := a.take(message); err != nil {
			return err
		}
	}
}

// isLengthLimit recognises the exception that stands for an answer's greatest length. Source: observed replies.
func isLengthLimit(message frame) bool {
	return normalName(string(message.exception)) == "contentlengthexceeded"
}

// take passes one message on. Messages and events of unknown types are ignored: the service grows.
func (a *answer) take(message frame) error {
	switch string(message.message) {
	case "exception", "error":
		return a.client.classify(streamFailure(message), a.request)
	case "event", "":
		return a.event(message)
	default:
		return nil
	}
}

// event passes one event on. What decorates an answer (links, citations, references to licences, prompts to follow up) and what
// repeats what we know (the conversation's id) has no place in a chat and is left out; the text it belongs to never is.
func (a *answer) event(message frame) error {
	switch string(message.event) {
	case "assistantResponseEvent", "codeEvent":
		a.spoke = true
		return a.text(message.payload)
	case "toolUseEvent":
		a.spoke = true
		step, err := a.scratch.toolStep(message.payload)
		if err != nil {
			return unreadable(err)
		}
		return a.step(step)
	case "reasoningContentEvent":
		a.spoke = true
		return a.reasoning(message.payload)
	case "metadataEvent":
		a.spoke = true
		a.metadata(message.payload)
	case "contextUsageEvent":
		a.spoke = true
		var usage contextUsagePayload
		a.note("contextUsageEvent", unmarshal(message.payload, &usage))
		a.meter.filled(usage.ContextUsagePercentage)
	case "meteringEvent":
		a.spoke = true
		var charge meteringPayload
		a.note("meteringEvent", unmarshal(message.payload, &charge))
		a.meter.charged(charge.Usage)
	}
	return nil
}

func (a *answer) text(payload []byte) error {
	content, err := a.scratch.content(payload)
	if err != nil {
		return unreadable(err)
	}
	if content == "" {
		return nil
	}
	a.meter.output.Add(content)
	return a.emit(chat.Event{Kind: chat.TextDelta, Text: content})
}

func (a *answer) reasoning(payload []byte) error {
	var reasoning reasoningPayload
	if err := unmarshal(payload, &reasoning); err != nil {
		return unreadable(err)
	}
	if reasoning == (reasoningPayload{}) {
		return nil // it was redacted
	}
	a.meter.output.Add(reasoning.Text)
	return a.emit(chat.Event{Kind: chat.ThinkingDelta, Text: reasoning.Text, Signature: reasoning.Signature})
}

func (a *answer) metadata(payload []byte) {
	var metadata metadataPayload
	a.note("metadataEvent", unmarshal(payload, &metadata))
	if metadata.TokenUsage != nil {
		a.meter.measured(*metadata.TokenUsage)
	}
	if metadata.StopReason != "" {
		a.stop = metadata.StopReason
	}
}

// note logs accounting that could not be read. An answer is not thrown away for it.
func (a *answer) note(event string, err error) {
	if err != nil {
		a.client.log.Debug("unreadable accounting", "event", event, "error", err)
	}
}

func unreadable(err error) error {
	return fault.Wrap(fault.Unavailable, err, "Amazon Q sent an event that cannot be read. Try again.").Saying(fault.Said{Code: fault.AmazonOdd})
}

// end decides whether a stream that ended between messages was whole.
func (a *answer) end() error {
	switch {
	case !a.spoke:
		return fault.New(fault.Unavailable, "Amazon Q's answer was empty. Try again.").Saying(fault.Said{Code: fault.BrokeOff})
	case a.unended > 0:
		return fault.New(fault.Unavailable, "Amazon Q's answer was cut off inside a tool call. Try again, and ask for smaller steps if it keeps happening.").Saying(fault.Said{Code: fault.BrokeOff})
	}
	if !a.yield(chat.Event{Kind: chat.Spent, Usage: a.meter.usage(a.request)}, nil) {
		return errLeft
	}
	a.yield(chat.Event{Kind: chat.Stopped, Reason: a.reason()}, nil)
	return nil
}

// reason is why the model stopped. The service's own word may be missing, and it may be wrong about tool calls.
func (a *answer) reason() chat.StopReason {
	stop := strings.ToUpper(a.stop)
	switch {
	case a.usedTool:
		return chat.CalledTool
	case a.meter.isFull() || stop == "MODEL_CONTEXT_WINDOW_EXCEEDED":
		return chat.ContextWindow
	case stop == "MAX_TOKENS":
		return chat.MaxTokens
	case stop == "CONTENT_FILTERED":
		return chat.Filtered
	default:
		return chat.EndTurn
	}
}
