package backend

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page's words for what the program says are a record of every code: one without words does not compile there. Here is what that
// cannot see: that the list is the one of this source, and that every code is said somewhere.
func TestEveryCodeIsInThePagesListAndIsSaid(t *testing.T) {
	generated := read(t, "../frontend/src/lib/api/types.gen.ts")
	sources := map[string]string{"fault/said.go": "SaidCode", "checkup/rules.go": "RuleCode", "account/hindrance.go": "Hindrance"}
	for file, kind := range sources {
		constants := regexp.MustCompile(`(?m)^\t(\w+)\s+`+kind+`\s*= "(\w+)"`).FindAllStringSubmatch(read(t, file), -1)
		if len(constants) < 10 {
			t.Fatalf("%s has %d of %s", file, len(constants), kind)
		}
		for _, constant := range constants {
			if !strings.Contains(generated, `"`+constant[2]+`"`) {
				t.Errorf("%s is not in the page's list; run make types", constant[2])
			}
		}
	}
	code := source(t)
	for _, constant := range regexp.MustCompile(`(?m)^\t(\w+)\s+SaidCode\s*= "\w+"`).FindAllStringSubmatch(read(t, "fault/said.go"), -1) {
		if name := constant[1]; !strings.HasPrefix(name, "Only") && !strings.Contains(code, "fault."+name) {
			t.Errorf("nobody says fault.%s", name)
		}
	}
}

func TestBothLanguagesHaveTheWordsOfEveryRule(t *testing.T) {
	rules := regexp.MustCompile(`RuleCode = "(\w+)"`).FindAllStringSubmatch(read(t, "checkup/rules.go"), -1)
	for _, language := range []string{"en", "zh-CN"} {
		var words map[string]json.RawMessage
		if err := json.Unmarshal([]byte(read(t, "../frontend/messages/"+language+".json")), &words); err != nil {
			t.Fatal(err)
		}
		for _, rule := range rules {
			if len(words["doctor_rule_"+rule[1]]) < 4 {
				t.Errorf("%s has no words for %s", language, rule[1])
			}
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// source is the text of every file of the backend but the tests and the list itself.
func source(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*.go", "*/*.go", "*/*/*.go"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "said.go") {
				all.WriteString(read(t, name))
			}
		}
	}
	return all.String()
}
