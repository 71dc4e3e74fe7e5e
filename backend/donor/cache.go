package donor

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"amq2api/backend/account"
	"amq2api/backend/fault"
)

const kiroToken = "kiro-auth-token.json"

// hashedName is how the AWS toolkits and the AWS CLI name what they cache. Source: the official language server.
var hashedName = regexp.MustCompile(`^[0-9a-f]{40}\.json$`)

// cacheFile is one file of the token cache.
type cacheFile struct {
	name    string
	changed time.Time
	cached
	err error // why the rest is missing
}

// searchCache lists the sign-ins in the token cache; a cache that is not there has none.
func (f *Finder) searchCache(ctx context.Context, folder string) []Find {
	entries, err := os.ReadDir(folder)
	if absent(err) {
		return nil
	}
	if err != nil {
		return []Find{failed(awsToolkit, folder, "", unread(awsToolkit, err))}
	}
	var files []cacheFile
	for _, entry := range entries {
		if ctx.Err() != nil {
			return nil
		}
		if !strings.HasSuffix(entry.Name(), ".json") {
			continue
		}
		if file := readCacheFile(folder, entry.Name()); !absent(file.err) { // it may just have been deleted
			files = append(files, file)
		}
	}
	return f.offer(folder, files)
}

func readCacheFile(folder, name string) cacheFile {
	file := cacheFile{name: name}
	body, found, err := readJSON(filepath.Join(folder, name))
	if err == nil {
		file.changed = found.ModTime().UTC()
		file.cached, err = decode[cached](body)
	}
	file.err = err
	return file
}

// offer lists the Kiro IDE's sign-in and then the others, by name.
func (f *Finder) offer(folder string, files []cacheFile) []Find {
	var finds []Find
	owned := kiroToken
	if i := slices.IndexFunc(files, func(file cacheFile) bool { return file.name == kiroToken }); i >= 0 {
		finds = append(finds, f.offerFile(kiroIDE, folder, files[i], files))
		owned = files[i].ClientIDHash + ".json"
	}
	for _, file := range files {
		if file.name != kiroToken && file.name != owned && meant(file, files) {
			finds = append(finds, f.offerFile(awsToolkit, folder, file, files))
		}
	}
	return finds
}

// meant reports whether a file is a token for Amazon Q. The AWS CLI keeps tokens for other services in the same folder; only the
// registration tells what they are for. A damaged file is listed if it is named as tokens are.
func meant(file cacheFile, files []cacheFile) bool {
	if file.err != nil {
		return hashedName.MatchString(file.name)
	}
	if file.AccessToken.IsZero() && file.RefreshToken.IsZero() {
		return false
	}
	registered := registrationOf(file, files)
	if scopes := registered.Scopes; len(scopes) > 0 {
		return slices.ContainsFunc(scopes, func(scope string) bool { return strings.HasPrefix(scope, "codewhisperer:") })
	}
	return !file.RefreshToken.IsZero() && clientOf(file.cached).complete()
}

func (f *Finder) offerFile(tool, folder string, file cacheFile, files []cacheFile) Find {
	path := filepath.Join(folder, file.name)
	if file.err != nil {
		return failed(tool, path, "", unread(tool, file.err))
	}
	return cachedGrant(tool, path, file, files).find(f.config.Now())
}

// cachedGrant puts together what the cache says of one sign-in.
func cachedGrant(tool, path string, file cacheFile, files []cacheFile) grant {
	g := grant{
		tool: tool, path: path, method: cachedMethod(file.cached), startURL: file.StartURL, region: file.Region, profileARN: file.ProfileARN,
		refresh: file.RefreshToken, client: clientOf(file.cached), expiresAt: file.ExpiresAt.Time, refreshedAt: file.changed,
	}
	registered := registrationOf(file, files)
	if !g.client.complete() {
		g.client = clientOf(registered.cached)
	}
	if g.client.expiresAt.IsZero() && g.client.id == registered.ClientID {
		g.client.expiresAt = clientOf(registered.cached).expiresAt
	}
	if g.method.HasClient() && registered.err != nil && !g.client.complete() {
		g.problem = fault.Wrap(unread(tool, registered.err).Kind, registered.err,
			"The client registration of the %s could not be read, so its sign-in cannot be renewed. %s", tool, wayOut(tool)).Saying(fault.Said{Code: fault.FindNoClient, Name: tool})
	}
	return g
}

// cachedMethod is how the user signed in. The Kiro IDE may leave the start URL out and name the provider.
func cachedMethod(c cached) account.Method {
	provider := strings.ToLower(c.Provider)
	switch {
	case strings.EqualFold(c.AuthMethod, "social"), c.AuthMethod == "" && (provider == "google" || provider == "github"):
		return account.Social
	case c.StartURL == "" && provider == "enterprise":
		return account.IdentityCenter
	default:
		return methodOf(c.StartURL)
	}
}

// clientOf is the registration in a file, which a token may carry with it.
func clientOf(c cached) client {
	expires := c.RegistrationExpiresAt.Time
	if expires.IsZero() && c.AccessToken.IsZero() && c.RefreshToken.IsZero() {
		expires = c.ExpiresAt.Time
	}
	return client{c.ClientID, c.ClientSecret, expires}
}

// registrationOf is the file with a token's registration: the one it names, or the one with its client id, or, if it says itself what
// it is for, its own. Only files of the cache are looked at, wherever a token's names may lead. None is the zero file.
func registrationOf(token cacheFile, files []cacheFile) cacheFile {
	if len(token.Scopes) > 0 && clientOf(token.cached).complete() {
		return token
	}
	for _, file := range files {
		named := token.ClientIDHash != "" && file.name == token.ClientIDHash+".json"
		same := token.ClientID != "" && file.ClientID == token.ClientID && file.AccessToken.IsZero() && file.RefreshToken.IsZero()
		if named || same {
			return file
		}
	}
	return cacheFile{}
}
