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

/** A number of credits, where 0 is none. */
const credits = v.pipe(
  v.string(),
  v.trim(),
  v.regex(/^\d{1,9}(\.\d{1,3})?$/, () => m.accounts_form_number()),
  v.transform(Number),
);

export const editSchema = v.object({
  name,
  ...pace,
  priority: limit(1000),
  weight: v.pipe(
    limit(1000),
    v.minValue(1, () => m.accounts_form_weight()),
  ),
  spacing_ms: limit(3_600_000),
  daily_credits: credits,
  reserve_credits: credits,
  notes: text(1000),
});

/** An empty field keeps what is there, so it is not sent. */
const kept = v.pipe(
  v.string(),
  v.trim(),
  v.transform((typed) => typed || undefined),
);

export const replaceSchema = v.object({ refresh_token: secret, client_id: kept, client_secret: kept });

export const signInSchema = v.pipe(
  v.object({ service: v.string(), method: v.string(), name: text(100), start_url: text(300), sign_in_region: region }),
  v.forward(
    v.check(
      ({ method, start_url }) => method !== 'identity_center' || start_url !== '',
      () => m.form_required(),
    ),
    ['start_url'],
  ),
  v.transform(({ method, start_url, sign_in_region, ...rest }) =>
    method === 'identity_center' ? { ...rest, method, start_url, sign_in_region } : { ...rest, method },
  ),
);

export const blankSignIn = () => ({
  service: 'amazonq',
  method: 'builder_id',
  name: '',
  start_url: '',
  sign_in_region: 'us-east-1',
});

const shortest = 12; // characters of a passphrase, as the program wants

export const moveSchema = v.pipe(
  v.object({
    passphrase: v.pipe(
      v.string(),
      v.check(
        (typed) => [...typed].length >= shortest,
        () => m.accounts_form_passphrase({ n: shortest }),
      ),
    ),
    again: v.string(),
  }),
  v.forward(
    v.check(
      ({ passphrase, again }) => passphrase === again,
      () => m.accounts_form_again(),
    ),
    ['again'],
  ),
);
