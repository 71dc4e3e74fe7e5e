package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// pageParts are the npm packages whose code, styles or fonts are in the page, as its build wrote them down in bundled.json.
func pageParts(page string) ([]part, error) {
	written, err := os.ReadFile(filepath.Join(page, "bundled.json"))
	if err != nil {
		return nil, fmt.Errorf("the page is not built yet: %w", err)
	}
	var names []string
	if err := json.Unmarshal(written, &names); err != nil {
		return nil, fmt.Errorf("read the page's bundled.json: %w", err)
	}
	var all []part
	for _, name := range names {
		p, err := pagePart(filepath.Join(page, "node_modules", filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func pagePart(dir string) (part, error) {
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return part{}, err
	}
	var said struct{ Name, Version, License string }
	if err := json.Unmarshal(text, &said); err != nil {
		return part{}, fmt.Errorf("read %s: %w", filepath.Join(dir, "package.json"), err)
	}
	texts, err := textsIn(dir)
	return part{name: said.Name, version: said.Version, licence: said.License, texts: texts}, err
}
