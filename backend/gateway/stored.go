package gateway

import (
	"net/http"
	"strings"

	"amq2api/backend/fault"
)

// responsePath is where answers are that a client had kept.
const responsePath = "/responses/"

// storedRoute is the route to one of them.
func (g *Gateway) storedRoute(method string) route {
	if method == http.MethodDelete {
		return route{method: http.MethodDelete, serve: (*exchange).deleteStored, dialect: &g.config.Responses}
	}
	return route{method: http.MethodGet, serve: (*exchange).getStored, dialect: &g.config.Responses}
}

func (x *exchange) storedID() string {
	return strings.TrimPrefix(canonical(x.r.URL.Path), responsePath)
}

func (x *exchange) getStored() error {
	key, err := x.identify()
	if err != nil {
		return err
	}
	if err := key.AllowsDialect(x.route.dialect.Name); err != nil {
		return err
	}
	id := x.storedID()
	kept, found := x.route.dialect.Stored(key.ID, id)
	if !found {
		return notKept(id)
	}
	return x.answer(http.StatusOK, kept)
}

// deleted answers the deletion of a kept answer. Source: OpenAI's API.
type deleted struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Deleted bool   `json:"deleted"`
}

func (x *exchange) deleteStored() error {
	key, err := x.identify()
	if err != nil {
		return err
	}
	if err := key.AllowsDialect(x.route.dialect.Name); err != nil {
		return err
	}
	id := x.storedID()
	if !x.route.dialect.Delete(key.ID, id) {
		return notKept(id)
	}
	return x.answer(http.StatusOK, deleted{ID: id, Object: "response", Deleted: true})
}

func notKept(id string) error {
	return fault.New(fault.NotFound, "There is no response %s. Responses are kept for an hour, for the key that asked for them.", clip(id))
}
