package amazonqtest

import (
	"fmt"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// GenerateRequest is the body of GenerateAssistantResponse, whole and typed. A member that is not in these types is refused.
//
// Source: the official CLI's model of the service.
type GenerateRequest struct {
	ConversationState ConversationState `json:"conversationState"`
	ProfileARN        string            `json:"profileArn,omitzero"`
	AgentMode         string            `json:"agentMode,omitzero"`
}

// ConversationState is a conversation and the message to answer.
type ConversationState struct {
	ConversationID      string        `json:"conversationId,omitzero"`
	WorkspaceID         string        `json:"workspaceId,omitzero"`
	History             []ChatMessage `json:"history,omitzero"`
	CurrentMessage      ChatMessage   `json:"currentMessage"`
	ChatTriggerType     string        `json:"chatTriggerType"`
	CustomizationARN    string        `json:"customizationArn,omitzero"`
	AgentContinuationID string        `json:"agentContinuationId,omitzero"`
	AgentTaskType       string        `json:"agentTaskType,omitzero"`
}

// ChatMessage is a union: exactly one member is set.
type ChatMessage struct {
	User      *UserInputMessage         `json:"userInputMessage,omitzero"`
	Assistant *AssistantResponseMessage `json:"assistantResponseMessage,omitzero"`
}

// UserInputMessage is a turn of the user.
type UserInputMessage struct {
	Content           string             `json:"content"`
	Context           UserContext        `json:"userInputMessageContext,omitzero"`
	UserIntent        string             `json:"userIntent,omitzero"`
	Origin            string             `json:"origin,omitzero"`
	Images            []Image            `json:"images,omitzero"`
	ModelID           string             `json:"modelId,omitzero"`
	CachePoint        *CachePoint        `json:"cachePoint,omitzero"`
	ClientCacheConfig *ClientCacheConfig `json:"clientCacheConfig,omitzero"`
}

// UserContext is what comes with a turn of the user. Members that nothing of ours sends stay raw.
type UserContext struct {
	EditorState       jsontext.Value    `json:"editorState,omitzero"`
	ShellState        jsontext.Value    `json:"shellState,omitzero"`
	GitState          jsontext.Value    `json:"gitState,omitzero"`
	EnvState          EnvState          `json:"envState,omitzero"`
	AppStudioContext  jsontext.Value    `json:"appStudioContext,omitzero"`
	Diagnostic        jsontext.Value    `json:"diagnostic,omitzero"`
	ConsoleState      jsontext.Value    `json:"consoleState,omitzero"`
	UserSettings      jsontext.Value    `json:"userSettings,omitzero"`
	AdditionalContext []AdditionalEntry `json:"additionalContext,omitzero"`
	ToolResults       []ToolResult      `json:"toolResults,omitzero"`
	Tools             []Tool            `json:"tools,omitzero"`
}

// EnvState says where the client runs.
type EnvState struct {
	OperatingSystem         string                `json:"operatingSystem,omitzero"`
	CurrentWorkingDirectory string                `json:"currentWorkingDirectory,omitzero"`
	EnvironmentVariables    []EnvironmentVariable `json:"environmentVariables,omitzero"`
	TimezoneOffset          int                   `json:"timezoneOffset,omitzero"`
}

// EnvironmentVariable is one entry of EnvState.
type EnvironmentVariable struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// AdditionalEntry is a named piece of context.
type AdditionalEntry struct {
	Name         string `json:"name"`
	Description  string `json:"description"`
	InnerContext string `json:"innerContext"`
}

// Image is a picture in a turn of the user.
type Image struct {
	Format string      `json:"format"`
	Source ImageSource `json:"source"`
}

// ImageSource holds a picture's bytes in standard base64.
type ImageSource struct {
	Bytes string `json:"bytes"`
}

// CachePoint marks where a cached prefix may end.
type CachePoint struct {
	Type string `json:"type"`
}

// ClientCacheConfig says how the client caches.
type ClientCacheConfig struct {
	UseClientCachingOnly bool `json:"useClientCachingOnly"`
}

// Tool is a union: a tool the model may call, or a cache point.
type Tool struct {
	Specification *ToolSpecification `json:"toolSpecification,omitzero"`
	CachePoint    *CachePoint        `json:"cachePoint,omitzero"`
}

// ToolSpecification is a tool the model may call.
type ToolSpecification struct {
	Name        string      `json:"name"`
	Description string      `json:"description"`
	InputSchema InputSchema `json:"inputSchema"`
}

// InputSchema wraps a JSON schema.
type InputSchema struct {
	JSON jsontext.Value `json:"json"`
}

// ToolResult answers a ToolUse of the message before.
type ToolResult struct {
	ToolUseID string              `json:"toolUseId"`
	Content   []ToolResultContent `json:"content"`
	Status    string              `json:"status,omitzero"` // success or error
}

// ToolResultContent is a union: text or JSON.
type ToolResultContent struct {
	Text *string        `json:"text,omitzero"`
	JSON jsontext.Value `json:"json,omitzero"`
}

// AssistantResponseMessage is a turn of the model.
type AssistantResponseMessage struct {
	MessageID             string            `json:"messageId,omitzero"`
	Content               string            `json:"content"`
	SupplementaryWebLinks jsontext.Value    `json:"supplementaryWebLinks,omitzero"`
	References            jsontext.Value    `json:"references,omitzero"`
	FollowupPrompt        jsontext.Value    `json:"followupPrompt,omitzero"`
	ToolUses              []ToolUse         `json:"toolUses,omitzero"`
	CachePoint            *CachePoint       `json:"cachePoint,omitzero"`
	ReasoningContent      *ReasoningContent `json:"reasoningContent,omitzero"`
}

// ToolUse is a call the model made. Input is a JSON object here, and a run of text fragments in the answer's stream.
type ToolUse struct {
	ToolUseID string         `json:"toolUseId"`
	Name      string         `json:"name"`
	Input     jsontext.Value `json:"input"`
}

// ReasoningContent is a union: reasoning in the open, or the base64 of what is withheld.
type ReasoningContent struct {
	ReasoningText   *ReasoningText `json:"reasoningText,omitzero"`
	RedactedContent string         `json:"redactedContent,omitzero"`
}

// ReasoningText is reasoning in the open.
type ReasoningText struct {
	Text      string `json:"text"`
	Signature string `json:"signature,omitzero"`
}

// Current is the message to answer.
func (r *GenerateRequest) Current() *UserInputMessage { return r.ConversationState.CurrentMessage.User }

// turns are the messages in order, each with the place it stands at: history[0], history[1], ..., currentMessage.
func (r *GenerateRequest) turns() iter.Seq2[string, ChatMessage] {
	return func(yield func(string, ChatMessage) bool) {
		for i, message := range r.ConversationState.History {
			if !yield(fmt.Sprintf("history[%d]", i), message) {
				return
			}
		}
		yield("currentMessage", r.ConversationState.CurrentMessage)
	}
}

// userTurns are the turns of the user.
func (r *GenerateRequest) userTurns() iter.Seq2[string, *UserInputMessage] {
	return func(yield func(string, *UserInputMessage) bool) {
		for at, message := range r.turns() {
			if message.User != nil && !yield(at, message.User) {
				return
			}
		}
	}
}

// inputBytes is how much text a request carries; pictures do not count.
func (r *GenerateRequest) inputBytes() int {
	total := 0
	for _, message := range r.turns() {
		if message.User != nil {
			total += message.User.bytes()
		}
		if message.Assistant != nil {
			total += message.Assistant.bytes()
		}
	}
	return total
}

func (m *UserInputMessage) bytes() int {
	total := len(m.Content)
	for _, result := range m.Context.ToolResults {
		total += result.bytes()
	}
	for _, tool := range m.Context.Tools {
		if s := tool.Specification; s != nil {
			total += len(s.Name) + len(s.Description) + len(s.InputSchema.JSON)
		}
	}
	return total
}

func (m *AssistantResponseMessage) bytes() int {
	total := len(m.Content)
	for _, use := range m.ToolUses {
		total += len(use.Name) + len(use.Input)
	}
	return total
}

func (r ToolResult) bytes() int {
	total := 0
	for _, content := range r.Content {
		total += len(content.text()) + len(content.JSON)
	}
	return total
}

func (c ToolResultContent) text() string {
	if c.Text == nil {
		return ""
	}
	return *c.Text
}
