/** Rows of a list that the keyboard walks: each is an element with data-row, its id, and can take the focus. */
import type { Command } from './shortcuts';

/** What single keys do to the row that has the focus. */
export type RowActs<Row> = Partial<Record<'open' | 'select' | 'enable' | 'check', (row: Row) => void>>;

const focusedRow = () => document.activeElement?.closest<HTMLElement>('[data-row]') ?? null;

/** Moves the focus by a row. From elsewhere it goes to the first, or upwards to the last. */
function step(list: ParentNode, by: 1 | -1): void {
  const rows = [...list.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.indexOf(focusedRow()!);
  const next = at < 0 ? (by > 0 ? rows[0] : rows.at(-1)) : rows[at + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: 'nearest' });
}

/** The commands of a list as things stand: walking always, acts only where a row has the focus. */
export function rowCommands<Row extends { id: number }>(
  list: ParentNode | null,
  rows: readonly Row[],
  acts: RowActs<Row>,
): Partial<Record<Command, () => void>> {
  if (!list) return {}; // a key that comes while the list goes
  const at = Number(focusedRow()?.dataset.row ?? 0);
  const row = rows.find(({ id }) => id === at);
  const offered = row ? Object.entries(acts).map(([command, act]) => [command, () => act(row)]) : [];
  return { ...Object.fromEntries(offered), next: () => step(list, 1), previous: () => step(list, -1) };
}
