package connect

import (
	"bytes"
	"slices"
	"strings"

	"amq2api/backend/fault"
)

// outcome is what a file is to become.
type outcome struct {
	text   []byte
	exists bool
}

func (o outcome) digest() string {
	if !o.exists {
		return absent
	}
	return digest(o.text)
}

// written is a text with the parts in it, and for each part what stood there before.
func written(speaks language, was outcome, fresh string, parts []part) (outcome, []keptPart, error) {
	text := was.text
	if !was.exists {
		text = []byte(fresh)
	}
	before, err := speaks.decode(text)
	if err != nil {
		return outcome{}, nil, err
	}
	var keeps []keptPart
	var paths [][]string
	changed := text
	for _, p := range parts {
		keep := keptPart{Path: p.path, Depth: depthOf(before, p.path), Soft: p.soft}
		if keep.Raw, keep.Had, err = speaks.find(changed, p.path); err != nil {
			return outcome{}, nil, err
		}
		if p.soft && keep.Had {
			continue
		}
		if changed, err = speaks.put(changed, p.path, p.raw); err != nil {
			return outcome{}, nil, err
		}
		raw, there, err := speaks.find(changed, p.path)
		if err != nil || !there {
			return outcome{}, nil, unsuited("%s cannot be added to it", strings.Join(p.path, "."))
		}
		keep.Wrote = []string{digest([]byte(raw))}
		keeps, paths = append(keeps, keep), append(paths, p.path)
	}
	return outcome{changed, true}, keeps, checked(speaks, before, changed, paths)
}

// depthOf is how many names of a path lead somewhere.
func depthOf(document tree, path []string) int {
	for i, name := range path {
		node := document.at(path[:i]...)
		if _, member := node.members[name]; !member && !node.called(name).there() {
			return i
		}
	}
	return len(path)
}

// checked refuses a text that would mean anything else than before apart from our paths.
func checked(speaks language, before tree, changed []byte, paths [][]string) error {
	after, err := speaks.decode(changed)
	if err != nil || !sameBut(before, after, paths) {
		return unsuited("something else in it would change its meaning")
	}
	return nil
}

// restored is a file as it would be without us: the original bytes if it is as it was written, else without what is still ours.
func (b books) restored(speaks language, f file, k kept, fresh string) (outcome, error) {
	now := outcome{f.text, f.exists()}
	switch {
	case !now.exists || f.digest() == k.Before:
		return now, nil
	case slices.Contains(k.After, f.digest()) && !k.Existed:
		return outcome{}, nil
	case slices.Contains(k.After, f.digest()):
		text, err := b.copyOf(k)
		if err == nil && digest(text) == k.Before {
			return outcome{text, true}, nil
		}
	}
	text, err := takenOut(speaks, f.text, k.Parts)
	if err != nil {
		return outcome{}, err
	}
	if !k.Existed && sameMeaning(speaks, text, fresh) {
		return outcome{}, nil
	}
	return outcome{text, true}, nil
}

func sameMeaning(speaks language, text []byte, fresh string) bool {
	ours, err := speaks.decode([]byte(fresh))
	if err != nil {
		return false
	}
	theirs, err := speaks.decode(text)
	return err == nil && sameBut(ours, theirs, nil) && len(bytes.TrimSpace(text)) <= len(fresh)
}

// takenOut has what stood there before in the place of everything that is still ours. What the user has changed since stays.
func takenOut(speaks language, text []byte, parts []keptPart) ([]byte, error) {
	before, err := speaks.decode(text)
	if err != nil {
		return nil, err
	}
	var paths [][]string
	for _, p := range slices.Backward(parts) {
		raw, there, err := speaks.find(text, p.Path)
		if err != nil {
			return nil, err
		}
		if !there || !p.ours(raw) && !p.ourOwn() && !p.Soft {
			continue
		}
		if text, err = takeOut(speaks, text, p); err != nil {
			return nil, err
		}
		paths = append(paths, p.Path)
	}
	return text, checked(speaks, before, text, paths)
}

func takeOut(speaks language, text []byte, p keptPart) (_ []byte, err error) {
	if p.Had {
		return speaks.put(text, p.Path, p.Raw)
	}
	if text, err = speaks.drop(text, p.Path); err != nil {
		return nil, err
	}
	for depth := len(p.Path) - 1; depth > p.Depth && err == nil; depth-- {
		text, err = speaks.tidy(text, p.Path[:depth])
	}
	return text, err
}

// store makes a file what it is to become.
func (f file) store(o outcome, folders []string) error {
	switch {
	case o.exists && f.exists() && bytes.Equal(o.text, f.text):
		return nil
	case o.exists:
		return f.write(o.text)
	case f.exists():
		return f.remove(folders)
	default:
		return nil
	}
}

// unfit is the fault of a file that is not written.
func unfit(path string, t trouble) error {
	why := map[Reason]string{
		Invalid: "is not valid, so AMQ2API leaves it alone. Correct it first", Unsuited: "leaves no place for these settings. Write them by hand",
		TooLarge: "is over a MiB, so AMQ2API leaves it alone", Unreadable: "cannot be read. Give yourself the right to read it",
		Unwritable: "cannot be written. Give yourself the right to write it", NoFile: "is not a file",
	}[t.reason]
	detail := ""
	if t.detail != "" {
		detail = " (" + mask(t.detail) + ")"
	}
	return fault.New(fault.Conflict, "%s %s%s.", path, why, detail)
}
