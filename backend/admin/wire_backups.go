package admin

import "time"

// Backups answers GET /admin/backups.
type Backups struct {
	Folder  string   `json:"folder"`
	Backups []Backup `json:"backups"` // the newest first
	Failure string   `json:"failure"` // why the last one on schedule could not be made; empty if it was
	Restore string   `json:"restore"` // the one that takes effect at the next start; empty if none does
	Making  *Making  `json:"making"`  // the one being made; null if none is
}

// Making is how far a backup is that is being made.
type Making struct {
	Since time.Time `json:"since"`
	Bytes int64     `json:"bytes"` // written by now
	Of    int64     `json:"of"`    // about as much as it will be
}

// Backup is a copy of the database. It has no secrets, only the names of the vault's items and the digests of client keys.
type Backup struct {
	Name   string    `json:"name"`
	Reason string    `json:"reason"` // scheduled, manual, before-restore, or before-migration- with a number
	At     time.Time `json:"at"`
	Bytes  int64     `json:"bytes"`
}

// Restore answers POST /admin/backups/{name}/restore: nothing has changed yet.
type Restore struct {
	Name    string `json:"name"`
	Message string `json:"message"`
}

// DataState says how the database is.
type DataState struct {
	SafeMode       bool   `json:"safe_mode"`       // the database was damaged and moved aside; this one started empty
	Message        string `json:"message"`         // what happened and what to do; empty if nothing did
	Aside          string `json:"aside"`           // the damaged file's name in the profile
	Offer          string `json:"offer"`           // the newest sound backup, in safe mode; empty if there is none
	Restore        string `json:"restore"`         // the backup that takes effect at the next start
	RestoreFailure string `json:"restore_failure"` // why the last one could not; empty if it did
}
