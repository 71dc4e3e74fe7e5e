import { beforeEach, describe, expect, it } from 'vitest';

import { overwriteGetLocale, type Locale } from '../../paraglide/runtime.js';
import { percent, seconds, tokens, whole } from './numbers';
import { ago, clockTime, countdown, dateTime, span } from './times';

let locale: Locale = 'en';
overwriteGetLocale(() => locale);
beforeEach(() => (locale = 'en'));

describe('numbers', () => {
  it.each([
    [0, '0'],
    [318, '318'],
    [999, '999'],
    [1000, '1K'],
    [2110, '2.11K'],
    [18_400, '18.4K'],
    [281_000, '281K'],
    [999_499, '999K'],
    [999_500, '1M'],
    [3_021_000, '3.02M'],
    [41_000_000, '41M'],
  ])('%d tokens are %s', (n, text) => expect(tokens(n)).toBe(text));

  it('counts tokens in K and M in Chinese too, not in 万', () => {
    locale = 'zh-CN';
    expect(tokens(18_400)).toBe('18.4K');
  });

  it('never rounds a failure away', () => {
    expect(percent(1)).toBe('100');
    expect(percent(0.99999)).toBe('99.9');
    expect(percent(0.987)).toBe('98.7');
    expect(percent(0)).toBe('0');
  });

  it('separates thousands and keeps one digit of a second', () => {
    expect(whole(2914)).toBe('2,914');
    expect(seconds(900)).toBe('0.9');
    expect(seconds(14_240)).toBe('14.2');
  });
});

describe('times', () => {
  const now = Date.parse('2026-11-01T12:00:00Z');
  const before = (s: number) => new Date(now - s * 1000).toISOString();

  it.each([
    [0, 'now'],
    [-5, 'now'],
    [4, '4s ago'],
    [60, '1m ago'],
    [6 * 3600, '6h ago'],
    [52 * 3600, '2d ago'],
  ])('%d seconds ago is "%s"', (s, text) => expect(ago(before(s), now)).toBe(text));

  it.each([
    [42, '42s'],
    [60 * 12, '12m'],
    [3600 * 4 + 60 * 12, '4h 12m'],
    [86400 * 3 + 3600 * 4, '3d 4h'],
  ])('%d seconds span %s', (s, text) => expect(span(s)).toBe(text));

  it.each([
    [42, '0:42'],
    [300, '5:00'],
    [3729, '1:02:09'],
    [-3, '0:00'],
  ])('%d seconds left count down from %s', (s, text) => expect(countdown(before(-s), now)).toBe(text));

  it('uses the app language, never the browser one', () => {
    locale = 'zh-CN';
    expect(ago(before(240), now)).toBe('4\u2009分钟前');
    expect(dateTime('2026-12-02T03:00:00', now)).toBe('12月2日 03:00');
  });

  it('names the year only where it differs, and counts hours to 23', () => {
    expect(dateTime('2026-12-02T03:00:00', now)).toBe('Dec 2, 03:00');
    expect(dateTime('2027-01-02T03:00:00', now)).toBe('Jan 2, 2027, 03:00');
    expect(clockTime('2026-12-02T00:00:05')).toBe('00:00:05');
  });
});
