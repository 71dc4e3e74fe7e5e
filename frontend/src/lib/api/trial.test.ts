import { afterEach, describe, expect, it, vi } from 'vitest';

import { requestOf, send, wordsOf } from './trial';

const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  vi.stubGlobal('fetch', () =>
    Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers })),
  );

afterEach(() => vi.unstubAllGlobals());

describe('a test request', () => {
  it('never streams, and has the members its dialect asks for', () => {
    expect(requestOf('anthropic', 'x')).toMatchObject({ model: 'x', max_tokens: 200, stream: false });
    expect(requestOf('openai', 'x')).toMatchObject({ messages: [{ role: 'user' }], stream: false });
    expect(requestOf('responses', 'x')).toMatchObject({ input: expect.any(String) as string, stream: false });
  });

  it('reads the words of every dialect', () => {
    expect(wordsOf({ content: [{ type: 'text', text: 'a' }] })).toBe('a');
    expect(wordsOf({ choices: [{ message: { content: 'b' } }] })).toBe('b');
    expect(wordsOf({ output: [{}, { content: [{ type: 'output_text', text: 'c' }] }] })).toBe('c');
    expect(wordsOf({})).toBe('');
  });

  it('tells who answered, with names beyond ASCII', async () => {
    const headers = { 'x-amq2api-account': '%E5%B7%A5%E4%BD%9C', 'x-amq2api-model': 'claude-sonnet-4.5' };
    answer(200, { content: [{ type: 'text', text: 'hello' }] }, headers);
    await expect(send('anthropic', 'x')).resolves.toMatchObject({
      text: 'hello',
      account: '工作',
      model: 'claude-sonnet-4.5',
    });
  });

  it('tells what the admin API refuses from what a client would read', async () => {
    answer(403, { error: { code: 'forbidden', message: 'Not here.' } });
    await expect(send('openai', 'x')).rejects.toMatchObject({ code: 'forbidden', message: 'Not here.' });
    answer(404, { error: { message: 'There is no model x.' } }, { 'request-id': 'req_1' });
    await expect(send('openai', 'x')).rejects.toMatchObject({ code: 'refused', message: 'There is no model x.' });
    answer(200, 'a page');
    await expect(send('openai', 'x')).rejects.toMatchObject({ code: 'not_json' });
  });

  it('passes on why it failed, in the words a client would read', async () => {
    answer(
      429,
      { type: 'error', error: { type: 'rate_limit_error', message: 'Slow down for 42 s.' } },
      { 'request-id': 'req_1' },
    );
    await expect(send('anthropic', 'x')).rejects.toMatchObject({
      code: 'refused',
      status: 429,
      message: 'Slow down for 42 s.',
    });
  });
});
