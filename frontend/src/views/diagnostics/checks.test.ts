import { afterEach, describe, expect, it } from 'vitest';

import { checkCodes, type Check } from '$lib/api/types.gen';

import { overwriteGetLocale } from '../../paraglide/runtime.js';
import { checkWords, sayCheck } from './checks';

const now = Date.parse('2026-11-02T12:00:00Z');
const check = (fields: Partial<Check>): Check => ({
  name: 'backups',
  code: 'backups_sound',
  verdict: 'ok',
  message: 'An English sentence.',
  values: {},
  ...fields,
});
const values = { subject: 'SUBJECT', reason: 'REASON', count: 3, days: 9, at: '2026-11-01T12:00:00Z' };

afterEach(() => overwriteGetLocale(() => 'en'));

describe.each(['en', 'zh-CN'] as const)('the self-test in %s', (locale) => {
  it.each(checkCodes)('has words for %s', (code) => {
    overwriteGetLocale(() => locale);
    const said = sayCheck(check({ code, values }), now);
    expect(said.english).toBe(false);
    expect(said.says).not.toContain('An English sentence');
    expect(`${said.about}${said.says}${said.mend}`).not.toMatch(/undefined|[{}]|selftest_/);
    expect(said.says.length).toBeGreaterThan(0);
  });
});

it('has no words for what the program does not say', () =>
  expect(Object.keys(checkWords).sort()).toEqual([...checkCodes].sort()));

it('says in the words of the program what only a newer one knows', () => {
  const said = sayCheck(check({ code: 'of_tomorrow' as never, mend: 'Do this.' }), now);
  expect(said).toEqual({ about: 'backups', says: 'An English sentence.', mend: 'Do this.', english: true });
});

it('names kinds of secrets, and leaves names as they are', () => {
  overwriteGetLocale(() => 'zh-CN');
  expect(sayCheck(check({ code: 'secret_missing', values: { subject: 'refresh token' } }), now).says).toContain(
    '刷新令牌',
  );
  expect(sayCheck(check({ code: 'secret_shared', values: { subject: 'Work' } }), now).says).toContain('Work');
});
