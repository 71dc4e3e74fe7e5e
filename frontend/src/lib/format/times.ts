import { getLocale } from '../../paraglide/runtime.js';
import { m } from '../../paraglide/messages.js';

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = getLocale();
  const key = locale + JSON.stringify(options);
  let made = formats.get(key);
  if (!made) formats.set(key, (made = new Intl.DateTimeFormat(locale, options)));
  return made;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** 14:32:08 */
export const clockTime = (at: string | number) =>
  format({ hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(new Date(at));

/** 14:32 */
export const shortTime = (at: string | number) =>
  format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at));

/** Nov 1, 2026 */
export const date = (at: string | number) =>
  format({ year: 'numeric', month: 'short', day: 'numeric' }).format(new Date(at));

/** Nov 1, 14:32; with the year where it is needed to understand it. */
export function dateTime(at: string | number, now: number): string {
  const then = new Date(at);
  const year = then.getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return format({
    ...year,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(then);
}

/** How long ago, in one unit: now, 4s ago, 1m ago, 6h ago, 3d ago. */
export function ago(at: string, now: number): string {
  const past = Math.max(0, Math.floor((now - Date.parse(at)) / 1000));
  if (past < 3) return m.time_now();
  if (past < minute) return m.time_seconds_ago({ n: past });
  if (past < hour) return m.time_minutes_ago({ n: Math.floor(past / minute) });
  if (past < 2 * day) return m.time_hours_ago({ n: Math.floor(past / hour) });
  return m.time_days_ago({ n: Math.floor(past / day) });
}

/** A span in its two largest units: 42s, 12m, 4h 12m, 3d 4h. */
export function span(seconds: number): string {
  if (seconds < minute) return m.time_span_s({ s: Math.max(0, Math.floor(seconds)) });
  if (seconds < hour) return m.time_span_m({ m: Math.floor(seconds / minute) });
  if (seconds < day) return m.time_span_hm({ h: Math.floor(seconds / hour), m: Math.floor((seconds % hour) / minute) });
  return m.time_span_dh({ d: Math.floor(seconds / day), h: Math.floor((seconds % day) / hour) });
}

/** What is left until then, as a clock: 0:42, 5:00, 1:02:09. Never below zero. */
export function countdown(until: string, now: number): string {
  const left = Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, min, s] = [Math.floor(left / hour), Math.floor((left % hour) / minute), left % minute];
  return h > 0 ? `${h}:${two(min)}:${two(s)}` : `${min}:${two(s)}`;
}

/** Nov 1 */
export const dayOf = (at: string | number) => format({ month: 'short', day: 'numeric' }).format(new Date(at));

/** Mon, Nov 1 */
export const weekday = (at: string | number) =>
  format({ weekday: 'short', month: 'short', day: 'numeric' }).format(new Date(at));
