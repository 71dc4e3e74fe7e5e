package settings_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"amq2api/backend/fault"
	"amq2api/backend/settings"
	"amq2api/backend/store"
)

// catalogue is what the upstream has in these tests.
func catalogue(model string) bool {
	return slices.Contains([]string{"claude-sonnet-4", "claude-sonnet-4.5", "claude-haiku-4.5", "claude-opus-4.5", "claude-3.7-sonnet", "auto"}, model)
}

func TestWhatClientsAskForAndWhatTheyGet(t *testing.T) {
	s := settings.Defaults()
	s.Aliases = append(s.Aliases, settings.Alias{Name: "fast", Model: "claude-haiku-4-5"}, settings.Alias{Name: "claude-opus-4-1", Model: "claude-opus-4.5"},
		settings.Alias{Name: "custom", Model: "not-in-the-catalogue"},
		settings.Alias{Name: "gpt-5*", Model: "claude-haiku-4.5"}, settings.Alias{Name: "GPT-5.2*", Model: "claude-opus-4-5"}, settings.Alias{Name: "gpt-5.2-mini", Model: "auto"})
	const byDefault = "claude-sonnet-4.5"
	for _, story := range []struct {
		asked, want string
		substituted bool
	}{
		// The default aliases, and the user's own.
		{"gpt-4", "claude-sonnet-4", false},
		{"gpt-4-turbo", byDefault, false},
		{"gpt-4o", byDefault, false},
		{"gpt-4o-mini", "claude-sonnet-4", false},
		{"gpt-3.5-turbo", "claude-sonnet-4", false},
		{"GPT-4o", byDefault, false},
		{"fast", "claude-haiku-4.5", false},
		{"custom", "not-in-the-catalogue", false},
		{"claude-opus-4-1", "claude-opus-4.5", false},
		// Names as Anthropic writes them.
		{"claude-sonnet-4-5", "claude-sonnet-4.5", false},
		{"claude-sonnet-4-5-20250929", "claude-sonnet-4.5", false},
		{"claude-sonnet-4-5-20250929[1m]", "claude-sonnet-4.5", false},
		{"claude-sonnet-4[1m]", "claude-sonnet-4", false},
		{"claude-sonnet-4-20250514", "claude-sonnet-4", false},
		{"claude-sonnet-4-0", byDefault, true},
		{"claude-haiku-4-5-20251001", "claude-haiku-4.5", false},
		{"claude-opus-4-5-20251101", "claude-opus-4.5", false},
		{"claude-4-sonnet", "claude-sonnet-4", false},
		{"claude-4-5-sonnet", "claude-sonnet-4.5", false},
		{"claude-4.5-haiku", "claude-haiku-4.5", false},
		{"Claude-Sonnet-4.5", "claude-sonnet-4.5", false},
		{"claude-sonnet-4-5-latest", "claude-sonnet-4.5", false},
		{"claude-3-7-sonnet-20250219", "claude-3.7-sonnet", false},
		{"claude-3-7-sonnet-latest", "claude-3.7-sonnet", false},
		{" claude-sonnet-4.5 ", "claude-sonnet-4.5", false},
		// Names of the catalogue.
		{"claude-opus-4.5", "claude-opus-4.5", false},
		{"auto", "auto", false},
		// There is no such model here: the default stands in.
		{"claude-opus-4-8", byDefault, true},
		{"claude-sonnet-5", byDefault, true},
		{"claude-3-5-haiku-20241022", byDefault, true},
		{"claude-3-opus-latest", byDefault, true},
		{"claude-", byDefault, true},
		{"claude-sonnet-4-5-thinking", byDefault, true},
		{"gpt-6", byDefault, true},
		// The beginnings of names, the longest first.
		{"gpt-5", "claude-haiku-4.5", false},
		{"gpt-5.1-codex", "claude-haiku-4.5", false},
		{"gpt-5.2-codex", "claude-opus-4.5", false},
		{"gpt-5.2-mini", "auto", false},
		{"gpt-4o-2024-08-06", byDefault, true},
	} {
		got, err := s.Resolve(story.asked, catalogue)
		if err != nil || got != (settings.Resolution{Model: story.want, Substituted: story.substituted}) {
			t.Errorf("%q: got %+v, want %s (%v), %v", story.asked, got, story.want, story.substituted, err)
		}
	}
}

