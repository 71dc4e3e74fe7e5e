package admin

import (
	"context"
	"encoding/json"
	"net/http"

	"amq2api/backend/access"
	"amq2api/backend/secret"
)

// Keys is the client keys as people edit them.
type Keys interface {
	KeyList
	KeyEdit
}

// KeyList reads the keys.
type KeyList interface {
	List(ctx context.Context) ([]access.View, error)
	Get(ctx context.Context, id int64) (access.View, error)
}

// KeyEdit changes the keys. Create returns the key's text, which is kept nowhere.
type KeyEdit interface {
	Create(ctx context.Context, draft access.Draft) (access.View, secret.String, error)
	Update(ctx context.Context, id int64, edit access.Edit) (access.View, error)
	Revoke(ctx context.Context, id int64) (access.View, error)
	Delete(ctx context.Context, id int64) error
}

func (d *desk) listKeys(w http.ResponseWriter, r *http.Request) {
	views, err := d.Keys.List(r.Context())
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	keys := make([]Key, 0, len(views))
	for _, view := range views {
		keys = append(keys, showKey(view))
	}
	d.answer(w, http.StatusOK, keys)
}

func (d *desk) createKey(w http.ResponseWriter, r *http.Request) {
	var body KeyCreate
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	view, text, err := d.Keys.Create(r.Context(), access.Draft{
		Name: body.Name, Description: body.Description, RequestsPerMinute: body.RequestsPerMinute, RequestsPerDay: body.RequestsPerDay,
		ExpiresDays: body.ExpiresDays, DefaultModel: body.DefaultModel, AllowedModels: body.AllowedModels,
	})
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusCreated, NewKey{Key: showKey(view), Text: text.Reveal()})
}

func (d *desk) getKey(w http.ResponseWriter, r *http.Request)    { d.withKey(w, r, d.Keys.Get) }
func (d *desk) revokeKey(w http.ResponseWriter, r *http.Request) { d.withKey(w, r, d.Keys.Revoke) }
func (d *desk) deleteKey(w http.ResponseWriter, r *http.Request) { d.withID(w, r, d.Keys.Delete) }

func (d *desk) updateKey(w http.ResponseWriter, r *http.Request) {
	var body KeyUpdate
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	edit := access.Edit{
		Name: body.Name, Description: body.Description, RequestsPerMinute: body.RequestsPerMinute, RequestsPerDay: body.RequestsPerDay, Active: body.IsActive,
		DefaultModel: body.DefaultModel, AllowedModels: body.AllowedModels,
	}
	if body.ExpiresDays.Given {
		edit.ExpiresDays = &body.ExpiresDays.Count
	}
	d.withKey(w, r, func(ctx context.Context, id int64) (access.View, error) { return d.Keys.Update(ctx, id, edit) })
}

// withKey runs an action on the key of the path and answers with what it is afterwards.
func (d *desk) withKey(w http.ResponseWriter, r *http.Request, action func(context.Context, int64) (access.View, error)) {
	id, f := pathID(r)
	if f != nil {
		d.refuse(w, r, f)
		return
	}
	view, err := action(r.Context(), id)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, showKey(view))
}

func showKey(v access.View) Key {
	return Key{
		ID: v.ID, Name: v.Name, Description: v.Description, KeyPrefix: v.Prefix, IsActive: v.Active, TotalRequests: v.TotalRequests,
		LastUsed: timeOrNull(v.LastUsed), RequestsPerMinute: v.RequestsPerMinute, RequestsPerDay: v.RequestsPerDay, CurrentRPM: v.CurrentRPM,
		CurrentRPD: v.CurrentRPD, CreatedAt: v.CreatedAt.UTC(), UpdatedAt: v.UpdatedAt.UTC(), ExpiresAt: timeOrNull(v.ExpiresAt),
		DefaultModel: v.DefaultModel, AllowedModels: append([]string{}, v.AllowedModels...),
	}
}

// UnmarshalJSON reads a number or null.
func (d *Days) UnmarshalJSON(text []byte) error {
	d.Given, d.Count = true, 0
	if string(text) == "null" {
		return nil
	}
	return json.Unmarshal(text, &d.Count)
}
