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

/** How a key stands. Close to its budget or its end it still works. */
export type KeyStanding = 'active' | 'expiring' | 'near_budget' | 'at_budget' | 'at_day' | 'expired' | 'revoked';

/** So many days before its end a key says so. */
export const soonDays = 7;

const dayMs = 24 * 60 * 60 * 1000;

export const daysLeft = (key: Key, now: number): number =>
  key.expires_at === null ? Infinity : Math.floor((Date.parse(key.expires_at) - now) / dayMs);

export function keyStandingOf(key: Key, now: number): KeyStanding {
  if (!key.is_active) return 'revoked';
  if (key.expires_at !== null && Date.parse(key.expires_at) <= now) return 'expired';
  if (key.budget_used >= 1) return 'at_budget';
  if (isReached(key.current_rpd, key.requests_per_day) || isReached(key.tokens_today, key.tokens_per_day))
    return 'at_day';
  if (key.budget_warning) return 'near_budget';
  return daysLeft(key, now) < soonDays ? 'expiring' : 'active';
}

const isReached = (used: number, most: number) => most > 0 && used >= most;

/** Attention needs the user, though a key that is only close to something still works, and so is active as well. */
export const keyGroups = ['active', 'attention', 'revoked'] as const;
export type KeyGroup = (typeof keyGroups)[number];

const works = new Set<KeyStanding>(['active', 'expiring', 'near_budget']);

export function isInGroup(key: Key, group: KeyGroup, now: number): boolean {
  const standing = keyStandingOf(key, now);
  if (group === 'revoked') return standing === 'revoked';
  return group === 'active' ? works.has(standing) : standing !== 'active' && standing !== 'revoked';
}
