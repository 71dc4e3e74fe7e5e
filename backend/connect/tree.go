package connect

import "reflect"

// tree is what a text means, whatever its language: a mapping, a list, or one value. The zero tree is nothing.
type tree struct {
	members map[string]tree // of a mapping; nil for anything else
	items   []tree          // of a list; nil for anything else
	value   any             // a text, a number, a truth or a time; nil for anything else
}

// treeOf is what a language's own decoder has read into an empty interface.
func treeOf(decoded any) tree {
	switch decoded := decoded.(type) {
	case map[string]any:
		members := make(map[string]tree, len(decoded))
		for name, value := range decoded {
			members[name] = treeOf(value)
		}
		return tree{members: members}
	case []any:
		items := make([]tree, 0, len(decoded))
		for _, item := range decoded {
			items = append(items, treeOf(item))
		}
		return tree{items: items}
	default:
		return tree{value: decoded}
	}
}

// mapping is a tree with these members.
func mapping(members map[string]tree) tree { return tree{members: members} }

func (t tree) there() bool { return t.members != nil || t.items != nil || t.value != nil }

func (t tree) empty() bool { return t.value == nil && len(t.members) == 0 && len(t.items) == 0 }

// at is what stands at a path; nothing if nothing does.
func (t tree) at(path ...string) tree {
	for _, name := range path {
		if t.members != nil {
			t = t.members[name]
		} else {
			t = t.called(name)
		}
	}
	return t
}

// text is the text at a path; empty if there is none.
func (t tree) text(path ...string) string {
	text, _ := t.at(path...).value.(string)
	return text
}

// called is the item of a list whose name is this.
func (t tree) called(name string) tree {
	for _, item := range t.items {
		if item.members["name"].value == name {
			return item
		}
	}
	return tree{}
}

// without is a tree that lacks a path, and what that leaves empty. The tree itself is not changed.
func (t tree) without(path []string) tree {
	switch {
	case t.members != nil:
		return t.withoutMember(path)
	case t.items != nil:
		return t.withoutItem(path[0])
	default:
		return t
	}
}

func (t tree) withoutMember(path []string) tree {
	less := make(map[string]tree, len(t.members))
	for name, value := range t.members {
		if name != path[0] {
			less[name] = value
			continue
		}
		if len(path) == 1 {
			continue
		}
		if inner := value.without(path[1:]); !inner.empty() {
			less[name] = inner
		}
	}
	return mapping(less)
}

func (t tree) withoutItem(name string) tree {
	less := []tree{}
	for _, item := range t.items {
		if item.members["name"].value != name {
			less = append(less, item)
		}
	}
	return tree{items: less}
}

// sameBut reports whether two texts mean the same apart from what stands at some paths, and from mappings that these leave empty.
func sameBut(a, b tree, paths [][]string) bool {
	for _, path := range paths {
		a, b = a.without(path), b.without(path)
	}
	return reflect.DeepEqual(a, b)
}
