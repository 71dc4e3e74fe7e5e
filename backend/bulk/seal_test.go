package bulk

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"pgregory.net/rapid"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// quick is a work factor for tests that seal and open often.
const quick = 1

var passphrase = secret.New("correct horse battery")

// maybe draws nil or a pointer to one of the values.
func maybe[T any](t *rapid.T, values *rapid.Generator[T], label string) *T {
	return rapid.Ptr(values, true).Draw(t, label)
}

// drafts draws accounts as they may be stored.
func drafts(t *rapid.T) []account.Draft {
	count := rapid.IntRange(1, 5).Draw(t, "count")
	var all []account.Draft
	for n := range count {
		text := func(pattern, label string) string { return rapid.StringMatching(pattern).Draw(t, label) }
		d := account.Draft{
			Name:         text(`[^\pC\pZ]([^\pC]{0,80}[^\pC\pZ])?`, "name"),
			Service:      rapid.SampledFrom([]account.Service{"", account.AmazonQ, account.Kiro}).Draw(t, "service"),
			StartURL:     text(`(https://[a-z]{1,9}\.awsapps\.com/start)?`, "start"),
			ProfileARN:   text(`(arn:aws:codewhisperer:us-east-1:[0-9]{12}:profile/[A-Z]{1,9})?`, "arn"),
			SignInRegion: text(`((us|eu)-(west|east)-[1-3])?`, "region"),
			Origin:       text(`([A-Z][A-Z_]{1,20})?`, "origin"),
			Email:        text(`([a-z]{1,9}@[a-z]{1,9}\.example)?`, "email"),
			Notes:        text(`([^\pC\pZ]([^\pC]|\n|"){0,80}[^\pC\pZ])?`, "notes"),
			Active:       maybe(t, rapid.Bool(), "active"),
			Secrets:      account.Secrets{RefreshToken: secret.New(fmt.Sprint(n) + text(`[!-~]{1,60}`, "refresh"))},
			Pace: account.EnvelopeEdit{
				RequestsPerMinute: maybe(t, rapid.IntRange(0, 1_000_000), "rpm"), MaxConcurrent: maybe(t, rapid.IntRange(0, 1000), "concurrent"),
				SpacingMS: maybe(t, rapid.IntRange(0, 60_000), "spacing"), DailyCredits: maybe(t, rapid.Float64Range(0, 1e9), "daily"),
				ReserveCredits: maybe(t, rapid.Float64Range(0, 1e9), "reserve"), Priority: maybe(t, rapid.IntRange(0, 100), "priority"),
				Weight: maybe(t, rapid.IntRange(1, 100), "weight"),
			},
			Source: "sign-in",
		}
		methods := []account.Method{"", account.BuilderID, account.IdentityCenter}
		if d.Service == account.Kiro {
			methods = append(methods, account.Social, account.APIKey)
		}
		d.Method = rapid.SampledFrom(methods).Draw(t, "method")
		if d.Method == "" || d.Method.HasClient() {
			d.ClientID, d.Secrets.ClientSecret = text(`[!-~]{1,20}`, "client"), secret.New(text(`[!-~]{1,60}`, "secret"))
		}
		if rapid.Bool().Draw(t, "ends") {
			d.ClientExpiresAt = time.Unix(rapid.Int64Range(1, 1<<35).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).UTC()
		}
		all = append(all, d)
	}
	return all
}

func TestEveryFieldSurvivesTheSeal(t *testing.T) {
	fields := reflect.TypeFor[account.Draft]().NumField() + reflect.TypeFor[account.EnvelopeEdit]().NumField() + reflect.TypeFor[account.Secrets]().NumField()
	if fields != 15+7+2 {
		t.Fatalf("a draft has %d fields now; let the seal and this test know the new ones", fields)
	}
	rapid.Check(t, func(t *rapid.T) {
		accounts := drafts(t)
		text, err := seal(accounts, passphrase, quick)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := Read(text, passphrase)
		if err != nil || len(rows) != len(accounts) {
			t.Fatalf("%d accounts came back as %d rows, %v", len(accounts), len(rows), err)
		}
		for i, want := range accounts {
			want.Source = "import"
			if rows[i].Problem != nil || rows[i].Name != want.Name || !reflect.DeepEqual(rows[i].Draft, want) {
				t.Fatalf("sealed %+v, read %+v", want, rows[i])
			}
		}
	})
}

