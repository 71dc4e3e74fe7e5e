import { expect, it } from 'vitest';

import { courseOf } from './course';

const reading = (hour: number, used: number, limit = 50) => ({
  at: new Date(Date.UTC(2026, 10, 1, hour)).toISOString(),
  used,
  limit,
});

it('draws a quota in steps, by the time it was told', () => {
  expect(courseOf([reading(0, 0), reading(1, 25), reading(4, 50)], 100, 42)).toBe('M0,41.0H25.0V21.0H100.0V1.0');
});

it('stays below its top when the limit is passed, and drops when the quota begins anew', () => {
  expect(courseOf([reading(0, 100, 50), reading(2, 0, 50)], 100, 42)).toBe('M0,1.0H100.0V41.0');
});

it('draws nothing of nothing, nor of a single reading', () => {
  expect([courseOf([], 100, 42), courseOf([reading(0, 1)], 100, 42)]).toEqual(['', '']);
});
