import * as api from '../api/usage';
import type { UsageStats } from '../api/types.gen';
import { Resource } from './resource.svelte';

export const ranges = ['24h', '7d', '30d', '90d'] as const;
export type Range = (typeof ranges)[number];

export const splits = ['model', 'key', 'account', 'client', 'dialect', 'fault'] as const;
export type Split = (typeof splits)[number];

/** What sums can be narrowed to, one value each: an id of a key or an account, else a name. */
export const narrowings = ['key', 'account', 'model', 'client', 'dialect'] as const;
export type Narrowing = Partial<Record<(typeof narrowings)[number], string>>;

const days: Record<Exclude<Range, '24h'>, number> = { '7d': 7, '30d': 30, '90d': 90 };
const heatDays = 7;

/** What went through the proxy in a longer time: along it, split by something, and hour by hour. */
export class Statistics {
  range = $state<Range>('7d');
  split = $state<Split>('model');
  only = $state.raw<Narrowing>({});
  #course = new Resource<UsageStats>(() => api.usage({ ...this.#window(), compare: 'previous' }));
  #parts = new Resource<UsageStats>(() => api.usage({ ...this.#window(), by: this.split }));
  #hours = new Resource<UsageStats>(() => api.usage({ ...this.only, by: 'hour', from: midnight(heatDays - 1) }));

  load = async () => void (await Promise.all([this.#course.load(), this.#parts.load(), this.#hours.load()]));

  forget(): void {
    for (const part of [this.#course, this.#parts, this.#hours]) part.forget();
  }

  /** Keeps what is shown until the new sums are there. */
  choose(range: Range, split: Split, only: Narrowing = {}): void {
    const narrower = JSON.stringify(only) !== JSON.stringify(this.only);
    const further = narrower || range !== this.range;
    if (!further && split === this.split) return;
    [this.range, this.split, this.only] = [range, split, only];
    if (further) void this.#course.load();
    if (narrower) void this.#hours.load();
    void this.#parts.load();
  }

  get course(): UsageStats | null {
    return this.#course.value;
  }

  get parts(): UsageStats | null {
    return this.#parts.value;
  }

  get hours(): UsageStats | null {
    return this.#hours.value;
  }

  get error() {
    return this.#course.error ?? this.#parts.error ?? this.#hours.error;
  }

  /** Where what is shown is as a table: the parts, or the hours or days. */
  table = () => api.usageTable({ ...this.#window(), by: this.split });
  courseTable = () => api.usageTable(this.#window());

  #window(): api.Question {
    if (this.range === '24h') return { ...this.only, by: 'hour' };
    return { ...this.only, by: 'day', from: midnight(days[this.range] - 1) };
  }
}

/** The date so many days ago, as the program reads it: 2026-11-17. */
export function midnight(daysAgo: number, now = new Date()): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** How a number stands to what it was before, from -1; null if it was nothing. */
export const change = (now: number, before: number) => (before > 0 ? (now - before) / before : null);
