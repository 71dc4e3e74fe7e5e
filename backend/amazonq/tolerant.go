package amazonq

import "github.com/go-json-experiment/json/jsontext"

// tolerant is a member that counts as absent if it is not what was expected: one odd member must not spoil the others.
type tolerant[T any] struct {
	value T
	known bool
}

// UnmarshalJSONFrom fails only for what is no JSON.
func (t *tolerant[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	var value T
	if raw.Kind() != jsontext.KindNull && unmarshal(raw, &value) == nil {
		t.value, t.known = value, true
	}
	return nil
}

// list is an array of which odd elements are left out.
type list[T any] struct{ tolerant[[]tolerant[T]] }

func (l list[T]) all() []T {
	var all []T
	for _, one := range l.value {
		if one.known {
			all = append(all, one.value)
		}
	}
	return all
}
