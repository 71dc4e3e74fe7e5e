package backend_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"amq2api/backend"
	"amq2api/backend/admin"
	"amq2api/backend/amazonq/amazonqtest"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
	"amq2api/backend/vault"
)

// estate is a profile that outlives its programs, with a vault that does too.
type estate struct {
	t       *testing.T
	dir     string
	options backend.Options
	amazon  *amazonqtest.Service
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	amazon := amazonqtest.New(amazonqtest.Options{Seed: 1})
	url, stop, err := amazon.Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	e := &estate{t: t, dir: filepath.Join(t.TempDir(), "profile"), amazon: amazon}
	e.options = backend.Options{Version: "test", Vault: new(vault.Memory), HasWindow: true, Environment: backend.Environment{
		DatabasePath: filepath.Join(e.dir, "amq2api.db"), Port: backend.AnyPort, AdminToken: secret.New(adminToken), APIEndpoint: url, TokenEndpoint: url + "/token",
	}}
	return e
}

// live runs the program for a while.
func (e *estate) live(during func(o *office)) {
	e.t.Helper()
	b, err := backend.Open(e.t.Context(), e.options)
	if err != nil {
		e.t.Fatal(err)
	}
	during(&office{t: e.t, profile: e.dir, Backend: b})
	if err := b.Close(testContext); err != nil {
		e.t.Error(err)
	}
}

func (e *estate) database() string { return e.options.Environment.DatabasePath }

// addAccount signs somebody in.
func (e *estate) addAccount(o *office, name string) {
	e.t.Helper()
	o.must(201, "POST", "/admin/accounts", e.draft(name))
}

func (e *estate) draft(name string) string {
	e.t.Helper()
	person := e.amazon.AddIdentity(amazonqtest.IdentityOptions{Name: name})
	none := 0
	draft, err := json.Marshal(admin.AccountCreate{AccountPace: admin.AccountPace{RequestsPerMinute: &none, MaxConcurrent: &none}, Name: name, RefreshToken: person.RefreshToken().Reveal(), ClientID: person.ClientID, ClientSecret: person.ClientSecret.Reveal()})
	if err != nil {
		e.t.Fatal(err)
	}
	return string(draft)
}

func ask[T any](o *office, path string) (answer T) {
	o.t.Helper()
	if err := json.Unmarshal([]byte(o.must(200, "GET", path, "")), &answer); err != nil {
		o.t.Fatal(err)
	}
	return answer
}

func (o *office) makeBackup() string {
	o.t.Helper()
	var made admin.Backup
	if err := json.Unmarshal([]byte(o.must(201, "POST", "/admin/backups", "")), &made); err != nil {
		o.t.Fatal(err)
	}
	return made.Name
}

// statuses are the accounts' names with what they are.
func (o *office) statuses() map[string]string {
	o.t.Helper()
	found := map[string]string{}
	for _, one := range ask[[]admin.Account](o, "/admin/accounts") {
		found[one.Name] = one.Status
		if !one.IsActive {
			found[one.Name] += ", off"
		}
	}
	return found
}

func sameStatuses(got, want map[string]string) bool {
	if len(got) != len(want) {
		return false
	}
	for name, status := range want {
		if got[name] != status {
			return false
		}
	}
	return true
}

func TestARestoreAskedForTakesEffectAtTheNextStart(t *testing.T) {
	e := newEstate(t)
	var backup string
	e.live(func(o *office) {
		e.addAccount(o, "old")
		o.must(201, "POST", "/admin/api-keys", `{"name":"revoked since"}`)
		backup = o.makeBackup()
		o.must(200, "POST", "/admin/api-keys/1/revoke", "")
		o.must(200, "POST", "/admin/accounts/1/check", "")
		o.must(200, "POST", "/admin/accounts/1/check", "")
		e.addAccount(o, "new")
		o.must(200, "PUT", "/admin/settings", `{"theme":"dark"}`)
		o.must(202, "POST", "/admin/backups/"+backup+"/restore", "")
		o.must(409, "DELETE", "/admin/backups/"+backup, "")
		if state := ask[admin.State](o, "/admin/state"); state.Data.Restore != backup || ask[map[string]any](o, "/admin/settings")["theme"] != "dark" {
			t.Errorf("%+v", state.Data)
		}
	})
	e.live(func(o *office) {
		if state := ask[admin.State](o, "/admin/state").Data; state != (admin.DataState{}) {
			t.Errorf("%+v", state)
		}
		if theme := ask[map[string]any](o, "/admin/settings")["theme"]; theme != "" {
			t.Errorf("the theme is %v", theme)
		}
		if got := o.statuses(); !sameStatuses(got, map[string]string{"old": "ready", "new": "disabled, off"}) {
			t.Errorf("%v", got)
		}
		if answer := o.must(200, "POST", "/admin/accounts/1/check", ""); !strings.Contains(answer, `"health_check_error":""`) {
			t.Error(answer)
		}
		if keys := ask[[]admin.Key](o, "/admin/api-keys"); len(keys) != 1 || keys[0].IsActive {
			t.Errorf("%+v", keys)
		}
		list := ask[admin.Backups](o, "/admin/backups")
		if len(list.Backups) != 2 || list.Backups[0].Reason != "before-restore" {
			t.Errorf("%+v", list)
		}
	})
	if reuses := e.amazon.Counters().Reuses; reuses > 0 {
		t.Errorf("Amazon saw %d replaced tokens again", reuses)
	}
}

