package admin

import (
	"net/url"
	"slices"
	"strconv"

	"amq2api/backend/fault"
	"amq2api/backend/usage"
)

// mostValues is how many values of one filter a query may have.
const mostValues = 50

// classes are how requests end, as queries name it.
var classes = []string{string(usage.Succeeded), string(usage.Failed), string(usage.Canceled), "2xx", "4xx", "5xx"}

// readFilter reads which requests are meant. A parameter that is there several times means any of its values.
func readFilter(q url.Values) (filter usage.Filter, f *fault.Error) {
	for _, name := range []string{"key", "account", "client", "dialect", "model", "status"} {
		if len(q[name]) > mostValues {
			return filter, invalid(name, "%s may be there %d times at most.", name, mostValues)
		}
	}
	if filter.Keys, f = readIDs(q, "key"); f != nil {
		return filter, f
	}
	if filter.Accounts, f = readIDs(q, "account"); f != nil {
		return filter, f
	}
	filter.Clients, filter.Dialects, filter.Models = filled(q["client"]), filled(q["dialect"]), filled(q["model"])
	return filter, readEnds(filled(q["status"]), &filter)
}

// readEnds tells classes from kinds of faults.
func readEnds(ends []string, filter *usage.Filter) *fault.Error {
	for _, end := range ends {
		var kind fault.Kind
		switch {
		case slices.Contains(classes, end):
			filter.Classes = append(filter.Classes, usage.Class(end))
		case end == usage.Lost || kind.UnmarshalText([]byte(end)) == nil:
			filter.Faults = append(filter.Faults, end)
		default:
			return invalid("status", "status must be succeeded, failed, canceled, 2xx, 4xx, 5xx or a kind of fault such as throttled, not %.40q.", end)
		}
	}
	return nil
}

func readIDs(q url.Values, name string) (ids []int64, f *fault.Error) {
	for _, text := range filled(q[name]) {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil || id < 0 {
			return nil, invalid(name, "%s must be the id of one, or 0 for requests without.", name)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// filled drops what a form leaves empty.
func filled(values []string) []string {
	return slices.DeleteFunc(slices.Clone(values), func(value string) bool { return value == "" })
}