// sample is a sealed account.
func sample(t *testing.T) string {
	t.Helper()
	text, err := seal([]account.Draft{readOne(t, `{"name":"A","apiKey":"canary-7f3a"}`)}, passphrase, quick)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestASealedFileTravelsAsMailAndPastingLeaveIt(t *testing.T) {
	text := sample(t)
	if !strings.HasPrefix(text, armor.Header+"\n") || strings.Contains(text, "canary") {
		t.Fatalf("sealed as %s", text)
	}
	for name, changed := range map[string]string{
		"as it is": text, "with CRLF": strings.ReplaceAll(text, "\n", "\r\n"), "with a mark": bom + text, "with blank lines": "\n \n" + text + "\n\n",
		"without its last line break": strings.TrimSpace(text),
	} {
		rows, err := Read(changed, passphrase)
		if err != nil || len(rows) != 1 || rows[0].Draft.Secrets.RefreshToken.Reveal() != "canary-7f3a" {
			t.Errorf("%s: %+v, %v", name, rows, err)
		}
	}
}

func TestAFlippedBitIsRefused(t *testing.T) {
	text := []byte(strings.TrimSpace(sample(t)))
	for i := range text {
		for bit := range 8 {
			text[i] ^= 1 << bit
			rows, err := Read(string(text), passphrase)
			if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Param != "text" && f.Param != "passphrase" || rows != nil {
				t.Errorf("bit %d of byte %d: %+v, %v", bit, i, rows, err)
			}
			text[i] ^= 1 << bit
		}
	}
	for cut := range len(text) {
		if rows, err := Read(string(text[:cut]), passphrase); err == nil {
			t.Errorf("the first %d bytes alone: %+v", cut, rows)
		}
	}
	if rows, err := Read(string(text)+"\nmore", passphrase); err == nil {
		t.Errorf("with something after its end: %+v", rows)
	}
}

func TestASealedFileOpensForItsPassphraseOnly(t *testing.T) {
	text := sample(t)
	for name, story := range map[string]struct {
		text, passphrase, param, says string
	}{
		"no passphrase":               {text, "", "passphrase", "Say the passphrase"},
		"another passphrase":          {text, "Correct horse battery", "passphrase", "does not open"},
		"more work than is ours":      {askingFor(t, text, maxWorkFactor+1), passphrase.Reveal(), "text", "more work"},
		"a file for somebody's key":   {sealedForKey(t), passphrase.Reveal(), "text", "sealed for a key"},
		"a seal in a seal":            {sealedText(t, text), passphrase.Reveal(), "text", "none of the forms"},
		"a seal around nothing":       {sealedText(t, "[]"), passphrase.Reveal(), "text", "no account"},
		"a seal around a newer form":  {sealedText(t, `{"amq2api":2,"accounts":[{"apiKey":"k"}]}`), passphrase.Reveal(), "text", "Another version"},
		"a seal around another world": {sealedText(t, "\xff\xfe"), passphrase.Reveal(), "text", "UTF-8"},
	} {
		rows, err := Read(story.text, secret.New(story.passphrase))
		f := fault.Of(err)
		if f == nil || f.Kind != fault.Invalid || f.Param != story.param || !strings.Contains(f.Message, story.says) || rows != nil {
			t.Errorf("%s: %+v, %v", name, rows, err)
		}
	}
}

func sealedText(t *testing.T, plain string) string {
	t.Helper()
	text, err := encrypt([]byte(plain), passphrase, quick)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// askingFor is a sealed text whose header asks for more work than it was sealed with.
func askingFor(t *testing.T, text string, work int) string {
	t.Helper()
	plain, err := io.ReadAll(armor.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(string(plain), fmt.Sprintf(" %d\n", quick))
	var out strings.Builder
	armored := armor.NewWriter(&out)
	if _, err := fmt.Fprintf(armored, "%s %d\n%s", head, work, body); err != nil {
		t.Fatal(err)
	}
	if err := armored.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func sealedForKey(t *testing.T) string {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	armored := armor.NewWriter(&out)
	w, err := age.Encrypt(armored, key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := armored.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWhatCouldNotBeReadIsNotSealed(t *testing.T) {
	good := readOne(t, `{"name":"A","apiKey":"canary-7f3a"}`)
	broken, late, large := good, good, good
	broken.ClientID = "cid"
	late.ClientExpiresAt = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	large.Secrets.RefreshToken = secret.New(strings.Repeat("x", 16<<10))
	many := func(d account.Draft, count int) []account.Draft {
		all := make([]account.Draft, count)
		for i := range all {
			all[i] = d
		}
		return all
	}
	for name, story := range map[string]struct {
		accounts   []account.Draft
		passphrase string
		param      string
		says       string
	}{
		"no passphrase":      {many(good, 1), "", "passphrase", "12 characters"},
		"a short passphrase": {many(good, 1), "elevenchars", "passphrase", "12 characters"},
		"no accounts":        {nil, passphrase.Reveal(), "accounts", "no account"},
		"too many":           {many(good, maxRows+1), passphrase.Reveal(), "accounts", "1,000"},
		"too much":           {many(large, 60), passphrase.Reveal(), "accounts", "1 MiB"},
		"a broken one":       {many(broken, 1), passphrase.Reveal(), "accounts", `"A"`},
		"an absurd time":     {many(late, 1), passphrase.Reveal(), "accounts", "time"},
	} {
		text, err := seal(story.accounts, secret.New(story.passphrase), quick)
		f := fault.Of(err)
		if f == nil || f.Kind != fault.Invalid || f.Param != story.param || !strings.Contains(f.Message, story.says) || text != "" ||
			strings.Contains(fmt.Sprintf("%+v", err), "canary") {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
	}
}

func TestTheDoorsSealAndReadTogether(t *testing.T) {
	draft := readOne(t, `{"name":"A","apiKey":"k"}`)
	text, err := Seal([]account.Draft{draft}, secret.New("zwölf Zeichen"))
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := Read(text, secret.New("zwölf Zeichen")); err != nil || len(rows) != 1 || !reflect.DeepEqual(rows[0].Draft, draft) {
		t.Errorf("read %+v, %v", rows, err)
	}
}
