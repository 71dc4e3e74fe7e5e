package amazonqtest

import (
	"fmt"
	"regexp"
	"slices"
)

func firstMessageHasNoResults(r *GenerateRequest) string {
	for at, user := range r.userTurns() {
		if len(user.Context.ToolResults) > 0 {
			return at + ": tool results in the first message"
		}
		break
	}
	return ""
}

func toolUseIDsAreUnique(r *GenerateRequest) string {
	seen := make(map[string]bool)
	for at, message := range r.turns() {
		if message.Assistant == nil {
			continue
		}
		for _, use := range message.Assistant.ToolUses {
			if use.ToolUseID == "" || seen[use.ToolUseID] {
				return fmt.Sprintf("%s: tool use id %q is empty or not the first of its kind", at, use.ToolUseID)
			}
			seen[use.ToolUseID] = true
		}
	}
	return ""
}

func toolInputsAreObjects(r *GenerateRequest) string {
	for at, message := range r.turns() {
		if message.Assistant == nil {
			continue
		}
		for _, use := range message.Assistant.ToolUses {
			if use.Input.Kind() != '{' {
				return fmt.Sprintf("%s: the input of tool use %q is not an object", at, use.ToolUseID)
			}
		}
	}
	return ""
}

// toolResultsAnswerToolUses pairs every tool use with exactly one result in the user message that follows it.
func toolResultsAnswerToolUses(r *GenerateRequest) string {
	var open []ToolUse
	for at, message := range r.turns() {
		if message.Assistant != nil {
			open = message.Assistant.ToolUses
			continue
		}
		if why := unpaired(open, message.User.Context.ToolResults); why != "" {
			return at + ": " + why
		}
		open = nil
	}
	return ""
}

func unpaired(uses []ToolUse, results []ToolResult) string {
	answers := make(map[string]int, len(results))
	for _, result := range results {
		answers[result.ToolUseID]++
	}
	for _, use := range uses {
		if n := answers[use.ToolUseID]; n != 1 {
			return fmt.Sprintf("tool use %q has %d results", use.ToolUseID, n)
		}
		delete(answers, use.ToolUseID)
	}
	for id := range answers {
		return fmt.Sprintf("tool result %q answers no tool use of the message before", id)
	}
	return ""
}

func toolResultsHaveContent(r *GenerateRequest) string {
	for at, user := range r.userTurns() {
		for _, result := range user.Context.ToolResults {
			if why := emptyResult(result); why != "" {
				return fmt.Sprintf("%s: tool result %q: %s", at, result.ToolUseID, why)
			}
		}
	}
	return ""
}

func emptyResult(result ToolResult) string {
	if !slices.Contains(statuses, result.Status) {
		return fmt.Sprintf("status %q", result.Status)
	}
	empty := true
	for _, content := range result.Content {
		if (content.Text == nil) == (content.JSON == nil) {
			return "content must have exactly one of text and json"
		}
		empty = empty && content.text() == "" && content.JSON == nil
	}
	if empty {
		return "no content"
	}
	return ""
}

func toolsAreOnCurrentOnly(r *GenerateRequest) string {
	for i, message := range r.ConversationState.History {
		if message.User != nil && len(message.User.Context.Tools) > 0 {
			return fmt.Sprintf("history[%d]: tools", i)
		}
	}
	return ""
}

func toolsAreUnions(r *GenerateRequest) string {
	for i, tool := range r.Current().Context.Tools {
		if (tool.Specification == nil) == (tool.CachePoint == nil) || !isDefault(tool.CachePoint) {
			return fmt.Sprintf("tools[%d]: must be a toolSpecification or a default cachePoint", i)
		}
	}
	return ""
}

// tools are the tools on offer, without cache points.
func (r *GenerateRequest) tools() []*ToolSpecification {
	var tools []*ToolSpecification
	for _, tool := range r.Current().Context.Tools {
		if tool.Specification != nil {
			tools = append(tools, tool.Specification)
		}
	}
	return tools
}

var toolName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,62}$`)

func toolNamesAreValid(r *GenerateRequest) string {
	for i, tool := range r.tools() {
		if !toolName.MatchString(tool.Name) {
			return fmt.Sprintf("tools[%d]: name %q", i, tool.Name)
		}
	}
	return ""
}

func toolNamesAreUnique(r *GenerateRequest) string {
	seen := make(map[string]bool)
	for i, tool := range r.tools() {
		if seen[tool.Name] {
			return fmt.Sprintf("tools[%d]: a second %q", i, tool.Name)
		}
		seen[tool.Name] = true
	}
	return ""
}

// maxDescription is the longest description of a tool, in bytes.
const maxDescription = 10_000

func toolsAreDescribed(r *GenerateRequest) string {
	for i, tool := range r.tools() {
		if n := len(tool.Description); n == 0 || n > maxDescription {
			return fmt.Sprintf("tools[%d]: %q has a description of %d bytes", i, tool.Name, n)
		}
	}
	return ""
}

func historyToolsAreDefined(r *GenerateRequest) string {
	defined := make(map[string]bool)
	for _, tool := range r.tools() {
		defined[tool.Name] = true
	}
	for i, message := range r.ConversationState.History {
		if message.Assistant == nil {
			continue
		}
		for _, use := range message.Assistant.ToolUses {
			if !defined[use.Name] {
				return fmt.Sprintf("history[%d]: tool %q is not defined", i, use.Name)
			}
		}
	}
	return ""
}

func toolSchemasAreSound(r *GenerateRequest) string {
	for i, tool := range r.tools() {
		s, err := readSchema(tool.InputSchema.JSON)
		if err != nil {
			return fmt.Sprintf("tools[%d]: %q: schema: %v", i, tool.Name, err)
		}
		if s.kind() != "object" {
			return fmt.Sprintf("tools[%d]: %q: schema: type is %s, not object", i, tool.Name, s.Type)
		}
		if why := s.unsound(); why != "" {
			return fmt.Sprintf("tools[%d]: %q: schema: %s", i, tool.Name, why)
		}
	}
	return ""
}
