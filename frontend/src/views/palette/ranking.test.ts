import { describe, expect, it } from 'vitest';

import { chosen, fit, rank, requestID, score, sections } from './ranking';

const entry = (label: string, ...also: string[]) => ({ id: label, label, also, group: 'a' });
const labels = (entries: { label: string }[]) => entries.map(({ label }) => label);

describe('what was typed', () => {
  it('fits beginnings best, then words, then parts, then letters in their order', () => {
    const fits = [fit('key', 'keys'), fit('key', 'api keys'), fit('key', 'monkeys'), fit('key', 'kept early')];
    expect(fits).toEqual([...fits].sort((a, b) => b - a));
    expect(new Set(fits).size).toBe(4);
  });

  it.each([
    ['acct', 'accounts', true],
    ['yek', 'key', false],
    ['zz', 'accounts', false],
    ['q', 'accounts', false],
    ['ts', 'theme is very long and only ends so', false],
  ])('%s in %s: %s', (word, text, yes) => expect(fit(word, text) > 0).toBe(yes));

  it('must fit with each of its words, in any order and case', () => {
    expect(score(entry('Copy the address for Claude'), 'CLAUDE copy')).toBeGreaterThan(0);
    expect(score(entry('Copy the address for Claude'), 'claude delete')).toBe(0);
  });

  it('finds the English name of what is shown in Chinese, and full-width letters', () => {
    expect(score(entry('用量', 'Usage'), 'usage')).toBeGreaterThan(0);
    expect(score(entry('用量', 'Usage'), '用')).toBeGreaterThan(0);
    expect(score(entry('API 密钥', 'API keys'), 'ａｐｉ')).toBeGreaterThan(0);
  });

  it('may hold anything', () => {
    for (const query of ['.*', '[', '\\', '(((', ' ', '\u0000', '💡', 'a'.repeat(5000)])
      expect(score(entry('Usage'), query)).toBeGreaterThanOrEqual(0);
  });
});

describe('the order', () => {
  const entries = [entry('Usage'), entry('Requests'), entry('Request doctor'), entry('Settings')];

  it('is as it stands while nothing is typed, with the latest choices in front', () => {
    expect(labels(rank(entries, '', []))).toEqual(labels(entries));
    expect(labels(rank(entries, '', ['Settings', 'Requests']))).toEqual([
      'Settings',
      'Requests',
      'Usage',
      'Request doctor',
    ]);
  });

  it('puts a better fit before a late choice of a worse one', () => {
    const fitting = rank([entry('Usage'), entry('Sausages')], 'usa', ['Sausages']);
    expect(labels(fitting)).toEqual(['Usage', 'Sausages']);
  });

  it('leaves out what does not fit', () => expect(labels(rank(entries, 'doctor', []))).toEqual(['Request doctor']));
});

describe('sections', () => {
  it('stand where their best stands, and are cut', () => {
    const of = (group: string, label: string) => ({ ...entry(label), group });
    const cut = sections([of('b', '1'), of('a', '2'), of('b', '3'), of('b', '4')], 2);
    expect(cut.map(({ name, entries }) => [name, labels(entries)])).toEqual([
      ['b', ['1', '3']],
      ['a', ['2']],
    ]);
  });
});

describe('a pasted id', () => {
  it.each([
    [' req_01JX8ZK2 \n', 'req_01JX8ZK2'],
    ['req_', ''],
    ['see req_01JX8ZK2', ''],
    ['req_<script>', ''],
  ])('%j is %j', (pasted, id) => expect(requestID(pasted)).toBe(id));
});

it('remembers a choice once, and the latest few', () => {
  expect(chosen(['a', 'b', 'c'], 'b', 3)).toEqual(['b', 'a', 'c']);
  expect(chosen(['a', 'b', 'c'], 'd', 3)).toEqual(['d', 'a', 'b']);
});
