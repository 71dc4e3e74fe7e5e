package store

import (
	"reflect"
	"testing"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/settings"
)

func TestAKeyComesBackAsItWasStored(t *testing.T) {
	db := opened(t)
	key := sampleKey("laptop")
	key.Description, key.ExpiresAt = "the one on the desk", noon.AddDate(1, 0, 0)
	var err error
	if key.ID, err = db.Keys().Insert(t.Context(), key); err != nil {
		t.Fatal(err)
	}
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

func TestReservationsKeepTheirOrderAndTheLastEightDays(t *testing.T) {
	db := opened(t)
	id, other := insertKey(t, db, "laptop"), insertKey(t, db, "other")
	reserve := func(keyID, day int64, count int) {
		t.Helper()
		if err := db.Keys().Reserve(t.Context(), access.Day{KeyID: keyID, Day: day, Reserved: count}); err != nil {
			t.Fatal(err)
		}
	}
	reserve(other, 5, 7)
	for day := int64(1); day <= 10; day++ {
		reserve(id, day, int(day))
	}
	reserve(id, 4, 44) // the clock went back
	days, err := db.Keys().Days(t.Context())
	if err != nil || len(days) != 9 || days[0] != (access.Day{KeyID: other, Day: 5, Reserved: 7}) || days[8] != (access.Day{KeyID: id, Day: 4, Reserved: 44}) || days[1].Day != 3 {
		t.Errorf("got %v, %v", days, err)
	}
	if err := db.Keys().Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if days, err = db.Keys().Days(t.Context()); err != nil || len(days) != 1 {
		t.Errorf("after deleting the key: %v, %v", days, err)
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
