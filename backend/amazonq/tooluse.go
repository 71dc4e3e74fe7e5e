package amazonq

import (
	"bytes"

	"amq2api/backend/chat"
	"amq2api/backend/fault"
)

// toolUse gathers the input of one call, to see at its end whether it is JSON. The fragments have long been passed on by then.
type toolUse struct {
	id    string
	input []byte
	ended bool
}

// step takes one event of a tool call: the first has the name, later ones fragments of the input, the last one stop. Fragments are cut
// anywhere. Any event may carry input, and calls are told apart by id, because not every version of the service keeps to the order.
func (a *answer) step(step toolStep) error {
	use, err := a.useOf(step)
	if err != nil || use.ended {
		return err
	}
	if fragment := string(use.accept(step)); fragment != "" {
		a.meter.output.Add(fragment)
		if err := a.emit(chat.Event{Kind: chat.ToolInput, ToolID: use.id, Text: fragment}); err != nil {
			return err
		}
	}
	if step.stop {
		return a.endUse(use)
	}
	return nil
}

// useOf finds the call an event belongs to, and announces a new one.
func (a *answer) useOf(step toolStep) (*toolUse, error) {
	if known := a.uses[string(step.id)]; known != nil {
		return known, nil
	}
	if len(step.id) == 0 || len(step.name) == 0 {
		return nil, fault.New(fault.Unavailable, "Amazon Q sent a tool call without an id or a name. Try again.")
	}
	if a.uses == nil {
		a.uses = map[string]*toolUse{}
	}
	use := &toolUse{id: string(step.id)}
	a.uses[use.id] = use
	a.unended++
	original := a.names.restore(string(step.name))
	start := chat.Event{Kind: chat.ToolStart, ToolID: use.id, Name: original.name, Namespace: original.namespace}
	a.meter.output.AddEvent(start)
	return use, a.emit(start)
}

// accept adds an event's input and returns what of it is new. A whole input counts only if it is the first: an empty object often comes
// before the fragments, a complete one after them.
func (u *toolUse) accept(step toolStep) []byte {
	if step.whole && (len(u.input) > 0 || isEmptyObject(step.fragment)) {
		return nil
	}
	u.input = append(u.input, step.fragment...)
	return step.fragment
}

// endUse ends a call whose input is a JSON object. No input at all means an empty one.
func (a *answer) endUse(use *toolUse) error {
	if len(bytes.TrimSpace(use.input)) == 0 {
		use.input = []byte("{}")
		if err := a.emit(chat.Event{Kind: chat.ToolInput, ToolID: use.id, Text: "{}"}); err != nil {
			return err
		}
	}
	if !isObject(use.input) {
		return fault.New(fault.Unavailable, "Amazon Q's input for a tool call is not a JSON object, so it was probably cut short. Try again.")
	}
	use.ended, use.input = true, nil
	a.usedTool = true
	a.unended--
	return a.emit(chat.Event{Kind: chat.ToolEnd, ToolID: use.id})
}

func isEmptyObject(input []byte) bool {
	inside, ok := bytes.CutPrefix(bytes.TrimSpace(input), []byte("{"))
	return ok && string(bytes.TrimSpace(inside)) == "}"
}

// emit yields an event, but holds back what would come between the parts of a tool call until the call has ended.
func (a *answer) emit(event chat.Event) error {
	if a.open != "" && event.ToolID != a.open {
		a.held = append(a.held, event)
		return nil
	}
	if event.Kind == chat.ToolStart {
		a.open = event.ToolID
	}
	if !a.yield(event, nil) {
		return errLeft
	}
	if event.Kind == chat.ToolEnd {
		a.open = ""
		return a.release()
	}
	return nil
}

// release emits what was held back, as far as no other call is open again.
func (a *answer) release() error {
	held := a.held
	a.held = nil
	for _, event := range held {
		if err := a.emit(event); err != nil {
			return err
		}
	}
	return nil
}
