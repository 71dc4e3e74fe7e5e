package admin

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// knowsQuery refuses parameters that a route does not have: a misspelt filter would answer about everything. Routes that are not described take
// any.
func (d *desk) knowsQuery(known map[string]operation, route route) http.HandlerFunc {
	operation, described := known[strings.TrimSuffix(route.pattern, ".csv")]
	if !described {
		return route.handler
	}
	names := parameters(operation.query)
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawQuery == "" {
			route.handler(w, r)
			return
		}
		for _, name := range slices.Sorted(maps.Keys(r.URL.Query())) {
			if !slices.Contains(names, name) {
				d.refuse(w, r, invalid(name[:min(len(name), maxParam)], "There is no parameter %.80q here%s.", name, instead(names)))
				return
			}
		}
		route.handler(w, r)
	}
}

func instead(names []string) string {
	if len(names) == 0 {
		return ", nor any other"
	}
	return ", only " + strings.Join(names, ", ")
}

// parameters are the names in a struct with query tags, those of the structs embedded in it among them.
func parameters(query any) (names []string) {
	if query == nil {
		return nil
	}
	for _, field := range reflect.VisibleFields(reflect.TypeOf(query)) {
		if name := field.Tag.Get("query"); name != "" {
			names = append(names, name)
		}
	}
	return names
}
