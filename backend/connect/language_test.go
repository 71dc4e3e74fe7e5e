package connect

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"testing/quick"
)

// edited is one change of a text in one language: what stands at a path before, and the text with something put there.
type edited struct {
	name, before string
	path         []string
	raw, after   string
}

// tryEdits puts and drops, and insists on the exact texts.
func tryEdits(t *testing.T, speaks language, stories []edited) {
	t.Helper()
	for _, s := range stories {
		for _, ending := range []string{"\n", "\r\n"} {
			for _, mark := range []string{"", "\ufeff"} {
				before := mark + strings.ReplaceAll(s.before, "\n", ending)
				want := mark + strings.ReplaceAll(s.after, "\n", ending)
				if ending == "\r\n" && !strings.Contains(s.before, "\n") {
					continue // nothing says how its lines end
				}
				had, there, err := speaks.find([]byte(before), s.path)
				if err != nil {
					t.Errorf("%s: %v", s.name, err)
					continue
				}
				got, err := speaks.put([]byte(before), s.path, s.raw)
				if err != nil || string(got) != want {
					t.Errorf("%s: put made\n%q, want\n%q, %v", s.name, got, want, err)
				}
				back, err := takeOut(speaks, got, keptPart{Path: s.path, Had: there, Raw: had, Depth: len(s.path) - 1})
				if err != nil || string(back) != before {
					t.Errorf("%s: taken out it is\n%q, want\n%q, %v", s.name, back, before, err)
				}
			}
		}
	}
}

func TestJSONKeepsEverythingElse(t *testing.T) {
	key := []string{"env", "KEY"}
	tryEdits(t, jsonc{}, []edited{
		{"a member in a new place", "{\n  \"env\": {\n    \"A\": \"1\"\n  }\n}\n", key, `"k"`, "{\n  \"env\": {\n    \"A\": \"1\",\n    \"KEY\": \"k\"\n  }\n}\n"},
		{"a member replaced", `{"env": {"KEY" : "old" , "A": 1}}`, key, `"k"`, `{"env": {"KEY" : "k" , "A": 1}}`},
		{"on one line", `{"a": 1, "env": {"A": 1}}`, key, `"k"`, `{"a": 1, "env": {"A": 1, "KEY": "k"}}`},
		{"tabs", "{\n\t\"env\": {\n\t\t\"A\": 1\n\t}\n}", key, `"k"`, "{\n\t\"env\": {\n\t\t\"A\": 1,\n\t\t\"KEY\": \"k\"\n\t}\n}"},
		{"a comment after the last member", "{\n  // first\n  \"env\": {\n    \"A\": 1 // one\n  } /* all */\n}", key, `"k"`, "{\n  // first\n  \"env\": {\n    \"A\": 1, // one\n    \"KEY\": \"k\"\n  } /* all */\n}"},
		{"a comma after the last member", "{\n  \"env\": {\n    \"A\": 1, // one\n  },\n}", key, `"k"`, "{\n  \"env\": {\n    \"A\": 1, // one\n    \"KEY\": \"k\",\n  },\n}"},
		{"an object of ours", "{\n    \"z\": 1\n}\n", []string{"amq"}, `{"a":{"b":1}}`, "{\n    \"z\": 1,\n    \"amq\": {\n        \"a\": {\n            \"b\": 1\n        }\n    }\n}\n"},
		{"an object that is empty", `{"env": {}}`, key, `"k"`, "{\"env\": {\n    \"KEY\": \"k\"\n  }}"},
		{"names with escapes", `{"\u0065nv": {"K\u0045Y": "old"}}`, key, `"k"`, `{"\u0065nv": {"K\u0045Y": "k"}}`},
	})
}

