import type { Ground, Hindrance, Status } from '$lib/api/types.gen';
import { faultWords } from '$lib/state/words';
import { m } from '$words';

/** One that is missing here does not compile. An account that is ready has none. */
const hindrances: Record<Hindrance | Exclude<Status, 'ready'>, () => string> = {
  not_allowed: m.hindrance_not_allowed,
  disabled: m.status_disabled,
  needs_sign_in: m.status_needs_sign_in,
  suspended: m.status_suspended,
  exhausted: m.status_exhausted,
  cooling_down: m.status_cooling_down,
  lacks_model: m.hindrance_lacks_model,
  daily_credits: m.hindrance_daily_credits,
  reserve: m.hindrance_reserve,
  tried: m.hindrance_tried,
  concurrency: m.hindrance_concurrency,
  rate: m.hindrance_rate,
  spacing: m.hindrance_spacing,
  slow_start: m.hindrance_slow_start,
  pool_paused: m.hindrance_pool_paused,
};

/** What keeps an account from serving; kind is the fault behind a cool-down, if one is known. */
export function hindranceWords(by: string, kind = ''): string {
  const word = (hindrances as Record<string, (() => string) | undefined>)[by]?.() ?? by;
  return kind && by === 'cooling_down' ? `${word} · ${faultWords(kind, '')}` : word;
}

const grounds: Record<Ground, () => string> = {
  turn: m.ground_turn,
  session: m.ground_session,
  least_bad: m.ground_least_bad,
};

/** Why an account was chosen; empty if that is not known. */
export const groundWords = (ground: string) =>
  (grounds as Record<string, (() => string) | undefined>)[ground]?.() ?? '';
