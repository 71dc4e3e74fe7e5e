package backend

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"amq2api/backend/admin"
	"amq2api/backend/connect"
)

// connections are the tools on this computer as the admin API sees them.
type connections struct{ *connect.Connector }

// openConnect makes what writes other tools' settings. It touches nothing until it is asked to.
func (b *Backend) openConnect() connections {
	environment := b.options.Environment
	return connections{connect.New(connect.Config{
		Home: environment.Home, Env: environment.Lookup, Profile: b.profile.Dir, Keys: b.keys, Model: b.modelForTools,
		Root: func() (string, bool) { return b.Address(), b.proxy.State().Running },
		Now:  time.Now, Log: b.log, Changed: func() { b.announce("connect") },
	})}
}

// modelForTools is the default model the way clients write it: Claude names with hyphens, which most of them know by heart.
func (b *Backend) modelForTools() string {
	model := b.settings.InForce().DefaultModel
	if strings.HasPrefix(model, "claude-") {
		return strings.ReplaceAll(model, ".", "-")
	}
	return model
}

// demoHome is an empty home in the demo's own folder, so that a demo changes nobody's tools. Commands are looked for where they are.
func demoHome(dir string) (home string, lookup func(string) string, err error) {
	home = filepath.Join(dir, "home")
	return home, func(name string) string {
		if name == "PATH" {
			return os.Getenv(name)
		}
		return ""
	}, os.Mkdir(home, 0o700)
}

func (c connections) Tools(ctx context.Context) ([]admin.ConnectTool, error) {
	views, err := c.Connector.Tools(ctx)
	return showTools(views), err
}

func (c connections) Plan(ctx context.Context, tool, model string) (admin.ConnectPlan, error) {
	plan, err := c.Connector.Plan(ctx, tool, model)
	shown := admin.ConnectPlan{Files: []admin.ConnectChange{}, Notes: []admin.ConnectNoteCode{}, Detail: plan.Detail, Model: plan.Model}
	for _, change := range plan.Files {
		shown.Files = append(shown.Files, admin.ConnectChange(change))
	}
	for _, note := range plan.Notes {
		shown.Notes = append(shown.Notes, admin.ConnectNoteCode(note))
	}
	return shown, err
}

func (c connections) Apply(ctx context.Context, tool string, start admin.ConnectStart) (admin.ConnectTool, error) {
	view, err := c.Connector.Apply(ctx, tool, connect.Start(start))
	return showTool(view), err
}

func (c connections) Undo(ctx context.Context, tool string, keepKey bool) (admin.ConnectTool, error) {
	view, err := c.Connector.Undo(ctx, tool, keepKey)
	return showTool(view), err
}

func (c connections) UndoAll(ctx context.Context, keepKeys bool) ([]admin.ConnectTool, error) {
	views, err := c.Connector.UndoAll(ctx, keepKeys)
	return showTools(views), err
}

func (c connections) Verify(ctx context.Context, tool string) (admin.ConnectTrial, error) {
	trial, err := c.Connector.Verify(ctx, tool)
	return admin.ConnectTrial{OK: trial.OK, Status: trial.Status, Millis: trial.Took.Milliseconds(), Model: trial.Model, Message: trial.Message}, err
}

func showTools(views []connect.View) []admin.ConnectTool {
	shown := make([]admin.ConnectTool, 0, len(views))
	for _, view := range views {
		shown = append(shown, showTool(view))
	}
	return shown
}

func showTool(v connect.View) admin.ConnectTool {
	shown := admin.ConnectTool{
		ID: v.ID, Name: v.Name, Dialect: v.Dialect, Writable: v.Writable, Installed: v.Installed, State: admin.ConnectState(v.State),
		Reason: admin.ConnectReasonCode(v.Reason), Detail: v.Detail, Files: []admin.ConnectFile{}, KeyID: v.KeyID, KeyName: v.KeyName, Model: v.Model,
		CanUndo: !v.At.IsZero(),
	}
	for _, file := range v.Files {
		shown.Files = append(shown.Files, admin.ConnectFile(file))
	}
	if shown.CanUndo {
		at := v.At.UTC()
		shown.ConnectedAt = &at
	}
	return shown
}
