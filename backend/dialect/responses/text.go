package responses

import (
	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/lenient"
)

// longText is a member that may be long.
type longText string

func (t *longText) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	switch d.PeekKind() {
	case jsontext.KindString, jsontext.KindNull, jsontext.KindInvalid:
		value, err := d.ReadValue()
		*t = ""
		if err == nil && value.Kind() == jsontext.KindString {
			*t = longText(lenient.Unquote(value))
		}
		return err
	default:
		return expected{words: "a string"}
	}
}
