package responses

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"amq2api/backend/chat"
)

// errNotStored is behind the fault about a previous response that is not (any longer) here.
var errNotStored = errors.New("the response is not stored")

// conversation is what was said before, if the request continues a stored response, and what its input adds. Instructions are aside:
// they count for one response only. chain are the ids of the stored responses in it.
func (in *request) conversation(store Store) (said []chat.Message, chain []string, bad *defect) {
	said, chain, bad = in.previous(store)
	if bad != nil {
		return nil, nil, bad
	}
	listener := reader{store: store, chain: chain}
	listener.resume(said)
	if in.Input.text != "" {
		said = append(said, say(chat.User, chat.Text{Text: in.Input.text})...)
	}
	for i := range in.Input.items {
		more, bad := listener.read(&in.Input.items[i])
		if bad != nil {
			return nil, nil, bad.under("input", i)
		}
		said = append(said, more...)
	}
	if len(said) == 0 {
		return nil, nil, defective("input", "must be a text or an array with at least one item of a conversation")
	}
	return said, chain, nil
}

// previous is the conversation up to and with the answer that previous_response_id names, and the ids of the responses in it.
func (in *request) previous(store Store) (said []chat.Message, chain []string, bad *defect) {
	if in.PreviousResponseID == "" {
		return nil, nil, nil
	}
	stored, ok := load(store, in.PreviousResponseID)
	if !ok {
		bad = defective("previous_response_id", "names %.80q, which is not stored here (previous_response_not_found): "+
			"responses are kept for a while only, and not with store false; send the whole conversation as input", in.PreviousResponseID)
		bad.cause = errNotStored
		return nil, nil, bad
	}
	said = slices.Clone(stored.Conversation)
	if len(stored.Answer) > 0 {
		said = append(said, chat.Message{Role: chat.Assistant, Blocks: stored.Answer})
	}
	return said, append(slices.Clone(stored.Earlier), in.PreviousResponseID), nil
}

// reader turns items into messages, one by one.
type reader struct {
	store Store
	chain []string // the responses whose items are in the conversation already
	open  answering
}

// resume notes the calls that a stored answer made: the input brings their results.
func (r *reader) resume(said []chat.Message) {
	if len(said) == 0 {
		return
	}
	for _, block := range said[len(said)-1].Blocks {
		if use, ok := block.(chat.ToolUse); ok {
			r.open.call(use.ID)
		}
	}
}

func (r *reader) read(i *item) ([]chat.Message, *defect) {
	switch kind := i.kind(); kind {
	case "message":
		return i.message()
	case "function_call":
		return r.call(i, i.Name, i.Arguments), nil
	case "custom_tool_call":
		return r.call(i, i.Name, arguments{string(member(freeformMember, i.Input.text))}), nil
	case "local_shell_call", "shell_call", "computer_call":
		return r.call(i, strings.TrimSuffix(kind, "_call"), arguments{string(i.Action)}), nil
	case "apply_patch_call":
		return r.call(i, "apply_patch", arguments{string(i.Operation)}), nil
	case "function_call_output", "custom_tool_call_output", "local_shell_call_output", "shell_call_output", "computer_call_output",
		"apply_patch_call_output":
		return r.result(i)
	case "reasoning":
		return i.thinking(), nil
	case "item_reference":
		return r.referred(i.ID)
	case "additional_tools", "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call", "mcp_call",
		"mcp_list_tools", "mcp_approval_request", "mcp_approval_response", "tool_search_call", "tool_search_output":
		return nil, nil
	case "":
		return nil, defective("type", "is missing")
	default:
		return say(chat.User, chat.Text{Text: fmt.Sprintf("[Left out: an item of type %.40q, which cannot be read here.]", kind)}), nil
	}
}

func say(role chat.Role, blocks ...chat.Block) []chat.Message {
	return []chat.Message{{Role: role, Blocks: blocks}}
}

// kind is the item's type, or what an item without one must be.
func (i *item) kind() string {
	switch {
	case i.Type != "":
		return i.Type
	case i.Role != "":
		return "message"
	case i.ID != "":
		return "item_reference"
	default:
		return ""
	}
}

func (i *item) message() ([]chat.Message, *defect) {
	blocks, bad := i.Content.blocks("content")
	if bad != nil {
		return nil, bad
	}
	switch i.Role {
	case "system", "developer":
		return say(chat.System, blocks...), nil
	case "user":
		return say(chat.User, blocks...), nil
	case "assistant":
		return say(chat.Assistant, blocks...), nil
	case "":
		return nil, defective("role", "is missing")
	default:
		return nil, defective("role", "must be system, developer, user or assistant, not %.40q", i.Role)
	}
}

// call is a tool use. One without a name, which a stream that was cut left in the client's history, is none.
func (r *reader) call(i *item, name string, input arguments) []chat.Message {
	if name == "" {
		return nil
	}
	return say(chat.Assistant, chat.ToolUse{ID: r.open.call(i.CallID), Name: name, Namespace: i.Namespace, Input: input.input()})
}

func (r *reader) result(i *item) ([]chat.Message, *defect) {
	blocks, bad := i.Output.blocks("output")
	if bad != nil {
		return nil, bad
	}
	id := i.CallID
	if id == "" && i.Type == "local_shell_call_output" {
		id = i.ID // it is the call's own
	}
	return say(chat.User, chat.ToolResult{ID: r.open.result(id), Content: blocks}), nil
}

// thinking is what of a reasoning item can be read: its texts. What is encrypted is another provider's.
func (i *item) thinking() []chat.Message {
	var texts []string
	for _, part := range slices.Concat(i.Summary, i.Content.parts) {
		if part.Text != "" {
			texts = append(texts, string(part.Text))
		}
	}
	if len(texts) == 0 {
		return nil
	}
	return say(chat.Assistant, chat.Thinking{Text: strings.Join(texts, "\n\n")})
}

// referred is an item of a stored answer. Its id tells where it is: the kind, the response, the place in the output.
func (r *reader) referred(id string) ([]chat.Message, *defect) {
	_, place, _ := strings.Cut(id, "_")
	cut := max(0, strings.LastIndexByte(place, '_'))
	response := responsePrefix + place[:cut]
	if slices.Contains(r.chain, response) {
		return nil, nil
	}
	index, err := strconv.Atoi(strings.TrimPrefix(place[cut:], "_"))
	stored, ok := load(r.store, response)
	if err != nil || !ok || index < 0 || index >= len(stored.Answer) {
		return nil, defective("id", "names the item %.80q, which is not stored here: send the item itself", id)
	}
	block := stored.Answer[index]
	if use, ok := block.(chat.ToolUse); ok {
		r.open.call(use.ID)
	}
	return say(chat.Assistant, block), nil
}
