package amazonqtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	_ "image/gif"  // so that a GIF's size can be read
	_ "image/jpeg" // so that a JPEG's size can be read
	_ "image/png"  // so that a PNG's size can be read
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// improvise is the small model: it answers without a script, so that a demo shows streaming, tool calls and usage. It says in every
// answer that it is simulated, unless it is told to answer in another form.
func improvise(r *GenerateRequest, pace time.Duration) Answer {
	current := r.Current()
	prompt := ask(current.Content)
	voice := english
	if isChinese(prompt) {
		voice = chinese
	}
	wanted := obey(r, prompt)
	if wanted != nil && wanted.tool != nil {
		return Answer{Call(wanted.tool.Name, arguments(wanted.tool.InputSchema.JSON, prompt))}
	}
	if verb := verbOf(prompt); wanted != nil && (verb == "" || fitting(r.tools(), verb) == nil) {
		return speak(wanted.text, pace)
	}
	if results := current.Context.ToolResults; len(results) > 0 {
		return speak(voice.summary(results)+voice.seen(current.Images), pace)
	}
	if verb := verbOf(prompt); verb != "" {
		if tool := fitting(r.tools(), verb); tool != nil {
			return append(speak(fmt.Sprintf(voice.calling, tool.Name), pace), Call(tool.Name, arguments(tool.InputSchema.JSON, prompt)))
		}
	}
	return speak(fmt.Sprintf(voice.answer, excerpt(prompt, 80))+voice.seen(current.Images), pace)
}

// voice is the language of an answer.
type voice struct {
	answer  string // with an excerpt of the prompt
	calling string // with the tool's name
	result  string // with the lines and an excerpt of a tool's result
	failure string // with an excerpt of a tool's error
	empty   string // of a result without text
	picture string // with an image's format, width and height
	prefix  string
}

var english = voice{
	prefix: "[simulated] ",
	answer: "[simulated] You asked: \"%s\". No model was asked, so this is not a real answer, but streaming, tools and usage work here as " +
		"they do with a signed-in account. Add one to get real answers.",
	calling: "[simulated] I will use %s for that.",
	result:  "The tool returned %d line(s), starting with: %s ",
	failure: "The tool reported an error: %s ",
	empty:   "(no text)",
	picture: " I see an image: %s, %d x %d.",
}

var chinese = voice{
	prefix:  "[模拟] ",
	answer:  "[模拟] 你的问题是：“%s”。这里没有真正的模型，所以这不是真实的回答；但流式输出、工具调用和用量统计的方式与已登录的账户相同。添加一个账户即可获得真实回答。",
	calling: "[模拟] 我将使用 %s 来完成。",
	result:  "工具返回了 %d 行，开头是：%s ",
	failure: "工具报告了错误：%s ",
	empty:   "（没有文本）",
	picture: "我看到一张图片：%s，%d x %d。",
}

// summary says what the tools returned.
func (v voice) summary(results []ToolResult) string {
	text := v.prefix
	for _, result := range results {
		content := strings.TrimSpace(result.text())
		shown := excerpt(content, 120)
		if shown == "" {
			shown = v.empty
		}
		if result.Status == "error" {
			text += fmt.Sprintf(v.failure, shown)
			continue
		}
		text += fmt.Sprintf(v.result, 1+strings.Count(content, "\n"), shown)
	}
	return strings.TrimSpace(text)
}

// seen says what pictures came along. The size of one that this model cannot read is 0.
func (v voice) seen(pictures []Image) string {
	text := ""
	for _, picture := range pictures {
		raw, _ := base64.StdEncoding.DecodeString(picture.Source.Bytes) // the rules have looked at it
		size, _, _ := image.DecodeConfig(bytes.NewReader(raw))
		text += fmt.Sprintf(v.picture, picture.Format, size.Width, size.Height)
	}
	return text
}

func (r ToolResult) text() string {
	var text strings.Builder
	for _, content := range r.Content {
		text.WriteString(content.text())
		text.Write(content.JSON)
	}
	return text.String()
}

// speak sends a text word by word; where there are no spaces, a few characters at a time.
func speak(text string, pace time.Duration) Answer {
	var answer Answer
	for _, word := range words(text) {
		if pace > 0 {
			answer = append(answer, Pause(pace))
		}
		answer = append(answer, Delta(word))
	}
	return answer
}

// words cuts a text after every space, and after every fourth rune where no space comes.
func words(text string) []string {
	var cut []string
	start, runes := 0, 0
	for at, r := range text {
		runes++
		if end := at + utf8.RuneLen(r); r == ' ' || r > unicode.MaxLatin1 && runes >= 4 {
			cut = append(cut, text[start:end])
			start, runes = end, 0
		}
	}
	if start < len(text) {
		cut = append(cut, text[start:])
	}
	return cut
}

// notes are what clients put around the person's words.
var notes = regexp.MustCompile(`(?s)<system-reminder>.*?</system-reminder>|<system>.*?</system>|<environment_context>.*?</environment_context>|` +
	`<environment_details>.*?</environment_details>|--- CONTEXT ENTRY BEGIN ---.*?--- CONTEXT ENTRY END ---|--- USER MESSAGE (?:BEGIN|END) ---`)

// ask is what the person said in a message, without the quotation marks that some clients put around all of it.
func ask(content string) string {
	said := strings.TrimSpace(notes.ReplaceAllString(content, ""))
	if inner := strings.TrimSuffix(strings.TrimPrefix(said, `"`), `"`); len(inner) == len(said)-2 && !strings.Contains(inner, `"`) {
		return inner
	}
	return said
}

func isChinese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) })
}

// excerpt is the start of a text, in one line.
func excerpt(text string, most int) string {
	line := strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(line) <= most {
		return line
	}
	return string([]rune(line)[:most]) + "…"
}

// wishes are the words that ask for a tool, by what they ask for.
var wishes = []struct {
	verb  string
	words *regexp.Regexp
	tools []string // parts of the names of tools that fit, the best first
}{
	{"read", regexp.MustCompile(`(?i)\b(?:read|open|show|view|cat)\b|读取|查看|打开|显示`), []string{"read", "view", "cat", "open", "bash", "shell", "exec"}},
	{"list", regexp.MustCompile(`(?i)\b(?:list|ls)\b|列出`), []string{"bash", "shell", "exec", "terminal", "command", "list", "ls", "glob"}},
	{"run", regexp.MustCompile(`(?i)\b(?:run|execute)\b|运行|执行`), []string{"bash", "shell", "exec", "terminal", "command", "run"}},
}

// verbOf is what a prompt asks to be done, empty if it only asks for an answer.
func verbOf(prompt string) string {
	for _, wish := range wishes {
		if wish.words.MatchString(prompt) {
			return wish.verb
		}
	}
	return ""
}

// fitting is the tool for a verb: by name, else the first; nil if there is none.
func fitting(tools []*ToolSpecification, verb string) *ToolSpecification {
	for _, wish := range wishes {
		if wish.verb != verb {
			continue
		}
		for _, part := range wish.tools {
			for _, tool := range tools {
				if strings.Contains(strings.ToLower(tool.Name), part) {
					return tool
				}
			}
		}
	}
	if len(tools) > 0 {
		return tools[0]
	}
	return nil
}
