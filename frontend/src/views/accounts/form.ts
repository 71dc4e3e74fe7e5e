import * as v from 'valibot';

import { m } from '$words';

import { limit, name, text } from '../form.svelte';

const secret = v.pipe(
  v.string(),
  v.trim(),
  v.nonEmpty(() => m.form_required()),
);

const profile = v.pipe(
  text(300),
  v.check(
    (arn) => arn === '' || /^arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+$/.test(arn),
    () => m.form_arn(),
  ),
);

const region = v.pipe(
  text(40),
  v.check(
    (code) => code === '' || /^[a-z]{2}(-[a-z]+)+-\d$/.test(code),
    () => m.form_region(),
  ),
);

const pace = { requests_per_minute: limit(1_000_000), max_concurrent: limit(1000) };

export const addSchema = v.object({
  name,
  refresh_token: secret,
  client_id: secret,
  client_secret: secret,
  profile_arn: profile,
  sign_in_region: region,
  ...pace,
  notes: text(1000),
});

export const blank = () => ({
  name: '',
  refresh_token: '',
  client_id: '',
  client_secret: '',
  profile_arn: '',
  sign_in_region: 'us-east-1',
  requests_per_minute: '30',
  max_concurrent: '4',
  notes: '',
});

export const editSchema = v.object({ name, ...pace, notes: text(1000) });

/** An empty field keeps what is there, so it is not sent. */
const kept = v.pipe(
  v.string(),
  v.trim(),
  v.transform((typed) => typed || undefined),
);

export const replaceSchema = v.object({ refresh_token: secret, client_id: kept, client_secret: kept });
