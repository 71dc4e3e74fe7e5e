import { expect, it } from 'vitest';

import { message, shortened } from './shorten';

it('cuts what nobody reads, and nothing else', () => {
  const picture = 'iVBORw0K'.repeat(100);
  expect(shortened(`{"a":"${picture}==","b":"words"}`)).toBe(`{"a":"${picture.slice(0, 40)}…802","b":"words"}`);
  const plain = JSON.stringify({ text: 'some words, and more '.repeat(100) });
  expect(shortened(plain)).toBe(plain);
  expect(shortened('a b '.repeat(50_000)).length).toBe(100_001);
  expect(message('short')).toBe('short');
  expect(message('x'.repeat(5000)).length).toBe(2001);
});
