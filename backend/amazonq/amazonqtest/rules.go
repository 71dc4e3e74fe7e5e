package amazonqtest

import (
	"fmt"
	"regexp"
	"slices"
)

// rule is one invariant of a request. It says what breaks it, empty if nothing does.
type rule func(*GenerateRequest) string

// rules are checked in this order. Every one of them is answered with the same bare refusal, as the service does; only Received.Refusal
// knows the reason.
var rules = []rule{
	messagesAreUnions, currentMessageIsUser, historyBeginsWithUser, historyAlternates, historyEndsWithAssistant, historyFits,
	triggerIsManual, idsAreUUIDs, enumsAreKnown, contentIsNotEmpty, userContentFits, workingDirectoryFits,
	firstMessageHasNoResults, toolUseIDsAreUnique, toolInputsAreObjects, toolResultsAnswerToolUses, toolResultsHaveContent, toolResultsFit,
	toolsAreOnCurrentOnly, modelIsOnCurrentOnly, toolsAreUnions, toolNamesAreValid, toolNamesAreUnique, toolsAreDescribed, toolSchemasAreSound,
	historyToolsAreDefined, imagesAreFew, imagesAreSound,
}

// check applies the rules.
func check(r *GenerateRequest) string {
	for _, broken := range rules {
		if why := broken(r); why != "" {
			return why
		}
	}
	return ""
}

func messagesAreUnions(r *GenerateRequest) string {
	for at, message := range r.turns() {
		if (message.User == nil) == (message.Assistant == nil) {
			return at + ": must have exactly one of userInputMessage and assistantResponseMessage"
		}
	}
	return ""
}

func currentMessageIsUser(r *GenerateRequest) string {
	if r.Current() == nil {
		return "currentMessage: not a user message"
	}
	return ""
}

func historyBeginsWithUser(r *GenerateRequest) string {
	if history := r.ConversationState.History; len(history) > 0 && history[0].User == nil {
		return "history[0]: not a user message"
	}
	return ""
}

func historyAlternates(r *GenerateRequest) string {
	history := r.ConversationState.History
	for i := 1; i < len(history); i++ {
		before, after := history[i-1], history[i]
		switch {
		case before.User != nil && after.User != nil:
			return fmt.Sprintf("history[%d]: two user messages in a row", i)
		case before.Assistant != nil && after.Assistant != nil:
			return fmt.Sprintf("history[%d]: two assistant messages in a row", i)
		}
	}
	return ""
}

func historyEndsWithAssistant(r *GenerateRequest) string {
	history := r.ConversationState.History
	if last := len(history) - 1; last >= 0 && history[last].Assistant == nil {
		return fmt.Sprintf("history[%d]: the last message is not an assistant message", last)
	}
	return ""
}

func triggerIsManual(r *GenerateRequest) string {
	if trigger := r.ConversationState.ChatTriggerType; trigger != "MANUAL" {
		return fmt.Sprintf("chatTriggerType: %q", trigger)
	}
	return ""
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func idsAreUUIDs(r *GenerateRequest) string {
	for _, id := range []string{r.ConversationState.ConversationID, r.ConversationState.AgentContinuationID} {
		if id != "" && !uuid.MatchString(id) {
			return fmt.Sprintf("conversationState: %q is not a UUID", id)
		}
	}
	return ""
}

var (
	origins = []string{
		"", "AI_EDITOR", "CHATBOT", "CLI", "CONSOLE", "DOCUMENTATION", "GITLAB", "IDE", "INLINE_CHAT", "KIRO_CLI", "MARKETING", "MD", "MD_CE",
		"MD_IDE", "MOBILE", "OPENSEARCH_DASHBOARD", "Q_DEV_BEXT", "SAGE_MAKER", "SERVICE_INTERNAL", "SM_AI_STUDIO_IDE", "UNIFIED_SEARCH", "UNKNOWN",
	}
	intents = []string{
		"", "EXPLAIN_CODE_SELECTION", "SUGGEST_ALTERNATE_IMPLEMENTATION", "APPLY_COMMON_BEST_PRACTICES", "IMPROVE_CODE", "SHOW_EXAMPLES",
		"CITE_SOURCES", "EXPLAIN_LINE_BY_LINE", "GENERATE_UNIT_TESTS", "CODE_GENERATION", "GENERATE_CLOUDFORMATION_TEMPLATE",
	}
	taskTypes = []string{"", "vibe", "spectask"}
	statuses  = []string{"", "success", "error"}
)

func enumsAreKnown(r *GenerateRequest) string {
	if task := r.ConversationState.AgentTaskType; !slices.Contains(taskTypes, task) {
		return fmt.Sprintf("agentTaskType: %q", task)
	}
	for at, message := range r.turns() {
		if user := message.User; user != nil {
			if !slices.Contains(origins, user.Origin) || !slices.Contains(intents, user.UserIntent) || !isDefault(user.CachePoint) {
				return at + ": unknown origin, userIntent or cachePoint"
			}
		}
		if assistant := message.Assistant; assistant != nil && !isDefault(assistant.CachePoint) {
			return at + ": unknown cachePoint"
		}
	}
	return ""
}

func isDefault(point *CachePoint) bool { return point == nil || point.Type == "default" }

// contentIsNotEmpty lets a user message be empty beside tool results, and an assistant message beside tool uses.
func contentIsNotEmpty(r *GenerateRequest) string {
	for at, message := range r.turns() {
		if user := message.User; user != nil && user.Content == "" && len(user.Context.ToolResults) == 0 {
			return at + ": empty content without tool results"
		}
		if assistant := message.Assistant; assistant != nil && assistant.Content == "" && len(assistant.ToolUses) == 0 {
			return at + ": empty content without tool uses"
		}
	}
	return ""
}

func modelIsOnCurrentOnly(r *GenerateRequest) string {
	for i, message := range r.ConversationState.History {
		if message.User != nil && message.User.ModelID != "" {
			return fmt.Sprintf("history[%d]: modelId", i)
		}
	}
	return ""
}
