package amazonq

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"amq2api/backend/chat"
)

// The service's rule for tool names is ^[a-zA-Z][a-zA-Z0-9_]{0,62}$, and names that differ only in case are one to it. Source: the
// official CLI, the stricter of the lengths that are reported.
const (
	maxToolName   = 63
	hashDigits    = 8
	namespaceMark = "__"
)

// toolName is a tool as the client names it.
type toolName struct{ namespace, name string }

func (n toolName) joined() string {
	if n.namespace == "" {
		return n.name
	}
	return n.namespace + namespaceMark + n.name
}

// toolNames maps a request's tool names to ones the service accepts, and back. A name that the service accepts stays as it is; another
// always gets the same substitute, so that a conversation reads the same in every request.
type toolNames struct {
	upstream map[toolName]string
	client   map[string]toolName // by the service's name in lower case
	absent   []string            // the service's names of tools that were used but are not offered
}

func newToolNames(offered []chat.Tool) *toolNames {
	t := &toolNames{upstream: make(map[toolName]string, len(offered)), client: make(map[string]toolName, len(offered))}
	for _, tool := range offered {
		if name := (toolName{tool.Namespace, tool.Name}); isToolName(name.joined()) {
			t.claim(name)
		}
	}
	for _, tool := range offered {
		t.claim(toolName{tool.Namespace, tool.Name})
	}
	return t
}

// claim finds a name for a tool that has none yet.
func (t *toolNames) claim(name toolName) string {
	if known, ok := t.upstream[name]; ok {
		return known
	}
	candidate := name.joined()
	for attempt := 0; !isToolName(candidate) || t.isTaken(candidate); attempt++ {
		candidate = substitute(name, attempt)
	}
	t.upstream[name] = candidate
	t.client[strings.ToLower(candidate)] = name
	return candidate
}

func (t *toolNames) isTaken(candidate string) bool {
	_, taken := t.client[strings.ToLower(candidate)]
	return taken
}

// sent is the service's name for a tool that was used before. One that is not offered any more is noted as absent.
func (t *toolNames) sent(name toolName) string {
	if known, ok := t.upstream[name]; ok {
		return known
	}
	if offered, ok := t.client[strings.ToLower(name.joined())]; ok {
		return t.upstream[offered]
	}
	claimed := t.claim(name)
	t.absent = append(t.absent, claimed)
	return claimed
}

// restore is the client's name for a tool the model calls. A name nobody offered stays as it is.
func (t *toolNames) restore(name string) toolName {
	if known, ok := t.client[strings.ToLower(name)]; ok {
		return known
	}
	return toolName{name: name}
}

func isToolName(name string) bool {
	if name == "" || len(name) > maxToolName || !isLetter(name[0]) {
		return false
	}
	for i := range len(name) {
		if !isNameByte(name[i]) {
			return false
		}
	}
	return true
}

func isLetter(b byte) bool   { return 'a' <= b|0x20 && b|0x20 <= 'z' }
func isNameByte(b byte) bool { return isLetter(b) || '0' <= b && b <= '9' || b == '_' }

// substitute is what is left of a name when everything the service refuses is replaced, and digits that tell it from all others.
func substitute(name toolName, attempt int) string {
	var readable strings.Builder
	for _, char := range name.joined() {
		switch {
		case readable.Len() == maxToolName-hashDigits-1:
		case char < 0x80 && isNameByte(byte(char)):
			readable.WriteByte(byte(char))
		default:
			readable.WriteByte('_')
		}
	}
	prefix := readable.String()
	if prefix == "" || !isLetter(prefix[0]) {
		prefix = "t" + prefix[:min(len(prefix), maxToolName-hashDigits-2)]
	}
	sum := sha256.Sum256([]byte(name.namespace + "\x00" + name.name + "\x00" + strconv.Itoa(attempt)))
	return prefix + "_" + hex.EncodeToString(sum[:hashDigits/2])
}
