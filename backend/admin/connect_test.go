package admin

import (
	"context"
	"fmt"
	"testing"

	"amq2api/backend/fault"
)

// stubConnect knows one tool, and says what it was asked for.
type stubConnect struct{}

func (stubConnect) known(tool string) error {
	if tool == "codex" {
		return nil
	}
	return fault.New(fault.NotFound, "There is no tool %.40q.", tool)
}

func (stubConnect) Tools(context.Context) ([]ConnectTool, error) {
	return []ConnectTool{{ID: "codex", State: ConnectMissing, Files: []ConnectFile{}}}, nil
}

func (s stubConnect) Plan(_ context.Context, tool, model string) (ConnectPlan, error) {
	return ConnectPlan{Files: []ConnectChange{}, Notes: []ConnectNoteCode{NoteRestart}, Model: model}, s.known(tool)
}

func (s stubConnect) Apply(_ context.Context, tool string, start ConnectStart) (ConnectTool, error) {
	if len(start.Digests) != 1 {
		return ConnectTool{}, fault.New(fault.Conflict, "The file has changed.")
	}
	return ConnectTool{ID: tool, State: ConnectOurs, Model: start.Model}, s.known(tool)
}

func (s stubConnect) Undo(_ context.Context, tool string, keepKey bool) (ConnectTool, error) {
	return ConnectTool{ID: tool, State: ConnectMissing, Detail: fmt.Sprint("kept: ", keepKey)}, s.known(tool)
}

func (s stubConnect) UndoAll(ctx context.Context, keepKeys bool) ([]ConnectTool, error) {
	tool, err := s.Undo(ctx, "codex", keepKeys)
	return []ConnectTool{tool}, err
}

func (s stubConnect) Verify(_ context.Context, tool string) (ConnectTrial, error) {
	return ConnectTrial{OK: true, Status: 200}, s.known(tool)
}

func TestConnectingAToolFromPlanToUndoing(t *testing.T) {
	openOffice(t).play(t, []step{
		{"GET", "/admin/connect", "", 200, []string{`[{"id":"codex"`, `"state":"missing"`, `"connected_at":null`}, nil},
		{"POST", "/admin/connect/codex/plan", "", 200, []string{`"files":[]`, `"notes":["restart"]`, `"model":""`}, nil},
		{"POST", "/admin/connect/codex/plan", `{"model":"claude-sonnet-4.5"}`, 200, []string{`"model":"claude-sonnet-4.5"`}, nil},
		{"POST", "/admin/connect/codex/plan", `{"model":"nobody's"}`, 400, []string{`"field":"model"`}, nil},
		{"POST", "/admin/connect/codex", `{"model":"nobody's","digests":["a"]}`, 400, []string{`"field":"model"`}, nil},
		{"POST", "/admin/connect/codex", "", 400, []string{`"code":"invalid"`}, nil},
		{"POST", "/admin/connect/codex", "{}", 409, []string{`"code":"conflict"`}, nil},
		{"POST", "/admin/connect/codex", `{"digest":["a"]}`, 400, []string{`"field":"digest"`}, nil},
		{"POST", "/admin/connect/codex", `{"digests":["a"]}`, 200, []string{`"state":"ours"`}, nil},
		{"POST", "/admin/connect/codex/verify", "", 200, []string{`"ok":true`, `"status":200`}, nil},
		{"DELETE", "/admin/connect/codex", "", 200, []string{`"kept: false"`}, nil},
		{"DELETE", "/admin/connect/codex?keep_key=true", "", 200, []string{`"kept: true"`}, nil},
		{"DELETE", "/admin/connect/codex?keep=true", "", 400, []string{`"field":"keep"`}, nil},
		{"DELETE", "/admin/connect?keep_key=true", "", 200, []string{`"kept: true"`}, nil},
		{"POST", "/admin/connect/emacs/plan", "", 404, nil, nil},
		{"POST", "/admin/connect/emacs/verify", "", 404, nil, nil},
		{"DELETE", "/admin/connect/emacs", "", 404, nil, nil},
		{"GET", "/admin/connect/codex", "", 405, nil, nil},
	})
}
