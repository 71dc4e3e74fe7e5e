package amazonq

import (
	"context"
	"slices"

	"amq2api/backend/account"
)

// modelPage answers ListAvailableModels. Source: the official clients' models.
type modelPage struct {
	Models    list[modelEntry] `json:"models"`
	NextToken tolerant[string] `json:"nextToken"`
}

type modelEntry struct {
	ModelID             tolerant[string]      `json:"modelId"`
	ModelName           tolerant[string]      `json:"modelName"`
	RateMultiplier      tolerant[float64]     `json:"rateMultiplier"`
	RateUnit            tolerant[string]      `json:"rateUnit"`
	TokenLimits         tolerant[tokenLimits] `json:"tokenLimits"`
	SupportedInputTypes list[string]          `json:"supportedInputTypes"`
}

type tokenLimits struct {
	MaxInputTokens  tolerant[float64] `json:"maxInputTokens"`
	MaxOutputTokens tolerant[float64] `json:"maxOutputTokens"`
}

// Models asks which models an account may use. Their context windows are remembered.
func (c *Client) Models(ctx context.Context, credential account.Credential) ([]account.Model, error) {
	var models []account.Model
	err := paged(func(token string) (string, error) {
		q, err := c.aboutAccount(credential, "ListAvailableModels", accountArguments{NextToken: token})
		if err != nil {
			return "", err
		}
		var page modelPage
		if err := c.ask(ctx, credential, q, &page); err != nil {
			return "", err
		}
		models = c.take(models, page)
		return page.NextToken.value, nil
	})
	return models, err
}

// take adds a page's models that are new and have an id.
func (c *Client) take(models []account.Model, page modelPage) []account.Model {
	for _, entry := range page.Models.all() {
		model := entry.model()
		if model.ID == "" || slices.ContainsFunc(models, func(known account.Model) bool { return known.ID == model.ID }) {
			continue
		}
		if model.InputTokens > 0 {
			c.windows.learn(model.ID, model.InputTokens)
		}
		models = append(models, model)
	}
	return models
}

func (e modelEntry) model() account.Model {
	limits := e.TokenLimits.value
	return account.Model{
		ID: e.ModelID.value, Name: firstOf(e.ModelName.value, e.ModelID.value), InputTokens: whole(limits.MaxInputTokens.value),
		OutputTokens: whole(limits.MaxOutputTokens.value), Rate: max(0, e.RateMultiplier.value), RateUnit: e.RateUnit.value,
		Images: slices.Contains(e.SupportedInputTypes.all(), "IMAGE"),
	}
}
