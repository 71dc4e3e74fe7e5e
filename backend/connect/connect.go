// Package connect writes this program's address and a key into the settings of tools on this computer, and takes them out again.
//
// It writes only members of its own into a file and leaves every other byte as it is. Before a file is touched, what was there is copied into
// the profile and the journal says what is going to be written, so that a program that was killed at any point can still undo it. A file that
// is not valid, or may not be written, is shown and left alone.
package connect

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"amq2api/backend/access"
	"amq2api/backend/secret"
)

// State is how a tool's files stand to what would be written into them.
type State string

// The states of a tool.
const (
	Missing State = "missing" // nothing of ours and nothing in its way
	Ours    State = "ours"    // as it was written
	Other   State = "other"   // something stands where ours would go
	Drifted State = "drifted" // it was written, and changed since
	Broken  State = "broken"  // a file is not valid
	Locked  State = "locked"  // a file cannot be read or written
)

// Reason is why a tool is in its state.
type Reason string

// The reasons.
const (
	OtherAddress   Reason = "other_address"
	ByHand         Reason = "by_hand"
	Changed        Reason = "changed"
	Gone           Reason = "gone"
	AddressChanged Reason = "address_changed"
	KeyRefused     Reason = "key_refused"
	Invalid        Reason = "invalid"
	Unsuited       Reason = "unsuited"
	TooLarge       Reason = "too_large"
	Unreadable     Reason = "unreadable"
	Unwritable     Reason = "unwritable"
	NoFile         Reason = "no_file"
)

// Note is something to know before a plan is carried out.
type Note string

// The notes.
const (
	NoteReplaces     Note = "replaces"
	NoteKeyMade      Note = "key_made"
	NoteKeyRenewed   Note = "key_renewed"
	NoteKeyKept      Note = "key_kept"
	NoteKeyByHand    Note = "key_by_hand"
	NoteLinked       Note = "linked"
	NoteOthersRead   Note = "others_read"
	NoteRestart      Note = "restart"
	NoteNewTerminals Note = "new_terminals"
	NoteOverridden   Note = "overridden"
)

// Keys is what is needed of the clients' keys.
type Keys interface {
	KeyList
	KeyEdit
}

// KeyList finds keys.
type KeyList interface {
	List(ctx context.Context) ([]access.View, error)
	Identify(token secret.String) (access.Key, error)
}

// KeyEdit changes them. The text of a key is only in the answers of Create and Rotate.
type KeyEdit interface {
	Create(ctx context.Context, draft access.Draft) (access.View, secret.String, error)
	Update(ctx context.Context, id int64, edit access.Edit) (access.View, error)
	Rotate(ctx context.Context, id int64, grace time.Duration) (access.View, secret.String, error)
	Revoke(ctx context.Context, id int64) (access.View, error)
}

// Config is what a Connector needs of the rest of the program.
type Config struct {
	Home    string              // the user's folder; empty is none, and then no tool has files
	Env     func(string) string // tools' variables that say where their settings lie; nil is none
	Profile string              // the folder of the journal and the copies
	Keys    Keys
	Root    func() (address string, running bool) // of this program, without a path
	Model   func() string                         // what is written unless another is asked for, as clients write it
	Now     func() time.Time
	Log     *slog.Logger
	Changed func() // called after every change
}

// Connector connects tools. One change is made at a time.
type Connector struct {
	Config
	place place
	books books
	mu    sync.Mutex
	after func(step string) // tests end the program here; nil otherwise
}

// New makes a Connector. It reads and writes nothing yet.
func New(config Config) *Connector {
	if config.Env == nil {
		config.Env = func(string) string { return "" }
	}
	return &Connector{Config: config, place: place{config.Home, config.Env, usualFolders(config.Home)}, books: books{config.Profile}}
}
