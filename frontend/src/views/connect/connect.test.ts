import { describe, expect, it } from 'vitest';

import { account, key } from '../../testing/wire';
import { asClientsWrite, choices } from './models';
import { fish, posix, powershell, quoted } from './quoting';
import { placeholder, shells, type Form, type Target } from './setup';
import { groupsOf, toBegin, tools, type Tool } from './tools';
import { freeName, lastUsed } from './used';

const target: Target = { root: 'http://127.0.0.1:8123', model: 'claude-sonnet-4-5', key: placeholder };
const secret = 'amq-0123456789abcdefghijklmnopqrstuvwxyz';
const odd: Target = { ...target, model: `we"ird $(model) 'x' \\y` };

const formsOf = (tool: Tool, of = target): Form[] => tool.steps(of).flatMap(({ forms }) => forms ?? []);
const textOf = (tool: Tool, of = target): string =>
  tool
    .steps(of)
    .flatMap(({ forms = [], values = [] }) => [...forms.map(({ code }) => code), ...values.map(({ text }) => text)])
    .join('\n');
const byName = (id: string) => tools.find((tool) => tool.id === id)!;
const filed = (id: string, ending: string, of = target) =>
  formsOf(byName(id), of).find(({ file }) => file?.endsWith(ending))!.code;

/** The little of TOML that a set-up uses: tables, strings and numbers. Throws at anything else. */
function toml(text: string): Record<string, Record<string, unknown>> {
  const tables: Record<string, Record<string, unknown>> = { '': {} };
  let table = tables['']!;
  for (const line of text.split('\n').filter((line) => line.trim() !== '')) {
    const head = /^\[([a-z0-9_.]+)\]$/.exec(line)?.[1];
    const pair = /^([a-z0-9_]+) = (".*"|\d+)$/.exec(line);
    if (head) table = tables[head] = {};
    else if (pair) table[pair[1]!] = JSON.parse(pair[2]!);
    else throw new Error(`not TOML: ${line}`);
  }
  return tables;
}

