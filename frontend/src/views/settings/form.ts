import * as v from 'valibot';

import { m } from '$words';

import { limit, text } from '../form.svelte';

const port = v.pipe(
  limit(65_535),
  v.minValue(1, () => m.form_at_least({ least: 1 })),
);

/** Names between commas or spaces. */
const hosts = v.pipe(
  v.string(),
  v.transform((typed) => typed.split(/[\s,]+/).filter(Boolean)),
);

export const networkSchema = v.object({ port, listen_on: text(100), hosts });

export const amazonSchema = v.object({
  upstream_proxy: text(500),
  password: v.string(),
  upstream_silence_s: limit(86_400),
  queue_wait_s: limit(86_400),
});

const mostDays = 36_500;
const lasting = (rows: number, sums: number) => sums === 0 || (rows !== 0 && sums >= rows);

/** The sums must be kept at least as long as what they add up; 0 is for ever. */
export const retentionSchema = v.pipe(
  v.object({ usage_retention_days: limit(mostDays), rollup_retention_days: limit(mostDays) }),
  v.forward(
    v.partialCheck(
      [['usage_retention_days'], ['rollup_retention_days']],
      ({ usage_retention_days, rollup_retention_days }) => lasting(usage_retention_days, rollup_retention_days),
      () => m.settings_keep_sums_wrong(),
    ),
    ['rollup_retention_days'],
  ),
);

export const scheduleSchema = v.object({
  backup_every_hours: limit(31 * 24),
  backup_keep: v.pipe(
    limit(365),
    v.minValue(1, () => m.form_at_least({ least: 1 })),
  ),
});
