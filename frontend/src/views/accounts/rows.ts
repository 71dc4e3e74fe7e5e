import type { BulkRow } from '$lib/api/types.gen';
import { m } from '$words';

const words: Record<string, () => string> = {
  valid: m.accounts_row_valid,
  added: m.accounts_row_added,
  duplicate: m.accounts_row_duplicate,
  broken: m.accounts_row_broken,
  failed: m.accounts_row_failed,
};

/** What becomes of a row. */
export const rowWords = (state: string) => words[state]?.() ?? state;

export const marks: Record<string, 'ok' | 'hollow' | 'bad'> = {
  valid: 'ok',
  added: 'ok',
  duplicate: 'hollow',
  broken: 'bad',
  failed: 'bad',
};

/** How many rows there are of each state, in the order in which people want to know. */
export function tally(rows: readonly Pick<BulkRow, 'state'>[]): { state: string; n: number }[] {
  return Object.keys(words)
    .map((state) => ({ state, n: rows.filter((row) => row.state === state).length }))
    .filter(({ n }) => n > 0);
}

/** Whether a text is sealed, so that it needs its passphrase. A saved answer of the export is JSON around it. */
export const isSealed = (text: string) => /^\s*-----BEGIN AGE ENCRYPTED FILE-----/.test(text);

/** The sealed text of a saved export; any other text as it is. */
export function unwrapped(text: string): string {
  if (!text.includes('BEGIN AGE ENCRYPTED FILE') || !text.trim().startsWith('{')) return text;
  try {
    const saved = JSON.parse(text) as { text?: unknown };
    return typeof saved.text === 'string' ? saved.text : text;
  } catch {
    return text;
  }
}
