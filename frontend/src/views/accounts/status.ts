import type { Account } from '$lib/api/types.gen';
import { countdown, dateTime } from '$lib/format/times';
import { standingOf, type Standing } from '$lib/state/status';
import { accountReason } from '$lib/state/words';
import { m } from '$words';

export interface Shown {
  mark: 'ok' | 'warn' | 'bad' | 'idle' | 'hollow' | 'ring' | 'spin';
  tone: string;
  word: () => string;
}

/** Shape, word and colour of each standing: never colour alone. */
export const shown: Record<Standing, Shown> = {
  ready: { mark: 'ok', tone: 'text-fg', word: m.status_ready },
  degraded: { mark: 'warn', tone: 'text-warn-fg', word: m.status_degraded },
  cooling_down: { mark: 'ring', tone: 'text-warn-fg', word: m.status_cooling_down },
  exhausted: { mark: 'idle', tone: 'text-fg-2', word: m.status_exhausted },
  needs_sign_in: { mark: 'bad', tone: 'text-bad-fg', word: m.status_needs_sign_in },
  suspended: { mark: 'bad', tone: 'text-bad-fg', word: m.status_suspended },
  disabled: { mark: 'hollow', tone: 'text-fg-2', word: m.status_disabled },
  checking: { mark: 'spin', tone: 'text-fg-2', word: m.status_checking },
};

/** When a standing ends by itself, in words; empty if it does not. */
export function recovery(account: Account, now: number): string {
  const until = account.cooldown_until;
  const standing = standingOf(account);
  if (until === null || (standing !== 'cooling_down' && standing !== 'exhausted')) return '';
  if (Date.parse(until) <= now) return m.status_due();
  return standing === 'cooling_down'
    ? m.status_retry_in({ time: countdown(until, now) })
    : m.status_resets({ time: dateTime(until, now) });
}

/** A standing in one short line: when it ends, else its word. */
export function statusLine(account: Account, now: number): { text: string; tone: string } {
  const { tone, word } = shown[standingOf(account)];
  return { tone, text: recovery(account, now) || word() };
}

/** The line under the word: when it ends, else why it is so. */
export function statusDetail(account: Account, now: number): string {
  return recovery(account, now) || (standingOf(account) === 'disabled' ? '' : accountReason(account));
}

const fullRingMs = 5 * 60_000;

/** How much of a cool-down is left, from 1 to 0, on a ring that is full at five minutes. */
export function ringLeft(account: Account, now: number): number {
  return account.cooldown_until === null ? 1 : Math.max(0.08, (Date.parse(account.cooldown_until) - now) / fullRingMs);
}
