import * as v from 'valibot';
import { describe, expect, it } from 'vitest';

import { reasonWord } from './backupwords';
import { retentionSchema, scheduleSchema } from './form';
import { check, pricesOf, rowsOf, type PriceRow } from './prices';
import { isFound } from './sections';

const row = (fields: Partial<PriceRow>): PriceRow => ({
  id: 0,
  model: 'claude-*',
  input: '3',
  output: '15',
  ...fields,
});

describe('the table of prices', () => {
  it('is the same after being shown', () => {
    const prices = [{ model: 'claude-sonnet-*', input: 3, output: 0.25 }];
    expect(pricesOf(rowsOf(prices))).toEqual(prices);
  });

  it.each<[Partial<PriceRow>, string[]]>([
    [{}, []],
    [{ model: '*' }, []],
    [{ model: ' ' }, ['model']],
    [{ model: 'a*b' }, ['model']],
    [{ input: '' }, ['input']],
    [{ input: '-1', output: 'much' }, ['input', 'output']],
    [{ output: '1000001' }, ['output']],
    [{ output: '0.25' }, []],
    [{ model: '', input: '', output: '' }, []],
  ])('knows what is wrong with %j', (fields, wrong) => {
    expect(Object.keys(check([row(fields)]).get(0) ?? {})).toEqual(wrong);
  });

  it('names a model once, whatever its case', () => {
    expect([...check([row({}), row({ id: 1, model: 'CLAUDE-*' })]).keys()]).toEqual([1]);
  });

  it('leaves out lines with nothing in them', () => {
    expect(pricesOf([row({ model: '', input: '', output: '' })])).toEqual([]);
  });
});

describe('what is kept', () => {
  const fits = (rows: string, sums: string) =>
    v.safeParse(retentionSchema, { usage_retention_days: rows, rollup_retention_days: sums }).success;

  it('is the sums at least as long as what they add up', () => {
    expect([fits('90', '730'), fits('90', '90'), fits('0', '0'), fits('90', '0')]).toEqual([true, true, true, true]);
    expect([fits('90', '89'), fits('0', '730')]).toEqual([false, false]);
  });

  it('is at least one backup', () => {
    expect(v.safeParse(scheduleSchema, { backup_every_hours: '0', backup_keep: '1' }).success).toBe(true);
    expect(v.safeParse(scheduleSchema, { backup_every_hours: '24', backup_keep: '0' }).success).toBe(false);
  });
});

it('a part of the settings is found by words of either language', () => {
  expect([isFound('backups', 'BACKUP'), isFound('backups', '备份'), isFound('network', 'backup')]).toEqual([
    true,
    true,
    false,
  ]);
  expect(isFound('about', ' ')).toBe(true);
});

it('a backup says why it was made, also for reasons that came later', () => {
  expect(reasonWord('before-migration-12')).toBe('Before an update, schema 12');
  expect(reasonWord('manual')).toBe('By hand');
  expect(reasonWord('something new')).toBe('something new');
});
