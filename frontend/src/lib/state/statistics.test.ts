import { describe, expect, it } from 'vitest';

import { dollars, signed } from '../format/numbers';
import { someOf } from '../ui/bars';
import { weekOf } from '../../views/usage/hours';
import { change, midnight } from './statistics.svelte';

describe('statistics', () => {
  it('begin at midnight of a day, also across months', () => {
    const now = new Date(2026, 2, 1, 14, 30);
    expect(midnight(0, now)).toBe('2026-03-01');
    expect(midnight(1, now)).toBe('2026-02-28');
    expect(midnight(60, now)).toBe('2025-12-31');
  });

  it('compare with what there was', () => {
    expect(change(15, 10)).toBe(0.5);
    expect(change(0, 10)).toBe(-1);
    expect(change(10, 0)).toBeNull();
    expect(signed(0.5)).toBe('+50%');
  });

  it('show dollars with the digits that say something', () => {
    expect(dollars(0)).toBe('$0');
    expect(dollars(0.0042)).toBe('$0.0042');
    expect(dollars(1.2)).toBe('$1.20');
    expect(dollars(310.4)).toBe('$310');
  });

  it('put hours into lines of days, repeated ones into one cell', () => {
    const at = (day: number, hour: number, requests: number) => ({
      from: new Date(2026, 10, day, hour).toISOString(),
      requests,
    });
    const week = weekOf([at(1, 23, 3), at(2, 0, 1), at(2, 5, 2), at(2, 5, 4), { from: null, requests: 9 }]);
    expect(week.map(({ cells }) => cells.map((cell) => cell?.requests ?? 0).filter(Boolean))).toEqual([[3], [1, 6]]);
    expect(week[1]!.cells).toHaveLength(24);
  });

  it('mark some columns evenly', () => {
    const columns = Array.from({ length: 30 }, (_, i) => ({ at: String(i), good: 0, bad: 0 }));
    expect(someOf(columns, 10).map(({ i }) => i)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
    expect(someOf(columns.slice(0, 3), 10)).toHaveLength(3);
  });
});
