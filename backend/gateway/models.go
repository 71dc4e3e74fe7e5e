package gateway

import (
	"net/http"
	"slices"
	"strings"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/settings"
)

func (x *exchange) listModels() error {
	key, err := x.identify()
	if err != nil {
		return err
	}
	allowed := slices.DeleteFunc(slices.Clone(x.config.Models.List()), func(model string) bool { return !key.Allows(model) })
	return x.answer(http.StatusOK, x.route.dialect.Models(allowed, x.config.Since))
}

// getModel answers for every name that a request could use, aliases too.
func (x *exchange) getModel() error {
	key, err := x.identify()
	if err != nil {
		return err
	}
	asked := strings.TrimPrefix(canonical(x.r.URL.Path), modelPath)
	if _, err := x.resolve(key, asked); err != nil {
		return err
	}
	return x.answer(http.StatusOK, x.route.dialect.Model(asked, x.config.Since))
}

// resolve finds the upstream's model and tells the client which one it is, and when a default stands in for the one it asked for: the
// key's, or that of the settings.
func (x *exchange) resolve(key access.Key, asked string) (settings.Resolution, error) {
	name := asked
	found, err := x.config.Models.Resolve(name)
	if err == nil && found.Substituted {
		name = key.DefaultModel // the name of a model there is not allows nothing
		if name != "" {
			found, err = x.config.Models.Resolve(name)
			found.Substituted = true
		}
	}
	if err != nil {
		return found, err
	}
	if !key.Allows(name, found.Model) {
		f := fault.New(fault.Forbidden, "This key may not use the model %.80q, only: %s.", asked, clip(strings.Join(key.AllowedModels, ", ")))
		f.Param = "model"
		return found, f
	}
	x.w.Header().Set("X-Amq2api-Model", headerText(found.Model))
	if found.Substituted {
		x.w.Header().Set("X-Amq2api-Model-Substituted", "true")
	}
	return found, nil
}

func (x *exchange) countTokens() error {
	if _, err := x.identify(); err != nil {
		return err
	}
	body, err := x.body()
	if err != nil {
		return err
	}
	count, err := x.route.dialect.CountTokens(body)
	if err != nil {
		return err
	}
	return x.answer(http.StatusOK, count)
}
