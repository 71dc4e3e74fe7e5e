package access

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"amq2api/backend/fault"
)

const (
	maxLimit       = 1_000_000         // requests
	maxTokens      = 1_000_000_000_000 // tokens
	maxCost        = 1_000_000_000
	maxName        = 100
	maxDescription = 1000
	maxNote        = 4000
	maxModelName   = 200
	maxEntries     = 100
)

// validate refuses a key that nobody can mean, with fault.Invalid naming the field.
func (k Key) validate(r rules) error {
	for _, err := range [...]error{k.validateTexts(), k.Limits.validate(r), k.Scope.validate()} {
		if err != nil {
			return err
		}
	}
	return nil
}

func (k Key) validateTexts() error {
	switch {
	case k.Name == "":
		return invalid("name", "name is missing. Give the key a name to recognise it by.").Saying(fault.Said{Code: fault.ValueMissing, Name: "name"})
	case utf8.RuneCountInString(k.Name) > maxName:
		return invalid("name", "name is longer than %d characters.", maxName).Saying(fault.Said{Code: fault.ValueTooLong, Name: "name", Limit: maxName})
	case utf8.RuneCountInString(k.Description) > maxDescription:
		return invalid("description", "description is longer than %d characters.", maxDescription).Saying(fault.Said{Code: fault.ValueTooLong, Name: "description", Limit: maxDescription})
	case utf8.RuneCountInString(k.Note) > maxNote:
		return invalid("note", "note is longer than %d characters.", maxNote).Saying(fault.Said{Code: fault.ValueTooLong, Name: "note", Limit: maxNote})
	case k.Colour != "" && !slices.Contains(Colours(), k.Colour):
		return invalid("colour", "colour must be empty or one of %s.", strings.Join(Colours(), ", ")).Saying(fault.Said{Code: fault.ValueChoice, Name: "colour", Text: strings.Join(Colours(), ", ")})
	default:
		return nil
	}
}

func (l Limits) validate(r rules) error {
	for _, limit := range []struct {
		param       string
		value, most int64
	}{
		{"requests_per_minute", int64(l.RequestsPerMinute), maxLimit},
		{"requests_per_day", int64(l.RequestsPerDay), maxLimit},
		{"max_concurrent", int64(l.MaxConcurrent), maxLimit},
		{"tokens_per_day", l.TokensPerDay, maxTokens},
		{"budget_tokens", l.BudgetTokens, maxTokens},
	} {
		if limit.value < 0 || limit.value > limit.most {
			return invalid(limit.param, "%s must be from 0 (no cap) to %d.", limit.param, limit.most).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: limit.param, Limit: limit.most})
		}
	}
	switch {
	case !(l.BudgetCost >= 0 && l.BudgetCost <= maxCost): // this way round for what is not a number
		return invalid("budget_cost", "budget_cost must be from 0 (no cap) to %d.", int64(maxCost)).Saying(fault.Said{Code: fault.ValueOutOfRange, Name: "budget_cost", Limit: int64(maxCost)})
	case l.BudgetCost > 0 && !r.priced:
		return invalid("budget_cost", "budget_cost needs a table of prices, and there is none here. Set budget_tokens instead.")
	}
	if l.TimeZone != "" {
		if _, err := loadZone(l.TimeZone); err != nil {
			return invalid("time_zone", "time_zone must be a name such as Europe/Berlin or UTC, or empty for this computer's.").Saying(fault.Said{Code: fault.ValueForm, Name: "time_zone", Text: "Europe/Berlin"})
		}
	}
	return nil
}

func (s Scope) validate() error {
	switch {
	case !isModelName(s.DefaultModel) && s.DefaultModel != "":
		return invalid("default_model", "default_model must be the name of a model, at most %d characters without spaces, or empty.", maxModelName)
	case len(s.AllowedModels) > maxEntries:
		return invalid("allowed_models", "allowed_models has more than %d entries.", maxEntries)
	case len(s.Accounts) > maxEntries:
		return invalid("accounts", "accounts has more than %d entries.", maxEntries)
	}
	for _, pattern := range s.AllowedModels {
		if name, _ := strings.CutSuffix(pattern, "*"); pattern != "*" && !isModelName(name) {
			return invalid("allowed_models", "allowed_models has %.80q. Each entry is the name of a model, or the beginning of one with a * at its end.", pattern).Saying(fault.Said{Code: fault.ValueForm, Name: "allowed_models", Text: "claude-sonnet-*"})
		}
	}
	for _, name := range s.AllowedDialects {
		if !slices.Contains(Dialects(), name) {
			return invalid("allowed_dialects", "allowed_dialects has %.80q. The dialects are %s.", name, strings.Join(Dialects(), ", ")).Saying(fault.Said{Code: fault.ValueChoice, Name: "allowed_dialects", Text: strings.Join(Dialects(), ", ")})
		}
	}
	for _, id := range s.Accounts {
		if id <= 0 {
			return invalid("accounts", "accounts has %d. Each entry is the id of an account.", id)
		}
	}
	return nil
}

func isModelName(name string) bool {
	odd := func(r rune) bool { return r == '*' || unicode.IsSpace(r) || unicode.IsControl(r) }
	return name != "" && len(name) <= maxModelName && utf8.ValidString(name) && !strings.ContainsFunc(name, odd)
}

func trimmed(given *string, otherwise string) string {
	return strings.TrimSpace(*orDefault(given, &otherwise))
}

// distinct is the given list without repetitions, in its order; what is nil stays as it is. An empty list is nil.
func distinct[T comparable](given *[]T, otherwise []T) []T {
	if given == nil {
		return otherwise
	}
	var list []T
	for _, one := range *given {
		if text, isText := any(one).(string); isText {
			one = any(strings.TrimSpace(text)).(T)
		}
		if !slices.Contains(list, one) {
			list = append(list, one)
		}
	}
	return list
}
