//go:build production || dev || bindings

package main

// firstTexts are up to three texts that the page sent with an event; what is no text is empty.
func firstTexts(said []any) (first, second, third string) {
	texts := [3]string{}
	for i := range min(len(said), len(texts)) {
		texts[i], _ = said[i].(string)
	}
	return texts[0], texts[1], texts[2]
}
