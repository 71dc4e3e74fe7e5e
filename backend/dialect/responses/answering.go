package responses

import (
	"fmt"
	"slices"
)

// answering gives ids to calls that have none, and to results without one the id of the oldest call that waits for a result.
type answering struct {
	open []string
	made int
}

func (a *answering) call(id string) string {
	if id == "" {
		a.made++
		id = fmt.Sprintf("call_unnamed_%d", a.made)
	}
	a.open = append(a.open, id)
	return id
}

func (a *answering) result(id string) string {
	if id == "" && len(a.open) > 0 {
		id = a.open[0]
	}
	if i := slices.Index(a.open, id); i >= 0 {
		a.open = slices.Delete(a.open, i, i+1)
	}
	return id
}
