package access

import (
	"slices"
	"strings"

	"amq2api/backend/fault"
)

// Wanted is a model that a request wants.
type Wanted struct {
	Asked       string // as the client named it
	Upstream    string // the id it is sent to
	Substituted bool   // the upstream's model only stands in for what was asked
}

// AllowsDialect is nil, or fault.Forbidden with what the key may use instead.
func (k Key) AllowsDialect(name string) error {
	if len(k.AllowedDialects) == 0 || slices.Contains(k.AllowedDialects, name) {
		return nil
	}
	return fault.New(fault.Forbidden, "This API key may not use the %s API. It may use: %s.", name, strings.Join(k.AllowedDialects, ", "))
}

// AllowsModel is nil, or fault.Forbidden with what the key may use instead. A model is allowed by the name that was asked for, by the upstream's
// id, or by another name of it; resolve answers with the id for a name, and false if there is none or another model stands in for it. The name
// of a model that another one stands in for allows nothing.
func (k Key) AllowsModel(wanted Wanted, resolve func(name string) (string, bool)) error {
	if len(k.AllowedModels) == 0 {
		return nil
	}
	for _, pattern := range k.AllowedModels {
		if matches(pattern, wanted.Upstream) || !wanted.Substituted && matches(pattern, wanted.Asked) {
			return nil
		}
	}
	for _, name := range append(slices.Clone(k.AllowedModels), k.DefaultModel) {
		if id, known := resolve(name); name != "" && known && id == wanted.Upstream {
			return nil
		}
	}
	f := fault.New(fault.Forbidden, "This API key may not use the model %s. It may use: %s.", clip(wanted.Asked), k.allowedModels())
	if wanted.Substituted {
		f = fault.New(fault.Forbidden, "There is no model %s, and %s, which stands in for it, is not for this API key. It may use: %s.",
			clip(wanted.Asked), wanted.Upstream, k.allowedModels())
	}
	f.Param = "model"
	return f
}

// NoModel is what to say where there is no model of a name: otherwise, unless the key is kept to some models, which are then named.
func (k Key) NoModel(asked string, otherwise error) error {
	if len(k.AllowedModels) == 0 {
		return otherwise
	}
	f := fault.New(fault.NotFound, "There is no model %s. This API key may use: %s.", clip(asked), k.allowedModels())
	f.Param = "model"
	return f
}

// allowedModels names a few of them.
func (k Key) allowedModels() string {
	const named = 8
	if len(k.AllowedModels) <= named {
		return strings.Join(k.AllowedModels, ", ")
	}
	return strings.Join(k.AllowedModels[:named], ", ") + " and others"
}

// matches compares a name with a pattern, whatever their case.
func matches(pattern, name string) bool {
	pattern, name = strings.ToLower(pattern), strings.ToLower(strings.TrimSpace(name))
	if beginning, open := strings.CutSuffix(pattern, "*"); open {
		return strings.HasPrefix(name, beginning)
	}
	return pattern == name
}

// clip bounds what a client chose.
func clip(text string) string {
	const most = 80
	return strings.ToValidUTF8(text[:min(len(text), most)], "")
}
