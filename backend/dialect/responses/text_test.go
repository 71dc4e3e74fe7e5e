package responses

import (
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestEscapesAreUndone(t *testing.T) {
	for quoted, want := range map[string]string{
		`""`:                               "",
		`"plain 日本"`:                       "plain 日本",
		`"\"\\\/\b\f\n\r\t"`:               "\"\\/\b\f\n\r\t",
		`"\u0041\u00e9\u65e5\uD83D\uDe42"`: "Aé日🙂",
		`"lone \ud83d, \ude42, \ud83d\u0041\ud83d"`: "lone \uFFFD, \uFFFD, \uFFFDA\uFFFD",
		`"\ufffd"`:           "\uFFFD",
		"\"broken \xff\\n\"": "broken \uFFFD\n",
	} {
		if got := unquote([]byte(quoted)); got != want {
			t.Errorf("%s: got %q, want %q", quoted, got, want)
		}
	}
}

func FuzzUnquote(f *testing.F) {
	for _, seed := range []string{`""`, `"a\nb\"c\\"`, `"\u00e9\ud83d\ude42\ud83d\u0041\udfff"`, "\"\xff\\t\"", `"\/\b\f\r"`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, quoted []byte) {
		value := jsontext.Value(quoted)
		if !value.IsValid(lenient()) || quoted[0] != '"' || quoted[len(quoted)-1] != '"' {
			return
		}
		want, _ := jsontext.AppendUnquote(nil, quoted)
		if got := unquote(quoted); got != string(want) {
			t.Fatalf("%q: got %q, the library says %q", quoted, got, want)
		}
	})
}
