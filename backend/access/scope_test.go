package access_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
)

// resolve knows the upstream's ids, and two more names.
func resolve(name string) (string, bool) {
	switch name {
	case "gpt-4o", "claude-sonnet-4-5":
		return "claude-sonnet-4.5", true
	case "claude-sonnet-4.5", "claude-haiku-4.5", "claude-opus-4.5", "auto":
		return name, true
	}
	return "claude-sonnet-4.5", false
}

func TestWhichModelsAKeyMayUse(t *testing.T) {
	for _, line := range []struct {
		allowed, preset, asked string
		want                   bool
	}{
		{"", "", "anything", true},
		{"claude-haiku-4.5", "", "claude-haiku-4.5", true},
		{"claude-haiku-4.5", "", "auto", false},
		{"gpt-4o", "", "gpt-4o", true},
		{"gpt-4o", "", "GPT-4o", true},
		{"gpt-4o", "", "claude-sonnet-4.5", true}, // the same model by its own name
		{"claude-sonnet-4.5", "", "gpt-4o", true},
		{"claude-sonnet-4-5", "", "gpt-4o", true},
		{"claude-*", "", "gpt-4o", true}, // what it resolves to is one
		{"gpt-*", "", "gpt-4o", true},
		{"gpt-*", "", "claude-sonnet-4.5", false},
		{"claude-haiku-*", "", "claude-opus-4.5", false},
		{"claude-haiku-*,auto", "", "auto", true},
		{"*", "", "auto", true},
		{"claude-haiku-*", "", "claude-haiku-99", false}, // sonnet would stand in for it
		{"claude-haiku-99", "", "claude-haiku-99", false},
		{"claude-sonnet-*", "", "claude-opus-99", true}, // sonnet stands in for it
		{"claude-haiku-*", "gpt-4o", "claude-opus-99", true},
		{"claude-haiku-*", "claude-opus-99", "auto", false},
	} {
		key := access.Key{Scope: access.Scope{DefaultModel: line.preset}}
		if line.allowed != "" {
			key.AllowedModels = strings.Split(line.allowed, ",")
		}
		id, known := resolve(strings.ToLower(line.asked))
		err := key.AllowsModel(access.Wanted{Asked: line.asked, Upstream: id, Substituted: !known}, resolve)
		if (err == nil) != line.want {
			t.Errorf("%+v: %v", line, err)
		}
		if f := fault.Of(err); f != nil && (f.Kind != fault.Forbidden || f.Param != "model" || !strings.Contains(f.Message, key.AllowedModels[0])) {
			t.Errorf("%+v: the refusal is %v", line, f)
		}
	}
}

func TestARefusalNamesAFewModelsOnly(t *testing.T) {
	key := access.Key{}
	for n := range 30 {
		key.AllowedModels = append(key.AllowedModels, fmt.Sprintf("model-%d", n))
	}
	err := key.AllowsModel(access.Wanted{Asked: strings.Repeat("x", 10_000), Upstream: "y"}, resolve)
	if f := fault.Of(err); f == nil || !strings.Contains(f.Message, "model-7 and others") || len(f.Message) > 300 {
		t.Errorf("got %v", err)
	}
}

func TestWhichAPIsAKeyMayUse(t *testing.T) {
	key := access.Key{}
	if err := key.AllowsDialect("anthropic"); err != nil {
		t.Error(err)
	}
	key.AllowedDialects = []string{"openai", "responses"}
	if err := key.AllowsDialect("openai"); err != nil {
		t.Error(err)
	}
	if f := fault.Of(key.AllowsDialect("anthropic")); f == nil || f.Kind != fault.Forbidden || !strings.Contains(f.Message, "openai, responses") {
		t.Errorf("got %v", f)
	}
}

func TestEverythingSaidAboutAKeyIsKept(t *testing.T) {
	w := newWorld(t)
	key, _ := w.createWith(access.Terms{
		MaxConcurrent: new(3), TokensPerDay: new(int64(4)), BudgetTokens: new(int64(5)), TimeZone: new(" Asia/Tokyo "), Colour: new("teal"), Note: new("n"),
		DefaultModel: new(" auto "), AllowedModels: &[]string{"claude-*", " auto", "auto "}, AllowedDialects: &[]string{"openai"}, Accounts: &[]int64{7, 3, 7},
	})
	want := access.Scope{DefaultModel: "auto", AllowedModels: []string{"claude-*", "auto"}, AllowedDialects: []string{"openai"}, Accounts: []int64{7, 3}}
	for range 2 {
		got := w.get(key.ID)
		if fmt.Sprint(got.Scope) != fmt.Sprint(want) || got.Look != (access.Look{Colour: "teal", Note: "n"}) ||
			got.Limits != (access.Limits{MaxConcurrent: 3, TokensPerDay: 4, BudgetTokens: 5, TimeZone: "Asia/Tokyo"}) {
			t.Errorf("got %+v", got.Key)
		}
		w.edit(key.ID, access.Edit{Name: new("desk")})
		w.restart()
	}
	got := w.edit(key.ID, access.Edit{Terms: access.Terms{
		MaxConcurrent: new(0), TimeZone: new(""), Colour: new(""), DefaultModel: new(""), AllowedModels: &[]string{}, AllowedDialects: &[]string{}, Accounts: &[]int64{},
	}})
	if fmt.Sprint(got.Scope) != fmt.Sprint(access.Scope{}) || got.MaxConcurrent != 0 || got.TimeZone != "" || got.Colour != "" || got.Note != "n" {
		t.Errorf("emptied it is %+v", got.Key)
	}
}

