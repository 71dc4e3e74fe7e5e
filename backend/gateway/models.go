package gateway

import (
	"net/http"
	"strings"

	"amq2api/backend/access"
	"amq2api/backend/settings"
)

// listModels answers with the models that the key may use.
func (x *exchange) listModels() error {
	key, err := x.identify()
	if err != nil {
		return err
	}
	models := []string{}
	for _, model := range x.config.Models.List(key.Accounts) {
		if x.allows(key, access.Wanted{Asked: model, Upstream: model}) == nil {
			models = append(models, model)
		}
	}
	return x.answer(http.StatusOK, x.route.dialect.Models(models, x.config.Since))
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

// resolve finds the upstream's model, if the key may use it, and tells the client which one it is, and when a default stands in for the one it
// asked for: the key's, or that of the settings.
func (x *exchange) resolve(key access.Key, asked string) (settings.Resolution, error) {
	found, err := x.config.Models.Resolve(asked, key.Accounts)
	if err != nil {
		return found, key.NoModel(asked, err)
	}
	if found.Substituted && key.DefaultModel != "" {
		if own, err := x.config.Models.Resolve(key.DefaultModel, key.Accounts); err == nil {
			found.Model, found.ThinkingTags = own.Model, own.ThinkingTags
		}
	}
	if err := x.allows(key, access.Wanted{Asked: asked, Upstream: found.Model, Substituted: found.Substituted}); err != nil {
		return found, err
	}
	x.w.Header().Set("X-Amq2api-Model", headerText(found.Model))
	if found.Substituted {
		x.w.Header().Set("X-Amq2api-Model-Substituted", "true")
	}
	return found, nil
}

func (x *exchange) allows(key access.Key, wanted access.Wanted) error {
	return key.AllowsModel(wanted, func(name string) (string, bool) { return x.known(key, name) })
}

// known is the model of a name that no other one stands in for.
func (x *exchange) known(key access.Key, name string) (string, bool) {
	found, err := x.config.Models.Resolve(name, key.Accounts)
	return found.Model, err == nil && !found.Substituted
}

func (x *exchange) countTokens() error {
	key, err := x.identify()
	if err != nil {
		return err
	}
	if err := key.AllowsDialect(x.route.dialect.Name); err != nil {
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
