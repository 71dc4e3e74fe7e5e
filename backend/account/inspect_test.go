package account_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// inspect is what Inspect finds right now.
func (h *house) inspect(vault account.Vault) []account.Finding {
	h.t.Helper()
	findings, err := account.Inspect(context.Background(), h.db.Accounts(), vault, time.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, f := range findings {
		if f.Code == "" || f.Message == "" || f.Mend == "" || strings.Contains(f.Message+f.Mend, canary) {
			h.t.Errorf("the finding %+v does not say enough, or too much", f)
		}
	}
	return findings
}

// expectFindings checks the codes that Inspect finds, each followed by "!" if it is grave and by the account's name.
func (h *house) expectFindings(want ...string) {
	h.t.Helper()
	var got []string
	for _, f := range h.inspect(h.vault) {
		code := f.Code
		if f.Grave {
			code += "!"
		}
		got = append(got, strings.TrimSpace(code+" "+f.Account))
	}
	if !slices.Equal(got, want) {
		h.t.Errorf("found %q, want %q", got, want)
	}
}

// row is an account's row, for a story to spoil.
func (h *house) row(name string) account.Row {
	h.t.Helper()
	rows, err := h.db.Accounts().Rows(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	at := slices.IndexFunc(rows, func(row account.Row) bool { return row.Name == name })
	if at < 0 {
		h.t.Fatalf("there is no account %q", name)
	}
	return rows[at]
}

// spoil changes a row behind the roster's back.
func (h *house) spoil(name string, change func(*account.Row)) {
	h.t.Helper()
	row := h.row(name)
	change(&row)
	if err := errors.Join(h.db.Accounts().Update(context.Background(), row), h.db.Accounts().SaveHealth(context.Background(), row.ID, row.Health)); err != nil {
		h.t.Fatal(err)
	}
}

// enter puts a slot into the journal, and something into the vault under its name unless that is empty.
func (h *house) enter(slot account.Slot, text string) {
	h.t.Helper()
	err := h.db.Accounts().Enter(context.Background(), slot)
	if text != "" {
		err = errors.Join(err, h.vault.Set(context.Background(), slot.Name, secret.New(text)))
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestInspectFindsWhatIsWrongAndNothingElse(t *testing.T) {
	stories := map[string]struct {
		spoil func(h *house, one int64)
		want  []string
		mends bool // the next start does
	}{
		"nothing":          {func(*house, int64) {}, nil, true},
		"after a rotation": {func(h *house, one int64) { h.expectServing("as planned", []int64{one}) }, nil, true},
		"a refresh token is gone": {func(h *house, one int64) { delete(h.vault.items, h.place(one, "refresh-token/1")) },
			[]string{"secret_missing! one"}, false},
		"a client secret is gone": {func(h *house, one int64) { delete(h.vault.items, h.place(one, "client-secret/1")) },
			[]string{"secret_missing! one"}, false},
		"the database is older than the vault": {func(h *house, one int64) {
			h.spoil("one", func(row *account.Row) { row.RefreshVersion -= 2 })
		}, []string{"secret_unlisted one", "secret_missing! one", "orphan_secret one"}, false},
		"two accounts have one token": {func(h *house, one int64) {
			h.vault.items[h.place(h.row("two").ID, "refresh-token/1")] = h.vault.items[h.place(one, "refresh-token/1")]
		}, []string{"secret_shared! two"}, false},
		"a secret of nobody": {func(h *house, _ int64) {
			h.enter(account.Slot{Name: "account/gone/refresh-token/1", AccountID: 99, Version: 1}, "left over")
		}, []string{"orphan_secret"}, true},
		"secrets that were replaced": {func(h *house, one int64) {
			h.spoil("one", func(row *account.Row) { row.ClientVersion++ })
			h.enter(account.Slot{Name: h.place(one, "client-secret/2"), AccountID: one, Version: 2, Client: true}, "new")
		}, []string{"orphan_secret one"}, true},
		"an edit that was cut off": {func(h *house, one int64) {
			h.enter(account.Slot{Name: h.place(one, "refresh-token/3"), AccountID: one, Version: 3}, "new")
		}, []string{"orphan_secret one"}, true},
		"a rotation that was cut off": {func(h *house, one int64) {
			h.enter(account.Slot{Name: h.place(one, "refresh-token/2"), AccountID: one, Version: 2, Rotated: true}, "new")
		}, []string{"rotation_unfinished one"}, true},
		"a rotation that was cut off sooner": {func(h *house, one int64) {
			h.enter(account.Slot{Name: h.place(one, "refresh-token/2"), AccountID: one, Version: 2, Rotated: true}, "")
		}, []string{"orphan_secret one"}, true},
		"half added": {func(h *house, _ int64) { h.spoil("one", func(row *account.Row) { row.State = account.Adding }) },
			[]string{"account_unfinished one"}, true},
		"half removed": {func(h *house, _ int64) { h.spoil("one", func(row *account.Row) { row.State = account.Deleting }) },
			[]string{"account_unfinished one"}, true},
		"the registration is over": {func(h *house, _ int64) {
			h.spoil("one", func(row *account.Row) { row.ClientExpiresAt = time.Now().Add(-time.Second) })
		}, []string{"registration_expired one"}, false},
		"the registration ends soon": {func(h *house, _ int64) {
			h.spoil("one", func(row *account.Row) { row.ClientExpiresAt = time.Now().Add(14 * 24 * time.Hour) })
		}, []string{"registration_expiring one"}, false},
		"the registration lasts": {func(h *house, _ int64) {
			h.spoil("one", func(row *account.Row) { row.ClientExpiresAt = time.Now().Add(15 * 24 * time.Hour) })
		}, nil, true},
		"sign in": {func(h *house, _ int64) {
			h.spoil("one", func(row *account.Row) { row.Health = account.Health{Status: account.NeedsSignIn, Reason: "Refused."} })
		}, []string{"sign_in_needed one"}, false},
		"suspended": {func(h *house, _ int64) {
			h.spoil("one", func(row *account.Row) { row.Health = account.Health{Status: account.Suspended, Reason: "Locked."} })
		}, []string{"account_suspended one"}, false},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				one, _ := h.add("one", 0, 0), h.add("two", 0, 0)
				story.spoil(h, one)
				h.expectFindings(story.want...)
				if story.mends {
					h.reopen()
					h.expectFindings()
				}
			})
		})
	}
}

