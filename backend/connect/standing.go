package connect

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// View is a tool as it stands.
type View struct {
	ID, Name  string
	Dialect   string
	Writable  bool
	Installed bool
	State     State
	Reason    Reason
	Detail    string
	Files     []FileView
	KeyID     int64
	KeyName   string
	Model     string
	At        time.Time // when it was connected; zero is not
}

// FileView is one file of a tool.
type FileView struct {
	Path   string
	Target string // what a link leads to; empty if it is none
	Exists bool
}

// Tools are all tools as they stand.
func (c *Connector) Tools(ctx context.Context) ([]View, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.views(ctx)
}

func (c *Connector) views(ctx context.Context) ([]View, error) {
	j, err := c.books.read()
	if err != nil {
		return nil, err
	}
	keys, err := c.Keys.List(ctx)
	if err != nil {
		return nil, err
	}
	var views []View
	for _, t := range tools() {
		views = append(views, c.view(t, j.Tools[t.id], keys))
	}
	return views, nil
}

func (c *Connector) viewOf(ctx context.Context, t tool) (View, error) {
	j, err := c.books.read()
	if err != nil {
		return View{}, err
	}
	keys, err := c.Keys.List(ctx)
	return c.view(t, j.Tools[t.id], keys), err
}

func (c *Connector) view(t tool, r entry, keys []access.View) View {
	v := View{ID: t.id, Name: t.name, Dialect: t.dialect, Installed: t.installed(c.place), State: Missing, Files: []FileView{}}
	if t.files == nil || c.Home == "" {
		return v
	}
	v.Writable = true
	for _, f := range c.look(t, r) {
		shown := FileView{Path: f.path, Exists: f.exists()}
		if c.linked(f) {
			shown.Target = f.target
		}
		v.Files = append(v.Files, shown)
	}
	for _, key := range keys {
		if key.ID == r.Key {
			v.KeyID, v.KeyName = key.ID, key.Name
		}
	}
	s := c.standing(t, r)
	v.State, v.Reason, v.Detail = s.state, s.reason, mask(s.detail)
	if len(r.Files) > 0 {
		v.Model, v.At = r.Model, r.At
	}
	return v
}

// linked reports whether something below the home is a link. The home itself may be one.
func (c *Connector) linked(f file) bool {
	if f.target == f.path {
		return false
	}
	home, err := filepath.EvalSymlinks(c.Home)
	below, is := strings.CutPrefix(f.path, c.Home)
	return err != nil || !is || f.target != home+below
}

// look reads the files of a tool: those that were written, and else those that would be.
func (c *Connector) look(t tool, r entry) []file {
	paths := t.files(c.place)
	if len(r.Files) > 0 {
		paths = nil
		for _, k := range r.Files {
			paths = append(paths, k.Path)
		}
	}
	files := make([]file, 0, len(paths))
	for _, path := range paths {
		files = append(files, look(path))
	}
	return files
}

// writable is the tool of that name, if it has files.
func (c *Connector) writable(id string) (tool, error) {
	for _, t := range tools() {
		if t.id != id {
			continue
		}
		if t.files == nil || c.Home == "" {
			return t, fault.New(fault.Conflict, "%s has no settings file that AMQ2API could write. Set it up by hand.", t.name)
		}
		return t, nil
	}
	return tool{}, fault.New(fault.NotFound, "AMQ2API cannot connect a tool called %.40q. GET /admin/connect lists those it can.", id)
}

// standing is a state with its reason.
type standing = trouble

// standing compares a tool's files with what was written into them. The worst file decides.
func (c *Connector) standing(t tool, r entry) standing {
	worst := standing{state: Missing}
	if len(r.Files) > 0 {
		worst.state = Ours
	}
	for _, f := range c.look(t, r) {
		k, known := r.find(f.path)
		if s := c.standingOf(t, f, k, known); grave(s.state) > grave(worst.state) {
			worst = s
		}
	}
	return worst
}

func grave(s State) int {
	return map[State]int{Ours: 1, Missing: 1, Other: 2, Drifted: 3, Broken: 4, Locked: 5}[s]
}

func (c *Connector) standingOf(t tool, f file, k kept, known bool) standing {
	if f.trouble != nil {
		return *f.trouble
	}
	document, err := t.speaks.decode(f.text)
	if err != nil {
		return standing{Broken, reasonOf(err), err.Error()}
	}
	if !known {
		return c.standingOfOthers(t, f, document)
	}
	if f.digest() == k.Before {
		return standing{Drifted, Gone, ""}
	}
	held, expected := 0, 0
	for _, p := range k.Parts {
		if p.Soft {
			continue
		}
		expected++
		raw, there, err := t.speaks.find(f.text, p.Path)
		if err != nil {
			return standing{Broken, reasonOf(err), err.Error()}
		}
		if there && p.ours(raw) {
			held++
		}
	}
	switch {
	case held == 0:
		return standing{Drifted, Gone, ""}
	case held < expected:
		return standing{Drifted, Changed, ""}
	default:
		return c.standingOfOurs(t, document)
	}
}

// standingOfOurs asks whether what was written still leads here.
func (c *Connector) standingOfOurs(t tool, document tree) standing {
	told := t.reads(document)
	if root, _ := c.Root(); !leadsTo(told.base, root) {
		return standing{Drifted, AddressChanged, told.base}
	}
	if t.keyless() {
		return standing{state: Ours}
	}
	if _, err := c.Keys.Identify(secret.New(told.key)); err != nil {
		return standing{Drifted, KeyRefused, fault.Of(err).Message}
	}
	return standing{state: Ours}
}

// standingOfOthers looks at a file that was never written.
func (c *Connector) standingOfOthers(t tool, f file, document tree) standing {
	root, _ := c.Root()
	inTheWay := false
	for _, p := range t.parts(target{root: root}) {
		_, there, err := t.speaks.find(f.text, p.path)
		if err != nil {
			return standing{Broken, reasonOf(err), err.Error()}
		}
		inTheWay = inTheWay || there && !p.soft
	}
	switch {
	case !inTheWay:
		return standing{state: Missing}
	case leadsTo(t.reads(document).base, root):
		return standing{Other, ByHand, ""}
	default:
		return standing{Other, OtherAddress, mask(t.reads(document).base)}
	}
}

// keyless reports whether the tool's key cannot be written.
func (t tool) keyless() bool { return t.notes[0] == NoteKeyByHand }
