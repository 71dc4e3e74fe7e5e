/** How well what was typed fits what the palette offers. Nothing here knows the page. */

export interface Rankable {
  id: string;
  /** What is shown. */
  label: string;
  /** Other words it goes by, such as its English name. */
  also?: readonly string[];
}

const tidy = (text: string) => text.normalize('NFKC').toLowerCase();

/** How a word fits a text, from 0 for not at all to 1 for its beginning. */
export function fit(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at === 0) return 1;
  if (at > 0) return /[\s\p{P}\p{S}]/u.test(text[at - 1]!) ? 0.85 : 0.65;
  return scattered(word, text);
}

/** Letters in their order with others between them; the closer together, the better. One letter alone says nothing. */
function scattered(word: string, text: string): number {
  if (word.length < 2) return 0;
  const first = text.indexOf(word[0]!);
  let at = first;
  for (const letter of word.slice(1)) {
    if (at < 0) return 0;
    at = text.indexOf(letter, at + 1);
  }
  const density = word.length / (at - first + 1);
  return at < 0 || density < 0.34 ? 0 : 0.5 * density;
}

/** How everything typed fits an entry: each word must fit one of its names. The name that is shown counts a little more. */
export function score({ label, also = [] }: Rankable, query: string): number {
  const words = tidy(query).split(/\s+/).filter(Boolean);
  const names = [label, ...also].map(tidy);
  let sum = 0;
  for (const word of words) {
    const best = Math.max(...names.map((name, i) => fit(word, name) * (i === 0 ? 1 : 0.95)));
    if (best === 0) return 0;
    sum += best;
  }
  return words.length === 0 ? 1 : sum / words.length;
}

const recentGain = 0.15;

/** What fits, the best first; of equals what was chosen lately, the latest first, then as they stand. */
export function rank<Entry extends Rankable>(
  entries: readonly Entry[],
  query: string,
  recent: readonly string[],
): Entry[] {
  const gain = (id: string) => {
    const at = recent.indexOf(id);
    return at < 0 ? 0 : recentGain * (1 - at / recent.length);
  };
  return entries
    .map((entry) => ({ entry, points: score(entry, query) }))
    .filter(({ points }) => points > 0)
    .map(({ entry, points }) => ({ entry, points: points + gain(entry.id) }))
    .sort((a, b) => b.points - a.points)
    .map(({ entry }) => entry);
}

export interface Section<Entry> {
  name: string;
  entries: Entry[];
}

/** The ranked as sections, each at the place of its best and with so many at most. */
export function sections<Entry extends { group: string }>(ranked: readonly Entry[], most: number): Section<Entry>[] {
  const found = new Map<string, Entry[]>();
  for (const entry of ranked) found.set(entry.group, [...(found.get(entry.group) ?? []), entry]);
  return [...found].map(([name, entries]) => ({ name, entries: entries.slice(0, most) }));
}

/** A pasted id of a request; empty if it is none. */
export const requestID = (query: string) => /^\s*(req_[A-Za-z0-9_-]{4,80})\s*$/.exec(query)?.[1] ?? '';

/** The choices with one more in front. */
export const chosen = (recent: readonly string[], id: string, most = 5) =>
  [id, ...recent.filter((other) => other !== id)].slice(0, most);
