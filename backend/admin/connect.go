package admin

import (
	"context"
	"net/http"
)

// Connect writes this program's address and a key into the settings of tools on this computer, and puts back what was there.
type Connect interface {
	ConnectLook
	ConnectWrite
}

// ConnectLook changes nothing.
type ConnectLook interface {
	Tools(ctx context.Context) ([]ConnectTool, error)
	Plan(ctx context.Context, tool, model string) (ConnectPlan, error)
	Verify(ctx context.Context, tool string) (ConnectTrial, error)
}

// ConnectWrite changes tools' files.
type ConnectWrite interface {
	Apply(ctx context.Context, tool string, start ConnectStart) (ConnectTool, error)
	Undo(ctx context.Context, tool string, keepKey bool) (ConnectTool, error)
	UndoAll(ctx context.Context, keepKeys bool) ([]ConnectTool, error)
}

// undoQuery says what becomes of the tool's key.
type undoQuery struct {
	KeepKey bool `query:"keep_key" description:"Leave the key made for the tool in force; else it is revoked"`
}

// connections are the routes of Connect.
func (d *desk) connections() []route {
	return []route{
		{"GET /admin/connect", secured, d.listTools},
		{"DELETE /admin/connect", secured, d.disconnectAll},
		{"POST /admin/connect/{tool}/plan", secured, d.planTool},
		{"POST /admin/connect/{tool}/verify", secured, d.verifyTool},
		{"POST /admin/connect/{tool}", secured, d.connectTool},
		{"DELETE /admin/connect/{tool}", secured, d.disconnectTool},
	}
}

func (d *desk) listTools(w http.ResponseWriter, r *http.Request) {
	tools, err := d.Connect.Tools(r.Context())
	d.answerOr(w, r, tools, err)
}

func (d *desk) planTool(w http.ResponseWriter, r *http.Request) {
	var body ConnectPlanStart
	if f := readOptional(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	if f := d.knownToolModel(body.Model); f != nil {
		d.refuse(w, r, f)
		return
	}
	plan, err := d.Connect.Plan(r.Context(), r.PathValue("tool"), body.Model)
	d.answerOr(w, r, plan, err)
}

func (d *desk) connectTool(w http.ResponseWriter, r *http.Request) {
	var body ConnectStart
	if f := read(r, &body); f != nil {
		d.refuse(w, r, f)
		return
	}
	if f := d.knownToolModel(body.Model); f != nil {
		d.refuse(w, r, f)
		return
	}
	tool, err := d.Connect.Apply(r.Context(), r.PathValue("tool"), body)
	d.answerOr(w, r, tool, err)
}

func (d *desk) disconnectTool(w http.ResponseWriter, r *http.Request) {
	tool, err := d.Connect.Undo(r.Context(), r.PathValue("tool"), keepsKey(r))
	d.answerOr(w, r, tool, err)
}

func (d *desk) disconnectAll(w http.ResponseWriter, r *http.Request) {
	tools, err := d.Connect.UndoAll(r.Context(), keepsKey(r))
	d.answerOr(w, r, tools, err)
}

func (d *desk) verifyTool(w http.ResponseWriter, r *http.Request) {
	trial, err := d.Connect.Verify(r.Context(), r.PathValue("tool"))
	d.answerOr(w, r, trial, err)
}

func keepsKey(r *http.Request) bool { return r.URL.Query().Get("keep_key") == "true" }

// knownToolModel refuses a model that nobody has, before it is written into a tool's settings.
func (d *desk) knownToolModel(wanted string) error {
	if wanted == "" {
		return nil
	}
	if found, err := d.Resolve(wanted); err != nil || found.Substituted {
		return invalid("model", "There is no model %.80q. model must be one that GET /v1/models lists, or an alias.", wanted)
	}
	return nil
}

// answerOr answers, or refuses if there was an error.
func (d *desk) answerOr(w http.ResponseWriter, r *http.Request, body any, err error) {
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	d.answer(w, http.StatusOK, body)
}
