import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { whenSignedOut } from '../api/client';
import { postInWindow } from '../desktop';
import { attach, mostBytes, PictureError } from './pictures';
import { Playground } from './playground.svelte';

const samples = import.meta.glob<string>('../../testing/streams/*', { query: '?raw', import: 'default', eager: true });
const sample = (name: string) => samples[`../../testing/streams/${name}`]!;

/** An answer under way: what is said into it comes at once. */
class Line {
  sent: { path: string; body: Record<string, unknown> }[] = [];
  #say!: ReadableStreamDefaultController<Uint8Array>;
  #answer: () => Promise<Response>;

  constructor(answer?: () => Promise<Response>) {
    this.#answer = answer ?? (() => Promise.resolve(this.#stream()));
    vi.stubGlobal('fetch', (path: string, init?: RequestInit) => {
      if (init?.method !== 'POST') return Promise.resolve(new Response('{}', { status: 404 }));
      this.sent.push({ path, body: JSON.parse(init.body as string) });
      init.signal?.addEventListener('abort', () => this.#say?.error(new DOMException('', 'AbortError')));
      return this.#answer();
    });
  }

  say = (text: string) => this.#say.enqueue(new TextEncoder().encode(text));
  end = () => this.#say.close();
  tear = () => this.#say.error(new TypeError('network error'));

  #stream() {
    const body = new ReadableStream<Uint8Array>({ start: (say) => void (this.#say = say) });
    const headers = {
      'content-type': 'text/event-stream',
      'request-id': 'req_1',
      'x-amq2api-account': 'Work%20%E8%B4%A6',
    };
    return new Response(body, { headers });
  }
}

const settle = () => vi.advanceTimersByTimeAsync(60);
const tell = (body: string, status = 200, headers: Record<string, string> = {}) =>
  new Line(() =>
    Promise.resolve(new Response(body, { status, headers: { 'content-type': 'application/json', ...headers } })),
  );

function asking(text = 'hi'): Playground {
  const play = new Playground();
  play.prompt = text;
  play.send('standard', false);
  return play;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a question', () => {
  it('is answered as it comes, drawn in batches, and leaves its figures', async () => {
    const line = new Line();
    const play = asking();
    await settle();
    const text = sample('anthropic-tools.sse');
    line.say(text.slice(0, 1000));
    await settle();
    expect(play.last!.answer.parts.length).toBeGreaterThan(0);
    expect(play.running).toBe(true);
    line.say(text.slice(1000));
    line.end();
    await settle();
    expect(play.last).toMatchObject({ state: 'done', head: { requestId: 'req_1', account: 'Work 账' } });
    expect(play.calls.map(({ name }) => name)).toEqual(['get_weather', 'get_weather']);
    expect(line.sent[0]).toMatchObject({
      path: '/admin/playground/anthropic',
      body: { model: 'standard', stream: true },
    });
    expect(play.prompt).toBe('');
  });

  it('goes on with the results of calls, and as a key', async () => {
    tell(sample('openai-tools.json'));
    const play = new Playground();
    Object.assign(play, { dialect: 'openai', prompt: 'hi', key: 7 });
    play.send('standard', false);
    await settle();
    const [first] = play.calls;
    const line = tell(sample('openai-tools.json'));
    play.give([{ id: first!.id, text: 'rain', failed: false }], 'standard', false);
    await settle();
    expect(line.sent[0]!.path).toBe('/admin/playground/openai?key=7');
    const messages = line.sent[0]!.body.messages as { role: string }[];
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool']);
  });

  it('that was stopped keeps what came, and is not taken for a whole answer', async () => {
    const line = new Line();
    const play = asking();
    await settle();
    line.say(sample('anthropic-tools.sse').slice(0, 1500));
    await settle();
    play.stop();
    await settle();
    expect(play.last!.state).toBe('stopped');
    expect(play.last!.answer.parts.length).toBeGreaterThan(0);
    expect(play.calls).toEqual([]);
  });

  it('that was stopped before its answer began is forgotten by the next', async () => {
    new Line(() => new Promise(() => {}));
    const play = asking('first');
    play.clear();
    expect(play.exchanges).toEqual([]);
    const line = tell(sample('anthropic-tools.json'));
    play.prompt = 'second';
    play.send('standard', false);
    await settle();
    expect(JSON.stringify(line.sent[0]!.body)).not.toContain('first');
  });

  it.each(['end', 'tear'] as const)('whose answer just %ss has failed', async (how) => {
    const line = new Line();
    const play = asking();
    await settle();
    line.say(sample('anthropic-tools.sse').slice(0, 1500));
    line[how]();
    await settle();
    expect(play.last).toMatchObject({ state: 'failed', refused: null });
  });

  it('that a model refuses has its sentence; asked again it takes its place', async () => {
    tell(sample('anthropic-refused.json'), 400, { 'request-id': 'req_1' });
    const play = asking('long');
    await settle();
    expect(play.last).toMatchObject({
      state: 'failed',
      answer: { error: 'prompt is too long: 200001 tokens > 200000 maximum' },
    });
    tell(sample('anthropic-tools.json'));
    play.retry('standard', false);
    await settle();
    expect(play.exchanges.map(({ state, asked }) => [state, asked.text])).toEqual([['done', 'long']]);
  });

  it('that the admin API refuses is not taken for an answer, and a 401 signs out', async () => {
    const left = vi.fn();
    whenSignedOut(left);
    tell('{"error":{"code":"conflict","message":"The key was revoked."}}', 409);
    const play = asking();
    await settle();
    expect(play.last).toMatchObject({ state: 'failed', refused: { code: 'conflict' } });
    tell('{"type":"error","error":{"type":"authentication_error","message":"m"}}', 401, { 'request-id': 'req_1' });
    play.retry('standard', false);
    await settle();
    expect(left).not.toHaveBeenCalled();
    tell('{"error":{"code":"unauthenticated","message":"m"}}', 401);
    play.retry('standard', false);
    await settle();
    expect(left).toHaveBeenCalledOnce();
  });

  it('is not sent with nothing in it, twice at once, or with a number that is none', async () => {
    const line = new Line(() => new Promise(() => {}));
    const play = asking('  ');
    play.prompt = 'hi';
    play.maxTokens = '12x';
    play.send('standard', false);
    expect(line.sent).toEqual([]);
    play.maxTokens = ' 12 ';
    play.send('standard', false);
    play.prompt = 'again';
    play.send('standard', false);
    expect(line.sent.length).toBe(1);
    expect(line.sent[0]!.body.max_tokens).toBe(12);
  });
});

describe('a picture', () => {
  const file = (size: number, type = 'image/png') => new File([new Uint8Array(size)], 'a.png', { type });
  const trouble = (promise: Promise<unknown>) =>
    promise.then(
      () => '',
      (error: PictureError) => error.trouble,
    );

  it('is attached as base64, and taken off', async () => {
    vi.useRealTimers();
    const play = new Playground();
    await play.attach(file(3));
    expect(play.pictures).toMatchObject([{ data: 'AAAA', media: 'image/png', size: 3, name: 'a.png' }]);
    expect(play.ready).toBe(true);
    play.detach(play.pictures[0]!.id);
    expect(play.pictures).toEqual([]);
  });

  it('is refused by its type and its size, alone or with others', async () => {
    vi.useRealTimers();
    const big = { id: 1, name: 'b', size: 14_000_000, media: 'image/png', data: '' };
    expect(await trouble(attach(file(3, 'text/html'), []))).toBe('type');
    expect(await trouble(attach(file(mostBytes + 1), []))).toBe('size');
    expect(await trouble(attach(file(mostBytes), [big]))).toBe('total');
  });
});

describe('in the window', () => {
  /** The window's runtime, with the program behind it. */
  function open() {
    const heard = new Map<string, (piece: object) => void>();
    const emitted: string[][] = [];
    Object.assign(window, {
      runtime: {
        EventsOn: (name: string, callback: (piece: object) => void) => {
          heard.set(name, callback);
          return () => heard.delete(name);
        },
        EventsEmit: (...said: string[]) => emitted.push(said),
      },
    });
    return { emitted, heard, bring: (piece: object) => [...heard.values()].forEach((hear) => hear(piece)) };
  }
  afterEach(() => Reflect.deleteProperty(window, 'runtime'));

  it('an answer comes by events, piece by piece', async () => {
    const { bring, emitted, heard } = open();
    const asked = postInWindow('/admin/playground/openai', '{}', new AbortController().signal);
    expect(emitted[0]).toEqual(['playground:ask', expect.any(String), '/admin/playground/openai', '{}']);
    bring({ status: 200, headers: { 'request-id': 'req_1' } });
    const response = await asked;
    expect(response.headers.get('request-id')).toBe('req_1');
    bring({ body: btoa('one ') });
    bring({ body: btoa('two') });
    bring({ ended: true });
    expect(await response.text()).toBe('one two');
    expect(heard.size).toBe(0);
  });

  it('a stop reaches the program, and an answer that broke off is an error', async () => {
    const { bring, emitted, heard } = open();
    const abort = new AbortController();
    const first = postInWindow('/admin/playground/openai', '{}', abort.signal);
    abort.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    expect(emitted[1]).toEqual(['playground:stop', emitted[0]![1]]);
    const second = postInWindow('/admin/playground/openai', '{}', new AbortController().signal);
    bring({ status: 200 });
    bring({ ended: true, torn: true });
    await expect((await second).text()).rejects.toBeInstanceOf(TypeError);
    expect(heard.size).toBe(0);
  });
});
