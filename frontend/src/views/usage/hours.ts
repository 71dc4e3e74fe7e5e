import type { UsageRow } from '$lib/api/types.gen';

export interface Cell {
  at: string;
  requests: number;
}

/** The hours of some days, a line for each day: 24 cells, null where an hour is still to come, or was skipped by the clock. */
export function weekOf(
  rows: readonly Pick<UsageRow, 'from' | 'requests'>[],
): { day: string; cells: (Cell | null)[] }[] {
  const lines = new Map<string, { day: string; cells: (Cell | null)[] }>();
  for (const { from, requests } of rows) {
    if (from === null) continue;
    const at = new Date(from);
    const name = at.toDateString();
    const line = lines.get(name) ?? {
      day: from,
      cells: Array.from<null>({ length: 24 }).fill(null) as (Cell | null)[],
    };
    lines.set(name, line);
    const there = line.cells[at.getHours()];
    // An hour that the clock repeated is one cell.
    line.cells[at.getHours()] = { at: there?.at ?? from, requests: (there?.requests ?? 0) + requests };
  }
  return [...lines.values()];
}
