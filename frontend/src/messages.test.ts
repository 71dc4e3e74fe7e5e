import { describe, expect, it } from 'vitest';

import en from '../messages/en.json';
import zh from '../messages/zh-CN.json';

type Variants = { declarations: string[]; match: Record<string, string> }[];
type Words = Record<string, string | Variants>;

const languages: Record<string, Words> = { en, 'zh-CN': zh };
const sources = import.meta.glob<string>(['./**/*.svelte', './**/*.ts', '!./paraglide/**', '!./**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

const texts = (word: string | Variants) =>
  typeof word === 'string' ? [word] : word.flatMap(({ match }) => Object.values(match));

const placeholders = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))].sort();

const all = (words: Words) =>
  Object.entries(words).flatMap(([key, word]) => texts(word).map((text) => ({ key, text })));

describe('the words', () => {
  it('have the same keys in both languages', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
  });

  it.each(Object.keys(en))('%s has the same placeholders in both', (key) => {
    const [first, ...others] = Object.values(languages).flatMap((words) => texts(words[key]!).map(placeholders));
    for (const other of others) expect(other).toEqual(first);
  });

  it('are all used, and all that are used exist', () => {
    const code = Object.values(sources).join('\n');
    const used = new Set([...code.matchAll(/\bm\.(\w+)/g)].map(([, key]) => key!));
    const native = Object.keys(en).filter((key) => /^(tray|trouble)_/.test(key));
    expect([...used, ...native].sort()).toEqual(Object.keys(en).sort());
  });

  it.each(Object.keys(languages))('shout and boast nowhere in %s', (language) => {
    for (const { key, text } of all(languages[language]!)) expect(text, key).not.toMatch(/[!！]|successfully|成功地/);
  });

  it('name the eight entries of the tray as plain texts', () => {
    for (const words of Object.values(languages)) {
      for (const entry of ['running', 'stopped', 'start', 'stop', 'copy_claude', 'copy_openai', 'open', 'quit']) {
        expect(words[`tray_${entry}`]).toBeTypeOf('string');
      }
    }
  });
});

describe('the Chinese words', () => {
  const han = /\p{Script=Han}/u.source;
  const chinese = all(zh).filter(({ text }) => new RegExp(han, 'u').test(text));

  it('use full-width punctuation beside Han', () => {
    const halfWidth = new RegExp(`${han}[,.:;?()]|[,:;?()]${han}`, 'u');
    for (const { key, text } of chinese) expect(text, key).not.toMatch(halfWidth);
  });

  it('have a thin space between Han and Latin, digits or placeholders', () => {
    const touching = new RegExp(`${han}[A-Za-z0-9{]|[A-Za-z0-9}]${han}`, 'u');
    const wide = new RegExp(`${han} [A-Za-z0-9{]|[A-Za-z0-9}] ${han}`, 'u');
    for (const { key, text } of chinese) {
      expect(text, key).not.toMatch(touching);
      expect(text, key).not.toMatch(wide);
    }
  });
});

describe('the views', () => {
  it('hold no text of their own', () => {
    for (const [file, source] of Object.entries(sources)) {
      if (!file.endsWith('.svelte')) continue;
      const markup = source.replace(/<script[\s\S]*?<\/script>|<!--[\s\S]*?-->|<style[\s\S]*?<\/style>/g, '');
      const words = [...markup.matchAll(/>\s*([A-Za-z][a-z]+(?: [a-z]+)+)[^<{]*</g)].map(([, text]) => text);
      expect(words, file).toEqual([]);
    }
  });
});