func TestATermThatIsWrongIsNamed(t *testing.T) {
	w := newWorld(t)
	made, _ := w.create(60, 10000)
	before := w.get(made.ID)
	for param, wrong := range map[string][]access.Terms{
		"max_concurrent": {{MaxConcurrent: new(-1)}, {MaxConcurrent: new(1_000_001)}},
		"tokens_per_day": {{TokensPerDay: new(int64(-1))}, {TokensPerDay: new(int64(1_000_000_000_001))}},
		"budget_tokens":  {{BudgetTokens: new(int64(-1))}},
		"budget_cost":    {{BudgetCost: new(-0.1)}, {BudgetCost: new(1e10)}, {BudgetCost: new(5.0)}},
		"time_zone":      {{TimeZone: new("Mars/Olympus")}, {TimeZone: new("Local")}, {TimeZone: new("../../etc/passwd")}, {TimeZone: new("+02:00")}},
		"colour":         {{Colour: new("mauve")}, {Colour: new("Red")}},
		"note":           {{Note: new(strings.Repeat("é", 4001))}},
		"default_model":  {{DefaultModel: new("two words")}, {DefaultModel: new("claude-*")}, {DefaultModel: new(strings.Repeat("x", 201))}},
		"allowed_models": {{AllowedModels: &[]string{"auto", ""}}, {AllowedModels: &[]string{"claude*4"}}, {AllowedModels: &[]string{"a b"}}, {AllowedModels: new(make101())},
			{AllowedModels: &[]string{"\xff"}}, {AllowedModels: &[]string{"**"}}},
		"allowed_dialects": {{AllowedDialects: &[]string{"gemini"}}, {AllowedDialects: &[]string{""}}},
		"accounts":         {{Accounts: &[]int64{0}}, {Accounts: &[]int64{1, -1}}},
		"expires_at": {{ExpiresAt: new("soon")}, {ExpiresAt: new("2026-03-09")}, {ExpiresAt: new("2026-03-10T12:00:00Z")}, {ExpiresAt: new("9999-01-01")},
			{ExpiresAt: new("2027-02-30")}},
	} {
		for i, terms := range wrong {
			_, updating := w.Update(t.Context(), made.ID, access.Edit{Terms: terms})
			_, _, creating := w.Create(t.Context(), access.Draft{Name: "laptop", Terms: terms})
			for _, err := range []error{updating, creating} {
				if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || f.Param != param || !strings.HasPrefix(f.Message, param) {
					t.Errorf("%s %d: got %v", param, i, err)
				}
			}
		}
	}
	if got := w.get(made.ID); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("a refused edit changed the key to %+v", got)
	}
}

func make101() []string {
	var many []string
	for n := range 101 {
		many = append(many, fmt.Sprint("m", n))
	}
	return many
}

func TestADateOfExpiryIsTheLastDayInTheKeysZone(t *testing.T) {
	w := newWorld(t)
	key, text := w.createWith(access.Terms{TimeZone: new("America/New_York"), ExpiresAt: new("2026-03-10")})
	if want := time.Date(2026, 3, 11, 4, 0, 0, 0, time.UTC); !key.ExpiresAt.Equal(want) {
		t.Errorf("expires %v", key.ExpiresAt)
	}
	w.now = key.ExpiresAt.Add(-1)
	if _, err := w.Identify(text); err != nil {
		t.Error(err)
	}
	w.now = key.ExpiresAt
	refusal(t, w.Gate, text.Reveal())
	for given, want := range map[string]time.Time{
		"2026-12-31T18:00:00+01:00": time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC), "": {}, "2026-03-11T04:00:00Z": key.ExpiresAt,
	} {
		if given == "2026-03-11T04:00:00Z" {
			w.now = noon // what is over cannot be set again
		}
		if got := w.edit(key.ID, access.Edit{Terms: access.Terms{ExpiresAt: &given}}); !got.ExpiresAt.Equal(want) {
			t.Errorf("%q: expires %v", given, got.ExpiresAt)
		}
	}
	_, err := w.Update(t.Context(), key.ID, access.Edit{ExpiresDays: new(5), Terms: access.Terms{ExpiresAt: new("2026-12-31")}})
	if f := fault.Of(err); f == nil || f.Param != "expires_at" {
		t.Errorf("both at once: %v", err)
	}
}
