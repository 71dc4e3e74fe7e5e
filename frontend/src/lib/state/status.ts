import type { Account, Key } from '../api/types.gen';

/** How an account stands, in the words of the screen. */
export type Standing =
  'ready' | 'degraded' | 'cooling_down' | 'exhausted' | 'needs_sign_in' | 'suspended' | 'disabled' | 'checking';

/** Attention needs the user; waiting heals by itself. */
export const groups = ['ready', 'attention', 'waiting', 'disabled'] as const;
export type Group = (typeof groups)[number];

const group: Record<Standing, Group> = {
  ready: 'ready',
  checking: 'ready',
  degraded: 'attention',
  needs_sign_in: 'attention',
  suspended: 'attention',
  cooling_down: 'waiting',
  exhausted: 'waiting',
  disabled: 'disabled',
};

const known = new Set<string>(Object.keys(group));

/** An account that serves, though its last answer was a failure, is degraded. */
export function standingOf(account: Account): Standing {
  if (account.status === 'ready' && account.health_check_error !== '') return 'degraded';
  return known.has(account.status) ? (account.status as Standing) : 'degraded';
}

export const groupOf = (account: Account): Group => group[standingOf(account)];

/** Whether requests can go to the account right now. */
export const serves = (account: Account) => account.status === 'ready';

export type KeyStanding = 'active' | 'expired' | 'revoked';

export function keyStandingOf(key: Key, now: number): KeyStanding {
  if (!key.is_active) return 'revoked';
  return key.expires_at !== null && Date.parse(key.expires_at) <= now ? 'expired' : 'active';
}
