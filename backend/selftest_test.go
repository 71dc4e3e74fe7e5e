package backend_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"amq2api/backend/account"
	"amq2api/backend/admin"
)

// verdicts are how the checks of a self-test came out, the worst of each name.
func (o *office) verdicts() map[string]admin.Verdict {
	o.t.Helper()
	var checks []admin.Check
	if err := json.Unmarshal([]byte(o.must(200, "GET", "/admin/selftest", "")), &checks); err != nil {
		o.t.Fatal(err)
	}
	found := map[string]admin.Verdict{}
	for _, c := range checks {
		if c.Code == "" || c.Message == "" || c.Verdict != admin.Healthy && c.Mend == "" {
			o.t.Errorf("%+v says too little", c)
		}
		if found[c.Name] != admin.Broken {
			found[c.Name] = c.Verdict
		}
	}
	return found
}

func TestWhatIsFoundAboutAnAccountHasACodeThatThePageKnows(t *testing.T) {
	for found, code := range map[string]admin.CheckCode{
		account.VaultAway: admin.FoundVaultAway, account.SecretMissing: admin.FoundSecretMissing, account.SecretDamaged: admin.FoundSecretDamaged,
		account.SecretShared: admin.FoundSecretShared, account.SecretUnlisted: admin.FoundSecretUnlisted, account.OrphanSecret: admin.FoundOrphanSecret,
		account.RotationUnfinished: admin.FoundRotationUnfinished, account.AccountUnfinished: admin.FoundAccountUnfinished,
		account.RegistrationExpired: admin.FoundRegistrationExpired, account.RegistrationExpiring: admin.FoundRegistrationExpiring,
		account.SignInNeeded: admin.FoundSignInNeeded, account.AccountSuspended: admin.FoundAccountSuspended,
	} {
		if found != string(code) {
			t.Errorf("an account's %s is %s on the wire", found, code)
		}
	}
}

func TestTheSelfTestSeesWhatIsNotAsItShouldBe(t *testing.T) {
	o := openOffice(t, "http://127.0.0.1:1")
	want := map[string]admin.Verdict{"files": "ok", "database": "ok", "backups": "ok", "vault": "ok", "accounts": "ok", "listener": "ok", "gate": "ok", "keys": "ok"}
	if got := o.verdicts(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("at first: %v", got)
	}
	o.must(201, "POST", "/admin/api-keys", `{"name":"loose","requests_per_minute":0,"requests_per_day":0}`)
	o.must(200, "PUT", "/admin/settings", `{"listen_on":"*","listen_confirmed":true}`)
	if err := os.WriteFile(filepath.Join(o.profile, "note.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	want["keys"], want["listener"], want["files"] = "note", "note", "fail"
	if got := o.verdicts(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("then: %v", got)
	}
	o.must(200, "POST", "/admin/proxy/stop", "")
	delete(want, "gate")
	if got := o.verdicts(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("when it is stopped: %v", got)
	}
}
