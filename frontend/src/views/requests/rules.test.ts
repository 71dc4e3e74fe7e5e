import { afterEach, describe, expect, it } from 'vitest';

import { grounds, hindrances, ruleCodes, statuses, type Finding } from '$lib/api/types.gen';

import { overwriteGetLocale } from '../../paraglide/runtime.js';
import { groundWords, hindranceWords } from '../scheduler';
import { sayFinding } from './rules';

const finding = (rule: string): Finding => ({
  rule: rule as Finding['rule'],
  level: 'broken',
  place: 'history[3]',
  tool: 'read_file',
  value: 900_000,
  limit: 800_000,
  message: 'An English sentence.',
});

afterEach(() => overwriteGetLocale(() => 'en'));

describe.each(['en', 'zh-CN'] as const)('in %s', (locale) => {
  it.each(ruleCodes)('the doctor has words for %s', (rule) => {
    overwriteGetLocale(() => locale);
    expect(sayFinding(finding(rule))).not.toMatch(/^$|undefined|[{}]|doctor_/);
  });

  it.each([...hindrances, ...statuses.filter((status) => status !== 'ready')])(
    'the scheduler has words for %s',
    (by) => {
      overwriteGetLocale(() => locale);
      expect(hindranceWords(by)).not.toMatch(/^$|undefined|_/);
    },
  );

  it.each(grounds)('and for %s', (ground) => {
    overwriteGetLocale(() => locale);
    expect(groundWords(ground)).not.toMatch(/^$|undefined|_/);
  });
});

it('has no words for a rule that only a newer program knows', () =>
  expect(sayFinding(finding('of_tomorrow'))).toBe(''));
