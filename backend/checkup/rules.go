package checkup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// rule is one thing the service insists on.
type rule struct {
	name  RuleCode
	check func(*look)
}

// RuleCode names a rule. The page has words for each.
type RuleCode string

// The rules' names.
const (
	RuleCurrentIsUser              RuleCode = "current_is_user"
	RuleHistoryBeginsWithUser      RuleCode = "history_begins_with_user"
	RuleHistoryAlternates          RuleCode = "history_alternates"
	RuleHistoryEndsWithAssistant   RuleCode = "history_ends_with_assistant"
	RuleTriggerIsManual            RuleCode = "trigger_is_manual"
	RuleContentNotEmpty            RuleCode = "content_not_empty"
	RuleFirstMessageWithoutResults RuleCode = "first_message_without_results"
	RuleResultsAnswerUses          RuleCode = "results_answer_uses"
	RuleToolUseIdsUnique           RuleCode = "tool_use_ids_unique"
	RuleToolInputsAreObjects       RuleCode = "tool_inputs_are_objects"
	RuleToolResultsNotEmpty        RuleCode = "tool_results_not_empty"
	RulePastToolsOffered           RuleCode = "past_tools_offered"
	RuleToolNamesValid             RuleCode = "tool_names_valid"
	RuleToolNamesUnique            RuleCode = "tool_names_unique"
	RuleToolDescriptionSize        RuleCode = "tool_description_size"
	RuleToolSchemaSound            RuleCode = "tool_schema_sound"
	RuleMessageSize                RuleCode = "message_size"
	RuleToolResultSize             RuleCode = "tool_result_size"
	RuleHistoryLength              RuleCode = "history_length"
	RuleImageCount                 RuleCode = "image_count"
	RuleImageSound                 RuleCode = "image_sound"
	RuleWholeSize                  RuleCode = "whole_size"
)

// rules are all that are known. Source: the official clients, which keep them, and observed refusals.
var rules = []rule{
	{RuleCurrentIsUser, currentIsUser},
	{RuleHistoryBeginsWithUser, historyBeginsWithUser},
	{RuleHistoryAlternates, historyAlternates},
	{RuleHistoryEndsWithAssistant, historyEndsWithAssistant},
	{RuleTriggerIsManual, triggerIsManual},
	{RuleContentNotEmpty, contentNotEmpty},
	{RuleFirstMessageWithoutResults, firstWithoutResults},
	{RuleResultsAnswerUses, resultsAnswerUses},
	{RuleToolUseIdsUnique, useIDsUnique},
	{RuleToolInputsAreObjects, inputsAreObjects},
	{RuleToolResultsNotEmpty, resultsNotEmpty},
	{RulePastToolsOffered, pastToolsOffered},
	{RuleToolNamesValid, toolNamesValid},
	{RuleToolNamesUnique, toolNamesUnique},
	{RuleToolDescriptionSize, toolDescriptionSize},
	{RuleToolSchemaSound, toolSchemaSound},
	{RuleMessageSize, messageSize},
	{RuleToolResultSize, resultSize},
	{RuleHistoryLength, historyLength},
	{RuleImageCount, imageCount},
	{RuleImageSound, imageSound},
	{RuleWholeSize, wholeSize},
}

// The service's limits, in bytes where nothing else is said. Source: the official clients.
const (
	maxContent     = 600_000
	maxResult      = 800_000
	maxHistory     = 10_000 // messages
	maxDescription = 10_000
	maxImages      = 10 // in a message
	maxImage       = 10 << 20
	maxInput       = 700_000 // characters of a context window of 200,000 tokens, at the official clients' 3.5 for each
)

func currentIsUser(l *look) {
	if l.body.State.Current.User == nil {
		l.broke("currentMessage", "", "The conversation must end with a message of the user.")
	}
}

func historyBeginsWithUser(l *look) {
	if h := l.body.State.History; len(h) > 0 && h[0].User == nil {
		l.broke("history[0]", "", "The conversation must begin with a message of the user.")
	}
}

func historyAlternates(l *look) {
	h := l.body.State.History
	for i := 1; i < len(h); i++ {
		if (h[i].User == nil) == (h[i-1].User == nil) {
			l.broke(fmt.Sprintf("history[%d]", i), "", "Two messages of the same speaker follow each other.")
		}
	}
}

func historyEndsWithAssistant(l *look) {
	if h := l.body.State.History; len(h) > 0 && h[len(h)-1].Assistant == nil {
		l.broke(fmt.Sprintf("history[%d]", len(h)-1), "", "The message before the current one must be the assistant's.")
	}
}

