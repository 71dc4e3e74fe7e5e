package amazonqtest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// quoted is what a prompt has in backticks or quotes, ordered what it says after "run", and place a word in it that looks like a path.
var (
	ordered = regexp.MustCompile(`(?im)^(?:please )?(?:run|execute)(?: the command)? (\S+ .*|ls|pwd|date)$`)
	quoted  = regexp.MustCompile("`([^`]+)`|\"([^\"]+)\"|“([^”]+)”")
	place   = regexp.MustCompile(`[\w.~-]*[./][\w./-]*\w`)
)

// arguments fills a tool's schema from a prompt: what is required, or everything if nothing is.
func arguments(raw jsontext.Value, prompt string) string {
	return string(example(raw, "", prompt, 0))
}

// maxExample bounds schemas that nest.
const maxExample = 8

// example is a value that fits a schema. Name is the member it is for.
func example(raw jsontext.Value, name, prompt string, depth int) jsontext.Value {
	s, err := readSchema(raw)
	if err != nil || depth > maxExample {
		return jsontext.Value("{}")
	}
	var choices []jsontext.Value
	if json.Unmarshal(s.Enum, &choices) == nil && len(choices) > 0 {
		return choices[0]
	}
	switch s.kind() {
	case "string":
		return mustMarshal(wordFor(name, prompt))
	case "integer", "number":
		if s.Minimum.Kind() == '0' {
			return s.Minimum
		}
		return jsontext.Value("1")
	case "boolean":
		return jsontext.Value("false")
	case "array":
		return exampleList(s, name, prompt, depth)
	default:
		return exampleObject(s, prompt, depth)
	}
}

func exampleList(s schema, name, prompt string, depth int) jsontext.Value {
	if name == "command" {
		return mustMarshal([]string{"bash", "-lc", wordFor(name, prompt)})
	}
	if name == "commands" {
		return mustMarshal([]string{wordFor("command", prompt)})
	}
	if s.MinItems == nil || string(s.MinItems) == "0" {
		return jsontext.Value("[]")
	}
	return mustMarshal([]jsontext.Value{example(s.Items, name, prompt, depth+1)})
}

func exampleObject(s schema, prompt string, depth int) jsontext.Value {
	properties, _ := s.properties() // a request with unsound schemas is refused before
	names, _ := s.required()
	if names == nil {
		for name := range properties {
			names = append(names, name)
		}
		slices.Sort(names)
	}
	filled := make(map[string]jsontext.Value, len(names))
	for _, name := range names {
		filled[name] = example(properties[name], name, prompt, depth+1)
	}
	body, err := json.Marshal(filled, json.Deterministic(true))
	if err != nil {
		return jsontext.Value("{}")
	}
	return body
}

// wordFor is a text for a member: what the prompt quotes, else what the member's name suggests.
func wordFor(name, prompt string) string {
	said := ""
	if match := quoted.FindStringSubmatch(prompt); match != nil {
		said = match[1] + match[2] + match[3]
	}
	switch lower := strings.ToLower(name); {
	case strings.Contains(lower, "description"):
		return "Simulated tool call"
	case said != "":
		return said
	case strings.Contains(lower, "command") || lower == "cmd":
		return commandIn(prompt)
	case strings.Contains(lower, "path") || strings.Contains(lower, "file") || strings.Contains(lower, "dir"):
		return pathIn(prompt)
	default:
		return excerpt(prompt, 40)
	}
}

func commandIn(prompt string) string {
	if order := ordered.FindStringSubmatch(prompt); order != nil {
		return strings.TrimRight(strings.TrimSpace(order[1]), ".")
	}
	return "ls"
}

func pathIn(prompt string) string {
	if path := place.FindString(prompt); path != "" {
		return path
	}
	return "."
}
