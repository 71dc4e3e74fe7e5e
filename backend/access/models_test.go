package access_test

import (
	"testing"

	"amq2api/backend/access"
)

func TestAKeysModels(t *testing.T) {
	for _, test := range []struct {
		allowed []string
		names   []string
		want    bool
	}{
		{nil, []string{"anything"}, true},
		{[]string{"claude-haiku-4.5"}, []string{"Claude-Haiku-4.5"}, true},
		{[]string{"claude-haiku-4.5"}, []string{"claude-haiku-4-5", "claude-haiku-4.5"}, true},
		{[]string{"claude-haiku-4.5"}, []string{"claude-haiku-4.5-next"}, false},
		{[]string{"gpt-4o", "Claude-Haiku*"}, []string{"claude-haiku-5"}, true},
		{[]string{"gpt-4o", "claude-haiku*"}, []string{"claude-sonnet-4.5"}, false},
		{[]string{"*"}, []string{""}, true},
	} {
		if got := (access.Key{AllowedModels: test.allowed}).Allows(test.names...); got != test.want {
			t.Errorf("%v, %v: %v", test.allowed, test.names, got)
		}
	}
}
