package connect

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// ring is the clients' keys in memory.
type ring struct {
	keys   []access.View
	texts  map[string]int64
	graces []time.Duration // of rotations
}

func (r *ring) List(context.Context) ([]access.View, error) { return slices.Clone(r.keys), nil }

func (r *ring) Create(_ context.Context, draft access.Draft) (access.View, secret.String, error) {
	key := access.View{Key: access.Key{ID: int64(len(r.keys) + 1), Name: draft.Name, Description: draft.Description, Active: true}}
	r.keys = append(r.keys, key)
	return key, r.text(key.ID), nil
}

func (r *ring) text(id int64) secret.String {
	text := strings.Replace(unmade, "xxx", string(rune('a'+len(r.texts)))+"yz", 1)
	r.texts[text] = id
	return secret.New(text)
}

func (r *ring) Update(_ context.Context, id int64, edit access.Edit) (access.View, error) {
	r.keys[id-1].Active = *edit.Active
	return r.keys[id-1], nil
}

func (r *ring) Rotate(_ context.Context, id int64, grace time.Duration) (access.View, secret.String, error) {
	r.graces = append(r.graces, grace)
	return r.keys[id-1], r.text(id), nil
}

func (r *ring) Revoke(_ context.Context, id int64) (access.View, error) {
	r.keys[id-1].Active = false
	return r.keys[id-1], nil
}

func (r *ring) Identify(token secret.String) (access.Key, error) {
	id, known := r.texts[token.Reveal()]
	if !known || !r.keys[id-1].Active || r.keys[id-1].Expired(time.Unix(1_800_000_000, 0)) {
		return access.Key{}, fault.New(fault.Unauthenticated, "This API key was revoked.")
	}
	return r.keys[id-1].Key, nil
}

// desk is a Connector with a home of its own.
type desk struct {
	*Connector
	t       *testing.T
	keys    *ring
	address string
}

