package amazonq

import (
	"io"
	"strings"
	"testing"
)

func TestABodyIsForgottenWhenItIsClosed(t *testing.T) {
	body := &upload{rest: []byte(strings.Repeat("x", 1000))}
	part := make([]byte, 10)
	if n, err := body.Read(part); n != 10 || err != nil {
		t.Fatal(n, err)
	}
	if err := body.Close(); err != nil || body.rest != nil {
		t.Error("it is still there")
	}
	if _, err := body.Read(part); err != io.EOF {
		t.Error(err)
	}
}
