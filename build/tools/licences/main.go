// Licences writes the licences of everything that is built into the program or its page, as one compressed text: `amq2api version --licenses`
// prints it. It says the same on every machine.
//
//	licences FILE.gz
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// part is something that others made and that is built in.
type part struct {
	name    string // a module's path or a package's name
	version string
	licence string // its name where the part says one, else empty
	texts   []text
}

// text is one file that a licence wants passed on.
type text struct{ file, words string }

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: licences FILE.gz")
	}
	list, err := everything()
	if err == nil {
		err = write(os.Args[1], render(list))
	}
	if err != nil {
		log.Fatal("licences: ", err)
	}
}

func everything() ([]part, error) {
	modules, err := goParts()
	if err != nil {
		return nil, err
	}
	bundled, err := pageParts("frontend")
	if err != nil {
		return nil, err
	}
	list := slices.Concat(modules, bundled)
	for _, p := range list {
		if len(p.texts) == 0 && p.licence == "" {
			return nil, fmt.Errorf("%s %s says nothing about its licence; look at it before it is passed on", p.name, p.version)
		}
	}
	return list, nil
}

// wanted are the files that a licence wants passed on. Source and data files may be called so too.
var wanted = regexp.MustCompile(`(?i)^(licen[cs]es?|copying|notice|patents)([-_.].*)?$`)

// textsIn are the licences in a folder, without those below it.
func textsIn(dir string) ([]text, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var found []text
	for _, entry := range entries {
		name := entry.Name()
		if !entry.Type().IsRegular() || !wanted.MatchString(name) || slices.Contains([]string{".go", ".js", ".json", ".ts"}, filepath.Ext(name)) {
			continue
		}
		words, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		found = append(found, text{name, strings.TrimSpace(strings.ReplaceAll(string(words), "\r\n", "\n"))})
	}
	return found, nil
}

// render writes the list of all parts, then each text once with the parts it is of.
func render(list []part) []byte {
	slices.SortFunc(list, func(a, b part) int { return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.version, b.version)) })
	var out bytes.Buffer
	out.WriteString("AMQ2API contains the work of others, under the licences below. Each build has a part of this list, as its platform needs.\n\n")
	owners := map[string][]string{}
	var order []string
	for _, p := range list {
		fmt.Fprintf(&out, "  %s %s%s\n", p.name, p.version, inBrackets(p.licence))
		for _, t := range p.texts {
			if owners[t.words] == nil {
				order = append(order, t.words)
			}
			owners[t.words] = append(owners[t.words], fmt.Sprintf("%s (%s)", p.name, t.file))
		}
	}
	for _, words := range order {
		fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n", strings.Repeat("=", 78), strings.Join(owners[words], "\n"), words)
	}
	return out.Bytes()
}

func inBrackets(licence string) string {
	if licence == "" {
		return ""
	}
	return " (" + licence + ")"
}

// write compresses without a name or a time, so that equal texts are equal files.
func write(path string, words []byte) error {
	var packed bytes.Buffer
	to, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := to.Write(words); err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, packed.Bytes(), 0o644)
}