func TestTOMLKeepsEverythingElse(t *testing.T) {
	table := []string{"model_providers", "amq2api"}
	ours := "[model_providers.amq2api]\nname = \"x\"\nurl = \"y\""
	tryEdits(t, tomlText{}, []edited{
		{"a key replaced, its comment kept", "model = \"o3\"  # mine\n[a]\n", []string{"model"}, `"k"`, "model = \"k\"  # mine\n[a]\n"},
		{"a key after the others", "# top\na = 1\n\n[t]\nb = 2\n", []string{"model"}, `"k"`, "# top\na = 1\nmodel = \"k\"\n\n[t]\nb = 2\n"},
		{"a key before the first table", "# top\n[t]\nb = 2\n", []string{"model"}, `"k"`, "model = \"k\"\n\n# top\n[t]\nb = 2\n"},
		{"a key at an end that is not ended", "a = 1\nb = 2", []string{"model"}, `"k"`, "a = 1\nb = 2\nmodel = \"k\""},
		{"a key of the same name in a table", "[t]\nmodel = 2\n", []string{"model"}, `"k"`, "model = \"k\"\n\n[t]\nmodel = 2\n"},
		{"a table at the end", "a = [\n  1, # one ]\n  2,\n]\n\n[t]\nb = 2\n", table, ours, "a = [\n  1, # one ]\n  2,\n]\n\n[t]\nb = 2\n\n" + ours + "\n"},
		{"a table at an end that is not ended", "a = 1\nb = 2", table, ours, "a = 1\nb = 2\n\n" + ours},
		{"strings that look like more", "a = \"\"\"\n[x]\nmodel = 1\n\"\"\"\nb = '''\n[y] \"'''\nc = '\"[z]'\n", []string{"model"}, "2", "a = \"\"\"\n[x]\nmodel = 1\n\"\"\"\nb = '''\n[y] \"'''\nc = '\"[z]'\nmodel = 2\n"},
		{"a table replaced where it is", "[model_providers.amq2api]\nold = 1\n\n# of t\n[t]\nb = 2\n", table, ours, ours + "\n\n# of t\n[t]\nb = 2\n"},
		{"quoted keys", "\"model\" = 'a'\n[\"model_providers\".'other']\nb = 1\n", []string{"model"}, `"k"`, "\"model\" = \"k\"\n[\"model_providers\".'other']\nb = 1\n"},
	})
}

func TestYAMLKeepsEverythingElse(t *testing.T) {
	path := []string{"models", "AMQ2API"}
	tryEdits(t, yamlText{}, []edited{
		{"first of a list", "# top\nname: me\nmodels:\n  # the first\n  - name: a # b\n    model: c\nrules: []\n", path, "- name: AMQ2API\n  model: x", "# top\nname: me\nmodels:\n  # the first\n  - name: AMQ2API\n    model: x\n  - name: a # b\n    model: c\nrules: []\n"},
		{"a list that is not indented", "models:\n- name: a\n  text: |\n    b\n\n    c\n", path, "- name: AMQ2API\n  model: x", "models:\n- name: AMQ2API\n  model: x\n- name: a\n  text: |\n    b\n\n    c\n"},
		{"an item replaced", "models:\n  - name: AMQ2API\n    model: old\n\n# end\n", path, "- name: AMQ2API\n  model: x", "models:\n  - name: AMQ2API\n    model: x\n\n# end\n"},
		{"the last item, not ended", "models:\n  - name: a\n  - name: AMQ2API\n    model: old", path, "- name: AMQ2API\n  model: x", "models:\n  - name: a\n  - name: AMQ2API\n    model: x"},
		{"a list between brackets", "models: [{name: a}]\nx: 1\n", path, "- name: AMQ2API\n  model: x", "models: [{\"model\":\"x\",\"name\":\"AMQ2API\"}, {name: a}]\nx: 1\n"},
		{"an empty list between brackets", "models: []\nx: 1\n", path, "- name: AMQ2API\n  model: x", "models: [{\"model\":\"x\",\"name\":\"AMQ2API\"}]\nx: 1\n"},
		{"a list without items", "models:\nx: 1\n", path, "- name: AMQ2API\n  model: x", "models:\n  - name: AMQ2API\n    model: x\nx: 1\n"},
		{"other scripts", "名: \"模型\"\nmodels:\n  - {name: \"é\"}\n", path, "- name: AMQ2API\n  model: x", "名: \"模型\"\nmodels:\n  - name: AMQ2API\n    model: x\n  - {name: \"é\"}\n"},
	})
}

