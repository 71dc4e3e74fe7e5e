package main

import (
	"bytes"
	"encoding/json"
	"runtime"
	"strings"
	"testing"
)

func TestTheVersionNamesWhatAReportNeeds(t *testing.T) {
	out, err := run(t, "version", "--json")
	if err != nil {
		t.Fatal(err)
	}
	var said facts
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		t.Fatal(err)
	}
	if said.Version != version || said.Build != "headless" || said.Platform != runtime.GOOS+"/"+runtime.GOARCH || said.Schema < 10 || said.Go != runtime.Version() {
		t.Errorf("it says %+v", said)
	}
	spoken, err := run(t, "version")
	if err != nil || !strings.HasPrefix(spoken, "amq2api "+version+"\n") || !strings.Contains(spoken, "headless, "+said.Platform) {
		t.Errorf("it prints %q, %v", spoken, err)
	}
}

func TestLicencesArePrintedWithOursFirst(t *testing.T) {
	out, err := run(t, "version", "--licenses")
	if err != nil || !strings.HasPrefix(out, "AMQ2API\n\nMIT License") {
		t.Errorf("it prints %.80q, %v", out, err)
	}
	if _, err := run(t, "version", "--licenses", "--json"); err == nil {
		t.Error("licences are no JSON, and asking for both must be refused")
	}
}

func TestABuildWithoutTheListSaysSo(t *testing.T) {
	var out bytes.Buffer
	if err := printLicences(&out, "build/licences/none"); err != nil || !strings.Contains(out.String(), "carries no list") {
		t.Errorf("it prints %q, %v", out.String(), err)
	}
}
