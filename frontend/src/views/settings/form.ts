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
