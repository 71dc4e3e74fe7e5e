package amazonq

import (
	"bytes"
	"testing"
)

// payloads are the forms that events have been seen in, and what is near them.
var payloads = []string{
	`{"content":"Hi"}`, `{"content":"Hi","modelId":"claude-sonnet-4.5"}`, `{"content":"\"q\"\\ \n\t中文 \u4e2d \ud83d\ude00"}`, `{"content":""}`,
	`{"content":"a","content":"b"}`, `{"content":true}`, `{"content":null}`, `{"content":1}`, `{}`, `{"content":"a"} `, ` {"content": "a"}`,
	`{"content":"a"}x`, `{"content":"a",}`, `{,"content":"a"}`, `{"content":"a"`, `{"content":"a`, `{"content":`, `{"content"`, `{`, ``, `[]`,
	`{"content":"a","deep":{"b":[1]}}`, `{"content":"lone \ud83d"}`, "{\"content\":\"bad \xff\"}", "{\"content\":\"tab\t\"}", `{"content":"a","x":"\q"}`,
	"{\"content\":\"a\",\"\xff\":\"b\"}", `{"cont\u0065nt":"a"}`, `{"content":"a\"}`, `{"content":truetrue}`, `{"content":falsey}`, `{"a":"b"}`,
	`{"toolUseId":"t1","name":"ls"}`, `{"input":"{\"pa","name":"ls","toolUseId":"t1"}`, `{"name":"ls","stop":true,"toolUseId":"t1"}`,
	`{"name":"ls","stop":false,"toolUseId":"t1","input":""}`, `{"toolUseId":"t1","name":"ls","input":{"a":1}}`, `{"toolUseId":"t1","name":"ls","input":null}`,
	`{"toolUseId":"t\u0031","name":"l\\s"}`, `{"toolUseId":"t1","name":"ls","stop":"true"}`, `{"toolUseId":true,"name":"ls"}`, `{"toolUseId":"中","name":"ls"}`,
	`{"toolUseId":"t1","name":"ls","stop":null}`, `{"toolUseId":"t1","name":"ls","input":[1]}`, `{"toolUseId":"t1","name":"ls","input":true}`,
}

func FuzzTextPayload(f *testing.F) {
	for _, payload := range payloads {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var slow textPayload
		slowErr := unmarshal(payload, &slow)
		var s scratch
		fast, err := s.content(payload)
		if (err != nil) != (slowErr != nil) || err == nil && fast != slow.Content {
			t.Errorf("%q: fast %q, %v; slow %q, %v", payload, fast, err, slow.Content, slowErr)
		}
	})
}

func FuzzToolUsePayload(f *testing.F) {
	for _, payload := range payloads {
		f.Add([]byte(payload))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var s scratch
		slow, slowErr := slowToolStep(payload)
		fast, err := s.toolStep(payload)
		same := bytes.Equal(fast.id, slow.id) && bytes.Equal(fast.name, slow.name) && bytes.Equal(fast.fragment, slow.fragment) &&
			fast.whole == slow.whole && fast.stop == slow.stop
		if (err != nil) != (slowErr != nil) || err == nil && !same {
			t.Errorf("%q: fast %v, %v; slow %v, %v", payload, fast, err, slow, slowErr)
		}
	})
}

func TestThePlainFormsAreReadTheFastWay(t *testing.T) {
	for _, payload := range []string{payloads[0], payloads[1], payloads[2]} {
		if !members([]byte(payload), func(_, _ []byte) bool { return true }) {
			t.Errorf("%s is not taken for plain", payload)
		}
	}
}