func triggerIsManual(l *look) {
	if t := l.body.State.Trigger; t != "MANUAL" {
		l.broke("chatTriggerType", "", "The trigger is %.40q instead of MANUAL.", t)
	}
}

func contentNotEmpty(l *look) {
	for place, m := range l.turns() {
		if m.User != nil && m.User.Content == "" && len(m.User.Context.Results) == 0 {
			l.broke(place, "", "A message of the user is empty and has no tool results.")
		}
		if m.Assistant != nil && m.Assistant.Content == "" && len(m.Assistant.Uses) == 0 {
			l.broke(place, "", "A message of the assistant is empty and calls no tool.")
		}
	}
}

func firstWithoutResults(l *look) {
	for place, m := range l.turns() {
		if m.User != nil && len(m.User.Context.Results) > 0 {
			l.broke(place, "", "The first message of the conversation has tool results, but no tool was called before it.")
		}
		return
	}
}

func resultsAnswerUses(l *look) {
	var open []use
	for place, m := range l.turns() {
		if m.Assistant != nil {
			open = m.Assistant.Uses
			continue
		}
		if m.User == nil {
			continue
		}
		l.pair(place, open, m.User.Context.Results)
		open = nil
	}
}

func (l *look) pair(place string, uses []use, results []result) {
	counts := map[string]int{}
	for _, r := range results {
		counts[r.ID]++
	}
	for _, u := range uses {
		switch counts[u.ID] {
		case 0:
			l.broke(place, u.Name, "The call %.60q of the tool %s has no result.", u.ID, u.Name)
		case 1:
		default:
			l.broke(place, u.Name, "The call %.60q of the tool %s has %d results.", u.ID, u.Name, counts[u.ID])
		}
		delete(counts, u.ID)
	}
	for i, r := range results {
		if counts[r.ID] > 0 {
			l.broke(fmt.Sprintf("%s.toolResults[%d]", place, i), "", "The tool result %.60q answers no call of the message before it.", r.ID)
		}
	}
}

func useIDsUnique(l *look) {
	seen := map[string]bool{}
	for place, u := range l.uses() {
		if u.ID == "" || seen[u.ID] {
			l.broke(place, u.Name, "The call id %.60q is empty or used twice.", u.ID)
		}
		seen[u.ID] = true
	}
}

// uses are all calls of the past with their places.
func (l *look) uses() func(yield func(string, use) bool) {
	return func(yield func(string, use) bool) {
		for place, m := range l.turns() {
			if m.Assistant == nil {
				continue
			}
			for i, u := range m.Assistant.Uses {
				if !yield(fmt.Sprintf("%s.toolUses[%d]", place, i), u) {
					return
				}
			}
		}
	}
}

func inputsAreObjects(l *look) {
	for place, u := range l.uses() {
		if !strings.HasPrefix(strings.TrimSpace(string(u.Input)), "{") {
			l.broke(place, u.Name, "The input of a call of the tool %s is not a JSON object.", u.Name)
		}
	}
}

func resultsNotEmpty(l *look) {
	for place, r := range l.results() {
		if r.bytes() == 0 || r.Status != "success" && r.Status != "error" && r.Status != "" {
			l.broke(place, "", "A tool result has no content, or an unknown status.")
		}
	}
}

func (l *look) results() func(yield func(string, result) bool) {
	return func(yield func(string, result) bool) {
		for place, m := range l.turns() {
			if m.User == nil {
				continue
			}
			for i, r := range m.User.Context.Results {
				if !yield(fmt.Sprintf("%s.toolResults[%d]", place, i), r) {
					return
				}
			}
		}
	}
}

// pastToolsOffered compares without case, as the service is said to.
func pastToolsOffered(l *look) {
	offered := map[string]bool{}
	for _, t := range l.tools() {
		offered[strings.ToLower(t.Name)] = true
	}
	for place, u := range l.uses() {
		if !offered[strings.ToLower(u.Name)] {
			l.broke(place, u.Name, "The tool %s was called in the conversation, but is not offered any more.", u.Name)
		}
	}
}

