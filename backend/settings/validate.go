package settings

import (
	"fmt"
	"slices"
	"strings"

	"amq2api/backend/fault"
)

// maxQueueWait stays below what a request waits at most, in seconds.
const maxQueueWait = 50

// Validate refuses settings nobody can mean, with fault.Invalid naming the field.
func (s Settings) Validate() error {
	switch {
	case s.Port < 1 || s.Port > 65535:
		return invalid("port", "port must be from 1 to 65535.")
	case !slices.Contains([]string{"debug", "info", "warn", "error"}, s.LogLevel):
		return invalid("log_level", "log_level must be debug, info, warn or error.")
	case strings.TrimSpace(s.DefaultModel) == "":
		return invalid("default_model", "default_model is missing.")
	case !slices.Contains([]string{"", "en", "zh-CN"}, s.Language):
		return invalid("language", "language must be en, zh-CN, or empty to follow the system.")
	case !slices.Contains([]string{"", "light", "dark"}, s.Theme):
		return invalid("theme", "theme must be light, dark, or empty to follow the system.")
	case s.QueueWait < 0 || s.QueueWait > maxQueueWait:
		return invalid("queue_wait_s", "queue_wait_s must be from 0 to %d seconds.", maxQueueWait)
	default:
		return validateAliases(s.Aliases)
	}
}

// validateAliases wants both names of each alias, and each name once, whatever its case.
func validateAliases(aliases []Alias) error {
	seen := map[string]bool{}
	for i, alias := range aliases {
		name := strings.ToLower(strings.TrimSpace(alias.Name))
		switch {
		case name == "":
			return invalid("aliases", "Alias %d has no name.", i+1)
		case strings.Contains(strings.TrimSuffix(name, "*"), "*"):
			return invalid("aliases", "The alias %s has a * that is not at its end.", alias.Name)
		case strings.TrimSpace(alias.Model) == "":
			return invalid("aliases", "The alias %s has no model.", alias.Name)
		case seen[name]:
			return invalid("aliases", "The alias %s is there twice.", alias.Name)
		}
		seen[name] = true
	}
	return nil
}

func invalid(param, format string, args ...any) error {
	return &fault.Error{Kind: fault.Invalid, Param: param, Message: fmt.Sprintf(format, args...)}
}
