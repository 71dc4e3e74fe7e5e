package settings

import (
	"encoding/json"
	"errors"
	"slices"

	"amq2api/backend/fault"
)

// sound is s with defaults in the place of what nobody can mean, and the names of those fields. Saved settings are valid, so that such a value was
// written by another hand, or by a version with other bounds.
func (s Settings) sound() (mended Settings, replaced []string) {
	for {
		var wrong *fault.Error
		if err := s.Validate(); !errors.As(err, &wrong) {
			return s, replaced
		}
		field := wrong.Param
		if field == "listen_confirmed" {
			field = "listen_on" // without the user's word for it, for this computer only
		}
		next, known := s.withDefault(field)
		if !known || slices.Contains(replaced, field) {
			return Defaults(), append(replaced, field)
		}
		s, replaced = next, append(replaced, field)
	}
}

// withDefault is s with one field as in a new profile, by the field's name on the wire.
func (s Settings) withDefault(field string) (with Settings, known bool) {
	fields, err := membersOf(s)
	standard, failed := membersOf(Defaults())
	if err = errors.Join(err, failed); err != nil {
		return s, false
	}
	if fields[field], known = standard[field]; !known {
		return s, false
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return s, false
	}
	return with, json.Unmarshal(text, &with) == nil
}

func membersOf(s Settings) (members map[string]json.RawMessage, err error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return members, json.Unmarshal(text, &members)
}
