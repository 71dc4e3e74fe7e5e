package access

import (
	"strings"
	"testing"
)

func TestTheChecksumOfAKeyIsAPublicRule(t *testing.T) {
	for text, want := range map[string]string{"": "000000", "amq": "1Bp80j", strings.Repeat("z", randomLength): "4IlJEz"} {
		if got := checksum(text); got != want {
			t.Errorf("checksum of %q is %s, want %s", text, got, want)
		}
	}
	made := newToken().Reveal()
	random, sum := made[len(tokenPrefix):len(made)-checksumLength], made[len(made)-checksumLength:]
	if checksum(random) != sum || len(random) != randomLength {
		t.Error("a new key does not carry its own checksum")
	}
}

// 30 digits of 62 are 178 bits only if all digits are equally likely.
func TestAllDigitsAreEquallyLikely(t *testing.T) {
	const keys = 5000
	counts := map[rune]int{}
	seen := map[string]bool{}
	for range keys {
		random := randomDigits()
		seen[random] = true
		for _, digit := range random {
			counts[digit]++
		}
	}
	expected := keys * randomLength / len(digits)
	for _, digit := range digits {
		if counts[digit] < expected*8/10 || counts[digit] > expected*12/10 {
			t.Errorf("%c came %d times of about %d", digit, counts[digit], expected)
		}
	}
	if len(seen) != keys || len(counts) != len(digits) {
		t.Errorf("%d different keys of %d, %d different digits", len(seen), keys, len(counts))
	}
}