func TestAShellsBlockIsOurs(t *testing.T) {
	block := blockBegin + "\nexport A='1'\n" + blockEnd
	tryEdits(t, shellText{}, []edited{
		{"at the end", "alias a=b\n", blockPath(), block, "alias a=b\n\n" + block + "\n"},
		{"at an end that is not ended", "x\nalias a=b", blockPath(), block, "x\nalias a=b\n\n" + block},
		{"replaced where it is", "a\n" + blockBegin + "\nold\n" + blockEnd + "\nb\n", blockPath(), block, "a\n" + block + "\nb\n"},
	})
	for _, bad := range []string{blockBegin + "\nx\n", blockEnd + "\n", strings.Repeat(block+"\n", 2)} {
		if _, err := (shellText{}).decode([]byte(bad)); reasonOf(err) != Unsuited {
			t.Errorf("%q is %v", bad, err)
		}
	}
	sound := func(word string) bool {
		return unquotedWord(posixWord(word)) == word || strings.HasSuffix(word, "'") || strings.HasPrefix(word, "'")
	}
	if err := quick.Check(sound, nil); err != nil {
		t.Error(err)
	}
}

func TestWhatLeavesNoPlaceIsRefused(t *testing.T) {
	for _, s := range []struct {
		speaks language
		text   string
		path   []string
	}{
		{jsonc{}, `{"env": 5}`, []string{"env", "A"}}, {jsonc{}, `{"env": null}`, []string{"env", "A"}}, {jsonc{}, `{"env": {}, "env": {}}`, []string{"env", "A"}},
		{jsonc{}, `{"env": {"A":1,"A":2}}`, []string{"env", "A"}}, {jsonc{}, `[]`, []string{"env", "A"}},
		{tomlText{}, "model_providers = {}\n", []string{"model_providers", "amq2api"}}, {tomlText{}, "[model_providers]\namq2api.name = 1\n", []string{"model_providers", "amq2api"}},
		{yamlText{}, "models: {a: b}\n", []string{"models", "AMQ2API"}}, {yamlText{}, "{models: 5}\n", []string{"models", "AMQ2API"}}, {yamlText{}, "{a: 5}\n", []string{"models", "AMQ2API"}},
		{yamlText{}, "a: 1\n---\nb: 2\n", []string{"models", "AMQ2API"}}, {yamlText{}, "models:\n  - name: AMQ2API\n  - name: AMQ2API\n", []string{"models", "AMQ2API"}},
		{yamlText{}, "- a\n", []string{"models", "AMQ2API"}}, {yamlText{}, "a: \"x\u2028y\"\n", []string{"models", "AMQ2API"}}, {yamlText{}, "a: 1\n...\n", []string{"models", "AMQ2API"}},
	} {
		raw := map[language]string{jsonc{}: `1`, tomlText{}: "[model_providers.amq2api]\nx = 1", yamlText{}: "- name: AMQ2API"}[s.speaks]
		if _, _, err := written(s.speaks, outcome{[]byte(s.text), true}, "", []part{{path: s.path, raw: raw}}); reasonOf(err) != Unsuited || err == nil {
			t.Errorf("%q answers %v", s.text, err)
		}
	}
}

