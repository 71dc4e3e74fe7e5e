package store

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"
	"testing/fstest"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/settings"
	"amq2api/backend/usage"
)

func TestAKeyComesBackAsItWasStored(t *testing.T) {
	db := opened(t)
	key := sampleKey("laptop")
	key.Description, key.ExpiresAt = "the one on the desk", noon.AddDate(1, 0, 0)
	var err error
	if key.ID, err = db.Keys().Insert(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	key.Limits = access.Limits{RequestsPerMinute: 1, MaxConcurrent: 2, TokensPerDay: 3, BudgetTokens: 4, BudgetCost: 5.5, TimeZone: "Europe/Berlin"}
	key.Scope = access.Scope{DefaultModel: "auto", AllowedModels: []string{"claude-*", "auto"}, AllowedDialects: []string{"openai"}, Accounts: []int64{3, 1}}
	key.Look = access.Look{Colour: "teal", Note: "for the \"tests\""}
	key.Previous = access.Previous{Prefix: "amq-0000", Hash: [32]byte{1}, Until: noon.Add(time.Minute)}
	key.Name, key.Active, key.RequestsPerDay, key.ExpiresAt, key.UpdatedAt = "desk", false, 0, time.Time{}, noon.Add(time.Hour)
	if err := db.Keys().Update(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if got, err := db.Keys().All(t.Context()); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], key) {
		t.Errorf("got %+v, want %+v (%v)", got, key, err)
	}
}

func TestAnIDIsNeverGivenTwice(t *testing.T) {
	db := opened(t)
	first := insertKey(t, db, "first")
	if err := db.Keys().Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if second := insertKey(t, db, "second"); second == first {
		t.Errorf("%d was given again, with the first one's requests on it", second)
	}
}

func TestTwoKeysCannotShareAHash(t *testing.T) {
	db := opened(t)
	insertKey(t, db, "laptop")
	if _, err := db.Keys().Insert(t.Context(), sampleKey("laptop")); err == nil {
		t.Error("the same hash was stored twice")
	}
}

// countOf is what is set aside on one day, in days since 1970.
func countOf(keyID, day int64, requests int) access.Count {
	start := time.UnixMilli(day * 86_400_000).UTC()
	return access.Count{KeyID: keyID, Periods: []access.Period{
		{Span: access.Day, Start: start, End: start.AddDate(0, 0, 1), Aside: access.Amount{Requests: int64(requests)}},
	}}
}

