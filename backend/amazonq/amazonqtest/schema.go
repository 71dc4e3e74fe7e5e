package amazonqtest

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// schema is what the service looks at of a JSON schema, and what the small model needs to fill in arguments.
type schema struct {
	Type       jsontext.Value `json:"type"` // a name or a list of names
	Properties jsontext.Value `json:"properties"`
	Required   jsontext.Value `json:"required"`
	Items      jsontext.Value `json:"items"`
	Enum       jsontext.Value `json:"enum"`
	Minimum    jsontext.Value `json:"minimum"`
	MinItems   jsontext.Value `json:"minItems"`
}

func readSchema(raw jsontext.Value) (schema, error) {
	var s schema
	err := json.Unmarshal(raw, &s, jsontext.AllowDuplicateNames(true))
	return s, err
}

// kind is the schema's type, the first one of a list, empty if it has none.
func (s schema) kind() string {
	var one string
	if json.Unmarshal(s.Type, &one) == nil {
		return one
	}
	var several []string
	if json.Unmarshal(s.Type, &several) == nil && len(several) > 0 {
		return several[0]
	}
	return ""
}

// unsound finds the members that clients send as null or with another type, at every depth.
func (s schema) unsound() string {
	if s.Required != nil {
		if _, err := s.required(); err != nil || s.Required.Kind() != '[' {
			return "required is not a list of names"
		}
	}
	properties, err := s.properties()
	if err != nil || s.Properties != nil && s.Properties.Kind() != '{' {
		return "properties is not an object"
	}
	for name, property := range properties {
		if why := unsoundChild(name, property); why != "" {
			return why
		}
	}
	return unsoundChild("items", s.Items)
}

func unsoundChild(name string, raw jsontext.Value) string {
	if raw.Kind() != '{' {
		return ""
	}
	child, err := readSchema(raw)
	if err != nil {
		return name + ": " + err.Error()
	}
	if why := child.unsound(); why != "" {
		return name + ": " + why
	}
	return ""
}

func (s schema) properties() (map[string]jsontext.Value, error) {
	var properties map[string]jsontext.Value
	if s.Properties == nil {
		return nil, nil
	}
	err := json.Unmarshal(s.Properties, &properties, jsontext.AllowDuplicateNames(true))
	return properties, err
}

func (s schema) required() ([]string, error) {
	var names []string
	if s.Required == nil {
		return nil, nil
	}
	err := json.Unmarshal(s.Required, &names)
	return names, err
}