// fuzzEditor writes a tool's parts into any text and takes them out again.
func fuzzEditor(f *testing.F, made tool, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<14 || bytes.HasSuffix(text, []byte("\r")) { // half a line's end would be made whole
			return
		}
		parts := made.parts(target{root: "http://127.0.0.1:8080", model: "claude-sonnet-4-5", key: unmade})
		result, keeps, err := written(made.speaks, outcome{text, true}, made.fresh, parts)
		if err != nil {
			return
		}
		if told := made.reads(mustDecode(t, made.speaks, result.text)); told.model != "claude-sonnet-4-5" || !leadsTo(told.base, "http://127.0.0.1:8080") || told.key != unmade {
			t.Fatalf("%q became %q, which says %+v", text, result.text, told)
		}
		again, _, err := written(made.speaks, result, made.fresh, parts)
		if err != nil || !sameBut(mustDecode(t, made.speaks, again.text), mustDecode(t, made.speaks, result.text), nil) {
			t.Fatalf("%q, written twice, is %q, %v", result.text, again.text, err)
		}
		inOrder(t, text, result.text, keeps)
		back, err := takenOut(made.speaks, result.text, keeps)
		if err != nil {
			t.Fatalf("%q, from %q, cannot be taken out: %v", result.text, text, err)
		}
		if string(back) != string(text) && (squeezed(back) != squeezed(text) || !emptyPlace.Match(text)) {
			t.Fatalf("%q became %q and then %q", text, result.text, back)
		}
	})
}

func mustDecode(t *testing.T, speaks language, text []byte) tree {
	t.Helper()
	document, err := speaks.decode(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return document
}

// inOrder insists that every byte of a text is in another, in its order, what was replaced excepted.
func inOrder(t *testing.T, before, after []byte, keeps []keptPart) {
	t.Helper()
	left := string(before)
	for _, k := range keeps {
		if k.Had {
			return // takenOut puts it back, which is compared
		}
	}
	for _, char := range after {
		if left != "" && left[0] == char {
			left = left[1:]
		}
	}
	if left != "" {
		t.Fatalf("%q lost %q in %q", before, left, after)
	}
}

// emptyPlace is where white space may be lost: an object, or a file, with nothing in it.
var emptyPlace = regexp.MustCompile(`\{\s*\}|^(?:\x{feff})?\s*$`)

// squeezed is a text without white space, and without what an empty file becomes.
func squeezed(text []byte) string {
	plain := strings.Join(strings.Fields(strings.TrimPrefix(string(text), "\ufeff")), "")
	if plain == "{}" || plain == "models:" {
		return ""
	}
	return plain
}

func FuzzJSONEditor(f *testing.F) {
	fuzzEditor(f, claudeCode(), "", "{}", `{"env":{"A":"1"}}`, "{\n  // c\n  \"env\": {\"A\": 1,}, /* d */\n}", `{"env":{"ANTHROPIC_BASE_URL":"x"},"a":[1,{"b":null}]}`, "\ufeff{\r\n}\r\n")
}

func FuzzNestedJSONEditor(f *testing.F) {
	fuzzEditor(f, openCode(), "{}", `{"provider":{}}`, "{\"provider\":{\"amq\":1},//x\n\"model\":\"y\"}", "{\n\t\"model\": 5 // z\n}")
}

func FuzzTOMLEditor(f *testing.F) {
	fuzzEditor(f, codex(), "", "a = 1", "model = 'x' # y\n[t]\na=\"\"\"\n[b]\"\"\"\n", "[model_providers.amq2api]\nx=1\n[[a]]\nb=[1,\n2]#c\n", "a.b=1\r\n[\"c\".d]\r\n", "model_provider = {a=1}")
}

func FuzzYAMLEditor(f *testing.F) {
	fuzzEditor(f, continueDev(), "", "name: a\nmodels:\n  - name: b\n", "models: [{name: a}, b]\n", "models:\n- name: AMQ2API\n  x: |\n    y\n- c", "# x\n---\na: 1\n", "models:\n  -\n    name: a\r\n", "a: &b\n- *b")
}

func FuzzShellEditor(f *testing.F) {
	fuzzEditor(f, shell(), "", "a\n", "a", "\r\n", blockBegin+"\nx\n"+blockEnd+"\n")
}
