package lenient_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"amq2api/backend/lenient"
)

func TestEscapesAreUndone(t *testing.T) {
	for quoted, want := range map[string]string{
		`""`:                               "",
		`"plain 日本"`:                       "plain 日本",
		`"\"\\\/\b\f\n\r\t"`:               "\"\\/\b\f\n\r\t",
		`"C:\\users \\\\ \n"`:              "C:\\users \\\\ \n",
		`"\u0041\u00e9\u65e5\uD83D\uDe42"`: "Aé日🙂",
		`"lone \ud83d, \ude42, \ud83d\u0041\ud83d"`: "lone \uFFFD, \uFFFD, \uFFFDA\uFFFD",
		`"\ufffd"`:           "\uFFFD",
		"\"broken \xff\\n\"": "broken \uFFFD\n",
	} {
		if got := lenient.Unquote([]byte(quoted)); got != want {
			t.Errorf("%s: got %q, want %q", quoted, got, want)
		}
	}
}

func FuzzUnquote(f *testing.F) {
	for _, seed := range []string{`""`, `"a\nb\"c\\"`, `"\\u0041"`, `"\u00e9\ud83d\ude42\ud83d\u0041\udfff"`, "\"\xff\\t\"", `"\/\b\f\r"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, quoted []byte) {
		value := jsontext.Value(quoted)
		if !value.IsValid(lenient.Options()) || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
			return
		}
		want, _ := jsontext.AppendUnquote(nil, quoted)
		if got := lenient.Unquote(quoted); got != string(want) {
			t.Fatalf("%q: got %q, the library says %q", quoted, got, want)
		}
	})
}

func TestBase64IsMadeStandard(t *testing.T) {
	for sent, want := range map[string]string{
		"AAAA": "AAAA", "AAA=": "AAA=", "AA==": "AA==", "AAA": "AAA=", "AA": "AA==", "AA=": "AA==", "A-_A": "A+/A", "AA\r\nAA": "AAAA", "AA===": "AA==",
		"": "", "=": "", "A": "", "AAAAA": "", "A=AA": "", "{}": "", "data:image/png;base64,AAAA": "", "AAA\x00": "",
	} {
		if got, ok := lenient.Base64(sent); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %t", sent, got, ok)
		}
	}
}

// Found by made-up bodies: Amazon refused a conversation for bits behind the last byte of a picture.
func TestBase64HasNoBitsBehindItsLastByte(t *testing.T) {
	for sent, want := range map[string]string{"END": "ENA=", "END=": "ENA=", "A/": "Aw==", "A/==": "Aw==", "A_": "Aw==", "AA//": "AA//"} {
		got, ok := lenient.Base64(sent)
		if _, err := base64.StdEncoding.Strict().DecodeString(got); err != nil || !ok || got != want {
			t.Errorf("%q: %q, %v", sent, got, err)
		}
	}
}

func TestADataURIMayBeSloppy(t *testing.T) {
	for uri, want := range map[string]string{
		"data:image/png;base64,AAAA": "image/png AAAA", "DATA:image/PNG;charset=x;BASE64,AAA": "image/png AAA=", "data:;base64,AAAA": " AAAA",
		"data:image/png,AAAA": "", "image/png;base64,AAAA": "", "data:image/png;base64": "", "data:image/png;base64,": "",
	} {
		media, data, ok := lenient.DataURI(uri)
		if got := media + " " + data; ok != (want != "") || ok && got != want {
			t.Errorf("%s: %q, %t", uri, got, ok)
		}
	}
}

func TestDepthIsCountedOutsideStringsOnly(t *testing.T) {
	deep := strings.Repeat("[", 300)
	for text, want := range map[string]bool{
		deep: true, `"` + deep + `"`: false, `"\"` + deep + `"`: false, `"\\"` + deep: true, `"\\\"` + deep: false,
		strings.Repeat("[", 200) + strings.Repeat("]", 200): false, strings.Repeat("[]", 300): false, strings.Repeat(`{"a":`, 201): true,
	} {
		if got := lenient.Excess([]byte(text)) != ""; got != want {
			t.Errorf("%.20s...: %t", text, got)
		}
	}
}