var toolName = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]{0,62}$`)

func toolNamesValid(l *look) {
	for i, t := range l.tools() {
		if !toolName.MatchString(t.Name) {
			l.broke(fmt.Sprintf("tools[%d]", i), l.calledByClient(i, t.Name), "The tool name %.80q must be letters, digits and underscores, 63 at most, a letter first.", t.Name)
		}
	}
}

func toolNamesUnique(l *look) {
	seen := map[string]bool{}
	for i, t := range l.tools() {
		if seen[t.Name] {
			l.broke(fmt.Sprintf("tools[%d]", i), l.calledByClient(i, t.Name), "Two tools are called %s.", t.Name)
		}
		seen[t.Name] = true
	}
}

func toolDescriptionSize(l *look) {
	for i, t := range l.tools() {
		place, name := fmt.Sprintf("tools[%d]", i), l.calledByClient(i, t.Name)
		if t.Description == "" {
			l.broke(place, name, "The tool %s has no description.", name)
		}
		l.limit(place, name, "The description of the tool "+name, len(t.Description), maxDescription, "Shorten it.")
	}
}

// toolSchemaSound looks for what was seen to be refused: no type, null where an object or a list belongs, required that is no list of names.
func toolSchemaSound(l *look) {
	for i, t := range l.tools() {
		var schema struct {
			Type       json.RawMessage `json:"type"`
			Properties json.RawMessage `json:"properties"`
			Required   json.RawMessage `json:"required"`
		}
		wrong, names := "", []string(nil)
		switch err := json.Unmarshal(t.Schema.JSON, &schema); {
		case err != nil || !strings.HasPrefix(strings.TrimSpace(string(t.Schema.JSON)), "{"):
			wrong = "is not a JSON object"
		case string(schema.Type) != `"object"`:
			wrong = `does not have the type "object"`
		case nullMember(t.Schema.JSON) != "":
			wrong = "has null for " + nullMember(t.Schema.JSON)
		case schema.Properties != nil && !strings.HasPrefix(string(schema.Properties), "{"):
			wrong = "has properties that are not an object"
		case schema.Required != nil && (string(schema.Required) == "null" || json.Unmarshal(schema.Required, &names) != nil):
			wrong = "has a required that is not a list of names"
		}
		if wrong != "" {
			name := l.calledByClient(i, t.Name)
			l.broke(fmt.Sprintf("tools[%d].inputSchema", i), name, "The input schema of the tool %s %s.", name, wrong)
		}
	}
}

// nullMember is the first "properties" or "required" that is null, however deep in a schema; empty if there is none.
func nullMember(schema json.RawMessage) string {
	in := jsontext.NewDecoder(bytes.NewReader(schema))
	var members memberNames
	for {
		container, read := in.StackIndex(in.StackDepth())
		name := members.around(in)
		token, err := in.ReadToken()
		switch {
		case err != nil:
			return ""
		case container != jsontext.KindBeginObject:
		case read%2 == 0 && token.Kind() == jsontext.KindString:
			members.enter(in, token.String())
		case token.Kind() == jsontext.KindNull && (name == "properties" || name == "required"):
			return name
		}
	}
}

func messageSize(l *look) {
	for place, m := range l.turns() {
		if m.User != nil {
			l.limit(place+".content", "", "The size of a message in bytes", len(m.User.Content), maxContent, "Send it in parts, or leave files out.")
		}
	}
}

func resultSize(l *look) {
	for place, r := range l.results() {
		l.limit(place, "", "The size of a tool result in bytes", r.bytes(), maxResult, "Have the tool return less.")
	}
}

func historyLength(l *look) {
	l.limit("history", "", "The number of messages", len(l.body.State.History), maxHistory, "Compact the conversation or start a new one.")
}

func imageCount(l *look) {
	for place, m := range l.turns() {
		if m.User != nil {
			l.limit(place+".images", "", "The number of images in a message", len(m.User.Images), maxImages, "Send fewer at once.")
		}
	}
}

func imageSound(l *look) {
	for place, m := range l.turns() {
		if m.User == nil {
			continue
		}
		for i, picture := range m.User.Images {
			at := fmt.Sprintf("%s.images[%d]", place, i)
			size, err := base64.StdEncoding.DecodeString(picture.Source.Bytes)
			if err != nil || len(size) == 0 || !slices.Contains([]string{"png", "jpeg", "gif", "webp"}, picture.Format) {
				l.broke(at, "", "An image is not base64, is empty, or has the format %.20q.", picture.Format)
				continue
			}
			l.limit(at, "", "The size of an image in bytes", len(size), maxImage, "Send a smaller one.")
		}
	}
}

// wholeSize adds up what the model has to read.
func wholeSize(l *look) {
	total := 0
	for _, m := range l.turns() {
		if m.User != nil {
			total += len(m.User.Content)
		}
		if m.Assistant != nil {
			total += len(m.Assistant.Content)
		}
	}
	for _, r := range l.results() {
		total += r.bytes()
	}
	for _, u := range l.uses() {
		total += len(u.Input)
	}
	for _, t := range l.tools() {
		total += len(t.Description) + len(t.Schema.JSON)
	}
	l.limit("conversationState", "", "The text of the whole request in bytes", total, maxInput, "Compact the conversation or start a new one.")
}
