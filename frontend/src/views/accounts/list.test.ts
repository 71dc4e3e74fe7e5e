import { describe, expect, it } from 'vitest';

import { account } from '../../testing/wire';
import { arrange, nextOrder, orderOf, quotaShare, visible } from './list';
import { isSealed, tally, unwrapped } from './rows';

const quota = (used: number | null, limit: number | null) => ({
  plan: 'Pro',
  unit: 'credit',
  used,
  limit,
  left: null,
  resets_at: null,
  overage: false,
  at: '2026-11-01T12:00:00Z',
});
const some = [
  account({ id: 1, name: 'seat 10', quota: quota(90, 100), current_rpm: 3 }),
  account({ id: 2, name: 'Seat 2', email: 'lin@example.com', last_used: '2026-11-01T10:00:00Z' }),
  account({ id: 3, name: 'backup', status: 'needs_sign_in', quota: quota(10, 100), priority: 2 }),
];
const ids = (list: { id: number }[]) => list.map(({ id }) => id);

describe('the list of accounts', () => {
  it.each([
    ['name', [3, 2, 1]],
    ['-name', [1, 2, 3]],
    ['status', [1, 2, 3]],
    ['quota', [2, 3, 1]],
    ['-rpm', [1, 2, 3]],
    ['-last_used', [2, 1, 3]],
    ['-priority', [3, 1, 2]],
    ['', [1, 2, 3]],
    ['nonsense', [1, 2, 3]],
  ])('sorted by %j', (order, wanted) => expect(ids(arrange(some, 'all', '', orderOf(order)))).toEqual(wanted));

  it('is narrowed by group and by words of name, email and notes', () => {
    expect(ids(arrange(some, 'attention', '', null))).toEqual([3]);
    expect(ids(arrange(some, 'all', ' LIN@ ', null))).toEqual([2]);
    expect(ids(arrange(some, 'attention', 'seat', null))).toEqual([]);
  });

  it('turns a column from rising to falling to as it was', () => {
    expect(nextOrder(null, 'name')).toBe('name');
    expect(nextOrder(orderOf('name'), 'name')).toBe('-name');
    expect(nextOrder(orderOf('-name'), 'name')).toBe('');
    expect(nextOrder(orderOf('-name'), 'rpm')).toBe('rpm');
  });

  it('knows no share of a quota that is not known', () => {
    expect([quota(50, 100), quota(null, 100), quota(1, 0), null].map((q) => quotaShare(account({ quota: q })))).toEqual(
      [0.5, null, null, null],
    );
  });

  it('draws only what is seen, and a little around it', () => {
    expect(visible(200, 0, 520, 52)).toEqual([0, 26]);
    expect(visible(200, 5200, 520, 52)).toEqual([92, 118]);
    expect(visible(200, 1e6, 520, 52)).toEqual([192, 200]);
    expect(visible(3, 0, 520, 52)).toEqual([0, 3]);
  });
});

describe('accounts as text', () => {
  it('are counted by what becomes of them', () => {
    const rows = ['broken', 'valid', 'duplicate', 'valid'].map((state) => ({ state }));
    expect(tally(rows)).toEqual([
      { state: 'valid', n: 2 },
      { state: 'duplicate', n: 1 },
      { state: 'broken', n: 1 },
    ]);
  });

  it('ask for a passphrase where they are sealed, also inside a saved answer', () => {
    const sealed = '-----BEGIN AGE ENCRYPTED FILE-----\nabc\n-----END AGE ENCRYPTED FILE-----\n';
    expect(isSealed(sealed)).toBe(true);
    expect(isSealed('name,refresh_token')).toBe(false);
    expect(unwrapped(JSON.stringify({ text: sealed, accounts: 1 }))).toBe(sealed);
    expect(unwrapped('{"refresh_token":"r"}')).toBe('{"refresh_token":"r"}');
    expect(unwrapped('{ BEGIN AGE ENCRYPTED FILE')).toBe('{ BEGIN AGE ENCRYPTED FILE');
  });
});
