package gateway

import (
	"net/http"
	"strings"

	"amq2api/backend/settings"
)

func (x *exchange) listModels() error {
	if _, err := x.identify(); err != nil {
		return err
	}
	return x.answer(http.StatusOK, x.route.dialect.Models(x.config.Models.List(), x.config.Since))
}

// getModel answers for every name that a request could use, aliases too.
func (x *exchange) getModel() error {
	if _, err := x.identify(); err != nil {
		return err
	}
	asked := strings.TrimPrefix(canonical(x.r.URL.Path), modelPath)
	if _, err := x.resolve(asked); err != nil {
		return err
	}
	return x.answer(http.StatusOK, x.route.dialect.Model(asked, x.config.Since))
}

// resolve finds the upstream's model and tells the client which one it is, and when the default stands in for the one it asked for.
func (x *exchange) resolve(asked string) (settings.Resolution, error) {
	found, err := x.config.Models.Resolve(asked)
	if err != nil {
		return found, err
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
