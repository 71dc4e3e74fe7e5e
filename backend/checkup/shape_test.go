package checkup

import (
	"strings"
	"testing"

	"amq2api/backend/chat"
)

func TestASchemaKeepsNoWordsThatSayNotWhatKindOfValueIsWanted(t *testing.T) {
	for schema, want := range map[string]string{
		`{"enum":[{"type":"string"},"canary words"]}`:                   `"enum":"[`,
		`{"const":{"canary words":1},"type":"canary words"}`:            `"const":{"redacted_bytes"`,
		`{"default":{"type":"canary","required":"canary"}}`:             `"default":{"redacted_bytes"`,
		`{"properties":{"default":{"type":"string"},"enum":{}}}`:        `"default":{"type":"string"},"enum":{}`,
		`{"examples":[4111111111111111],"x":"4111111111111111 canary"}`: `"examples":"[`,
		`{"type":["string","null"],"description":"canary words"}`:       `["string","null"]`,
		`{"properties":{"a":{"required":["x"],"title":"canary"}}}`:      `"required":["x"]`,
		`{"required":["x"],"anyOf":[{"const":"canary"},["canary"]]}`:    `"required":["x"]`,
		`{"type":"object","default":["canary"],"examples":["canary"]}`:  `"type":"object"`,
	} {
		if got := string(shape([]byte(schema))); strings.Contains(got, "canary") || !strings.Contains(got, want) {
			t.Errorf("%s became %s", schema, got)
		}
	}
}

func TestANullThatIsAllowedIsNotReported(t *testing.T) {
	for schema, want := range map[string]string{
		`{"enum":[{"required":[]},null]}`: "", `{"required":null}`: "required", `{"a":{"properties":null}}`: "properties", `{"required":[null]}`: "",
		`{"properties":{"required":{"type":"string","default":null}}}`: "", `{"properties":{"x":{}},"required":null}`: "required",
	} {
		if got := nullMember([]byte(schema)); got != want {
			t.Errorf("%s: %q", schema, got)
		}
	}
}

func TestAToolThatIsOfferedTwiceIsNamedOnce(t *testing.T) {
	got := distinct([]chat.Tool{{Name: "a"}, {Name: "a"}, {Name: "b"}, {Name: "a", Namespace: "n"}})
	if len(got) != 3 || got[1].Name != "b" || got[2].Namespace != "n" {
		t.Errorf("%+v", got)
	}
}
