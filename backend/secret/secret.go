// Package secret holds a string that cannot be printed.
package secret

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

const redacted = "[redacted]"

// String is a token, password or key. Every way of formatting it yields "[redacted]"; Reveal is the only way to its text.
// The zero value is the empty secret.
type String struct{ text string }

// New takes text into keeping.
func New(text string) String { return String{text} }

// Reveal returns the text. Call it only where the text leaves the program on purpose: an HTTP header, the vault.
func (s String) Reveal() string { return s.text }

// IsZero reports whether there is no text.
func (s String) IsZero() bool { return s.text == "" }

// Equal compares in time that does not depend on where the texts differ.
func (s String) Equal(other String) bool {
	return subtle.ConstantTimeCompare([]byte(s.text), []byte(other.text)) == 1
}

// String never shows the text.
func (s String) String() string { return redacted }

// Format never shows the text, whatever the verb.
func (s String) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// GoString never shows the text.
func (s String) GoString() string { return redacted }

// MarshalText never shows the text; encoding/json uses it too.
func (s String) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// UnmarshalText takes the text as it is.
func (s *String) UnmarshalText(text []byte) error {
	s.text = string(text)
	return nil
}

// LogValue never shows the text.
func (s String) LogValue() slog.Value { return slog.StringValue(redacted) }
