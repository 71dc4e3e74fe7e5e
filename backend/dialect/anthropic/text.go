package anthropic

import (
	"encoding/json"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/lenient"
)

// input is a call's input as a JSON object, whatever the client kept of it.
func input(raw jsontext.Value) json.RawMessage {
	whole, ok := lenient.Object(raw)
	switch {
	case !ok:
		return slices.Concat([]byte(`{"input":`), lenient.WellFormed(raw), []byte("}"))
	case whole == nil:
		return json.RawMessage("{}")
	default:
		return whole
	}
}
