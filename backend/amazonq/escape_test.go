package amazonq

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzEscape(f *testing.F) {
	for _, text := range []string{"", "plain", "eight by", "a\"b", `\`, "\x00\x1f \x7f", "line\r\n\ttab", "中文 naïve 😀", "bad \xff\xfe utf", strings.Repeat("0123456\n", 5), "\u2028<>&"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var back string
		quoted := `"` + string(appendEscaped(nil, text)) + `"`
		if err := json.Unmarshal([]byte(quoted), &back); err != nil {
			t.Fatalf("%q became %s: %v", text, quoted, err)
		}
		if want := strings.ToValidUTF8(text, "\uFFFD"); back != want {
			t.Errorf("%q reads back as %q", want, back)
		}
	})
}

func TestEveryByteInEveryPlaceIsEscapedRight(t *testing.T) {
	for char := range 0x80 {
		for place := range 17 {
			text := strings.Repeat("x", place) + string(rune(char)) + strings.Repeat("y", 17-place)
			var back string
			if err := json.Unmarshal([]byte(`"`+string(appendEscaped(nil, text))+`"`), &back); err != nil || back != text {
				t.Errorf("%q reads back as %q, %v", text, back, err)
			}
		}
	}
}
