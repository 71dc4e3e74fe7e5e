import { describe, expect, it } from 'vitest';

import { guardLanguage, soundLanguage } from './boot';

describe('WebKit under LANG=C reports the language "C", and Intl throws', () => {
  it.each(['C', '', 'c_US', undefined, null, 'en_US.UTF-8'])('takes %s for English', (language) => {
    expect(soundLanguage(language)).toBe('en');
  });

  it.each(['en-US', 'zh-CN', 'de'])('keeps %s', (language) => {
    expect(soundLanguage(language)).toBe(language);
  });

  it('repairs what libraries read', () => {
    const browser = Object.create(null, {
      language: { configurable: true, get: () => 'C' },
      languages: { configurable: true, get: () => ['C'] },
    }) as Navigator;
    guardLanguage(browser);
    expect(browser.language).toBe('en');
    expect(browser.languages).toEqual(['en']);
    expect(() => new Intl.NumberFormat(browser.language)).not.toThrow();
  });
});