func openDesk(t *testing.T) *desk {
	t.Helper()
	d := &desk{t: t, keys: &ring{texts: map[string]int64{}}, address: "http://127.0.0.1:8080"}
	root := t.TempDir()
	home := filepath.Join(root, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	d.Connector = New(Config{
		Home: home, Profile: filepath.Join(root, "profile"), Keys: d.keys, Root: func() (string, bool) { return d.address, true },
		Model: func() string { return "claude-sonnet-4-5" }, Now: func() time.Time { return time.Unix(1_800_000_000, 0) }, Log: slog.New(slog.DiscardHandler), Changed: func() {},
	})
	return d
}

// in is a path below the home.
func (d *desk) in(path string) string { return filepath.Join(d.Home, filepath.FromSlash(path)) }

func (d *desk) write(path, text string) {
	d.t.Helper()
	if err := os.MkdirAll(filepath.Dir(d.in(path)), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(d.in(path), []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// read is a file's text; "gone" if there is none.
func (d *desk) read(path string) string {
	d.t.Helper()
	text, err := os.ReadFile(d.in(path))
	if os.IsNotExist(err) {
		return "gone"
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

func (d *desk) view(id string) View {
	d.t.Helper()
	views, err := d.Tools(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	return views[slices.IndexFunc(views, func(v View) bool { return v.ID == id })]
}

// must insists on a tool's state.
func (d *desk) must(id string, state State, reason Reason) {
	d.t.Helper()
	if v := d.view(id); v.State != state || v.Reason != reason {
		d.t.Errorf("%s is %s (%s: %s), want %s (%s)", id, v.State, v.Reason, v.Detail, state, reason)
	}
}

// connect plans and applies.
func (d *desk) connect(id string) error {
	d.t.Helper()
	plan, err := d.Plan(d.t.Context(), id, "")
	if err != nil {
		return err
	}
	start := Start{}
	for _, change := range plan.Files {
		start.Digests = append(start.Digests, change.Digest)
	}
	_, err = d.Apply(d.t.Context(), id, start)
	return err
}

func (d *desk) mustConnect(id string) {
	d.t.Helper()
	if err := d.connect(id); err != nil {
		d.t.Fatal(err)
	}
	d.must(id, Ours, "")
}

func (d *desk) mustUndo(id string) {
	d.t.Helper()
	if _, err := d.Undo(d.t.Context(), id, false); err != nil {
		d.t.Fatal(err)
	}
}

// replace changes a part of a file, as the user would.
func (d *desk) replace(path, old, with string) {
	d.t.Helper()
	text := d.read(path)
	if !strings.Contains(text, old) {
		d.t.Fatalf("%s lacks %q:\n%s", path, old, text)
	}
	d.write(path, strings.Replace(text, old, with, 1))
}

// homeFile is a file as a user has it.
type homeFile struct{ path, text string }

// homes are such files, by tool.
var homes = map[string][]homeFile{
	"claude-code": {{".claude/settings.json", "{\r\n  \"permissions\": {\"allow\": [\"Bash(ls:*)\"]},\r\n  \"env\": {\r\n    \"ANTHROPIC_BASE_URL\": \"https://gateway.example\",\r\n    \"ANTHROPIC_AUTH_TOKEN\": \"sk-theirs-0123456789abcdef\",\r\n    \"X\": \"1\"\r\n  }\r\n}"}},
	"codex":       {{".codex/config.toml", "# mine\nmodel = \"o3\" # best\napproval_policy = \"never\"\n\n[model_providers.other]\nname = \"x\"\n\n[projects.\"/home/me\"]\ntrust_level = \"trusted\"\n"}},
	"opencode":    {{".config/opencode/opencode.jsonc", "\ufeff{\n\t// my settings\n\t\"theme\": \"x\",\n\t\"provider\": {\n\t\t\"a\": {\"npm\": \"b\"}, // keep\n\t},\n}\n"}},
	"cline":       {{".cline/data/settings/providers.json", `{"version":1,"lastUsedProvider":"cline","modes":{},"providers":{"cline":{"settings":{"provider":"cline"},"updatedAt":"2026-01-01T00:00:00.000Z","tokenSource":"manual"}}}`}},
	"continue":    {{".continue/config.yaml", "name: mine\nversion: 0.0.1\nmodels:\n- name: local # one\n  provider: ollama\n  model: q\n\ncontext:\n- provider: code\n"}},
	"qwen-code":   {{".qwen/settings.json", "{\n    \"security\": {\n        \"auth\": {\n            \"selectedType\": \"qwen-oauth\"\n        }\n    },\n    \"$version\": 4\n}\n"}},
	"zed":         {{".config/zed/settings.json", "// Zed settings\n{\n  \"theme\": \"One\",\n  \"language_models\": {\n    \"ollama\": {},\n  },\n}\n"}},
	"shell":       {{".bashrc", "alias ll='ls -l'\n"}, {".zshrc", "setopt x"}, {".config/fish/config.fish", "\n"}},
}

func TestEveryToolGetsBackWhatItHad(t *testing.T) {
	for id, files := range homes {
		t.Run(id, func(t *testing.T) {
			d := openDesk(t)
			for _, f := range files {
				d.write(f.path, f.text)
			}
			d.mustConnect(id)
			for _, f := range files {
				if d.read(f.path) == f.text {
					t.Errorf("nothing was written to %s", f.path)
				}
				if status, err := os.Stat(d.in(f.path)); err != nil || status.Mode().Perm() != 0o644 {
					t.Errorf("%s is now %v, %v", f.path, status.Mode(), err)
				}
			}
			d.mustBePrivate()
			d.mustUndo(id)
			for _, f := range files {
				if got := d.read(f.path); got != f.text {
					t.Errorf("%s came back as\n%q, want\n%q", f.path, got, f.text)
				}
			}
			if v := d.view(id); !v.At.IsZero() || v.State == Ours {
				t.Errorf("it is still %+v", v)
			}
		})
	}
}

// mustBePrivate insists that nobody else can read what is kept: it may have keys in it.
func (d *desk) mustBePrivate() {
	d.t.Helper()
	kept := 0
	err := filepath.WalkDir(d.Profile, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		status, err := entry.Info()
		if kept++; err == nil && status.Mode().Perm()&0o077 != 0 {
			d.t.Errorf("%s is %v", path, status.Mode())
		}
		return err
	})
	if err != nil || kept < 4 {
		d.t.Errorf("%d files and folders are kept, %v", kept, err)
	}
}

func TestAToolWithoutFilesGetsNoneBack(t *testing.T) {
	for id := range homes {
		d := openDesk(t)
		d.must(id, Missing, "")
		d.mustConnect(id)
		d.mustUndo(id)
		if left, err := os.ReadDir(d.Home); err != nil || len(left) > 0 {
			t.Errorf("%s left %v, %v", id, left, err)
		}
		d.must(id, Missing, "")
	}
}

func TestWhatWasChangedSinceStays(t *testing.T) {
	for id, change := range map[string]struct{ path, old, with, stays string }{
		"claude-code": {".claude/settings.json", "Bash(ls:*)", "Bash(cat:*)", "sk-theirs-0123456789abcdef"},
		"codex":       {".codex/config.toml", "approval_policy = \"never\"", "approval_policy = \"on-request\"\nnotify = []", "model = \"o3\" # best"},
		"opencode":    {".config/opencode/opencode.jsonc", "\"x\"", "\"y\"", "// keep\n\t},\n}"},
		"continue":    {".continue/config.yaml", "ollama", "lmstudio", "- name: local # one"},
		"qwen-code":   {".qwen/settings.json", "\"$version\": 4", "\"$version\": 5", "qwen-oauth"},
		"zed":         {".config/zed/settings.json", "One", "Two", "\"ollama\": {},\n"},
		"shell":       {".bashrc", "ls -l", "ls -la", "alias"},
	} {
		t.Run(id, func(t *testing.T) {
			d := openDesk(t)
			want := ""
			for _, f := range homes[id] {
				d.write(f.path, f.text)
				if f.path == change.path {
					want = strings.Replace(f.text, change.old, change.with, 1)
				}
			}
			d.mustConnect(id)
			d.replace(change.path, change.old, change.with)
			d.must(id, Ours, "")
			d.mustUndo(id)
			if got := d.read(change.path); got != want || !strings.Contains(got, change.stays) {
				t.Errorf("it came back as\n%q, want\n%q", got, want)
			}
		})
	}
}

func TestOurOwnSettingsThatWereChangedAreDrifted(t *testing.T) {
	d := openDesk(t)
	d.write(".claude/settings.json", "{\"env\": {\"X\": \"1\"}}")
	d.mustConnect("claude-code")
	d.replace(".claude/settings.json", "http://127.0.0.1:8080", "https://elsewhere.example")
	d.must("claude-code", Drifted, Changed)
	d.mustUndo("claude-code")
	if got := d.read(".claude/settings.json"); got != "{\"env\": {\"X\": \"1\", \"ANTHROPIC_BASE_URL\": \"https://elsewhere.example\"}}" {
		t.Errorf("the user's address did not stay: %s", got)
	}

	d.mustConnect("codex")
	if err := os.Remove(d.in(".codex/config.toml")); err != nil {
		t.Fatal(err)
	}
	d.must("codex", Drifted, Gone)
	d.mustUndo("codex")
	d.must("codex", Missing, "")

	d.mustConnect("qwen-code")
	d.address = "http://127.0.0.1:9090"
	d.must("qwen-code", Drifted, AddressChanged)
	d.mustConnect("qwen-code")
	if _, err := d.keys.Revoke(t.Context(), d.view("qwen-code").KeyID); err != nil {
		t.Fatal(err)
	}
	d.must("qwen-code", Drifted, KeyRefused)
	d.mustConnect("qwen-code")
	d.mustUndo("qwen-code")
	if got := d.read(".qwen/settings.json"); got != "gone" {
		t.Errorf("connecting again forgot what was before: %s", got)
	}
}

func TestConnectingAgainUsesTheSameKey(t *testing.T) {
	d := openDesk(t)
	if _, _, err := d.keys.Create(t.Context(), access.Draft{Name: "Codex"}); err != nil {
		t.Fatal(err)
	}
	d.mustConnect("codex")
	first := d.read(".codex/config.toml")
	d.mustConnect("codex")
	if d.read(".codex/config.toml") != first {
		t.Error("a key that works was replaced")
	}
	d.mustUndo("codex")
	if d.keys.keys[1].Active {
		t.Error("the key was not revoked")
	}
	d.mustConnect("codex")
	if len(d.keys.keys) != 2 || d.keys.keys[1].Name != "Codex 2" || !d.keys.keys[1].Active {
		t.Errorf("the keys are %+v", d.keys.keys)
	}
	if _, err := d.Undo(t.Context(), "codex", true); err != nil || !d.keys.keys[1].Active {
		t.Errorf("the key was not kept, %v", err)
	}
	d.mustConnect("codex")
	if !slices.Equal(d.keys.graces, []time.Duration{0, renewalGrace}) {
		t.Errorf("a text that was revoked must not work again, one in use must a while: %v", d.keys.graces)
	}
	d.keys.keys[1].ExpiresAt = d.Now()
	d.mustConnect("codex")
	if len(d.keys.keys) != 3 || d.view("codex").KeyID != 3 {
		t.Errorf("a key that has expired was used again: %+v", d.keys.keys)
	}
}

func TestAPlanShowsNoSecretAndWritesNothing(t *testing.T) {
	d := openDesk(t)
	for id, files := range homes {
		for _, f := range files {
			d.write(f.path, f.text)
		}
		plan, err := d.Plan(t.Context(), id, "claude-haiku-4-5")
		if err != nil || plan.Model != "claude-haiku-4-5" {
			t.Fatalf("%s: %+v, %v", id, plan, err)
		}
		for i, change := range plan.Files {
			if strings.Contains(change.Diff, "sk-theirs") || strings.Contains(change.Diff, "xxxx") || !strings.Contains(change.Diff, "\n+") || !strings.HasPrefix(change.Diff, "--- "+change.Path) {
				t.Errorf("%s is shown as\n%s", id, change.Diff)
			}
			if d.read(files[i].path) != files[i].text {
				t.Errorf("planning changed %s", change.Path)
			}
		}
		if id != "shell" && id != "zed" && id != "opencode" && id != "continue" && !slices.Contains(plan.Notes, NoteReplaces) {
			t.Errorf("%s replaces without saying so: %v", id, plan.Notes)
		}
	}
	if len(d.keys.keys) > 0 {
		t.Errorf("planning made %+v", d.keys.keys)
	}
	if _, err := os.Stat(d.Profile); err == nil {
		t.Error("planning wrote to the profile")
	}
}

func TestAFileThatChangedSinceThePlanIsNotWritten(t *testing.T) {
	d := openDesk(t)
	d.write(".claude/settings.json", "{}")
	plan, err := d.Plan(t.Context(), "claude-code", "")
	if err != nil {
		t.Fatal(err)
	}
	d.write(".claude/settings.json", "{\"a\": 1}")
	for _, digests := range [][]string{{plan.Files[0].Digest}, nil, {"absent"}} {
		if _, err := d.Apply(t.Context(), "claude-code", Start{Digests: digests}); err == nil || fault.Of(err).Kind != fault.Conflict {
			t.Errorf("%v answered %v", digests, err)
		}
	}
	if d.read(".claude/settings.json") != "{\"a\": 1}" || len(d.keys.keys) > 0 {
		t.Error("it was written, or a key was made")
	}
}

func TestBrokenAndLockedFilesAreShownAndLeftAlone(t *testing.T) {
	for name, s := range map[string]struct {
		id, path, text string
		spoil          func(path string) error
		state          State
		reason         Reason
	}{
		"not JSON":         {"claude-code", ".claude/settings.json", "{\"a\": }", nil, Broken, Invalid},
		"not TOML":         {"codex", ".codex/config.toml", "a = = 1", nil, Broken, Invalid},
		"not YAML":         {"continue", ".continue/config.yaml", "a: [", nil, Broken, Invalid},
		"not text":         {"qwen-code", ".qwen/settings.json", "{\"a\": \"\xff\"}", nil, Broken, Invalid},
		"no place":         {"claude-code", ".claude/settings.json", "{\"env\": []}", nil, Broken, Unsuited},
		"half a block":     {"shell", ".bashrc", blockBegin + "\n", nil, Broken, Unsuited},
		"too large":        {"opencode", ".config/opencode/opencode.json", "{}" + strings.Repeat(" ", maxFile), nil, Broken, TooLarge},
		"read-only":        {"codex", ".codex/config.toml", "a = 1", func(p string) error { return os.Chmod(p, 0o400) }, Locked, Unwritable},
		"unreadable":       {"codex", ".codex/config.toml", "a = 1", func(p string) error { return os.Chmod(p, 0) }, Locked, Unreadable},
		"read-only folder": {"codex", ".codex/config.toml", "a = 1", func(p string) error { return os.Chmod(filepath.Dir(p), 0o500) }, Locked, Unwritable},
		"a folder":         {"codex", ".codex/config.toml/x", "", nil, Locked, NoFile},
		"a file as folder": {"codex", ".codex", "", nil, Locked, ""},
		"a link to nothing": {"codex", ".codex/config.toml", "", func(p string) error {
			if err := os.Remove(p); err != nil {
				return err
			}
			return os.Symlink("nowhere", p)
		}, Locked, NoFile},
	} {
		t.Run(name, func(t *testing.T) {
			d := openDesk(t)
			d.write(s.path, s.text)
			if s.spoil != nil {
				if err := s.spoil(d.in(s.path)); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = os.Chmod(filepath.Dir(d.in(s.path)), 0o700) })
			}
			if v := d.view(s.id); v.State != s.state || s.reason != "" && v.Reason != s.reason {
				t.Errorf("it is %s (%s: %s)", v.State, v.Reason, v.Detail)
			}
			if err := d.connect(s.id); err == nil || fault.Of(err).Kind != fault.Conflict {
				t.Errorf("connecting answered %v", err)
			}
			if _, err := d.Apply(t.Context(), s.id, Start{Digests: []string{digest([]byte(s.text))}}); err == nil {
				t.Error("it was written")
			}
			if len(d.keys.keys) > 0 {
				t.Error("a key was made for nothing")
			}
		})
	}
}

func TestALinkIsFollowedAndShown(t *testing.T) {
	d := openDesk(t)
	outside := filepath.Join(t.TempDir(), "dotfiles.json")
	if err := os.WriteFile(outside, []byte("{\"a\": 1}\n"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(d.in(".claude"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, d.in(".claude/settings.json")); err != nil {
		t.Fatal(err)
	}
	if v := d.view("claude-code"); v.Files[0].Target != outside {
		t.Errorf("the files are %+v", v.Files)
	}
	d.mustConnect("claude-code")
	if link, err := os.Readlink(d.in(".claude/settings.json")); err != nil || link != outside {
		t.Errorf("the link is now %q, %v", link, err)
	}
	d.mustUndo("claude-code")
	if text, err := os.ReadFile(outside); err != nil || string(text) != "{\"a\": 1}\n" {
		t.Errorf("it is %q, %v", text, err)
	}
}

func TestToolsVariablesSayWhereTheirFilesAre(t *testing.T) {
	d := openDesk(t)
	variables := map[string]string{"CODEX_HOME": d.in("c"), "CLAUDE_CONFIG_DIR": d.in("cl"), "XDG_CONFIG_HOME": d.in("x"), "ZDOTDIR": d.in("z"), "SHELL": "/bin/zsh"}
	d.place.env = func(name string) string { return variables[name] }
	for id, path := range map[string]string{"codex": "c/config.toml", "claude-code": "cl/settings.json", "opencode": "x/opencode/opencode.json", "zed": "x/zed/settings.json", "shell": "z/.zshrc"} {
		if v := d.view(id); len(v.Files) != 1 || v.Files[0].Path != d.in(path) {
			t.Errorf("%s: %+v", id, v.Files)
		}
	}
}

func TestAToolIsFoundByItsCommandOrItsFolder(t *testing.T) {
	d := openDesk(t)
	d.place.env = func(string) string { return "" }
	d.place.folders = slices.DeleteFunc(d.place.folders, func(folder string) bool { return !strings.HasPrefix(folder, d.Home) }) // the computer may have them
	if d.view("qwen-code").Installed || d.view("continue").Installed {
		t.Error("they were found before they were there")
	}
	d.write(".local/bin/qwen", "")
	d.write(".continue/x", "")
	if !d.view("qwen-code").Installed || !d.view("continue").Installed {
		t.Error("they were not found")
	}
}

func TestEverythingAtOnceIsPutBack(t *testing.T) {
	d := openDesk(t)
	for id, files := range homes {
		for _, f := range files {
			d.write(f.path, f.text)
		}
		d.mustConnect(id)
	}
	if _, err := d.UndoAll(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	for _, files := range homes {
		for _, f := range files {
			if d.read(f.path) != f.text {
				t.Errorf("%s is %q", f.path, d.read(f.path))
			}
		}
	}
	if left, _ := os.ReadDir(d.books.originals()); len(left) > 0 {
		t.Errorf("copies are left: %v", left)
	}
}

func TestSomeCanOnlyBeShown(t *testing.T) {
	d := openDesk(t)
	for _, id := range []string{"cursor", "vscode"} {
		if v := d.view(id); v.Writable || len(v.Files) > 0 {
			t.Errorf("%+v", v)
		}
		if err := d.connect(id); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("%s: %v", id, err)
		}
	}
	if err := d.connect("emacs"); fault.Of(err).Kind != fault.NotFound {
		t.Errorf("%v", err)
	}
}
