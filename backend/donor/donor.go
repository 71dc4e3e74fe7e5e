// Package donor finds credentials that other tools keep on this computer: the Amazon Q CLI, the Kiro CLI, the Kiro IDE and the AWS
// toolkits. It only reads. Where their stores are, and how they are spelled: Source: the official CLI, the official language server;
// Kiro's are as observed.
package donor

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

// The tools that have something to give.
const (
	amazonQCLI = "Amazon Q CLI"
	kiroCLI    = "Kiro CLI"
	kiroIDE    = "Kiro IDE"
	awsToolkit = "AWS toolkit"
)

// Config says whose computer is searched.
type Config struct {
	OS   string              // as in GOOS; empty is this computer's
	Home string              // the user's folder; what lies in it is skipped if this is not an absolute path
	Env  func(string) string // looks up an environment variable; nil has none set
	Now  func() time.Time    // nil is time.Now
}

// Finder searches the places where tools keep credentials. It is safe for concurrent use.
type Finder struct {
	config Config
	// reading is held by one search at a time: closing a file frees the locks that the rest of the process has on it.
	reading sync.Mutex
}

// New makes a finder. It touches no file yet.
func New(c Config) *Finder {
	if c.OS == "" {
		c.OS = runtime.GOOS
	}
	if c.Env == nil {
		c.Env = func(string) string { return "" }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Finder{config: c}
}

// Find is one sign-in that a tool keeps.
type Find struct {
	ID          string // names this find in every search; says nothing of its secrets
	Tool        string // Amazon Q CLI, Kiro CLI, Kiro IDE or AWS toolkit
	Path        string // the file it is in
	Draft       account.Draft
	ExpiresAt   time.Time    // of the access token; zero is unknown
	RefreshedAt time.Time    // when the tool last wrote the token; zero is unknown
	Problem     *fault.Error // why it cannot be imported, and what to do; nil if it can. The draft then has no secrets
}

// Shares reports whether the tool and an imported account would use one refresh token, which either of them may replace at any time.
func (f Find) Shares() bool {
	return f.Draft.Method.Renews() && !f.Draft.Secrets.RefreshToken.IsZero()
}

// Find lists everything that is there, in the same order each time: what cannot be read or imported is listed with its problem. A
// search whose context ends lists what it had found until then.
func (f *Finder) Find(ctx context.Context) []Find {
	f.reading.Lock()
	defer f.reading.Unlock()
	var finds []Find
	for _, path := range f.config.amazonQDatabases() {
		finds = append(finds, f.searchDatabase(ctx, amazonQCLI, path)...)
	}
	for _, path := range f.config.kiroDatabases() {
		finds = append(finds, f.searchDatabase(ctx, kiroCLI, path)...)
	}
	folder := f.config.cacheFolder()
	if ctx.Err() != nil || !filepath.IsAbs(folder) {
		return finds
	}
	return append(finds, f.searchCache(ctx, folder)...)
}

// idOf is the name of a find: a digest of where it is, and of nothing that it holds.
func idOf(tool, path, key string) string {
	digest := sha256.Sum256([]byte(tool + "\x00" + path + "\x00" + key))
	return hex.EncodeToString(digest[:12])
}

// failed is a find that is nothing but a problem.
func failed(tool, path, key string, problem *fault.Error) Find {
	return Find{
		ID: idOf(tool, path, key), Tool: tool, Path: path, Problem: problem,
		Draft: account.Draft{Name: tool, Service: serviceOf(tool), Source: account.SourceImport},
	}
}
