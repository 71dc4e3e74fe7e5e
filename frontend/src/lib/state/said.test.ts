import { afterEach, describe, expect, it } from 'vitest';

import { overwriteGetLocale } from '../../paraglide/runtime.js';
import { account } from '../../testing/wire';
import { ApiError } from '../api/client';
import { saidCodes, type Said } from '../api/types.gen';
import { sayIt } from './said';
import { accountReason, explain } from './words';

const values = { name: 'NAME', text: 'TEXT', count: 125, limit: 64000 };

afterEach(() => overwriteGetLocale(() => 'en'));

describe.each(['en', 'zh-CN'] as const)('what the program says, in %s', (locale) => {
  it.each(saidCodes)('has words for %s', (code) => {
    overwriteGetLocale(() => locale);
    const words = sayIt({ code, ...values });
    expect(words.length).toBeGreaterThan(4);
    expect(words).not.toMatch(/undefined|[{}]|said_/);
    if (locale === 'zh-CN') expect(words).toMatch(/\p{Script=Han}/u);
  });
});

describe('in a Chinese page', () => {
  const english = 'An English sentence.';
  const moved: Said = { code: 'account_moved' };

  it('a refusal, a status and a failed check are Chinese', () => {
    overwriteGetLocale(() => 'zh-CN');
    const texts = [
      explain(new ApiError('conflict', english, 409, 'refresh_token', { code: 'row_token_taken', name: 'Work' })),
      accountReason(
        account({ status: 'needs_sign_in', status_kind: 'credential', status_reason: english, status_said: moved }),
      ),
      accountReason(account({ health_check_error: english, health_check_said: { code: 'unavailable' } })),
    ];
    for (const text of texts) {
      expect(text).toMatch(/\p{Script=Han}/u);
      expect(text).not.toContain('sentence');
    }
    expect(texts[0]).toContain('Work');
  });

  it('only what a newer program says stays as it is', () => {
    overwriteGetLocale(() => 'zh-CN');
    const unknown = { code: 'of_tomorrow' } as unknown as Said;
    expect(sayIt(unknown)).toBe('');
    expect(accountReason(account({ health_check_error: english, health_check_said: unknown }))).toBe(english);
  });
});

it('keeps the longer English sentence where the code says no more than the kind', () => {
  const said: Said = { code: 'throttled' };
  const resting = account({
    status: 'cooling_down',
    status_kind: 'throttled',
    status_reason: 'Amazon: wait 30 s.',
    status_said: said,
  });
  expect(accountReason(resting)).toBe('Amazon: wait 30 s.');
});
