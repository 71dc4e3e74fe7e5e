package account_test

import (
	"path/filepath"
	"testing"
)

// A damaged database is moved aside and an empty one takes its place. Its ids start again at 1, and the vault still has the old accounts'
// secrets.
func TestANewDatabaseInheritsNoSecretsFromTheOneBefore(t *testing.T) {
	inBubble(t, func(t *testing.T, h *house) {
		h.add("of the old database", 0, 0)
		inherited := len(h.vault.names())
		h.close()
		h.path = filepath.Join(t.TempDir(), "amq2api.db")
		if err := h.open(); err != nil {
			t.Fatal(err)
		}
		h.fate.strike(3, killed) // the row is there, its first place is noted, and the program dies before the vault has anything
		if _, err := h.Add(t.Context(), h.draft("new")); err == nil {
			t.Fatal("the account was added")
		}
		h.fate.strike(0, "")
		h.reopen()
		if views, err := h.List(t.Context()); err != nil || len(views) != 0 {
			t.Errorf("an account came up with another's secrets: %+v, %v", views, err)
		}
		id := h.add("new", 0, 0)
		h.expectServing("in the new database", []int64{id})
		if got := len(h.vault.names()); got != inherited+3 {
			t.Errorf("the vault has %d items", got)
		}
	})
}
