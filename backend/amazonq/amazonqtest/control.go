package amazonqtest

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
)

// catalogue are the models the Service has.
var catalogue = []string{"auto", "claude-sonnet-4.5", "claude-sonnet-4", "claude-haiku-4.5", "claude-opus-4.5"}

// The sizes of every model, in tokens.
const (
	window    = 200_000
	maxOutput = 64_000
)

type listModelsQuery struct {
	Origin        string `json:"origin"`
	MaxResults    int    `json:"maxResults"`
	NextToken     string `json:"nextToken"`
	ProfileARN    string `json:"profileArn"`
	ModelProvider string `json:"modelProvider"`
}

type listModelsAnswer struct {
	Models       []model `json:"models"`
	DefaultModel model   `json:"defaultModel"`
	NextToken    string  `json:"nextToken,omitzero"`
}

type model struct {
	ModelID             string      `json:"modelId"`
	ModelName           string      `json:"modelName"`
	Description         string      `json:"description"`
	RateMultiplier      float64     `json:"rateMultiplier"`
	RateUnit            string      `json:"rateUnit"`
	TokenLimits         tokenLimits `json:"tokenLimits"`
	SupportedInputTypes []string    `json:"supportedInputTypes"`
	SupportsPromptCache bool        `json:"supportsPromptCache"`
}

type tokenLimits struct {
	MaxInputTokens  int `json:"maxInputTokens"`
	MaxOutputTokens int `json:"maxOutputTokens"`
}

func (x *exchange) listModels(body []byte) {
	query, ok := controlQuery[listModelsQuery](x, body)
	if !ok || !x.permits(query.ProfileARN, query.Origin) {
		return
	}
	if query.Origin == "" {
		x.reject(Malformed, "origin: missing")
		return
	}
	var answer listModelsAnswer
	for _, id := range catalogue {
		if x.identity.knows(id) {
			answer.Models = append(answer.Models, modelOf(id))
		}
	}
	if len(answer.Models) > 0 {
		answer.DefaultModel = answer.Models[0]
	}
	answer.Models, answer.NextToken, ok = page(answer.Models, query.MaxResults, query.NextToken)
	if !ok {
		x.reject(Malformed, "nextToken: unknown")
		return
	}
	x.reply(http.StatusOK, "application/x-amz-json-1.0", mustMarshal(answer))
}

func modelOf(id string) model {
	return model{
		ModelID: id, ModelName: id, Description: "Simulated", RateMultiplier: 1, RateUnit: "credit",
		TokenLimits: tokenLimits{window, maxOutput}, SupportedInputTypes: []string{"TEXT", "IMAGE"},
	}
}

type usageLimitsQuery struct {
	ProfileARN      string `json:"profileArn"`
	Origin          string `json:"origin"`
	ResourceType    string `json:"resourceType"`
	IsEmailRequired bool   `json:"isEmailRequired"`
}

type usageLimitsAnswer struct {
	Limits             []string         `json:"limits"`
	NextDateReset      float64          `json:"nextDateReset"` // seconds since 1970
	DaysUntilReset     int              `json:"daysUntilReset"`
	UsageBreakdownList []usageBreakdown `json:"usageBreakdownList"`
	SubscriptionInfo   subscription     `json:"subscriptionInfo"`
	UserInfo           *userInfo        `json:"userInfo,omitzero"`
}

type userInfo struct {
	UserID string `json:"userId"`
	Email  string `json:"email"`
}

type usageBreakdown struct {
	ResourceType              string  `json:"resourceType"`
	DisplayName               string  `json:"displayName"`
	DisplayNamePlural         string  `json:"displayNamePlural"`
	CurrentUsage              int     `json:"currentUsage"`
	CurrentUsageWithPrecision float64 `json:"currentUsageWithPrecision"`
	UsageLimit                int     `json:"usageLimit"`
	UsageLimitWithPrecision   float64 `json:"usageLimitWithPrecision"`
	CurrentOverages           int     `json:"currentOverages"`
	OverageCharges            float64 `json:"overageCharges"`
	Currency                  string  `json:"currency"`
	NextDateReset             float64 `json:"nextDateReset"`
}

type subscription struct {
	Type                         string `json:"type"`
	UpgradeCapability            string `json:"upgradeCapability"`
	OverageCapability            string `json:"overageCapability"`
	SubscriptionManagementTarget string `json:"subscriptionManagementTarget"`
	SubscriptionTitle            string `json:"subscriptionTitle"`
}

// monthlyRequests is the quota that GetUsageLimits shows. Nothing enforces it: exhaustion is for scripts.
const monthlyRequests = 1000.0

