import { describe, expect, it } from 'vitest';

import { screens } from '$lib/state/route.svelte';

import { credentialsIn } from './accounts/credentials';
import { commandOf, keyList, keysOf, onCommand, type Press } from './shortcuts';
import { snippet } from './snippets';

const press = (fields: Partial<Press>): Press => ({
  key: '',
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  keyCode: 0,
  ...fields,
});

describe('shortcuts', () => {
  it.each([
    [{ ctrlKey: true, code: 'Digit2' }, 'go:accounts'],
    [{ altKey: true, code: 'Digit3' }, 'go:keys'],
    [{ ctrlKey: true, shiftKey: true, code: 'KeyP' }, 'proxy'],
    [{ ctrlKey: true, shiftKey: true, code: 'KeyC' }, 'copy'],
    [{ ctrlKey: true, code: 'KeyN' }, 'new'],
    [{ ctrlKey: true, code: 'KeyF' }, 'filter'],
    [{ key: '/' }, 'filter'],
    [{ key: '?', shiftKey: true }, 'help'],
    [{ key: 'n' }, 'new'],
    [{ ctrlKey: true, code: 'Digit9' }, 'go:settings'],
    [{ ctrlKey: true, code: 'Digit0' }, null],
    [{ ctrlKey: true, code: 'KeyK' }, 'palette'],
    [{ ctrlKey: true, code: 'Comma' }, 'go:settings'],
    [{ key: 'j' }, 'next'],
    [{ key: 'ArrowUp' }, 'previous'],
    [{ key: 'Enter' }, 'open'],
    [{ key: 'x' }, 'select'],
    [{ key: 'e' }, 'enable'],
    [{ key: 'r' }, 'check'],
    [{ key: ' ' }, 'pause'],
    [{ key: 'Escape' }, 'close'],
    [{ ctrlKey: true, code: 'KeyC' }, null],
  ])('%o is %s', (fields, command) => expect(commandOf(press(fields), false, false)).toBe(command));

  it('are letters where letters are typed', () => {
    expect(commandOf(press({ key: 'n' }), true, false)).toBeNull();
    expect(commandOf(press({ key: '/' }), true, false)).toBeNull();
    expect(commandOf(press({ ctrlKey: true, code: 'KeyN' }), true, false)).toBe('new');
  });

  it('are nothing while an input method composes', () => {
    expect(commandOf(press({ key: 'n', isComposing: true }), false, false)).toBeNull();
    expect(commandOf(press({ key: '?', keyCode: 229 }), false, false)).toBeNull();
  });

  it.each([
    ['<button>a button</button>', ' ', false],
    ['<button>a button</button>', 'Enter', false],
    ['<button>a button</button>', 'p', true],
    ['<div tabindex="0">a list</div>', ' ', true],
    ['<div tabindex="0" role="radio">a choice</div>', 'ArrowDown', false],
    ['<input aria-label="a field">', 'p', false],
    ['<button>a button</button><div role="dialog">', 'p', false],
  ])('in %s, %j does something: %s', (page, key, yes) => {
    document.body.innerHTML = page;
    (document.body.firstElementChild as HTMLElement).focus();
    let done = false;
    const act = () => (done = true);
    onCommand(new KeyboardEvent('keydown', { key }), { pause: act, open: act, next: act });
    document.body.innerHTML = '';
    expect(done).toBe(yes);
  });

  it('have an entry in the help for each that has words', () => {
    const commands = keyList().map(({ command }) => command);
    expect(new Set(commands).size).toBe(commands.length);
    for (const screen of screens) expect(keysOf(`go:${screen}`)).toHaveLength(2);
  });

  it('use Command on a Mac', () => {
    expect(commandOf(press({ metaKey: true, code: 'Digit1' }), false, true)).toBe('go:dashboard');
    expect(commandOf(press({ ctrlKey: true, code: 'Digit1' }), false, true)).toBeNull();
  });
});

describe('a pasted credential', () => {
  it('is read from the JSON a sign-in tool wrote, in either spelling', () => {
    const pasted = JSON.stringify({
      refreshToken: 'r',
      clientId: 'c',
      client_secret: 's',
      region: 'eu-central-1',
      expiresAt: 'x',
    });
    expect(credentialsIn(pasted)).toEqual({
      refresh_token: 'r',
      client_id: 'c',
      client_secret: 's',
      sign_in_region: 'eu-central-1',
    });
  });

  it.each(['aorAAAAAG-token', '{broken', '{"other":1}', '{"refreshToken":5}', '[]'])('is not %s', (pasted) =>
    expect(credentialsIn(pasted)).toBeNull(),
  );
});

describe('the snippets', () => {
  const target = { address: 'http://127.0.0.1:8080', key: 'amq-x' };

  it('give each tool its own address', () => {
    expect(snippet('claude', target, false)).toContain('ANTHROPIC_BASE_URL=http://127.0.0.1:8080\n');
    expect(snippet('openai', target, false)).toContain('base_url="http://127.0.0.1:8080/v1"');
    expect(snippet('curl', target, false)).toContain("-H 'x-api-key: amq-x'");
  });

  it('speak PowerShell on Windows', () => {
    expect(snippet('claude', target, true)).toContain('$env:ANTHROPIC_AUTH_TOKEN = "amq-x"');
  });
});
