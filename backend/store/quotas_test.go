package store

import (
	"testing"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

func TestOfEachHourTheLastReadingOfAQuotaStays(t *testing.T) {
	accounts := opened(t).Accounts()
	id, err := accounts.Insert(t.Context(), account.Row{Account: account.Account{Name: "one", CreatedAt: noon, UpdatedAt: noon}, State: account.Active, Tag: "t"})
	if err != nil {
		t.Fatal(err)
	}
	save := func(id int64, at time.Time, used float64) {
		t.Helper()
		if err := accounts.SaveQuota(t.Context(), id, account.QuotaReading{At: at, Used: used, Limit: 50}); err != nil {
			t.Fatal(err)
		}
	}
	read := func() []account.QuotaReading {
		t.Helper()
		found, err := accounts.Quotas(t.Context(), id, noon.Add(-time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	save(id, noon, 1)
	save(id, noon.Add(59*time.Minute), 2)
	save(id, noon.Add(time.Hour), 3)
	save(id+1, noon, 9) // an account that is gone
	got := read()
	if len(got) != 2 || got[0] != (account.QuotaReading{At: noon.Add(59 * time.Minute), Used: 2, Limit: 50}) || got[1].Used != 3 {
		t.Errorf("kept %v", got)
	}
	save(id, noon.Add(account.QuotaMemory+30*time.Minute), 4)
	if got := read(); len(got) != 3 {
		t.Errorf("of the readings that are remembered %v are left", got)
	}
	save(id, noon.Add(account.QuotaMemory+2*time.Hour), 5)
	if got := read(); len(got) != 2 || got[0].Used != 4 {
		t.Errorf("a month later %v are left", got)
	}
	if err := accounts.ForgetQuotas(t.Context(), id); err != nil || len(read()) != 0 {
		t.Errorf("forgotten: %v, %v", read(), err)
	}
}

func TestWhatAnAccountsHealthSaysComesBack(t *testing.T) {
	accounts := opened(t).Accounts()
	id, err := accounts.Insert(t.Context(), account.Row{Account: account.Account{Name: "one", CreatedAt: noon, UpdatedAt: noon}, State: account.Active, Tag: "t"})
	if err != nil {
		t.Fatal(err)
	}
	health := account.Health{
		Status: account.NeedsSignIn, Kind: fault.Credential, Reason: "Moved.", Error: "Away.", CheckedAt: noon,
		Said: fault.Said{Code: fault.AccountMoved}, ErrorSaid: fault.Said{Code: fault.AmazonTrouble, Count: 503},
	}
	if err := accounts.SaveHealth(t.Context(), id, health); err != nil {
		t.Fatal(err)
	}
	rows, err := accounts.Rows(t.Context())
	if err != nil || len(rows) != 1 || rows[0].Health != health {
		t.Errorf("it comes back as %+v, %v", rows, err)
	}
}
