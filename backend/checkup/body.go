package checkup

import "encoding/json"

// body is a request as it was sent, as far as the rules look at it. It is written apart from what encodes requests, so that a mistake there
// is not made here again. Source of the shape: the official clients' models of the service.
type body struct {
	State struct {
		ID      string    `json:"conversationId,omitempty"`
		History []message `json:"history,omitempty"`
		Current message   `json:"currentMessage"`
		Trigger string    `json:"chatTriggerType"`
	} `json:"conversationState"`
}

// message is one of the two.
type message struct {
	User      *userMessage      `json:"userInputMessage,omitempty"`
	Assistant *assistantMessage `json:"assistantResponseMessage,omitempty"`
}

type userMessage struct {
	Content string  `json:"content"`
	Origin  string  `json:"origin,omitempty"`
	ModelID string  `json:"modelId,omitempty"`
	Images  []image `json:"images,omitempty"`
	Context struct {
		Results []result `json:"toolResults,omitempty"`
		Tools   []tool   `json:"tools,omitempty"`
	} `json:"userInputMessageContext"`
}

type assistantMessage struct {
	Content string `json:"content"`
	Uses    []use  `json:"toolUses,omitempty"`
}

type image struct {
	Format string `json:"format"`
	Source struct {
		Bytes string `json:"bytes"`
	} `json:"source"`
}

type result struct {
	ID      string    `json:"toolUseId"`
	Content []content `json:"content"`
	Status  string    `json:"status"`
}

type content struct {
	Text *string         `json:"text,omitempty"`
	JSON json.RawMessage `json:"json,omitempty"`
}

func (r result) bytes() int {
	total := 0
	for _, c := range r.Content {
		if c.Text != nil {
			total += len(*c.Text)
		}
		total += len(c.JSON)
	}
	return total
}

type use struct {
	ID    string          `json:"toolUseId"`
	Name  string          `json:"name"`
	Input json.RawMessage `json:"input"`
}

type tool struct {
	Spec *specification `json:"toolSpecification,omitempty"`
}

type specification struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Schema      struct {
		JSON json.RawMessage `json:"json"`
	} `json:"inputSchema"`
}