// A text that was replaced because it had leaked must not be good again because an old backup knows it, nor the one before it.
func TestARestoreBringsNoReplacedTextOfAKeyBack(t *testing.T) {
	e := newEstate(t)
	text := func(answer string) string { return strings.Split(strings.Split(answer, `"key":"`)[1], `"`)[0] }
	var texts []string
	e.live(func(o *office) {
		texts = append(texts, text(o.must(201, "POST", "/admin/api-keys", `{"name":"leaked"}`)))
		texts = append(texts, text(o.must(200, "POST", "/admin/api-keys/1/rotate", `{"grace_s":3600}`)))
		backup := o.makeBackup()
		texts = append(texts, text(o.must(200, "POST", "/admin/api-keys/1/rotate", "")))
		o.must(202, "POST", "/admin/backups/"+backup+"/restore", "")
	})
	e.live(func(o *office) {
		if err := o.Start(t.Context(), unusedPort(t)); err != nil {
			t.Fatal(err)
		}
		for i, key := range texts {
			if status, answer := o.chat(key); (status == http.StatusUnauthorized) != (i < 2) {
				t.Errorf("text %d: %d %s", i+1, status, answer)
			}
		}
	})
}

func TestARestoreThatIsTakenBackDoesNotHappen(t *testing.T) {
	e := newEstate(t)
	e.live(func(o *office) {
		backup := o.makeBackup()
		e.addAccount(o, "new")
		o.must(202, "POST", "/admin/backups/"+backup+"/restore", "")
		o.must(204, "DELETE", "/admin/backups/"+backup+"/restore", "")
		o.must(404, "DELETE", "/admin/backups/"+backup+"/restore", "")
		o.must(404, "POST", "/admin/backups/20200101T000000.000Z-manual.db/restore", "")
	})
	e.live(func(o *office) {
		if got := o.statuses(); !sameStatuses(got, map[string]string{"new": "ready"}) {
			t.Errorf("%v", got)
		}
	})
}

// Whatever is wrong with the database, the program starts, says so, offers a backup, and has every account back after the restore.
func TestADamagedDatabaseLeadsToSafeModeAndBack(t *testing.T) {
	damages := map[string]func(path string) error{
		"not a database": func(path string) error { return os.WriteFile(path, []byte(strings.Repeat("not SQL ", 4000)), 0o600) },
		"zero length":    func(path string) error { return os.Truncate(path, 0) },
		"cut short":      func(path string) error { return os.Truncate(path, 5000) },
		"its log only": func(path string) error {
			return errors.Join(os.Rename(path, path+"-wal"))
		},
		"ended, and its log gone": func(path string) error {
			return os.WriteFile(filepath.Join(filepath.Dir(path), "database.open"), nil, 0o600)
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			e := newEstate(t)
			var backup string
			e.live(func(o *office) {
				e.addAccount(o, "busy")
				backup = o.makeBackup()
				for range 3 { // the vault goes on
					o.must(200, "POST", "/admin/accounts/1/check", "")
				}
			})
			if err := damage(e.database()); err != nil {
				t.Fatal(err)
			}
			person := e.amazon.AddIdentity(amazonqtest.IdentityOptions{Name: "environment"})
			e.options.Environment.Account = backend.EnvironmentAccount{ClientID: person.ClientID, RefreshToken: person.RefreshToken(), ClientSecret: person.ClientSecret}
			for range 2 { // the safe mode outlives the program
				e.live(func(o *office) {
					state := ask[admin.State](o, "/admin/state").Data
					if !state.SafeMode || state.Offer != backup || state.Aside == "" || state.Message == "" {
						t.Errorf("%+v", state)
					}
					if got := o.statuses(); len(got) != 0 {
						t.Errorf("%v", got)
					}
				})
			}
			if found := verdicts(backend.Examine(t.Context(), e.options.Environment, time.Now())); found["safe mode"] != backend.Broken {
				t.Errorf("the doctor says %v", found)
			}
			e.live(func(o *office) { o.must(202, "POST", "/admin/backups/"+backup+"/restore", "") })
			e.options.Environment.Account = backend.EnvironmentAccount{}
			e.live(func(o *office) {
				if state := ask[admin.State](o, "/admin/state").Data; state != (admin.DataState{}) {
					t.Errorf("%+v", state)
				}
				if got := o.statuses(); !sameStatuses(got, map[string]string{"busy": "ready"}) {
					t.Errorf("%v", got)
				}
				if answer := o.must(200, "POST", "/admin/accounts/1/check", ""); !strings.Contains(answer, `"health_check_error":""`) {
					t.Error(answer)
				}
			})
			if reuses := e.amazon.Counters().Reuses; reuses > 0 {
				t.Errorf("Amazon saw %d replaced tokens again", reuses)
			}
		})
	}
}

