package admin

import (
	"time"

	"amq2api/backend/fault"
)

// CheckCode is which thing a check found. The page has words for each; Message and Mend say the same in English.
type CheckCode string

// The codes of checks.
const (
	ProfileUnreadable CheckCode = "profile_unreadable"
	ProfileFound      CheckCode = "profile_found"
	FilesUnreadable   CheckCode = "files_unreadable"
	FilesOpen         CheckCode = "files_open"
	FilesPrivate      CheckCode = "files_private"
	EndpointsWrong    CheckCode = "endpoints_wrong"
	DatabaseNone      CheckCode = "database_none"
	DatabaseUnsound   CheckCode = "database_unsound"
	DatabaseSound     CheckCode = "database_sound"
	BackupsUnreadable CheckCode = "backups_unreadable"
	BackupsNone       CheckCode = "backups_none"
	BackupsNoneYet    CheckCode = "backups_none_yet"
	BackupsUseless    CheckCode = "backups_useless"
	BackupsOld        CheckCode = "backups_old"
	BackupsSound      CheckCode = "backups_sound"
	MemoUnreadable    CheckCode = "memo_unreadable"
	DatabaseDamaged   CheckCode = "database_damaged"
	WeeklyCheckFailed CheckCode = "weekly_check_failed"
	RestoreFailed     CheckCode = "restore_failed"
	RestoreDue        CheckCode = "restore_due"
	VaultLocked       CheckCode = "vault_locked"
	VaultNone         CheckCode = "vault_none"
	VaultUnopened     CheckCode = "vault_unopened"
	VaultFileOpen     CheckCode = "vault_file_open"
	VaultKeychainOpen CheckCode = "vault_keychain_open"
	VaultInMemory     CheckCode = "vault_in_memory"
	AccountsUnchecked CheckCode = "accounts_unchecked"
	AccountsWhole     CheckCode = "accounts_whole"
	ListenerStopped   CheckCode = "listener_stopped"
	ListenerBeyond    CheckCode = "listener_beyond"
	ListenerLocal     CheckCode = "listener_local"
	GateOpen          CheckCode = "gate_open"
	GateClosed        CheckCode = "gate_closed"
	KeysUnchecked     CheckCode = "keys_unchecked"
	KeysUnlimited     CheckCode = "keys_unlimited"
	KeysLimited       CheckCode = "keys_limited"

	// What is found about single accounts has the codes of account.Inspect.
	FoundVaultAway            CheckCode = "vault_away"
	FoundSecretMissing        CheckCode = "secret_missing"
	FoundSecretDamaged        CheckCode = "secret_damaged"
	FoundSecretShared         CheckCode = "secret_shared"
	FoundSecretUnlisted       CheckCode = "secret_unlisted"
	FoundOrphanSecret         CheckCode = "orphan_secret"
	FoundRotationUnfinished   CheckCode = "rotation_unfinished"
	FoundAccountUnfinished    CheckCode = "account_unfinished"
	FoundRegistrationExpired  CheckCode = "registration_expired"
	FoundRegistrationExpiring CheckCode = "registration_expiring"
	FoundSignInNeeded         CheckCode = "sign_in_needed"
	FoundAccountSuspended     CheckCode = "account_suspended"
)

// CheckValues are what the words of a check are filled with, as far as it has them.
type CheckValues struct {
	Subject string      `json:"subject,omitempty"` // a path, an address or a name
	Reason  string      `json:"reason,omitempty"`  // a sentence, in English
	Said    *fault.Said `json:"said,omitempty"`    // what the reason says
	Count   int         `json:"count,omitempty"`
	Days    int         `json:"days,omitempty"`
	At      *time.Time  `json:"at,omitempty"`
}
