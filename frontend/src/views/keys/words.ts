import type { Key } from '$lib/api/types.gen';
import { dollars, tokens, whole } from '$lib/format/numbers';
import { daysLeft, type KeyStanding } from '$lib/state/status';
import { m } from '$words';

import { entries, tokenCount, type KeyValues } from './form';
import type { Use } from './use';

const colourWords: Record<string, () => string> = {
  grey: m.keys_colour_grey,
  red: m.keys_colour_red,
  orange: m.keys_colour_orange,
  yellow: m.keys_colour_yellow,
  green: m.keys_colour_green,
  teal: m.keys_colour_teal,
  blue: m.keys_colour_blue,
  purple: m.keys_colour_purple,
  pink: m.keys_colour_pink,
};

export const colourWord = (colour: string) => (colourWords[colour] ?? m.keys_colour_none)();

const dialectWords: Record<string, string> = {
  anthropic: 'Anthropic Messages',
  openai: 'OpenAI Chat Completions',
  responses: 'OpenAI Responses',
};

export const dialectWord = (dialect: string) => dialectWords[dialect] ?? dialect;

/** How a key stands, in words. */
export function standingWord(key: Key, standing: KeyStanding, now: number): string {
  const days = daysLeft(key, now);
  const words: Record<KeyStanding, () => string> = {
    active: m.keys_active,
    expiring: () => (days < 1 ? m.keys_expiring_today() : m.keys_expiring({ n: days })),
    near_budget: () => m.keys_near_budget({ share: whole(Math.floor(key.budget_used * 100)) }),
    at_budget: m.keys_at_budget,
    at_day: m.keys_at_day,
    expired: m.keys_expired,
    revoked: m.keys_is_revoked,
  };
  return words[standing]();
}

/** A number of what a limit counts. */
export const counted = (of: Use['of'], n: number) =>
  of === 'cost' ? dollars(n) : of === 'tokens' ? tokens(n) : whole(n);

/** Several short texts as one line. */
export const joined = (parts: string[]) =>
  parts.length === 0 ? '' : parts.reduce((line, next) => m.keys_sum_join({ line, next }));

/** What is set of some limits, in a line; what is zero or cannot be read is left out. */
function limits(...said: [string, (n: number) => string][]): string[] {
  return said.flatMap(([typed, say]) => {
    const n = tokenCount(typed) ?? 0;
    return n > 0 ? [say(n)] : [];
  });
}

export const requestsLine = (values: KeyValues) =>
  joined(
    limits(
      [values.requests_per_minute, (n) => m.keys_sum_minute({ n: whole(n) })],
      [values.requests_per_day, (n) => m.keys_sum_day({ n: whole(n) })],
      [values.max_concurrent, (n) => m.keys_sum_concurrent({ n: whole(n) })],
    ),
  ) || m.keys_sum_none();

export function budgetLine(values: KeyValues): string {
  const counts = limits(
    [values.tokens_per_day, (n) => m.keys_sum_tokens_day({ n: tokens(n) })],
    [values.budget_tokens, (n) => m.keys_sum_tokens_month({ n: tokens(n) })],
  );
  const cost =
    Number(values.budget_cost) > 0 ? [m.keys_sum_cost_month({ amount: dollars(Number(values.budget_cost)) })] : [];
  const zone = values.time_zone.trim() === '' ? [] : [m.keys_sum_zone({ zone: values.time_zone.trim() })];
  return joined([...(counts.length + cost.length > 0 ? [...counts, ...cost] : [m.keys_sum_none()]), ...zone]);
}

export function scopeLine(values: KeyValues): string {
  const models = entries(values.allowed_models).length;
  const apis = entries(values.allowed_dialects);
  const standard = values.default_model.trim();
  return joined([
    models > 0 ? m.keys_sum_models({ n: models }) : m.keys_sum_models_all(),
    apis.length > 0 ? m.keys_sum_dialects({ names: joined(apis.map(dialectWord)) }) : m.keys_sum_dialects_all(),
    ...(standard === '' ? [] : [m.keys_sum_default({ model: standard })]),
  ]);
}

export function accountsLine(values: KeyValues, nameOf: (id: number) => string): string {
  const ids = entries(values.accounts).map(Number);
  return ids.length > 0 ? m.keys_sum_accounts({ names: joined(ids.map(nameOf)) }) : m.keys_sum_accounts_all();
}

export const notesLine = (values: KeyValues) =>
  joined([values.description.trim(), values.note.trim()].filter(Boolean)) || m.keys_sum_notes_none();
