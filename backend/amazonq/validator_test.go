package amazonq

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// validator checks an encoded conversation against the service's rules. It is written from the rules, not from the translation, and
// works on the JSON alone.
type validator struct {
	problems []string
	ids      map[string]bool
	images   int
}

type object = map[string]any

var serviceToolName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,62}$`)

func validate(body []byte) []string {
	v := &validator{ids: map[string]bool{}}
	var root object
	if err := json.Unmarshal(body, &root); err != nil {
		return []string{err.Error()}
	}
	v.keys(root, "conversationState", "profileArn")
	state := v.object(root, "conversationState")
	v.keys(state, "conversationId", "chatTriggerType", "history", "currentMessage")
	v.check(state["chatTriggerType"] == "MANUAL", "trigger type")
	v.check(len(v.text(state, "conversationId")) == 36, "conversation id")
	current := v.object(v.object(state, "currentMessage"), "userInputMessage")
	tools := v.tools(current)
	open := v.history(state, tools)
	v.user(current, open, true)
	v.check(v.images <= 10, "%d images", v.images)
	return v.problems
}

func (v *validator) check(ok bool, format string, args ...any) {
	if !ok {
		v.problems = append(v.problems, fmt.Sprintf(format, args...))
	}
}

func (v *validator) keys(o object, known ...string) {
	for key := range o {
		v.check(slices.Contains(known, key), "unknown key %q", key)
	}
}

func (v *validator) object(o object, key string) object {
	inner, ok := o[key].(object)
	v.check(ok, "%s is no object", key)
	return inner
}

func (v *validator) text(o object, key string) string {
	text, ok := o[key].(string)
	v.check(ok, "%s is no string", key)
	return text
}

// list returns an array of objects, which may be absent but not empty.
func (v *validator) list(o object, key string) []object {
	if o[key] == nil {
		_, there := o[key]
		v.check(!there, "%s is null", key)
		return nil
	}
	var items []object
	raw, ok := o[key].([]any)
	v.check(ok && len(raw) > 0, "%s is no list, or empty", key)
	for _, item := range raw {
		one, ok := item.(object)
		v.check(ok, "%s has something that is no object", key)
		items = append(items, one)
	}
	return items
}

func (v *validator) tools(current object) map[string]bool {
	names := map[string]bool{}
	context, ok := current["userInputMessageContext"].(object)
	if !ok {
		return names
	}
	for _, item := range v.list(context, "tools") {
		v.keys(item, "toolSpecification")
		tool := v.object(item, "toolSpecification")
		v.keys(tool, "name", "description", "inputSchema")
		name, description := v.text(tool, "name"), v.text(tool, "description")
		v.check(serviceToolName.MatchString(name), "tool name %q", name)
		v.check(!names[strings.ToLower(name)], "tool %q comes twice", name)
		names[strings.ToLower(name)] = true
		v.check(strings.TrimSpace(description) != "" && len(description) <= 10_000, "description of %d bytes", len(description))
		v.keys(v.object(tool, "inputSchema"), "json")
		schema := v.object(v.object(tool, "inputSchema"), "json")
		_, hasProperties := schema["properties"].(object)
		v.check(schema["type"] == "object" && hasProperties, "schema %v", schema)
		v.schema(schema)
	}
	return names
}

// schema checks where a schema is for certain: the outermost and its properties.
func (v *validator) schema(schema object) {
	if required, there := schema["required"]; there {
		_, ok := required.([]any)
		v.check(ok, "required is %v", required)
	}
	if properties, there := schema["properties"]; there {
		named, ok := properties.(object)
		v.check(ok, "properties are %v", properties)
		for _, property := range named {
			v.check(property != nil, "a property is null")
			if inner, ok := property.(object); ok {
				v.schema(inner)
			}
		}
	}
}

// history returns the ids of the last assistant message's calls.
func (v *validator) history(state object, tools map[string]bool) []string {
	var open []string
	messages := v.list(state, "history")
	v.check(len(messages)%2 == 0, "history of %d messages", len(messages))
	for i, message := range messages {
		if i%2 == 0 {
			v.keys(message, "userInputMessage")
			v.user(v.object(message, "userInputMessage"), open, false)
			continue
		}
		v.keys(message, "assistantResponseMessage")
		open = v.assistant(v.object(message, "assistantResponseMessage"), tools)
	}
	return open
}

func (v *validator) user(user object, open []string, current bool) {
	v.keys(user, "content", "origin", "images", "modelId", "userInputMessageContext")
	v.check(v.text(user, "origin") == "CLI", "origin")
	v.check(current || user["modelId"] == nil, "a model in the history")
	for _, image := range v.list(user, "images") {
		v.images++
		v.check(slices.Contains([]string{"png", "jpeg", "gif", "webp"}, v.text(image, "format")), "format")
		_, err := base64.StdEncoding.DecodeString(v.text(v.object(image, "source"), "bytes"))
		v.check(err == nil, "image data: %v", err)
	}
	var results []object
	if context, ok := user["userInputMessageContext"].(object); ok {
		v.check(len(context) > 0, "empty context")
		v.check(current || context["tools"] == nil, "tools in the history")
		v.keys(context, "toolResults", "tools")
		results = v.list(context, "toolResults")
	}
	v.check(strings.TrimSpace(v.text(user, "content")) != "" || len(results) > 0, "a user's turn without words")
	var answered []string
	for _, result := range results {
		v.keys(result, "toolUseId", "content", "status")
		answered = append(answered, v.text(result, "toolUseId"))
		v.check(slices.Contains([]string{"success", "error"}, v.text(result, "status")), "status")
		content := v.list(result, "content")
		v.check(len(content) > 0, "a result without content")
		for _, part := range content {
			v.check(strings.TrimSpace(v.text(part, "text")) != "", "a result without words")
		}
	}
	v.check(slices.Equal(open, answered), "calls %q have the results %q", open, answered)
}

func (v *validator) assistant(assistant object, tools map[string]bool) (calls []string) {
	v.keys(assistant, "content", "toolUses")
	for _, use := range v.list(assistant, "toolUses") {
		v.keys(use, "toolUseId", "name", "input")
		id, name := v.text(use, "toolUseId"), v.text(use, "name")
		v.object(use, "input")
		v.check(id != "" && !v.ids[id], "call id %q comes twice or is empty", id)
		v.check(tools[strings.ToLower(name)], "tool %q is not defined", name)
		v.ids[id] = true
		calls = append(calls, id)
	}
	v.check(v.text(assistant, "content") != "", "an assistant's turn without words")
	return calls
}
