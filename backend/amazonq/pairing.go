package amazonq

import (
	"bytes"
	"slices"
	"strconv"
)

// interrupted is the result of a call that has none. It says what is known: nothing came back.
const interrupted = "(There is no result: the call was interrupted, and may not have been carried out.)"

// pairing makes every past call have exactly one result, in the turn right after it and in the order of the calls, and every result a
// call. Results that belong nowhere become words, nothing a client sends is lost.
type pairing struct {
	seen     map[string]seenUse    // by client id, the latest
	taken    map[string]bool       // ids in the conversation
	answered map[string]toolResult // by client id, the latest
	renamed  int
}

// seenUse is where a call stands.
type seenUse struct{ turn, index int }

func (c *conversation) pairResults() {
	p := pairing{seen: map[string]seenUse{}, taken: map[string]bool{}, answered: map[string]toolResult{}}
	var open []pastUse
	for i := range c.history {
		p.settle(&c.history[i].user, open)
		open = p.identify(i, &c.history[i].assistant)
	}
	p.settle(&c.current, open)
}

// identify gives the calls of a turn ids that are unique in the conversation and returns the calls. A call that was sent twice in one
// turn, as happens when a client tries again after a cut, counts once.
func (p *pairing) identify(turn int, assistant *assistantTurn) []pastUse {
	kept := assistant.uses[:0]
	for _, use := range assistant.uses {
		if at, known := p.seen[use.clientID]; known && at.turn == turn && kept[at.index].sameAs(use) {
			continue
		}
		p.seen[use.clientID] = seenUse{turn, len(kept)}
		use.id = p.unique(use.clientID)
		kept = append(kept, use)
	}
	assistant.uses = kept
	return kept
}

func (u pastUse) sameAs(other pastUse) bool {
	return u.name == other.name && bytes.Equal(u.input, other.input)
}

// unique returns id, or a variant of it if another call has it: some clients count their calls anew in every turn.
func (p *pairing) unique(id string) string {
	candidate := id
	for candidate == "" || p.taken[candidate] {
		p.renamed++
		candidate = firstOf(id, "call") + "_" + strconv.Itoa(p.renamed)
	}
	p.taken[candidate] = true
	return candidate
}

// settle gives each open call the result the turn has for it. Several results for one call are merged.
func (p *pairing) settle(turn *userTurn, open []pastUse) {
	if len(open)+len(turn.results) == 0 {
		return
	}
	places := make(map[string][]int, len(open)) // by client id
	for i, use := range open {
		places[use.clientID] = append(places[use.clientID], i)
	}
	settled := make([]toolResult, len(open))
	var strays []toolResult
	for _, result := range turn.results {
		mine := places[result.id]
		if len(mine) == 0 {
			strays = append(strays, result)
			continue
		}
		settled[mine[0]].merge(result)
		if len(mine) > 1 { // as many calls share the id: the next result is the next call's
			places[result.id] = mine[1:]
		}
	}
	p.demote(turn, strays)
	for i := range settled {
		p.complete(&settled[i], open[i])
	}
	turn.results = settled
}

// complete makes up the result if there is none, and notes it.
func (p *pairing) complete(result *toolResult, use pastUse) {
	if len(result.text) == 0 {
		result.text, result.failed = []string{interrupted}, true
	}
	p.answered[use.clientID] = *result
	result.id = use.id
}

// merge adds another result for the same call. A failure stays one.
func (r *toolResult) merge(other toolResult) {
	r.failed = r.failed || other.failed
	if !slices.Equal(r.text, other.text) {
		r.text = append(r.text, other.text...)
	}
}

// demote puts results without a call into words, before the turn's own. A repetition of what a call was answered before is left out.
func (p *pairing) demote(turn *userTurn, strays []toolResult) {
	var words []string
	for _, stray := range strays {
		if earlier, known := p.answered[stray.id]; known && slices.Equal(earlier.text, stray.text) {
			continue
		}
		words = append(words, stray.asText())
	}
	if len(words) > 0 {
		turn.text = append(words, turn.text...)
	}
}
