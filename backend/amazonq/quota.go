package amazonq

import (
	"context"
	"math"
	"strings"
	"time"

	"amq2api/backend/account"
)

// usageLimits answers GetUsageLimits. Everything in it may be missing. Source: the official clients' models.
type usageLimits struct {
	Limits               list[usageLimit]               `json:"limits"`
	NextDateReset        tolerant[float64]              `json:"nextDateReset"` // seconds since 1970
	UsageBreakdown       tolerant[usageEntry]           `json:"usageBreakdown"`
	UsageBreakdownList   list[usageEntry]               `json:"usageBreakdownList"`
	SubscriptionInfo     tolerant[subscriptionInfo]     `json:"subscriptionInfo"`
	OverageConfiguration tolerant[overageConfiguration] `json:"overageConfiguration"`
	UserInfo             tolerant[userInfo]             `json:"userInfo"`
}

type usageLimit struct {
	Type            tolerant[string]  `json:"type"`
	CurrentUsage    tolerant[float64] `json:"currentUsage"`
	TotalUsageLimit tolerant[float64] `json:"totalUsageLimit"`
}

// amounts are a use and its limit, in whole numbers and, where the service has them, exactly.
type amounts struct {
	CurrentUsage              tolerant[float64] `json:"currentUsage"`
	CurrentUsageWithPrecision tolerant[float64] `json:"currentUsageWithPrecision"`
	UsageLimit                tolerant[float64] `json:"usageLimit"`
	UsageLimitWithPrecision   tolerant[float64] `json:"usageLimitWithPrecision"`
}

type usageEntry struct {
	amounts
	ResourceType  tolerant[string]    `json:"resourceType"`
	DisplayName   tolerant[string]    `json:"displayName"`
	Unit          tolerant[string]    `json:"unit"`
	NextDateReset tolerant[float64]   `json:"nextDateReset"`
	FreeTrialInfo tolerant[freeTrial] `json:"freeTrialInfo"`
	Bonuses       list[bonus]         `json:"bonuses"`
}

type freeTrial struct {
	amounts
	FreeTrialStatus tolerant[string] `json:"freeTrialStatus"`
}

type bonus struct {
	amounts
	Status tolerant[string] `json:"status"`
}

type subscriptionInfo struct {
	Type              tolerant[string] `json:"type"`
	SubscriptionTitle tolerant[string] `json:"subscriptionTitle"`
}

type overageConfiguration struct {
	OverageStatus tolerant[string] `json:"overageStatus"`
}

type userInfo struct {
	Email tolerant[string] `json:"email"`
}

// Quota asks what an account may use and has used.
func (c *Client) Quota(ctx context.Context, credential account.Credential) (account.Quota, error) {
	q, err := c.aboutAccount(credential, "GetUsageLimits", accountArguments{ResourceType: "AGENTIC_REQUEST", IsEmailRequired: true})
	if err != nil {
		return account.Quota{}, err
	}
	var told usageLimits
	if err := c.ask(ctx, credential, q, &told); err != nil {
		return account.Quota{}, err
	}
	quota := told.quota()
	quota.At = c.now()
	return quota, nil
}

func (u usageLimits) quota() account.Quota {
	subscription := u.SubscriptionInfo.value
	quota := account.Quota{
		Plan:     firstOf(subscription.SubscriptionTitle.value, subscription.Type.value),
		Email:    u.UserInfo.value.Email.value,
		Overage:  u.OverageConfiguration.value.OverageStatus.value == "ENABLED",
		ResetsAt: moment(u.NextDateReset),
	}
	if entry, found := u.entry(); found {
		quota.Unit = strings.ToLower(firstOf(entry.Unit.value, entry.DisplayName.value))
		quota.Used, quota.Limit = entry.sums()
		if at := moment(entry.NextDateReset); !at.IsZero() {
			quota.ResetsAt = at
		}
		return quota
	}
	for _, limit := range u.Limits.all() {
		if limit.Type.value == agentic {
			quota.Used, quota.Limit = amount(limit.CurrentUsage), amount(limit.TotalUsageLimit)
		}
	}
	return quota
}

// The resources that conversations draw on, the newer one first.
const (
	credit  = "CREDIT"
	agentic = "AGENTIC_REQUEST"
)

// entry is the usageEntry that conversations draw on.
func (u usageLimits) entry() (usageEntry, bool) {
	entries := u.UsageBreakdownList.all()
	if u.UsageBreakdown.known {
		entries = append(entries, u.UsageBreakdown.value)
	}
	for _, resource := range []string{credit, agentic} {
		for _, entry := range entries {
			if entry.ResourceType.value == resource {
				return entry, true
			}
		}
	}
	if len(entries) == 0 {
		return usageEntry{}, false
	}
	return entries[0], true
}

// sums adds what is active besides the plan itself. An unknown part leaves the sum unknown.
func (b usageEntry) sums() (used, limit *float64) {
	used, limit = b.used(), b.limit()
	if trial := b.FreeTrialInfo.value; trial.FreeTrialStatus.value == "ACTIVE" {
		used, limit = sum(used, trial.used()), sum(limit, trial.limit())
	}
	for _, extra := range b.Bonuses.all() {
		if extra.Status.value == "ACTIVE" {
			used, limit = sum(used, extra.used()), sum(limit, extra.limit())
		}
	}
	return used, limit
}

func (a amounts) used() *float64 {
	return exact(a.CurrentUsageWithPrecision, a.CurrentUsage)
}

func (a amounts) limit() *float64 {
	return exact(a.UsageLimitWithPrecision, a.UsageLimit)
}

// exact prefers the precise number.
func exact(precise, whole tolerant[float64]) *float64 {
	if precise.known {
		return amount(precise)
	}
	return amount(whole)
}

// amount is a number that makes sense as one, nil if it is unknown.
func amount(number tolerant[float64]) *float64 {
	if !number.known || number.value < 0 {
		return nil
	}
	return &number.value
}

func sum(a, b *float64) *float64 {
	if a == nil || b == nil {
		return nil
	}
	total := *a + *b
	return &total
}

// moment reads seconds since 1970, which may have a fraction. What is no date anyone can mean is unknown.
func moment(seconds tolerant[float64]) time.Time {
	const latest = 1e11 // beyond the year 5000
	if !seconds.known || seconds.value <= 0 || seconds.value > latest {
		return time.Time{}
	}
	whole, fraction := math.Modf(seconds.value)
	return time.Unix(int64(whole), int64(fraction*float64(time.Second))).UTC()
}
