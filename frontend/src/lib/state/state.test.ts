import { beforeEach, describe, expect, it, vi } from 'vitest';

import { account, key, nothing, proxy, refusal, request, serve, state } from '../../testing/wire';
import { Accounts } from './accounts.svelte';
import { Keys } from './keys.svelte';
import { Look, systemLocale } from './look.svelte';
import { Proxy } from './proxy.svelte';
import { Resource } from './resource.svelte';
import { parse, render, Route } from './route.svelte';
import { codeIn, Session } from './session.svelte';
import { groupOf, keyStandingOf, standingOf } from './status';
import { Usage } from './usage.svelte';

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, '', '/admin/dashboard/');
});

/** A promise settled by hand. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((yes) => (resolve = yes));
  return { promise, resolve };
}

describe('a resource', () => {
  it('fetches once more when asked during a fetch, so that the newest is shown', async () => {
    const answers = [deferred<string>(), deferred<string>()];
    const fetch = vi.fn(() => answers[fetch.mock.calls.length - 1]!.promise);
    const resource = new Resource(fetch);
    const first = resource.load();
    const second = resource.load();
    const third = resource.load();
    answers[0]!.resolve('old');
    answers[1]!.resolve('new');
    await Promise.all([first, second, third]);
    expect(fetch).toHaveBeenCalledTimes(2);
    expect(resource.value).toBe('new');
  });

  it('does not let a fetch that began before an intent undo what the intent answered', async () => {
    const slow = deferred<string>();
    const fetch = vi.fn().mockReturnValueOnce(slow.promise).mockResolvedValueOnce('after');
    const resource = new Resource<string>(fetch);
    const loading = resource.load();
    resource.put('intended');
    const seen: (string | null)[] = [];
    slow.resolve('before');
    await Promise.resolve();
    await Promise.resolve();
    seen.push(resource.value);
    await loading;
    expect(seen).toEqual(['intended']);
    expect(resource.value).toBe('after');
  });

  it('drops what was on its way when it was told to forget, and fetches anew for whoever comes next', async () => {
    const slow = deferred<string>();
    const fetch = vi.fn().mockReturnValueOnce(slow.promise).mockResolvedValueOnce('of the next');
    const resource = new Resource<string>(fetch);
    const loading = resource.load();
    resource.forget();
    slow.resolve('of the one who left');
    await loading;
    expect([resource.value, resource.at]).toEqual([null, 0]);
    await resource.load();
    expect(resource.value).toBe('of the next');
  });

  it('keeps the last good value while a newer one fails to come', async () => {
    serve({ 'GET /admin/accounts': () => [account()] });
    const accounts = new Accounts();
    await accounts.load();
    serve({ 'GET /admin/accounts': () => refusal(500, 'internal', 'broken') });
    await accounts.load();
    expect(accounts.list).toHaveLength(1);
    expect(accounts.error?.code).toBe('internal');
  });
});

describe('the standing of an account', () => {
  it.each([
    [{}, 'ready', 'ready'],
    [{ health_check_error: 'cut off' }, 'degraded', 'attention'],
    [{ status: 'cooling_down' }, 'cooling_down', 'waiting'],
    [{ status: 'exhausted' }, 'exhausted', 'waiting'],
    [{ status: 'needs_sign_in' }, 'needs_sign_in', 'attention'],
    [{ status: 'suspended' }, 'suspended', 'attention'],
    [{ status: 'disabled', is_active: false }, 'disabled', 'disabled'],
    [{ status: 'of a later version' }, 'degraded', 'attention'],
  ])('%o is %s, in group %s', (fields, standing, group) => {
    expect(standingOf(account(fields))).toBe(standing);
    expect(groupOf(account(fields))).toBe(group);
  });

  it('of a key ends with its day', () => {
    const now = Date.parse('2026-11-01T12:00:00Z');
    expect(keyStandingOf(key(), now)).toBe('active');
    expect(keyStandingOf(key({ expires_at: '2026-11-01T12:00:00Z' }), now)).toBe('expired');
    expect(keyStandingOf(key({ is_active: false, expires_at: '2026-10-01T12:00:00Z' }), now)).toBe('revoked');
  });
});

describe('the accounts', () => {
  it('move the switch before the answer, and back if it is a refusal', async () => {
    const answer = deferred<Response>();
    serve({ 'GET /admin/accounts': () => [account()], 'PUT /admin/accounts/1': () => answer.promise });
    const accounts = new Accounts();
    await accounts.load();
    const switching = accounts.setActive(1, false).catch(() => 'refused');
    expect(accounts.isOn(accounts.find(1)!)).toBe(false);
    answer.resolve(refusal(500, 'internal', 'broken'));
    expect(await switching).toBe('refused');
    expect(accounts.isOn(accounts.find(1)!)).toBe(true);
  });

  it('count their groups', async () => {
    serve({
      'GET /admin/accounts': () => [
        account(),
        account({ id: 2, status: 'suspended' }),
        account({ id: 3, status: 'exhausted' }),
      ],
    });
    const accounts = new Accounts();
    await accounts.load();
    expect(accounts.counts).toEqual({ ready: 1, attention: 1, waiting: 1, disabled: 0 });
    expect(accounts.serving).toBe(1);
  });

  it('are being checked for as long as the check runs', async () => {
    const answer = deferred<unknown>();
    serve({ 'GET /admin/accounts': () => [account()], 'POST /admin/accounts/1/check': () => answer.promise });
    const accounts = new Accounts();
    await accounts.load();
    const checking = accounts.check(1);
    expect(accounts.checking.has(1)).toBe(true);
    answer.resolve(account({ last_health_check: '2026-11-01T12:00:00Z' }));
    await checking;
    expect(accounts.checking.has(1)).toBe(false);
  });

  it('are gone once removed', async () => {
    serve({ 'GET /admin/accounts': () => [account()], 'DELETE /admin/accounts/1': nothing });
    const accounts = new Accounts();
    await accounts.load();
    await accounts.remove(1);
    expect(accounts.list).toEqual([]);
  });
});

describe('the keys', () => {
  it('give the text of a new key to the caller and keep none of it', async () => {
    serve({ 'POST /admin/api-keys': () => ({ ...key({ id: 7 }), key: 'amq-secret' }) });
    const keys = new Keys();
    expect((await keys.create({ name: 'x' })).key).toBe('amq-secret');
    expect(JSON.stringify(keys.list)).not.toContain('amq-secret');
    expect(keys.find(7)?.name).toBe('Claude Code');
  });
});

describe('the proxy', () => {
  it('is on while starting, and failed with the reason if the port is taken', async () => {
    const error = { code: 'port_in_use', message: '', port: 8080, self_held: false, free_port: 8317 };
    const answer = deferred<unknown>();
    serve({
      'GET /admin/state': () => state({ proxy: proxy({ running: false, addresses: [] }) }),
      'POST /admin/proxy/start': () => answer.promise,
    });
    const p = new Proxy();
    await p.load();
    expect(p.standing).toBe('stopped');
    const starting = p.start();
    expect([p.standing, p.on]).toEqual(['starting', true]);
    answer.resolve(proxy({ running: false, addresses: [], error }));
    await starting;
    expect([p.standing, p.on]).toEqual(['failed', false]);
    expect(p.listener?.error?.free_port).toBe(8317);
  });

  it('names the address it will have while it is stopped', async () => {
    serve({ 'GET /admin/state': () => state({ proxy: proxy({ running: false, addresses: [], port: 9000 }) }) });
    const p = new Proxy();
    await p.load();
    expect(p.claudeAddress).toBe('http://127.0.0.1:9000');
    expect(p.openaiAddress).toBe('http://127.0.0.1:9000/v1');
  });
});

describe('the usage', () => {
  it('marks the requests that are new, but none of the first load', async () => {
    let latest = [request({ id: 'a' })];
    serve({ 'GET /admin/requests': () => latest, 'GET /admin/stats/overview': () => ({}) });
    const usage = new Usage();
    await usage.load();
    expect([...usage.fresh]).toEqual([]);
    latest = [request({ id: 'b' }), ...latest];
    await usage.load();
    expect([...usage.fresh]).toEqual(['b']);
  });
});

describe('the session', () => {
  it('uses a one-time code in the address up and takes it out of the address', async () => {
    const calls = serve({ 'POST /admin/session': () => ({ signed_in: true, window: false }) });
    history.replaceState(null, '', '/admin/dashboard/#code=abc');
    const session = new Session();
    await session.open();
    expect(calls[0]!.body).toEqual({ code: 'abc' });
    expect(location.hash).toBe('');
    expect(session.state).toBe('in');
  });

  it('shows why a code was refused, and asks for the token', async () => {
    serve({ 'POST /admin/session': () => refusal(401, 'unauthenticated', 'This code was used already.') });
    history.replaceState(null, '', '/admin/dashboard/#code=abc');
    const session = new Session();
    await session.open();
    expect([session.state, location.hash]).toEqual(['out', '']);
    expect(session.error?.message).toContain('used already');
  });

  it('needs no sign-in in the window', async () => {
    serve({ 'GET /admin/session': () => ({ signed_in: true, window: true }) });
    const session = new Session();
    await session.open();
    expect([session.state, session.inWindow]).toEqual(['in', true]);
  });

  it('ends with any answer that is 401', async () => {
    serve({
      'GET /admin/session': () => ({ signed_in: true, window: false }),
      'GET /admin/accounts': () => refusal(401, 'unauthenticated', 'Sign in.'),
    });
    const session = new Session();
    await session.open();
    const accounts = new Accounts();
    await accounts.load();
    await accounts.load();
    expect([session.state, session.ended]).toEqual(['out', true]);
  });

  it('finds a code only where there is one', () => {
    expect(codeIn('#code=a-b_c')).toBe('a-b_c');
    expect(codeIn('#/accounts?code=x')).toBe('');
  });
});

describe('the look', () => {
  it('prefers Chinese or English, whichever the system names first', () => {
    expect(systemLocale(['zh-TW', 'en'])).toBe('zh-CN');
    expect(systemLocale(['de-DE', 'en-GB', 'zh-CN'])).toBe('en');
    expect(systemLocale(['de-DE'])).toBe('en');
  });

  it('remembers a choice for the next start, and saves it in the program', async () => {
    const calls = serve({ 'PUT /admin/settings': () => ({ theme: 'dark', language: '' }) });
    await new Look().chooseTheme('dark');
    expect(calls[0]!.body).toEqual({ theme: 'dark' });
    expect(new Look().theme).toBe('dark');
  });

  it('does not take a choice back for a load that began before it', async () => {
    const asked = deferred<{ theme: string; language: string }>();
    serve({
      'GET /admin/settings': () => asked.promise,
      'PUT /admin/settings': () => ({ theme: 'dark', language: 'zh-CN' }),
    });
    const look = new Look();
    const loaded = look.load();
    await look.chooseLanguage('zh-CN');
    asked.resolve({ theme: 'light', language: 'en' });
    await loaded;
    expect([look.themeChoice, look.languageChoice]).toEqual(['dark', 'zh-CN']);
  });

  it('follows the program, and ignores what it does not know', async () => {
    serve({ 'GET /admin/settings': () => ({ theme: 'sepia', language: 'zh-CN' }) });
    const look = new Look();
    await look.load();
    expect([look.themeChoice, look.locale]).toEqual(['', 'zh-CN']);
  });
});

describe('the route', () => {
  it.each([
    ['', 'dashboard', {}],
    ['#/', 'dashboard', {}],
    ['#/accounts?status=waiting&q=a%20b', 'accounts', { status: 'waiting', q: 'a b' }],
    ['#/keys', 'keys', {}],
    ['#/nowhere', 'dashboard', {}],
  ])('reads %s', (hash, screen, query) => expect(parse(hash)).toEqual({ screen, query }));

  it('leaves empty filters out of the address', () => {
    expect(render({ screen: 'accounts', query: { status: '', q: 'x y' } })).toBe('#/accounts?q=x+y');
    expect(render({ screen: 'dashboard', query: {} })).toBe('#/');
  });

  it('keeps filters in the address, so that a reload keeps them', () => {
    const route = new Route();
    route.go('accounts');
    route.refine({ status: 'waiting' });
    expect(new Route().query('status')).toBe('waiting');
  });
});
