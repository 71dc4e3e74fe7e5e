package backend_test

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"amq2api/backend"
	"amq2api/backend/amazonq/amazonqtest"
)

// endless is a PDF whose third object is said to lie in an object stream that is the third object: the library that reads it calls itself
// until the stack is at its end, which no program survives.
const endless = "JVBERi0xLjUKMSAwIG9iago8PCAvVHlwZSAvQ2F0YWxvZyAvUGFnZXMgMyAwIFIgPj4KZW5kb2JqCjIgMCBvYmoKPDwgL1R5cGUgL1hSZWYgL1NpemUgNCAvVyBbMSAyIDFdIC9Sb290IDEgMCBSIC9MZW5ndGggMTYgPj4Kc3RyZWFtCgAAAP8BAAkAAQA6AAIAAwAKZW5kc3RyZWFtCmVuZG9iagpzdGFydHhyZWYKNTgKJSVFT0YK"

// bomb is a PDF of one page whose few compressed bytes are megabytes of numbers.
func bomb(megabytes int) string {
	var content bytes.Buffer
	packed := zlib.NewWriter(&content)
	for range megabytes {
		_, _ = packed.Write(bytes.Repeat([]byte("1 "), 1<<19))
	}
	_ = packed.Close()
	var file bytes.Buffer
	var offsets []int
	object := func(text string) {
		offsets = append(offsets, file.Len())
		fmt.Fprintf(&file, "%d 0 obj\n%s\nendobj\n", len(offsets), text)
	}
	file.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>")
	object(fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", content.Len(), content.Bytes()))
	start := file.Len()
	fmt.Fprintf(&file, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, offset := range offsets {
		fmt.Fprintf(&file, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&file, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, start)
	return base64.StdEncoding.EncodeToString(file.Bytes())
}

func wideJPEG(t *testing.T) string {
	var encoded bytes.Buffer
	if err := jpeg.Encode(&encoded, image.NewGray(image.Rect(0, 0, 9000, 900)), nil); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(encoded.Bytes())
}

// openApart opens a stage whose program starts itself again for dangerous work, as the real one does.
func openApart(t *testing.T) (s *scriptStage, key string) {
	t.Helper()
	s = &scriptStage{profile: filepath.Join(t.TempDir(), "profile"), executable: os.Args[0]}
	return openStageOn(t, s), s.keyFor(t)
}

func (s *scriptStage) attach(t *testing.T, key, kind, mediaType, data string) (status int, answer string) {
	t.Helper()
	body := fmt.Sprintf(`{"model":"claude-sonnet-4-5","max_tokens":100000,"messages":[{"role":"user","content":[{"type":%q,"source":{"type":"base64","media_type":%q,"data":%q}},{"type":"text","text":"hi"}]}]}`, kind, mediaType, data)
	s.people["replay"].Queue(amazonqtest.Answer{amazonqtest.Text("seen")})
	status, text := s.do(t, http.MethodPost, "/v1/messages", []byte(body), map[string]string{"Content-Type": "application/json", "X-Api-Key": key})
	return status, string(text)
}

// lastSent is what Amazon was sent last.
func (s *scriptStage) lastSent(t *testing.T) string {
	t.Helper()
	all := s.amazon.Received(amazonqtest.Generate)
	text, err := json.Marshal(all[len(all)-1].Request)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAFileThatBreaksItsReaderBreaksNothingElse(t *testing.T) {
	s, key := openApart(t)
	for name, data := range map[string]string{"a stack without end": endless, "more memory than there is": bomb(400)} {
		if testing.Short() && name != "a stack without end" {
			continue
		}
		for range 2 { // the client sends it again with every turn
			if status, answer := s.attach(t, key, "document", "application/pdf", data); status != http.StatusOK {
				t.Errorf("%s: %d %s", name, status, answer)
			}
			if sent := s.lastSent(t); !strings.Contains(sent, "could not be read") {
				t.Errorf("%s: the model reads %.300s", name, sent)
			}
		}
	}
	if status, answer := s.attach(t, key, "document", "application/msword", base64.StdEncoding.EncodeToString([]byte("plain words after all"))); status != http.StatusOK || !strings.Contains(s.lastSent(t), "plain words") {
		t.Errorf("a sound document: %d %s", status, answer)
	}
	if status, answer := s.attach(t, key, "image", "image/jpeg", wideJPEG(t)); status != http.StatusOK || !strings.Contains(s.lastSent(t), `"images":[{"format"`) {
		t.Errorf("a large picture: %d %s, sent %.300s", status, answer, s.lastSent(t))
	}
}

// A schema that grows without measure, by references or by patterns, lets the answer pass unchecked.
func TestASchemaThatCannotBeCheckedStopsNothing(t *testing.T) {
	s, key := openApart(t)
	steps := map[string]any{"d24": map[string]any{"type": "string"}}
	for i := range 24 {
		next := map[string]string{"$ref": fmt.Sprintf("#/$defs/d%d", i+1)}
		steps[fmt.Sprintf("d%d", i)] = map[string]any{"anyOf": []any{next, next}}
	}
	branching, err := json.Marshal(map[string]any{"$defs": steps, "anyOf": []any{map[string]string{"$ref": "#/$defs/d0"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range map[string]string{
		"branches": string(branching), "patterns": `{"properties":{"a":{"pattern":"` + strings.Repeat("a{1000}", 4000) + `"}}}`, "a number": `{"properties":{"a":{"multipleOf":1e-100000000}}}`,
	} {
		s.people["replay"].Queue(amazonqtest.Answer{amazonqtest.Text(`{"a":7}`)})
		body := fmt.Sprintf(`{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":%s}}}`, schema)
		status, answer := s.do(t, http.MethodPost, "/v1/chat/completions", []byte(body), map[string]string{"Content-Type": "application/json", "X-Api-Key": key})
		if status != http.StatusOK || !strings.Contains(string(answer), `{\"a\":7}`) {
			t.Errorf("%s: %d %s", name, status, answer)
		}
	}
}

func TestWorkApartNeedsAKindItKnows(t *testing.T) {
	var out bytes.Buffer
	if err := backend.WorkApart("nonsense", strings.NewReader("x\ny"), &out); err != nil || out.String() != "-" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