func (x *exchange) usageLimits(body []byte) {
	query, ok := controlQuery[usageLimitsQuery](x, body)
	if !ok || !x.permits(query.ProfileARN, query.Origin) {
		return
	}
	now := x.service.options.Now().UTC()
	reset := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC)
	x.service.mu.Lock()
	used := int(x.identity.calls)
	x.service.mu.Unlock()
	limit, plan := cmp.Or(x.identity.options.Limit, monthlyRequests), cmp.Or(x.identity.options.Plan, "SIMULATED")
	answer := usageLimitsAnswer{
		Limits: []string{}, NextDateReset: float64(reset.Unix()), DaysUntilReset: int(reset.Sub(now).Hours() / 24),
		UsageBreakdownList: []usageBreakdown{{
			ResourceType: "AGENTIC_REQUEST", DisplayName: "Agentic request", DisplayNamePlural: "Agentic requests",
			CurrentUsage: used, CurrentUsageWithPrecision: float64(used), UsageLimit: int(limit), UsageLimitWithPrecision: limit,
			Currency: "USD", NextDateReset: float64(reset.Unix()),
		}},
		SubscriptionInfo: subscription{"Q_DEVELOPER_STANDALONE_FREE", "UPGRADE_INCAPABLE", "OVERAGE_INCAPABLE", "PURCHASE", plan},
	}
	if query.IsEmailRequired && x.identity.options.Email != "" {
		answer.UserInfo = &userInfo{"d-1234567890.simulated", x.identity.options.Email}
	}
	x.reply(http.StatusOK, "application/x-amz-json-1.0", mustMarshal(answer))
}

type listProfilesQuery struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

type listProfilesAnswer struct {
	Profiles  []profile `json:"profiles"`
	NextToken string    `json:"nextToken,omitzero"`
}

type profile struct {
	ARN         string `json:"arn"`
	ProfileName string `json:"profileName"`
}

// noBuilderID refuses a Builder ID what only companies have. Source: an observed reply.
var noBuilderID = Refusal{Status: http.StatusForbidden, Name: "AccessDeniedException", Message: "AWS Builder ID is not supported for this operation."}

func (x *exchange) listProfiles(body []byte) {
	query, ok := controlQuery[listProfilesQuery](x, body)
	if !ok {
		return
	}
	offered := x.identity.options.Profiles
	if len(offered) == 0 && x.identity.ProfileARN != "" {
		offered = []Profile{{x.identity.ProfileARN, x.identity.Name}}
	}
	if len(offered) == 0 {
		x.refuse(noBuilderID, "")
		return
	}
	var answer listProfilesAnswer
	for _, p := range offered {
		answer.Profiles = append(answer.Profiles, profile{p.ARN, p.Name})
	}
	answer.Profiles, answer.NextToken, ok = page(answer.Profiles, query.MaxResults, query.NextToken)
	if !ok {
		x.reject(Malformed, "nextToken: unknown")
		return
	}
	x.reply(http.StatusOK, "application/x-amz-json-1.0", mustMarshal(answer))
}

// page cuts one page out of everything; a token is the number of what came before.
func page[T any](all []T, most int, token string) (part []T, next string, ok bool) {
	first := 0
	if token != "" {
		var err error
		if first, err = strconv.Atoi(token); err != nil || first < 0 || first > len(all) {
			return nil, "", false
		}
	}
	part = all[first:]
	if most > 0 && len(part) > most {
		part, next = part[:most], strconv.Itoa(first+most)
	}
	return part, next, true
}

// controlQuery reads the arguments of a control-plane call, which come in the body and, the same again, in the query string.
func controlQuery[Q any](x *exchange, body []byte) (Q, bool) {
	var query Q
	if err := json.Unmarshal(body, &query, json.RejectUnknownMembers(true)); err != nil {
		x.reject(Malformed, "body: "+err.Error())
		return query, false
	}
	return query, true
}

// permits checks the arguments that every control-plane call has.
func (x *exchange) permits(profile, origin string) bool {
	if refusal, why := x.identity.owns(profile); why != "" {
		x.reject(refusal, why)
		return false
	}
	if !slices.Contains(origins, origin) {
		x.reject(Malformed, fmt.Sprintf("origin: %q", origin))
		return false
	}
	if why := contradiction(x.r.URL.Query(), "origin", origin); why != "" {
		x.reject(Malformed, why)
		return false
	}
	return true
}

// contradiction says that an argument in the query string differs from the one in the body, empty if it does not.
func contradiction(query url.Values, name, value string) string {
	if query.Has(name) && query.Get(name) != value {
		return fmt.Sprintf("%s: %q in the query string, %q in the body", name, query.Get(name), value)
	}
	return ""
}