func TestAVaultOutOfReachIsOneFindingAndAskedOnlyOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one, _ := h.add("one", 0, 0), h.add("two", 0, 0)
		h.enter(account.Slot{Name: h.place(one, "refresh-token/2"), AccountID: one, Version: 2, Rotated: true}, "new")
		h.vault.lock(fault.New(fault.Unavailable, "The keyring is locked."))
		h.fate.strike(0, "")
		h.expectFindings("vault_away!")
		if h.fate.calls != 1 {
			t.Errorf("a vault out of reach was asked %d times", h.fate.calls)
		}
		h.vault.lock(nil)
		h.expectFindings("rotation_unfinished one")
	})
}

func TestAVaultThatIsLockedBetweenTwoLooksIsStillOutOfReach(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		h.enter(account.Slot{Name: "account/gone/refresh-token/1", AccountID: 99, Version: 1}, "left over")
		h.fate.also = func() { h.vault.lock(errFate) }
		h.fate.strike(3, refused) // the first look asks for two secrets
		h.expectFindings("vault_away!", "orphan_secret")
		h.fate.strike(0, "")
	})
}

// spoiltItem is a vault with one item that is not what was put there.
type spoiltItem struct {
	account.Vault
	name string
}

func (s spoiltItem) Get(ctx context.Context, name string) (secret.String, error) {
	if name == s.name {
		return secret.String{}, fault.New(fault.Internal, "A secret is damaged.")
	}
	return s.Vault.Get(ctx, name)
}

func TestADamagedSecretIsNotAVaultOutOfReach(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		one, _ := h.add("one", 0, 0), h.add("two", 0, 0)
		findings := h.inspect(spoiltItem{h.vault, h.place(one, "client-secret/1")})
		if len(findings) != 1 || findings[0].Code != account.SecretDamaged || findings[0].Account != "one" || !findings[0].Grave {
			t.Errorf("found %+v", findings)
		}
	})
}

// overtaking is a vault whose account goes on renewing while it is looked at.
type overtaking struct {
	account.Vault
	meanwhile func()
}

func (o *overtaking) Get(ctx context.Context, name string) (secret.String, error) {
	if act := o.meanwhile; act != nil {
		o.meanwhile = nil
		act()
	}
	return o.Vault.Get(ctx, name)
}

func TestWhatTheRunningProgramDoesMeanwhileIsNoFinding(t *testing.T) {
	stories := map[string]func(h *house, one int64){
		"two renewals": func(h *house, one int64) {
			h.expectServing("first", []int64{one})
			h.expectServing("second", []int64{one})
		},
		"a removal": func(h *house, one int64) {
			if err := h.Remove(context.Background(), one); err != nil {
				h.t.Error(err)
			}
		},
		"an addition": func(h *house, _ int64) { h.add("three", 0, 0) },
	}
	for name, meanwhile := range stories {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, h *house) {
				one, _ := h.add("one", 0, 0), h.add("two", 0, 0)
				if findings := h.inspect(&overtaking{h.vault, func() { meanwhile(h, one) }}); len(findings) > 0 {
					t.Errorf("found %+v", findings)
				}
			})
		})
	}
}

func TestInspectChangesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("one", 0, 0)
		h.enter(account.Slot{Name: "account/gone/refresh-token/1", AccountID: 99, Version: 1}, "left over")
		h.spoil("one", func(row *account.Row) { row.State = account.Adding })
		before := h.vault.names()
		h.expectFindings("account_unfinished one", "orphan_secret")
		h.expectFindings("account_unfinished one", "orphan_secret")
		if now := h.vault.names(); !slices.Equal(now, before) {
			t.Errorf("the vault has %v, and had %v", now, before)
		}
	})
}

func TestADatabaseThatCannotBeReadIsAnError(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		for nth := 1; nth <= 2; nth++ {
			h.fate.strike(nth, killed)
			findings, err := account.Inspect(t.Context(), shaky{h.db.Accounts(), &h.fate}, h.vault, time.Now())
			if !errors.Is(err, errFate) || findings != nil {
				t.Errorf("call %d: %v, %v", nth, findings, err)
			}
		}
		h.fate.strike(0, "")
	})
}
