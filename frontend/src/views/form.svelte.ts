import * as v from 'valibot';

import { explain, fieldOf } from '$lib/state/words';
import { m } from '$words';

export type Texts = Record<string, string>;

/** A form: what was typed, what is wrong with it, and whether it is on its way. Fields are named as on the wire. */
export class Form<Values extends Texts, Output> {
  values = $state() as Values;
  errors = $state<Partial<Record<keyof Values, string>>>({});
  /** What is wrong with the whole, not with one field. */
  failure = $state('');
  busy = $state(false);
  #schema: v.GenericSchema<Values, Output>;

  constructor(schema: v.GenericSchema<Values, Output>, values: Values) {
    this.#schema = schema;
    this.values = values;
  }

  /** Sends what was typed if it can be meant; false leaves the reasons in errors and failure. */
  async submit(send: (output: Output) => Promise<void>): Promise<boolean> {
    const parsed = v.safeParse(this.#schema, $state.snapshot(this.values) as Values);
    this.errors = parsed.success ? {} : firstErrors<Values>(parsed.issues);
    this.failure = '';
    if (!parsed.success || this.busy) return false;
    this.busy = true;
    try {
      await send(parsed.output);
      return true;
    } catch (error) {
      this.#blame(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #blame(error: unknown): void {
    const field = fieldOf(error);
    if (field in this.values) this.errors = { [field]: explain(error) } as Partial<Record<keyof Values, string>>;
    else this.failure = explain(error);
  }
}

function firstErrors<Values extends Texts>(issues: readonly v.BaseIssue<unknown>[]) {
  const errors: Partial<Record<keyof Values, string>> = {};
  for (const issue of issues) {
    const field = issue.path?.[0]?.key as keyof Values | undefined;
    if (field !== undefined) errors[field] ??= issue.message;
  }
  return errors;
}

/** Puts the cursor where something is wrong, once the page shows it. The form may be gone by then: a session can end while it is sent. */
export function focusFirstError(form: HTMLElement | null): void {
  form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
}

export const text = (longest: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.maxLength(longest, () => m.form_too_long({ longest })),
  );

export const name = v.pipe(
  text(100),
  v.nonEmpty(() => m.form_required()),
);

/** A limit of requests: a whole number, where 0 is no cap. */
export const limit = (most: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^\d{1,9}$/, () => m.form_whole_number()),
    v.transform(Number),
    v.maxValue(most, () => m.form_at_most({ most })),
  );