describe.each(tools.map((tool) => [tool.name, tool] as const))('the set-up of %s', (_, tool) => {
  it('leads to this program, with the model and a placeholder for the key', () => {
    const text = textOf(tool);
    if (tool.id !== 'cursor') expect(text).toContain(target.root);
    expect(text).toContain(placeholder);
    expect(text).not.toMatch(/amq-[0-9A-Za-z]{36}/);
  });

  it('has the text of a key only where it is given one', () => {
    const text = textOf(tool, { ...target, key: secret });
    expect(text).toContain(secret);
    expect(text).not.toContain(placeholder);
  });

  it('has every tab of a kind', () => {
    for (const { forms } of tool.steps(target)) {
      const tabs = forms?.map(({ tab }) => tab) ?? [];
      if (tabs.some((tab) => tab === 'posix')) expect(tabs).toEqual([...shells]);
      if (tabs.some((tab) => tab === 'unix' || tab === 'windows')) expect(tabs).toEqual(['unix', 'windows']);
      if (tabs.length > 1) expect(tabs).not.toContain('');
      expect(new Set(tabs).size).toBe(tabs.length);
    }
  });

  it('names the place of a file as the system writes it', () => {
    for (const { tab, file } of formsOf(tool)) {
      if (tab === 'unix') expect(file).toMatch(/^~\//);
      if (tab === 'windows') expect(file).toMatch(/^%[A-Z]+%\\[^/]+$/);
    }
  });

  it('writes JSON that can be read, whatever the model is called', () => {
    for (const of of [target, odd]) {
      for (const { file, code } of formsOf(tool, of)) {
        if (file?.endsWith('.json')) expect(() => JSON.parse(code)).not.toThrow();
      }
    }
  });
});

describe('the set-up of single tools', () => {
  it('tells Claude Code a model, in variables and in its settings alike', () => {
    const terminal = formsOf(byName('claude-code')).find(({ tab }) => tab === 'posix')!.code;
    expect(terminal).toBe(
      'export ANTHROPIC_BASE_URL=http://127.0.0.1:8123\nexport ANTHROPIC_AUTH_TOKEN=amq-...\nexport ANTHROPIC_MODEL=claude-sonnet-4-5\nclaude',
    );
    const { env } = JSON.parse(filed('claude-code', 'settings.json')) as { env: Record<string, string> };
    expect(env).toEqual({
      ANTHROPIC_BASE_URL: target.root,
      ANTHROPIC_AUTH_TOKEN: placeholder,
      ANTHROPIC_MODEL: 'claude-sonnet-4-5',
    });
  });

  it.each([target, odd])('gives Codex well formed TOML with its context above every table', (of) => {
    const config = toml(filed('codex', 'config.toml', of));
    expect(config['']).toEqual({ model: of.model, model_provider: 'amq2api', model_context_window: 200_000 });
    expect(config['model_providers.amq2api']).toMatchObject({
      base_url: 'http://127.0.0.1:8123/v1',
      wire_api: 'responses',
      env_key: 'AMQ_KEY',
    });
  });

  it('names the model of opencode where it is defined and where it is chosen', () => {
    const config = JSON.parse(filed('opencode', 'opencode.json')) as {
      model: string;
      provider: { amq: { models: Record<string, { limit: { context: number } }>; options: { baseURL: string } } };
    };
    expect(config.model).toBe('amq/claude-sonnet-4-5');
    expect(config.provider.amq.models['claude-sonnet-4-5']!.limit.context).toBe(200_000);
    expect(config.provider.amq.options.baseURL).toBe('http://127.0.0.1:8123/v1');
  });

  it('indents the configuration of Continue with spaces, one key a line', () => {
    for (const line of filed('continue', 'config.yaml').split('\n')) expect(line).toMatch(/^( {2})*(- )?[A-Za-z]+:/);
  });

  it('gives the bodies that curl sends as JSON, in every shell', () => {
    for (const { code } of formsOf(byName('curl'))) {
      const body = /'(\{"model".*\})'/.exec(code)![1]!;
      expect(JSON.parse(body)).toMatchObject({ model: 'claude-sonnet-4-5' });
    }
  });

  it('promises no test where one from this computer says nothing', () => {
    expect(tools.filter(({ dialect }) => !dialect).map(({ id }) => id)).toEqual(['cursor']);
  });
});

describe('quoting', () => {
  it('leaves plain words alone in POSIX shells and fish', () => {
    expect([posix('a-b/c:1'), fish('a-b/c:1')]).toEqual(['a-b/c:1', 'a-b/c:1']);
  });

  it('keeps what a shell would read as something else', () => {
    expect(posix(`it's $HOME`)).toBe(`'it'\\''s $HOME'`);
    expect(fish(`it's \\n`)).toBe(`'it\\'s \\\\n'`);
    expect(powershell(`it's $env:X`)).toBe(`'it''s $env:X'`);
    expect(quoted('a"b\\c\u007f')).toBe('"a\\"b\\\\c\\u007f"');
  });
});

describe('the models to choose from', () => {
  it('begin with the one that stands in for others, and are written as clients know them', () => {
    const accounts = [
      account({ models: ['claude-sonnet-4.5', 'qwen3-coder.x'] }),
      account({ models: ['claude-haiku-4.5'] }),
    ];
    expect(choices(accounts, 'claude-haiku-4.5')).toEqual(['claude-haiku-4-5', 'claude-sonnet-4-5', 'qwen3-coder.x']);
    expect(asClientsWrite('auto')).toBe('auto');
  });

  it('are the usual ones while no account has said what it has', () => {
    expect(choices([], '')[0]).toBe('claude-sonnet-4-5');
  });
});

describe('when a tool was last used', () => {
  const codex = byName('codex');

  it('follows the client that called, whatever its key is called', () => {
    const keys = [
      key({ name: 'Shared', last_client: 'Codex', last_used: '2026-11-01T12:00:00Z' }),
      key({ name: 'Codexes', last_client: 'curl', last_used: '2026-11-02T12:00:00Z' }),
    ];
    expect(lastUsed(codex, keys)).toBe('2026-11-01T12:00:00Z');
  });

  it('follows the name of the key where no client is known, and is null without a use', () => {
    expect(lastUsed(byName('vscode'), [key({ name: 'VS Code 2', last_used: '2026-11-01T12:00:00Z' })])).not.toBeNull();
    expect(lastUsed(codex, [key({ name: 'Codex' }), key({ name: 'Codexes' })])).toBeNull();
  });

  it('gives the next key a name that none has', () => {
    expect(freeName(codex, [])).toBe('Codex');
    expect(freeName(codex, [key({ name: 'Codex' }), key({ name: 'Codex 2' })])).toBe('Codex 3');
  });
});

describe('the list of tools', () => {
  it('has those on the computer first, and every tool once', () => {
    const groups = groupsOf((id) => id === 'codex' || id === 'shell');
    expect(groups.map(({ group }) => group)).toEqual(['here', 'others', 'libraries']);
    expect(groups[0]!.tools.map(({ id }) => id)).toEqual(['codex', 'shell']);
    expect(groups.flatMap(({ tools }) => tools)).toHaveLength(tools.length);
  });

  it('has no heading over nothing', () => {
    expect(groupsOf(() => false).map(({ group }) => group)).toEqual(['others', 'libraries']);
  });

  it('begins with Claude Code, unless only others are here', () => {
    const here = (...ids: string[]) => toBegin((id) => ({ writable: true, installed: ids.includes(id) })).id;
    expect(here('codex', 'claude-code')).toBe('claude-code');
    expect(here('opencode', 'codex')).toBe('codex');
    expect(here('shell')).toBe('claude-code');
    expect(toBegin(() => undefined).id).toBe('claude-code');
  });
});
