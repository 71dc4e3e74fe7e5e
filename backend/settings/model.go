package settings

import (
	"slices"
	"strings"

	"amq2api/backend/fault"
)

// Resolution is the model a request is sent to.
type Resolution struct {
	Model        string // the catalogue's id
	Substituted  bool   // the default stands in for a model there is not; the client is told
	ThinkingTags bool   // the model may be asked to think between tags
}

const (
	claude         = "claude-"
	gpt            = "gpt-"
	maxNamedModels = 5
	maxNamedLength = 80
)

// Resolve understands the name of a model a client asked for; known tells whether the catalogue has a model. In this order: an alias, whatever its
// case; the longest alias that the name begins like; a Claude name as Anthropic writes it; a name of the catalogue; the default for any other claude- or gpt- name. Everything else is fault.NotFound.
func (s Settings) Resolve(asked string, known func(string) bool) (Resolution, error) {
	name := strings.TrimSpace(asked)
	if alias, ok := s.alias(name); ok {
		return Resolution{Model: canonical(alias.Model, known), ThinkingTags: alias.ThinkingTags}, nil
	}
	if model := canonical(name, known); known(model) {
		return Resolution{Model: model}, nil
	}
	if lower := strings.ToLower(name); strings.HasPrefix(lower, claude) || strings.HasPrefix(lower, gpt) {
		return Resolution{Model: canonical(s.DefaultModel, known), Substituted: true}, nil
	}
	return Resolution{}, s.noModel(name)
}

// CheckModels refuses, with fault.Invalid, a default or a target of an alias that the catalogue does not have, unless it stood there before: an
// account may have gone since.
func (s Settings) CheckModels(before Settings, known func(string) bool) error {
	if s.DefaultModel != before.DefaultModel && !known(canonical(s.DefaultModel, known)) {
		return invalid("default_model", "There is no model %.80q. default_model must be one that GET /v1/models lists.", s.DefaultModel).Saying(fault.Said{Code: fault.ModelUnknown, Name: s.DefaultModel})
	}
	for _, alias := range s.Aliases {
		if slices.Contains(before.Aliases, alias) || known(canonical(alias.Model, known)) {
			continue
		}
		if other, is := s.alias(strings.TrimSpace(alias.Model)); is {
			return invalid("aliases", "The alias %.80s leads to %.80s, which is an alias itself. Name the model that one stands for: %.80s.", alias.Name, alias.Model, other.Model)
		}
		return invalid("aliases", "The alias %.80s leads to %.80q, and there is no such model. It must be one that GET /v1/models lists.", alias.Name, alias.Model)
	}
	return nil
}

// alias finds the alias that fits a name best: the whole name, else the longest beginning.
func (s Settings) alias(name string) (Alias, bool) {
	at, ok := bestPattern(len(s.Aliases), func(i int) string { return s.Aliases[i].Name }, name)
	if !ok {
		return Alias{}, false
	}
	return s.Aliases[at], true
}

// noModel names a few models there are.
func (s Settings) noModel(name string) error {
	models := []string{s.DefaultModel}
	for _, alias := range s.Aliases {
		for _, model := range []string{alias.Model, alias.Name} {
			if len(models) < maxNamedModels && !slices.Contains(models, model) && !strings.HasSuffix(model, "*") {
				models = append(models, model)
			}
		}
	}
	f := fault.New(fault.NotFound, "There is no model %q. Ask for one that GET /v1/models lists, or for an alias, such as %s, or add an alias in AMQ2API's settings.",
		name[:min(len(name), maxNamedLength)], strings.Join(models, ", "))
	f.Param = "model"
	return f
}

// canonical is the catalogue's spelling of a name, or the name itself if the catalogue has none.
func canonical(name string, known func(string) bool) string {
	name = strings.TrimSpace(name)
	for _, spelling := range spellings(name) {
		if known(spelling) {
			return spelling
		}
	}
	return name
}

// spellings are the ways the catalogue may write a Claude name, the likeliest first. Dates, "latest" and the marker of the long context are dropped,
// version numbers joined by a dot, and the family goes before or, as in names up to 3.7, after the version.
func spellings(name string) []string {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(strings.ToLower(name), "[1m]"), claude)
	if !ok {
		return nil
	}
	var family, version []string
	for part := range strings.SplitSeq(rest, "-") {
		switch {
		case isDate(part) || part == "latest":
		case isNumber(part):
			version = append(version, part)
		default:
			family = append(family, part)
		}
	}
	joined := strings.Join(version, ".")
	newer := slices.Concat(family, []string{joined})
	older := slices.Concat([]string{joined}, family)
	if joined == "" {
		newer, older = family, family
	}
	return []string{claude + strings.Join(newer, "-"), claude + strings.Join(older, "-")}
}

// isDate tells the day a model came out, as in 20250929.
func isDate(part string) bool { return len(part) == len("20250929") && isNumber(part) }

// isNumber accepts 4 and 4.5.
func isNumber(part string) bool { return part != "" && strings.Trim(part, "0123456789.") == "" }
