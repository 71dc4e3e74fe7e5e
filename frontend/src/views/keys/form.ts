import * as v from 'valibot';

import { m } from '$words';

import { limit, name, text } from '../form.svelte';

/** How long a new key lives, in days; empty is for ever. */
export const lifetimes = ['', '7', '30', '90', '365'] as const;
export type Lifetime = (typeof lifetimes)[number];

export const lifetimeWord = (days: Lifetime) => (days === '' ? m.keys_never() : m.keys_days({ n: Number(days) }));

const limits = { requests_per_minute: limit(1_000_000), requests_per_day: limit(1_000_000) };

const days = v.pipe(
  v.string(),
  v.transform((chosen) => (chosen === '' ? undefined : Number(chosen))),
);

export const createSchema = v.object({ name, description: text(1000), ...limits, expires_days: days });

export const blank = () => ({
  name: '',
  description: '',
  requests_per_minute: '60',
  requests_per_day: '10000',
  expires_days: '',
});

/** In an edit "keep" leaves the expiry as it is, and empty takes it away. */
export const keep = 'keep';

const newDays = v.pipe(
  v.string(),
  v.transform((chosen) => (chosen === keep ? undefined : chosen === '' ? null : Number(chosen))),
);

export const editSchema = v.object({ name, description: text(1000), ...limits, expires_days: newDays });
