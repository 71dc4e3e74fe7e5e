package backend_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// features are the columns of the README's table of clients, as their runs call them.
var features = []string{"text", "tools", "image", "error"}

var (
	recordingNamed = regexp.MustCompile("`([^`]+)`")
	alsoRun        = regexp.MustCompile(`(?:^|, )([A-Za-z ]+) run\b`)
)

// TestEveryCellOfTheReadmesTableOfClientsIsBacked compares the table with what the clients' runs do and with the recordings.
func TestEveryCellOfTheReadmesTableOfClientsIsBacked(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../build/clients/table.json")
	if err != nil {
		t.Fatal(err)
	}
	runs := map[string][]string{}
	if err := json.Unmarshal(text, &runs); err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(readme), "| client | text | tools | images | errors | more |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	seen := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		client := strings.TrimSpace(cells[0])
		if len(cells) != len(features)+2 || strings.HasPrefix(client, "-") {
			continue
		}
		seen++
		for i, feature := range features {
			if ran := slices.Contains(runs[client], feature); ran != (strings.TrimSpace(cells[i+1]) == "run") {
				t.Errorf("%s, %s: the README says %q, a run is there: %v", client, feature, cells[i+1], ran)
			}
		}
		checkMore(t, client, strings.TrimSpace(cells[len(cells)-1]), runs[client])
	}
	if seen != len(runs) {
		t.Errorf("the README has %d clients, the runs %d", seen, len(runs))
	}
}

func checkMore(t *testing.T, client, more string, runs []string) {
	t.Helper()
	for _, named := range recordingNamed.FindAllStringSubmatch(more, -1) {
		if found, err := filepath.Glob("dialect/*/testdata/recorded/" + named[1] + ".json"); err != nil || len(found) != 1 {
			t.Errorf("%s: there is no recording %s", client, named[1])
		}
	}
	for _, named := range alsoRun.FindAllStringSubmatch(more, -1) {
		if !slices.Contains(runs, named[1]) {
			t.Errorf("%s: %q is not among the runs %v", client, named[1], runs)
		}
	}
}
