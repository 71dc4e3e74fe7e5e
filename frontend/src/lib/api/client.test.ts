import { describe, expect, it, vi } from 'vitest';

import { nothing, refusal, serve } from '../../testing/wire';
import { ApiError, call, whenSignedOut } from './client';

const failure = async (promise: Promise<unknown>) => (await promise.catch((error: unknown) => error)) as ApiError;

describe('call', () => {
  it('sends the custom header with what changes something, and a content type only with a body', async () => {
    const calls = serve({
      'GET /admin/state': () => ({}),
      'POST /admin/proxy/stop': () => ({}),
      'PUT /admin/settings': () => ({}),
    });
    await call('GET', '/admin/state');
    await call('POST', '/admin/proxy/stop');
    await call('PUT', '/admin/settings', { theme: 'dark' });
    expect(calls.map(({ headers }) => headers)).toEqual([
      {},
      { 'X-AMQ2API': '1' },
      { 'X-AMQ2API': '1', 'Content-Type': 'application/json' },
    ]);
  });

  it('answers nothing for 204', async () => {
    serve({ 'DELETE /admin/accounts/1': nothing });
    expect(await call('DELETE', '/admin/accounts/1')).toBeUndefined();
  });

  it('throws the refusal with its code and field', async () => {
    serve({ 'POST /admin/accounts': () => refusal(400, 'invalid', 'name is missing.', 'name') });
    const error = await failure(call('POST', '/admin/accounts', {}));
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: 'invalid', status: 400, field: 'name', message: 'name is missing.' });
  });

  it('throws an ApiError where there is no answer, or one of something else', async () => {
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    expect((await failure(call('GET', '/admin/state'))).code).toBe('unreachable');
    vi.stubGlobal('fetch', async () => new Response('<html>another program</html>'));
    expect((await failure(call('GET', '/admin/state'))).code).toBe('not_json');
    vi.stubGlobal('fetch', async () => new Response('Bad Gateway', { status: 502 }));
    expect(await failure(call('GET', '/admin/state'))).toMatchObject({ code: 'not_json', status: 502 });
  });

  it('says that the session ended, but not for a wrong token at sign-in', async () => {
    const ended = vi.fn();
    whenSignedOut(ended);
    serve({
      'GET /admin/state': () => refusal(401, 'unauthenticated', 'Sign in.'),
      'POST /admin/session': () => refusal(401, 'unauthenticated', 'Wrong.'),
    });
    await failure(call('POST', '/admin/session', { token: 'x' }));
    expect(ended).not.toHaveBeenCalled();
    await failure(call('GET', '/admin/state'));
    expect(ended).toHaveBeenCalledOnce();
  });
});
