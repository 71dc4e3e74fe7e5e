package donor

import (
	"path/filepath"
	"slices"

	"amq2api/backend/account"
)

const databaseName = "data.sqlite3"

// amazonQDatabases lists where the Amazon Q CLI keeps its database. Source: the official CLI.
func (c Config) amazonQDatabases() []string { return c.databases("amazon-q", c.localFolder()) }

// kiroDatabases lists where the Kiro CLI keeps its database. On Windows both of the user's folders have been seen.
func (c Config) kiroDatabases() []string {
	folders := []string{c.localFolder()}
	if c.OS == "windows" {
		folders = append(folders, c.folder("APPDATA", "AppData", "Roaming"))
	}
	return c.databases("kiro-cli", folders...)
}

// databases puts a tool's database into each folder that is known, once.
func (c Config) databases(tool string, folders ...string) []string {
	var paths []string
	for _, folder := range folders {
		path := filepath.Join(folder, tool, databaseName)
		if filepath.IsAbs(path) && !slices.Contains(paths, path) {
			paths = append(paths, path)
		}
	}
	return paths
}

// localFolder is where programs keep what belongs to this computer alone.
func (c Config) localFolder() string {
	switch c.OS {
	case "windows":
		return c.folder("LOCALAPPDATA", "AppData", "Local")
	case "darwin":
		return filepath.Join(c.Home, "Library", "Application Support")
	default:
		return c.folder("XDG_DATA_HOME", ".local", "share")
	}
}

// folder is what the environment names, if that is an absolute path, or else a place in the user's folder.
func (c Config) folder(variable string, usual ...string) string {
	if named := c.Env(variable); filepath.IsAbs(named) {
		return named
	}
	return filepath.Join(append([]string{c.Home}, usual...)...)
}

// cacheFolder is where the Kiro IDE, the AWS toolkits and the AWS CLI keep tokens, on every system.
func (c Config) cacheFolder() string { return filepath.Join(c.Home, ".aws", "sso", "cache") }

// serviceOf is the service that a tool's sign-ins are for.
func serviceOf(tool string) account.Service {
	if tool == kiroCLI || tool == kiroIDE {
		return account.Kiro
	}
	return account.AmazonQ
}
