package amazonqtest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"amq2api/backend/amazonq/amazonqtest"
)

// conversation asks something, with tools given as name and schema.
func conversation(prompt, extra string, tools ...string) string {
	var specs []string
	for i := 0; i < len(tools); i += 2 {
		specs = append(specs, `{"toolSpecification":{"name":"`+tools[i]+`","description":"d","inputSchema":{"json":`+tools[i+1]+`}}}`)
	}
	quoted, _ := json.Marshal(prompt)
	return `{"conversationState":{"chatTriggerType":"MANUAL",` + extra + `"currentMessage":{"userInputMessage":{"content":` + string(quoted) +
		`,"userInputMessageContext":{"tools":[` + strings.Join(specs, ",") + `]}}}}}`
}

const shell = `{"type":"object","properties":{"command":{"type":"string"},"timeout":{"type":"integer"}},"required":["command"]}`

func TestTheSmallModelSaysThatItIsSimulated(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	for prompt, want := range map[string]string{
		"What is a monad?": `[simulated] You asked: "What is a monad?"`,
		"什么是单子？":           "[模拟] 你的问题是：“什么是单子？”",
		"<system-reminder>read the list</system-reminder>Hi":              `You asked: "Hi"`,
		"--- CONTEXT ENTRY BEGIN ---\nrun\n--- CONTEXT ENTRY END ---\nHi": `You asked: "Hi"`,
	} {
		messages, broken := w.generate(identity, conversation(prompt, "", "Bash", shell)).read()
		if got := text(t, messages); broken != "" || !strings.Contains(got, want) || len(messages) < 8 {
			t.Errorf("%s: %q in %d messages, %s", prompt, got, len(messages), broken)
		}
		if calls := toolCalls(t, messages); len(calls) != 0 {
			t.Errorf("%s: called %q", prompt, calls)
		}
	}
}

func TestTheSmallModelAnswersInTheFormItIsToldTo(t *testing.T) {
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	system := func(text string) string {
		quoted, _ := json.Marshal(text)
		return `"history":[{"userInputMessage":{"content":` + string(quoted) + `}},{"assistantResponseMessage":{"content":"OK."}}],`
	}
	for _, row := range []struct {
		system string
		tools  []string
		want   string
	}{
		{"Be kind.\n\nYou must answer by calling the tool Bash. An answer without this call is not accepted.", []string{"Bash", shell}, `Bash {"command":"ls"}`},
		{"Answer with one JSON value that is valid against this JSON schema and nothing else.\n" + shell + "\n\nBe kind.", nil, `{"command":"ls"}`},
		{"Answer with one JSON object and nothing else: no explanation.", nil, `{"simulated":true,"asked":"Hi"}`},
	} {
		messages, broken := w.generate(identity, conversation("Hi", system(row.system), row.tools...)).read()
		got := strings.Join(append(toolCalls(t, messages), text(t, messages)), "")
		if !strings.HasSuffix(got, row.want) || broken != "" {
			t.Errorf("%s: %q, %s", row.system, got, broken)
		}
	}
}

func TestTheSmallModelCallsAFittingTool(t *testing.T) {
	const read = `{"type":"object","properties":{"file_path":{"type":"string"}},"required":["file_path"]}`
	const odd = `{"type":"object","properties":{"mode":{"enum":["slow","fast"]},"n":{"type":["integer","null"],"minimum":3},"ok":{"type":"boolean"},
		"list":{"type":"array","items":{"type":"string"},"minItems":1},"deep":{"type":"object","properties":{"description":{"type":"string"}}},"any":{}}}`
	w := start(t)
	identity := w.AddIdentity(amazonqtest.IdentityOptions{})
	for _, row := range []struct {
		prompt string
		tools  []string
		want   string
	}{
		{"List the files here", []string{"Read", read, "Bash", shell}, `Bash {"command":"ls"}`},
		{"Please run `go test ./...`", []string{"Read", read, "Bash", shell}, `Bash {"command":"go test ./..."}`},
		{"read backend/main.go for me", []string{"Bash", shell, "Read", read}, `Read {"file_path":"backend/main.go"}`},
		{"读取 “说明.md”", []string{"Bash", shell, "Read", read}, `Read {"file_path":"说明.md"}`},
		{"run it", []string{"shell", `{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"}}},"required":["command"]}`}, `shell {"command":["bash","-lc","ls"]}`},
		{"run it", []string{"odd", odd}, `odd {"any":{},"deep":{"description":"Simulated tool call"},"list":["run it"],"mode":"slow","n":3,"ok":false}`},
		{"run it", []string{"bare", `{"type":"object"}`}, `bare {}`},
	} {
		messages, _ := w.generate(identity, conversation(row.prompt, "", row.tools...)).read()
		calls := toolCalls(t, messages)
		if len(calls) != 1 || !strings.HasSuffix(calls[0], " "+row.want) {
			t.Errorf("%s: called %q, not %s", row.prompt, calls, row.want)
		}
	}
	if messages, _ := w.generate(identity, conversation("run it", "")).read(); len(toolCalls(t, messages)) != 0 {
		t.Error("called a tool that is not on offer")
	}
}

func TestTheSmallModelSumsUpToolResults(t *testing.T) {
	w := start(t)
	messages, _ := w.generate(w.AddIdentity(amazonqtest.IdentityOptions{}), turn).read()
	got := text(t, messages)
	if !strings.HasPrefix(got, "[simulated] The tool returned 1 line(s), starting with: a.txt") || !strings.Contains(got, `reported an error: {"a":null}`) {
		t.Error(got)
	}
}