func counts(t *testing.T, db *DB) []access.Count {
	t.Helper()
	found, err := db.Keys().Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestCountsKeepTheirOrderAndTheLastEightDays(t *testing.T) {
	db := opened(t)
	id, other := insertKey(t, db, "laptop"), insertKey(t, db, "other")
	reserve := func(c access.Count) {
		t.Helper()
		if err := db.Keys().Reserve(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	reserve(countOf(other, 5, 7))
	for day := int64(1); day <= 10; day++ {
		reserve(countOf(id, day, int(day)))
	}
	reserve(countOf(id, 4, 44)) // the clock went back
	found := counts(t, db)
	if len(found) != 2 || !reflect.DeepEqual(found[0], countOf(other, 5, 7)) {
		t.Fatalf("got %+v", found)
	}
	if days := found[1].Periods; len(days) != 8 || days[0] != countOf(id, 3, 3).Periods[0] || days[7] != countOf(id, 4, 44).Periods[0] {
		t.Errorf("got %+v", days)
	}
	if err := db.Keys().Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if found := counts(t, db); len(found) != 1 {
		t.Errorf("after deleting the key: %+v", found)
	}
}

func TestACountComesBackAsItWasStored(t *testing.T) {
	db := opened(t)
	want := countOf(insertKey(t, db, "laptop"), 5, 7)
	want.Periods[0].Aside.Tokens, want.Periods[0].Aside.Cost = 1000, 25
	want.Periods[0].Carried = access.Amount{Requests: 1, Tokens: 2, Cost: 3}
	month := want.Periods[0]
	month.Span, month.End = access.Month, month.Start.AddDate(0, 1, 0)
	want.Periods = append(want.Periods, month)
	want.Recent = access.Recent{At: noon, Spare: 6, Bursts: []access.Burst{{Age: 40 * time.Second, Count: 2}, {Age: 0, Count: 1}}}
	if err := db.Keys().Reserve(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if found := counts(t, db); len(found) != 1 || !reflect.DeepEqual(found[0], want) {
		t.Errorf("got %+v, want %+v", found, want)
	}
	want.Recent = access.Recent{} // the key has no limit a minute any more
	if err := db.Keys().Reserve(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	if found := counts(t, db); len(found) != 1 || !reflect.DeepEqual(found[0], want) {
		t.Errorf("got %+v, want %+v", found, want)
	}
}

func TestTheCountsOfAnOlderDatabaseGoOn(t *testing.T) {
	older := fstest.MapFS{}
	steps, err := readSteps(migrations)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps[:5] {
		older[step.name] = &fstest.MapFile{Data: []byte(step.script)}
	}
	path := filepath.Join(t.TempDir(), "amq2api.db")
	db, err := open(t.Context(), Options{Path: path, Now: time.Now}, older)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.write.ExecContext(t.Context(), `
		INSERT INTO keys (id, name, description, prefix, hash, active, requests_per_minute, requests_per_day, created_at, updated_at)
			VALUES (1, 'laptop', '', 'amq-3fK9', zeroblob(32), 1, 60, 100, 0, 0);
		INSERT INTO key_days (key_id, day, reserved) VALUES (1, 6, 60), (1, 5, 50)`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	want := countOf(1, 6, 60)
	want.Periods = append(want.Periods, countOf(1, 5, 50).Periods...)
	if found := counts(t, db); len(found) != 1 || !reflect.DeepEqual(found[0], want) {
		t.Errorf("got %+v, want %+v", found, want)
	}
	keys, err := db.Keys().All(t.Context())
	if err != nil || len(keys) != 1 || keys[0].AllowedModels != nil || keys[0].Accounts != nil || keys[0].Previous.Prefix != "" || keys[0].TimeZone != "" {
		t.Errorf("the key is %+v, %v", keys, err)
	}
}

func TestAListOfAccountsThatCannotBeReadIsNotAllOfThem(t *testing.T) {
	db := opened(t)
	insertKey(t, db, "work")
	if _, err := db.write.ExecContext(t.Context(), `UPDATE keys SET accounts = '[1,'`); err != nil {
		t.Fatal(err)
	}
	if keys, err := db.Keys().All(t.Context()); err == nil {
		t.Errorf("the key may use every account: %+v", keys)
	}
}

func TestWhoUsedAKeyLastIsKept(t *testing.T) {
	db := opened(t)
	id := insertKey(t, db, "laptop")
	use := func(records ...*usage.Record) access.Key {
		t.Helper()
		if err := db.Usage().InsertBatch(t.Context(), records, usage.Gap{}); err != nil {
			t.Fatal(err)
		}
		keys, err := db.Keys().All(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return keys[0]
	}
	record := func(client, address string, after time.Duration) *usage.Record {
		return &usage.Record{ID: client, KeyID: id, Client: client, Address: address, At: noon.Add(after)}
	}
	if got := use(record("codex", "127.0.0.1", time.Second), record("claude-cli", "::1", 2*time.Second), record("curl", "10.0.0.9", 0)); got.LastClient != "claude-cli" || got.LastAddress != "::1" {
		t.Errorf("got %q from %q", got.LastClient, got.LastAddress)
	}
	if got := use(record("curl", "10.0.0.9", time.Second)); got.LastClient != "claude-cli" || !got.LastUsed.Equal(noon.Add(2*time.Second)) || got.TotalRequests != 4 {
		t.Errorf("an older request came later: %+v", got)
	}
	key := sampleKey("desk")
	key.ID = id
	if err := db.Keys().Update(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if got := use(); got.LastClient != "claude-cli" || got.Name != "desk" {
		t.Errorf("an edit forgot it: %+v", got)
	}
}

func TestSettingsBeginWithTheDefaultsAndStayAsSaved(t *testing.T) {
	db := opened(t)
	if got, err := db.Settings().Load(t.Context()); err != nil || !reflect.DeepEqual(got, settings.Defaults()) {
		t.Errorf("got %+v, %v", got, err)
	}
	chosen := settings.Defaults()
	chosen.Port, chosen.Aliases, chosen.StartProxy = 9000, []settings.Alias{{Name: "fast", Model: "claude-haiku-4.5"}}, false
	for range 2 {
		if err := db.Settings().Save(t.Context(), chosen); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := db.Settings().Load(t.Context()); err != nil || !reflect.DeepEqual(got, chosen) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestASettingAddedByANewerVersionHasItsDefault(t *testing.T) {
	db := opened(t)
	if _, err := db.write.ExecContext(t.Context(), `INSERT INTO settings VALUES (1, '{"port": 9000, "gone since": true}')`); err != nil {
		t.Fatal(err)
	}
	want := settings.Defaults()
	want.Port = 9000
	if got, err := db.Settings().Load(t.Context()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}
