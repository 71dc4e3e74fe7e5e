import type { Price } from '$lib/api/types.gen';
import { m } from '$words';

/** A line of the table as it is typed. */
export interface PriceRow {
  id: number;
  model: string;
  input: string;
  output: string;
}

export type RowErrors = Partial<Record<'model' | 'input' | 'output', string>>;

const most = 1e6;

export const rowsOf = (prices: readonly Price[]): PriceRow[] =>
  prices.map(({ model, input, output }, id) => ({ id, model, input: String(input), output: String(output) }));

const isEmpty = ({ model, input, output }: PriceRow) => [model, input, output].every((typed) => typed.trim() === '');
const same = (model: string) => model.trim().toLowerCase();

/** What is wrong with each line, by its id. A line with nothing in it is no line. */
export function check(rows: readonly PriceRow[]): Map<number, RowErrors> {
  const wrong = new Map<number, RowErrors>();
  const seen = new Set<string>();
  for (const row of rows.filter((one) => !isEmpty(one))) {
    const errors: RowErrors = {
      ...of('model', modelError(same(row.model), seen)),
      ...of('input', amountError(row.input)),
      ...of('output', amountError(row.output)),
    };
    seen.add(same(row.model));
    if (Object.keys(errors).length > 0) wrong.set(row.id, errors);
  }
  return wrong;
}

const of = (field: keyof RowErrors, error: string): RowErrors => (error === '' ? {} : { [field]: error });

function modelError(model: string, seen: ReadonlySet<string>): string {
  if (model === '') return m.settings_price_no_model();
  if (model.slice(0, -1).includes('*')) return m.settings_price_star();
  return seen.has(model) ? m.settings_price_twice() : '';
}

function amountError(typed: string): string {
  const isAmount = /^\d+(\.\d+)?$/.test(typed.trim()) && Number(typed) <= most;
  return isAmount ? '' : m.settings_price_amount();
}

/** The table that the lines mean, once nothing is wrong with them. */
export const pricesOf = (rows: readonly PriceRow[]): Price[] =>
  rows
    .filter((row) => !isEmpty(row))
    .map(({ model, input, output }) => ({ model: model.trim(), input: Number(input), output: Number(output) }));
