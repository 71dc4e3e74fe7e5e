import { beforeEach, describe, expect, it } from 'vitest';

import { account } from '../../testing/wire';
import { recall, remember } from './memory';
import { canServe, current, factsOf, type Told, type World } from './progress';

const world = (known: Partial<World> = {}): World => ({
  accounts: [],
  termsKnown: false,
  called: false,
  ...known,
});
const at = (known: Partial<World>, told: Partial<Told> = {}) =>
  current(factsOf(world(known), { looked: false, setUp: false, ...told }));

beforeEach(() => localStorage.clear());

describe('the set-up', () => {
  it('goes from one step to the next', () => {
    const accounts = [account()];
    expect(at({})).toBe('look');
    expect(at({}, { looked: true })).toBe('terms');
    expect(at({ termsKnown: true }, { looked: true })).toBe('account');
    expect(at({ accounts })).toBe('tool');
    expect(at({ accounts }, { setUp: true })).toBe('call');
    expect(at({ accounts, called: true })).toBe('end');
  });

  it('stays at the account while none can serve, and goes on with one that waits', () => {
    expect(at({ accounts: [account({ status: 'needs_sign_in' })] })).toBe('account');
    expect(canServe(account({ status: 'cooling_down' }))).toBe(true);
    expect(canServe(account({ status: 'disabled' }))).toBe(false);
  });

  it('is remembered, as far as the program does not know', () => {
    expect(recall()).toMatchObject({ looked: false, skipped: false, tool: '' });
    remember({ tool: 'codex' });
    remember({ looked: true });
    expect(recall()).toMatchObject({ looked: true, tool: 'codex' });
  });

  it('begins anew where the memory cannot be read', () => {
    localStorage.setItem('amq2api.onboarding', 'not JSON');
    expect(recall().tool).toBe('');
  });
});
