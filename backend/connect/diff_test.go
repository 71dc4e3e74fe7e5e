package connect

import (
	"strings"
	"testing"
)

func TestADiffShowsWhatChangesAndThreeLinesAround(t *testing.T) {
	before := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np"
	after := "a\nb\nc\nd\nE\nf\ng\nh\ni\nj\nk\nl\nm\nn\nnew\no\np"
	want := "--- f\n+++ f\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n@@ -12,5 +12,6 @@\n l\n m\n n\n+new\n o\n p\n\\ No newline at end of file\n"
	if got := diff("f", []byte(before), []byte(after)); got != want {
		t.Errorf("it is\n%s, want\n%s", got, want)
	}
	if got := diff("f", []byte(before), []byte(before)); got != "" {
		t.Errorf("nothing changes, and it is\n%s", got)
	}
	if got := diff("f", nil, []byte("a\n")); got != "--- f\n+++ f\n@@ -0,0 +1,1 @@\n+a\n" {
		t.Errorf("a new file is\n%s", got)
	}
}

func TestSecretsAreMaskedAndWordsAreNot(t *testing.T) {
	for _, text := range []string{
		`"ANTHROPIC_AUTH_TOKEN": "CANARY"`, `api_key = 'CANARY'`, `apiKey: CANARY`, `export OPENAI_API_KEY=CANARY`, `"h": "Authorization: Bearer CANARY"`, `"x": "sk-ant-CANARYCANARY"`,
		`https://me:CANARY@host/x`, `https://CANARY@host/x`, `"X-Api-Key": "CANARY \" CANARY"`, `"password" : "CANARY"`, `x = "amq-CANARYCANARYCANARY"`, `v: AKIACANARYCANARY0`, `"k": "CANARY4567890123456789012345678901234567890"`,
	} {
		if got := mask(text); strings.Contains(got, "CANARY") || !strings.Contains(got, masked) {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
	for _, text := range []string{
		`max_tokens = 200000`, `"model": "claude-sonnet-4-5-20250929"`, `"apiKey": ""`, `base_url = "http://127.0.0.1:8080/v1"`, `"skills": "desk-lamp"`, `"tokens": {"a": 1}`, `"@ai-sdk/openai-compatible"`,
	} {
		if got := mask(text); got != text {
			t.Errorf("%s is shown as %s", text, got)
		}
	}
}

func FuzzDiff(f *testing.F) {
	f.Add("a\nb\n", "a\nc\n")
	f.Add("", "x")
	f.Add("a\n\n\nb", "b\n\na\n")
	f.Fuzz(func(t *testing.T, before, after string) {
		var old, fresh strings.Builder
		for _, s := range compare(lines([]byte(before)), lines([]byte(after))) {
			if s.kind != '+' {
				old.WriteString(s.line)
			}
			if s.kind != '-' {
				fresh.WriteString(s.line)
			}
		}
		if old.String() != before || fresh.String() != after {
			t.Fatalf("%q and %q are said to be %q and %q", before, after, old.String(), fresh.String())
		}
		_ = diff("f", []byte(before), []byte(after))
	})
}
