package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"amq2api/backend/secret"
)

const canary = "canary-7f3a"

func TestNoFormattingShowsTheText(t *testing.T) {
	s := secret.New(canary)
	nested := struct {
		Token secret.String
		Ptr   *secret.String
	}{s, &s}

	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "a", s, "b", nested)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "a", s, "b", nested)
	encoded, err := json.Marshal(nested)
	if err != nil {
		t.Fatal(err)
	}
	shown := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb, s) + fmt.Sprintf(verb, &s) + fmt.Sprintf(verb, nested)
	}
	shown += fmt.Errorf("wrap %w %v", fmt.Errorf("%v", s), nested).Error()

	for _, form := range []string{canary, fmt.Sprintf("%x", canary)} {
		if strings.Contains(shown, form) {
			t.Errorf("the secret shows as %q in:\n%s", form, shown)
		}
	}
}

func TestRevealAndEqual(t *testing.T) {
	var read secret.String
	if err := json.Unmarshal([]byte(`"`+canary+`"`), &read); err != nil {
		t.Fatal(err)
	}
	if read.Reveal() != canary || !read.Equal(secret.New(canary)) || read.Equal(secret.New("other")) || read.IsZero() {
		t.Errorf("reading a secret must keep its text")
	}
}
