package admin

import "time"

// ConnectState is how a tool's files stand to what Connect would write into them.
type ConnectState string

// The states of a tool.
const (
	ConnectMissing ConnectState = "missing" // nothing of ours and nothing in its way
	ConnectOurs    ConnectState = "ours"    // as Connect wrote it
	ConnectOther   ConnectState = "other"   // something stands where ours would go; Connect replaces it and can put it back
	ConnectDrifted ConnectState = "drifted" // Connect wrote it, and it was changed since
	ConnectBroken  ConnectState = "broken"  // a file is not valid, so nothing is written
	ConnectLocked  ConnectState = "locked"  // a file cannot be read or written, so nothing is written
)

// ConnectReasonCode is why a tool is in its state. The page has words for each.
type ConnectReasonCode string

// The reasons of states.
const (
	ReasonOtherAddress   ConnectReasonCode = "other_address"   // other: its requests go elsewhere
	ReasonByHand         ConnectReasonCode = "by_hand"         // other: somebody wrote our address without Connect
	ReasonChanged        ConnectReasonCode = "changed"         // drifted: some of what we wrote is different now
	ReasonGone           ConnectReasonCode = "gone"            // drifted: what we wrote is gone
	ReasonAddressChanged ConnectReasonCode = "address_changed" // drifted: this program listens elsewhere now
	ReasonKeyRefused     ConnectReasonCode = "key_refused"     // drifted: its key was revoked, deleted, replaced or has expired
	ReasonInvalid        ConnectReasonCode = "invalid"         // broken: not the JSON, TOML or YAML it should be
	ReasonUnsuited       ConnectReasonCode = "unsuited"        // broken: valid, but written so that ours cannot be put in without changing more
	ReasonTooLarge       ConnectReasonCode = "too_large"       // broken: over a MiB
	ReasonUnreadable     ConnectReasonCode = "unreadable"      // locked: no permission to read it
	ReasonUnwritable     ConnectReasonCode = "unwritable"      // locked: no permission to write it or its folder
	ReasonNoFile         ConnectReasonCode = "no_file"         // locked: a folder, a device or a link to nothing stands there
)

// ConnectNoteCode is something to know before a plan is carried out. The page has words for each.
type ConnectNoteCode string

// The notes of plans.
const (
	NoteReplaces     ConnectNoteCode = "replaces"      // settings of somebody else's are replaced; undoing puts them back
	NoteKeyMade      ConnectNoteCode = "key_made"      // a key is made for the tool
	NoteKeyRenewed   ConnectNoteCode = "key_renewed"   // the tool's key gets a new text; the old one works for ten minutes more
	NoteKeyKept      ConnectNoteCode = "key_kept"      // the key in the file is kept
	NoteKeyByHand    ConnectNoteCode = "key_by_hand"   // the tool keeps its key where it cannot be written: type it there
	NoteLinked       ConnectNoteCode = "linked"        // a file is a link; what it leads to is written
	NoteOthersRead   ConnectNoteCode = "others_read"   // other users of this computer may read a file; it will have the key in it
	NoteRestart      ConnectNoteCode = "restart"       // the tool reads its settings when it starts
	NoteNewTerminals ConnectNoteCode = "new_terminals" // only terminals opened from now on
	NoteOverridden   ConnectNoteCode = "overridden"    // a setting or variable elsewhere takes precedence; see detail
)

// ConnectTool is a tool as GET /admin/connect shows it, on the computer that AMQ2API runs on.
type ConnectTool struct {
	ID          string            `json:"id"` // claude-code, codex, opencode, cline, continue, qwen-code, zed, shell; cursor and vscode can only be shown
	Name        string            `json:"name"`
	Writable    bool              `json:"writable"`  // false: there is no file that Connect could write; everything below is empty
	Installed   bool              `json:"installed"` // its program or its folder was found
	State       ConnectState      `json:"state"`
	Reason      ConnectReasonCode `json:"reason"` // empty for missing and ours
	Detail      string            `json:"detail"` // in words, e.g. where a file is not valid; empty if there is no more to say
	Files       []ConnectFile     `json:"files"`
	KeyID       int64             `json:"key_id"` // the key made for it; 0 is none
	KeyName     string            `json:"key_name"`
	Model       string            `json:"model"`        // as it was written; empty if it was not
	ConnectedAt *time.Time        `json:"connected_at"` // null if Connect has written nothing
	CanUndo     bool              `json:"can_undo"`
	Dialect     string            `json:"dialect"` // anthropic, openai, responses
}

// ConnectFile is one file of a tool.
type ConnectFile struct {
	Path   string `json:"path"`
	Target string `json:"target"` // what a link leads to; empty if it is none
	Exists bool   `json:"exists"`
}

// ConnectPlanStart is the body of POST /admin/connect/{tool}/plan.
type ConnectPlanStart struct {
	Model string `json:"model"` // as clients write it; empty is the settings' default
}

// ConnectPlan answers it: what would be written. Nothing has been.
type ConnectPlan struct {
	Files  []ConnectChange   `json:"files"`
	Notes  []ConnectNoteCode `json:"notes"`
	Detail string            `json:"detail"` // what the note overridden speaks of, e.g. a variable's name
	Model  string            `json:"model"`
}

// ConnectChange is one file of a plan.
type ConnectChange struct {
	Path   string `json:"path"`
	Exists bool   `json:"exists"`
	Diff   string `json:"diff"`   // unified, three lines around each change, the texts of keys and tokens masked; empty if nothing changes
	Digest string `json:"digest"` // of the file as it is now, to be sent with POST /admin/connect/{tool}
}

// ConnectStart is the body of POST /admin/connect/{tool}. A file that has changed since the plan is a conflict, and nothing is written.
type ConnectStart struct {
	Model   string   `json:"model"`   // as in the plan
	Digests []string `json:"digests"` // of the plan's files, in their order
}

// ConnectTrial answers POST /admin/connect/{tool}/verify: a request as the tool would send it, with the address, key and model in its files.
type ConnectTrial struct {
	OK      bool   `json:"ok"`
	Status  int    `json:"status"` // HTTP; 0 if there was no answer
	Millis  int64  `json:"millis"`
	Model   string `json:"model"`   // that answered; empty if none did
	Message string `json:"message"` // what is wrong and where to look; empty if ok
}
