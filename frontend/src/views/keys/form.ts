import * as v from 'valibot';

import type { Key } from '$lib/api/types.gen';
import { m } from '$words';

import { limit, name, text } from '../form.svelte';

export const colours = ['', 'grey', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'] as const;
export const dialects = ['anthropic', 'openai', 'responses'] as const;

/** How the end of a key is said: as it was, never, in so many days, in days to be typed, or on a date. */
export const ends = ['keep', '', '30', '90', 'days', 'date'] as const;
export type End = (typeof ends)[number];

/** Lists are texts with an entry on each line, so that a form is made of texts alone. */
export const entries = (list: string) => list.split('\n').filter(Boolean);
export const listed = (entries: readonly (string | number)[]) => entries.join('\n');

const scale: Record<string, number> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const amount = /^(\d{1,12}(?:\.\d{1,6})?)\s*([kmg]?)$/i;

/** Tokens as people write them: 200000, 500K, 2M. Null is none of these. */
export function tokenCount(typed: string): number | null {
  const [, digits, unit = ''] = amount.exec(typed.trim()) ?? [];
  return digits === undefined ? null : Math.round(Number(digits) * (scale[unit.toLowerCase()] ?? 1));
}

const tokens = v.pipe(
  v.string(),
  v.check(
    (typed) => tokenCount(typed) !== null,
    () => m.keys_tokens_wrong(),
  ),
  v.transform((typed) => tokenCount(typed) ?? 0),
);

const dollars = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^\d{1,9}(\.\d{1,4})?$/, () => m.keys_cost_wrong()),
  v.transform(Number),
);

const list = v.pipe(v.string(), v.transform(entries));

const fields = v.object({
  name,
  description: text(1000),
  note: text(4000),
  colour: v.string(),
  end: v.string(),
  expires_days: v.string(),
  expires_at: v.string(),
  requests_per_minute: limit(1_000_000),
  requests_per_day: limit(1_000_000),
  max_concurrent: limit(1_000_000),
  tokens_per_day: tokens,
  budget_tokens: tokens,
  budget_cost: dollars,
  time_zone: text(100),
  allowed_models: list,
  allowed_dialects: list,
  default_model: text(200),
  accounts: v.pipe(
    list,
    v.transform((ids) => ids.map(Number)),
  ),
});

export type KeyValues = v.InferInput<typeof fields>;
export type KeyErrors = Partial<Record<keyof KeyValues, string>>;

/** What a form says of a key, to make one or to change it. */
export const keySchema = v.pipe(
  fields,
  v.forward(
    v.partialCheck(
      [['end'], ['expires_days']],
      ({ end, expires_days }) => end !== 'days' || /^\s*[1-9]\d{0,4}\s*$/.test(expires_days),
      () => m.keys_days_wrong(),
    ),
    ['expires_days'],
  ),
  v.forward(
    v.partialCheck(
      [['end'], ['expires_at']],
      ({ end, expires_at }) => end !== 'date' || /^\d{4}-\d\d-\d\d$/.test(expires_at),
      () => m.keys_date_wrong(),
    ),
    ['expires_at'],
  ),
  v.transform(({ end, expires_days, expires_at, ...rest }) => ({
    ...rest,
    ...expiry(end as End, expires_days, expires_at),
  })),
);

function expiry(end: End, days: string, date: string): { expires_days?: number; expires_at?: string | null } {
  if (end === 'keep') return {};
  if (end === '') return { expires_at: null };
  return end === 'date' ? { expires_at: date } : { expires_days: Number(end === 'days' ? days : end) };
}

/** A form for a key as it is, or for a new one. */
export function valuesOf(key?: Key): KeyValues {
  return {
    name: key?.name ?? '',
    description: key?.description ?? '',
    note: key?.note ?? '',
    colour: key?.colour ?? '',
    end: key ? 'keep' : '',
    expires_days: '',
    expires_at: '',
    requests_per_minute: String(key?.requests_per_minute ?? 60),
    requests_per_day: String(key?.requests_per_day ?? 10_000),
    max_concurrent: String(key?.max_concurrent ?? 0),
    tokens_per_day: String(key?.tokens_per_day ?? 0),
    budget_tokens: String(key?.budget_tokens ?? 0),
    budget_cost: String(key?.budget_cost ?? 0),
    time_zone: key?.time_zone ?? '',
    allowed_models: listed(key?.allowed_models ?? []),
    allowed_dialects: listed(key?.allowed_dialects ?? []),
    default_model: key?.default_model ?? '',
    accounts: listed(key?.accounts ?? []),
  };
}