func TestAModelNobodyHasIsRefusedWithAFewThatThereAre(t *testing.T) {
	s := settings.Defaults()
	for _, asked := range []string{"", "llama3", "gemini-2.5-pro", "claude", "o3", "anthropic", strings.Repeat("x", 100_000), "\xff\x00"} {
		_, err := s.Resolve(asked, catalogue)
		f := fault.Of(err)
		if f == nil || f.Kind != fault.NotFound || f.Param != "model" || !strings.Contains(f.Message, "claude-sonnet-4.5, claude-sonnet-4, gpt-4") || len(f.Message) > 600 {
			t.Errorf("%.40q: got %.300v", asked, err)
		}
	}
}

func TestTheUsersDefaultModelStandsIn(t *testing.T) {
	s := settings.Defaults()
	s.DefaultModel = "claude-haiku-4-5-20251001"
	if got, err := s.Resolve("claude-opus-9", catalogue); err != nil || got != (settings.Resolution{Model: "claude-haiku-4.5", Substituted: true}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAnAliasForEveryNameLeavesNoModelMissing(t *testing.T) {
	s := settings.Settings{DefaultModel: "auto", Aliases: []settings.Alias{{Name: "*", Model: "claude-sonnet-4-5", ThinkingTags: true}, {Name: "auto", Model: "auto"}}}
	for asked, want := range map[string]settings.Resolution{
		"": {Model: "claude-sonnet-4.5", ThinkingTags: true}, "llama3": {Model: "claude-sonnet-4.5", ThinkingTags: true}, "auto": {Model: "auto"},
	} {
		if got, err := s.Resolve(asked, catalogue); err != nil || got != want {
			t.Errorf("%q: got %+v, %v", asked, got, err)
		}
	}
}

func FuzzResolve(f *testing.F) {
	f.Add("claude-sonnet-4-5-20250929[1m]")
	f.Add("claude---")
	f.Add("gpt-")
	f.Fuzz(func(t *testing.T, asked string) {
		got, err := settings.Defaults().Resolve(asked, catalogue)
		if (err == nil) != catalogue(got.Model) {
			t.Errorf("%q: got %+v, %v", asked, got, err)
		}
	})
}

func TestASettingThatIsWrongIsNamed(t *testing.T) {
	for param, spoil := range map[string][]func(*settings.Settings){
		"port":               {func(s *settings.Settings) { s.Port = 0 }, func(s *settings.Settings) { s.Port = 65536 }},
		"log_level":          {func(s *settings.Settings) { s.LogLevel = "loud" }, func(s *settings.Settings) { s.LogLevel = "" }},
		"default_model":      {func(s *settings.Settings) { s.DefaultModel = " " }},
		"language":           {func(s *settings.Settings) { s.Language = "de" }},
		"theme":              {func(s *settings.Settings) { s.Theme = "pink" }},
		"upstream_silence_s": {func(s *settings.Settings) { s.UpstreamSilence = 29 }, func(s *settings.Settings) { s.UpstreamSilence = 901 }},
		"backup_every_hours": {func(s *settings.Settings) { s.BackupEveryHours = -1 }, func(s *settings.Settings) { s.BackupEveryHours = 745 }},
		"backup_keep":        {func(s *settings.Settings) { s.BackupKeep = 0 }, func(s *settings.Settings) { s.BackupKeep = 366 }},
		"listen_on": {
			func(s *settings.Settings) { s.ListenOn, s.ListenConfirmed = "0.0.0.0", true },
			func(s *settings.Settings) { s.ListenOn, s.ListenConfirmed = "127.0.0.1", true },
			func(s *settings.Settings) { s.ListenOn, s.ListenConfirmed = "my-computer", true },
			func(s *settings.Settings) { s.ListenOn, s.ListenConfirmed = "fe80::1%eth0", true },
		},
		"listen_confirmed": {func(s *settings.Settings) { s.ListenOn = "*" }, func(s *settings.Settings) { s.ListenOn = "192.168.1.10" }},
		"hosts": {
			func(s *settings.Settings) { s.Hosts = []string{"amq.example", ""} },
			func(s *settings.Settings) { s.Hosts = []string{"*"} },
			func(s *settings.Settings) { s.Hosts = []string{"http://amq.example"} },
			func(s *settings.Settings) { s.Hosts = []string{"b\u00fcro.example"} },
			func(s *settings.Settings) { s.Hosts = make([]string, 21) },
		},
		"upstream_proxy": {
			func(s *settings.Settings) { s.UpstreamProxy = "proxy.example:3128" },
			func(s *settings.Settings) { s.UpstreamProxy = "ftp://proxy.example" },
			func(s *settings.Settings) { s.UpstreamProxy = "http://" },
			func(s *settings.Settings) { s.UpstreamProxy = "http://proxy.example/path" },
			func(s *settings.Settings) { s.UpstreamProxy = "http://me:secret@proxy.example" },
			func(s *settings.Settings) { s.UpstreamProxy = "http://%zz" },
		},
		"aliases": {
			func(s *settings.Settings) { s.Aliases[1].Name = " " },
			func(s *settings.Settings) { s.Aliases[1].Model = "" },
			func(s *settings.Settings) { s.Aliases[1].Name = "GPT-4" },
			func(s *settings.Settings) { s.Aliases[1].Name = "gpt-*-mini" },
		},
		"usage_retention_days": {func(s *settings.Settings) { s.UsageRetention = -1 }, func(s *settings.Settings) { s.UsageRetention = 36501 }},
		"rollup_retention_days": {
			func(s *settings.Settings) { s.RollupRetention = -1 }, func(s *settings.Settings) { s.RollupRetention = 36501 },
			func(s *settings.Settings) { s.RollupRetention = 89 }, func(s *settings.Settings) { s.UsageRetention = 0 },
		},
		"prices": {
			func(s *settings.Settings) { s.Prices = []settings.Price{{Model: " ", Input: 1}} },
			func(s *settings.Settings) { s.Prices = []settings.Price{{Model: "claude-*-4.5"}} },
			func(s *settings.Settings) { s.Prices = []settings.Price{{Model: "auto"}, {Model: " AUTO "}} },
			func(s *settings.Settings) { s.Prices = []settings.Price{{Model: "auto", Input: -1}} },
			func(s *settings.Settings) { s.Prices = []settings.Price{{Model: "auto", Output: 1e6 + 1}} },
			func(s *settings.Settings) { s.Prices = make([]settings.Price, 201) },
		},
	} {
		for i, change := range spoil {
			s := settings.Defaults()
			change(&s)
			if f := fault.Of(s.Validate()); f == nil || f.Kind != fault.Invalid || f.Param != param {
				t.Errorf("%s %d: got %v", param, i, f)
			}
		}
	}
	if err := settings.Defaults().Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
}

func TestSavedSettingsAreInForceAndStay(t *testing.T) {
	db := opened(t)
	var told []settings.Settings
	choices := load(t, db.Settings(), func(s settings.Settings) { told = append(told, s) })
	changed := choices.Current()
	changed.Port, changed.Theme = 9000, "dark"
	if err := choices.Save(t.Context(), changed); err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]settings.Settings{"now": choices.Current(), "after a restart": load(t, db.Settings(), nil).Current()} {
		if !reflect.DeepEqual(got, changed) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if len(told) != 1 || told[0].Port != 9000 {
		t.Errorf("told %+v", told)
	}
}

func TestSettingsThatAreWrongOrCannotBeStoredAreNotInForce(t *testing.T) {
	db := opened(t)
	choices := load(t, broken{db.Settings()}, nil)
	wrong, right := choices.Current(), choices.Current()
	wrong.Port, right.Port = 0, 9000
	for _, s := range []settings.Settings{wrong, right} {
		if err := choices.Save(t.Context(), s); err == nil {
			t.Errorf("port %d was saved", s.Port)
		}
	}
	if got := choices.Current().Port; got != 8080 {
		t.Errorf("the port in force is %d", got)
	}
}

// written is a store somebody else wrote to.
type written struct{ settings.Settings }

func (w written) Load(context.Context) (settings.Settings, error) { return w.Settings, nil }
func (w written) Save(context.Context, settings.Settings) error   { return nil }

func TestStoredSettingsThatNobodyCanMeanAreNotInForce(t *testing.T) {
	stored := settings.Defaults()
	stored.Theme, stored.QueueWait = "dark", 7
	want := stored
	stored.Port, stored.LogLevel, stored.UpstreamSilence, stored.BackupKeep = 70000, "loud", -5, 0
	stored.ListenOn, stored.UpstreamProxy, stored.Prices = "*", "http://app:hunter2@proxy.example", []settings.Price{{Model: "auto", Input: -1}}
	stored.Hosts, stored.UsageRetention = []string{"a b"}, -1
	stored.Aliases = []settings.Alias{{Name: "fast"}}
	choices, err := settings.Load(t.Context(), written{stored}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := choices.Current()
	if err := got.Validate(); err != nil {
		t.Error(err)
	}
	want.Hosts = []string{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("in force are %+v, want %+v", got, want)
	}
	if len(choices.Ignored()) != 10 {
		t.Errorf("ignored are %v", choices.Ignored())
	}
	if sound, _ := settings.Load(t.Context(), written{want}, nil); len(sound.Ignored()) != 0 {
		t.Errorf("ignored of sound ones are %v", sound.Ignored())
	}
}

func TestNobodyCanChangeTheSettingsInForceThroughACopy(t *testing.T) {
	choices := load(t, opened(t).Settings(), nil)
	mine := choices.Current()
	mine.Aliases[0].Model = "mine"
	if err := choices.Save(t.Context(), mine); err != nil {
		t.Fatal(err)
	}
	mine.Aliases[0].Model = "changed afterwards"
	choices.Current().Aliases[0].Model = "changed afterwards"
	if got := choices.Current().Aliases[0].Model; got != "mine" {
		t.Errorf("the alias in force is %q", got)
	}
}

// broken is a store that can only be read.
type broken struct{ settings.Store }

func (broken) Save(context.Context, settings.Settings) error { return errors.New("disk is full") }

func opened(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "amq2api.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func load(t *testing.T, from settings.Store, changed func(settings.Settings)) *settings.Choices {
	t.Helper()
	choices, err := settings.Load(t.Context(), from, changed)
	if err != nil {
		t.Fatal(err)
	}
	return choices
}

func TestWhatCanBeSaidAboutTheNetworkIsTaken(t *testing.T) {
	for _, choose := range []func(*settings.Settings){
		func(s *settings.Settings) { s.ListenOn, s.ListenConfirmed = "192.168.1.10", true },
		func(s *settings.Settings) { s.ListenOn, s.ListenConfirmed = "2001:db8::1", true },
		func(s *settings.Settings) { s.ListenOn, s.ListenConfirmed = settings.Everywhere, true },
		func(s *settings.Settings) { s.Hosts = []string{"amq.example", "AMQ.example:8443", "a"} },
		func(s *settings.Settings) { s.UpstreamProxy = settings.Direct },
		func(s *settings.Settings) { s.UpstreamProxy = "http://me@proxy.example:3128/" },
		func(s *settings.Settings) { s.UpstreamProxy = "socks5://127.0.0.1:1080" },
		func(s *settings.Settings) { s.UpstreamProxy = "https://[::1]:3128" },
	} {
		s := settings.Defaults()
		if choose(&s); s.Validate() != nil {
			t.Errorf("%+v: %v", s, s.Validate())
		}
	}
}
