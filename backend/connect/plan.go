package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"amq2api/backend/access"
	"amq2api/backend/fault"
	"amq2api/backend/secret"
)

// Plan is what would be written.
type Plan struct {
	Files  []Change
	Notes  []Note
	Detail string // what the note overridden speaks of
	Model  string
}

// Change is one file of a plan.
type Change struct {
	Path   string
	Exists bool
	Diff   string // unified, with the texts of keys masked
	Digest string // of the file as it is
}

// Start says what to write: the model, and the digests of the files that the plan was made from, in its order.
type Start struct {
	Model   string
	Digests []string
}

// proposal is a plan with its texts.
type proposal struct {
	tool    tool
	entry   entry
	model   string
	files   []file
	results []outcome
	keeps   []kept
	bases   []outcome // the files without us
	key     keyPlan
}

// keyPlan is where the tool's key comes from.
type keyPlan struct {
	text   secret.String // zero if it is made or renewed
	id     int64         // 0 if it is made
	active bool
	note   Note
}

// unmade stands for a key's text before there is one. It looks like a key, so that it is masked like one.
const unmade = "amq-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

// Plan says what would be written, and writes nothing.
func (c *Connector) Plan(ctx context.Context, id, model string) (Plan, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.propose(ctx, id, model)
	if err != nil {
		return Plan{}, err
	}
	key := unmade
	if !d.key.text.IsZero() {
		key = d.key.text.Reveal()
	}
	if err := c.compose(d, key); err != nil {
		return Plan{}, err
	}
	plan := Plan{Model: d.model, Notes: c.notes(d), Files: []Change{}}
	if plan.Detail = c.overriding(d); plan.Detail != "" {
		plan.Notes = append(plan.Notes, NoteOverridden)
	}
	for i, f := range d.files {
		plan.Files = append(plan.Files, Change{f.path, f.exists(), diff(f.path, f.text, d.results[i].text), f.digest()})
	}
	return plan, nil
}

// propose looks at everything that a plan depends on.
func (c *Connector) propose(ctx context.Context, id, model string) (*proposal, error) {
	t, err := c.writable(id)
	if err != nil {
		return nil, err
	}
	j, err := c.books.read()
	if err != nil {
		return nil, err
	}
	d := &proposal{tool: t, entry: j.Tools[id], model: model}
	if d.model == "" {
		d.model = c.Model()
	}
	d.files = c.look(t, d.entry)
	for _, f := range d.files {
		if f.trouble != nil {
			return nil, unfit(f.path, *f.trouble)
		}
	}
	d.key, err = c.planKey(ctx, d)
	return d, err
}

// planKey keeps the key that stands in the tool's file if it is the tool's own and works.
func (c *Connector) planKey(ctx context.Context, d *proposal) (keyPlan, error) {
	if d.tool.keyless() {
		return keyPlan{note: NoteKeyByHand}, nil
	}
	keys, err := c.Keys.List(ctx)
	if err != nil {
		return keyPlan{}, err
	}
	keys = slices.DeleteFunc(slices.Clone(keys), func(key access.View) bool { return key.Expired(c.Now()) })
	known := slices.IndexFunc(keys, func(key access.View) bool { return key.ID == d.entry.Key })
	if known < 0 {
		known = slices.IndexFunc(keys, func(key access.View) bool { return key.Description == describing(d.tool) })
	}
	if known < 0 {
		return keyPlan{note: NoteKeyMade}, nil
	}
	p := keyPlan{id: keys[known].ID, active: keys[known].Active, note: NoteKeyRenewed}
	for _, f := range d.files {
		document, err := d.tool.speaks.decode(f.text)
		if err != nil {
			continue // it is told when the text is composed
		}
		text := secret.New(d.tool.reads(document).key)
		if key, err := c.Keys.Identify(text); err == nil && key.ID == p.id {
			p.text, p.note = text, NoteKeyKept
		}
	}
	return p, nil
}

// describing marks a key as a tool's, so that it is found again if the program ends before it is written down.
func describing(t tool) string { return fmt.Sprintf("Made by Connect for %s.", t.name) }

// compose makes the texts of the files, with a key's text.
func (c *Connector) compose(d *proposal, key string) error {
	root, _ := c.Root()
	d.results, d.keeps, d.bases = nil, nil, nil
	for _, f := range d.files {
		old, known := d.entry.find(f.path)
		base := outcome{f.text, f.exists()}
		var err error
		if known {
			if base, err = c.books.restored(d.tool.speaks, f, old, d.tool.fresh); err != nil {
				return unfit(f.path, trouble{Broken, reasonOf(err), err.Error()})
			}
		}
		parts := d.tool.parts(target{root: root, model: d.model, key: key, at: c.Now(), fish: strings.HasSuffix(f.path, ".fish")})
		result, keeps, err := written(d.tool.speaks, base, d.tool.fresh, parts)
		if err != nil {
			return unfit(f.path, trouble{Broken, reasonOf(err), err.Error()})
		}
		k := kept{Path: f.path, Existed: base.exists, Before: base.digest(), After: []string{result.digest()}, Folders: missingFolders(f.path), Parts: keeps}
		if known {
			k.follow(old)
		}
		d.results, d.keeps, d.bases = append(d.results, result), append(d.keeps, k), append(d.bases, base)
	}
	return nil
}

// follow has what was written earlier still be known as ours, until all of the new is written.
func (k *kept) follow(old kept) {
	k.Folders = append(old.Folders, k.Folders...)
	if k.Before == old.Before {
		k.After = lastOf(append(slices.Clone(old.After), k.After...))
	}
	for i := range k.Parts {
		for _, earlier := range old.Parts {
			if slices.Equal(earlier.Path, k.Parts[i].Path) {
				k.Parts[i].Wrote = lastOf(append(slices.Clone(earlier.Wrote), k.Parts[i].Wrote...))
			}
		}
	}
}

func lastOf(digests []string) []string {
	return digests[max(0, len(digests)-rememberedWrites):]
}

func reasonOf(err error) Reason {
	if errors.Is(err, errUnsuited) {
		return Unsuited
	}
	return Invalid
}

// notes are what is to be known of a plan.
func (c *Connector) notes(d *proposal) []Note {
	notes := []Note{d.key.note}
	add := func(note Note) {
		if !slices.Contains(notes, note) {
			notes = append(notes, note)
		}
	}
	for i, f := range d.files {
		for _, p := range d.keeps[i].Parts {
			if p.Had {
				add(NoteReplaces)
			}
		}
		if c.linked(f) {
			add(NoteLinked)
		}
		if f.exists() && f.status.Mode().Perm()&0o077 != 0 && !d.tool.keyless() {
			add(NoteOthersRead)
		}
	}
	for _, note := range d.tool.notes {
		add(note)
	}
	return notes
}

// overriding is what takes precedence over what is written, as far as that can be seen from here; empty if nothing does.
func (c *Connector) overriding(d *proposal) string {
	if d.tool.overrides == nil {
		return ""
	}
	document, err := d.tool.speaks.decode(d.results[0].text)
	if err != nil {
		return ""
	}
	return strings.Join(d.tool.overrides(document, c.Env), ", ")
}

// stale refuses to write over files that are not what the plan was made from.
func (d *proposal) stale(digests []string) error {
	if len(digests) != len(d.files) {
		return fault.New(fault.Conflict, "The plan has %d files and there are %d digests. Ask for the plan again.", len(d.files), len(digests))
	}
	for i, f := range d.files {
		if f.digest() != digests[i] {
			return fault.New(fault.Conflict, "%s has changed since the plan was made, so nothing was written. Look at the new plan.", f.path)
		}
	}
	return nil
}