func TestSafeModeEndsByTheUsersWord(t *testing.T) {
	e := newEstate(t)
	e.live(func(*office) {})
	if err := os.Truncate(e.database(), 0); err != nil {
		t.Fatal(err)
	}
	e.live(func(o *office) {
		if state := ask[admin.State](o, "/admin/state").Data; !state.SafeMode || state.Offer != "" {
			t.Errorf("%+v", state)
		}
		o.must(204, "DELETE", "/admin/state/damage", "")
	})
	e.live(func(o *office) {
		if state := ask[admin.State](o, "/admin/state").Data; state.SafeMode {
			t.Errorf("%+v", state)
		}
	})
}

func TestRestoringFromTheCommandLine(t *testing.T) {
	e := newEstate(t)
	env, ctx := e.options.Environment, t.Context()
	file := filepath.Join(t.TempDir(), "mine.db")
	e.live(func(o *office) {
		e.addAccount(o, "old")
		if path, bytes, err := backend.BackUp(ctx, env, file, time.Now); err != nil || path != file || bytes == 0 {
			t.Errorf("%s, %d, %v", path, bytes, err)
		}
		if _, _, err := backend.BackUp(ctx, env, file, time.Now); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("a file was overwritten: %v", err)
		}
		if _, err := backend.Restore(ctx, env, file, time.Now); !errors.Is(err, backend.ErrProfileBusy) {
			t.Errorf("beside a running program: %v", err)
		}
		e.addAccount(o, "new")
	})
	if _, _, err := backend.BackUp(ctx, env, "", time.Now); err != nil {
		t.Error(err)
	}
	done, err := backend.Restore(ctx, env, file, time.Now)
	if err != nil || done.Before == "" || len(done.Kept) != 1 || done.Kept[0] != "new" {
		t.Errorf("%+v, %v", done, err)
	}
	list, err := backend.ListBackups(env, time.Now)
	if err != nil || len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	for _, wrong := range []string{"nothing", e.dir, filepath.Join(e.dir, "profile.id")} {
		if _, err := backend.Restore(ctx, env, wrong, time.Now); !errors.Is(err, backend.ErrNoBackup) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
	e.live(func(o *office) {
		if got := o.statuses(); !sameStatuses(got, map[string]string{"old": "ready", "new": "disabled, off"}) {
			t.Errorf("%v", got)
		}
	})
}

// A newer program has been here; this one says so, and goes back by the backup from before the update.
func TestGoingBackToAnOlderProgram(t *testing.T) {
	e := newEstate(t)
	env := e.options.Environment
	e.live(func(o *office) { e.addAccount(o, "old") })
	before, _, err := backend.BackUp(t.Context(), env, "", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, e.database(), `CREATE TABLE future (id INTEGER); INSERT INTO schema_steps VALUES (4000); PRAGMA user_version = 4000; UPDATE accounts SET notes = 'newer'`)
	_, err = backend.Open(t.Context(), e.options)
	if f := fault.Of(err); f.Kind != fault.Invalid || !strings.Contains(f.Message, "4000") || !strings.Contains(f.Message, "amq2api restore") {
		t.Fatalf("got %v", err)
	}
	done, err := backend.Restore(t.Context(), env, filepath.Base(before), time.Now)
	if err != nil || done.Before == "" || len(done.Doubtful) != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	e.live(func(o *office) {
		if got := o.statuses(); !sameStatuses(got, map[string]string{"old": "ready"}) {
			t.Errorf("%v", got)
		}
	})
}

func execute(t *testing.T, path, statements string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(context.Background(), statements)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// Whoever restores a backup does not get back what a key has used of its day.
func TestARestoreGivesNoBudgetBack(t *testing.T) {
	e := newEstate(t)
	var key string
	e.live(func(o *office) {
		e.addAccount(o, "busy")
		o.must(200, "POST", "/admin/accounts/1/check", "")
		key = strings.Split(strings.Split(o.must(201, "POST", "/admin/api-keys", `{"name":"laptop","requests_per_day":3}`), `"key":"`)[1], `"`)[0]
		if err := o.Start(t.Context(), unusedPort(t)); err != nil {
			t.Fatal(err)
		}
		if status, answer := o.chat(key); status != http.StatusOK {
			t.Fatalf("%d %s", status, answer)
		}
		backup := o.makeBackup()
		for range 2 {
			o.chat(key)
		}
		if status, _ := o.chat(key); status != http.StatusTooManyRequests {
			t.Fatalf("the fourth request is answered %d", status)
		}
		o.must(202, "POST", "/admin/backups/"+backup+"/restore", "")
	})
	e.live(func(o *office) {
		if err := o.Start(t.Context(), unusedPort(t)); err != nil {
			t.Fatal(err)
		}
		if status, answer := o.chat(key); status != http.StatusTooManyRequests {
			t.Errorf("after the restore it is answered %d %s", status, answer)
		}
	})
}
