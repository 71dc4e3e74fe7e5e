import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { refusal, request, serve } from '../../testing/wire';
import type { Request } from '../api/types.gen';
import { paced } from './pace';
import { Requests } from './requests.svelte';

/** A program with a log that can grow. Answers pages as it does. */
function program(count: number) {
  let log: Request[] = Array.from({ length: count }, (_, i) => request({ id: `req_${count - i}` }));
  const asked: URLSearchParams[] = [];
  vi.stubGlobal('fetch', async (path: string) => {
    const search = new URLSearchParams(path.split('?')[1]);
    asked.push(search);
    const from = search.has('before') ? log.findIndex(({ id }) => id === search.get('before')) + 1 : 0;
    const items = log.slice(from, from + Number(search.get('limit')));
    const more = from + items.length < log.length;
    return Response.json(items, { headers: more ? { Link: '</admin/requests?before=x>; rel="next"' } : {} });
  });
  const add = (n: number) => {
    const at = log.length;
    log = [...Array.from({ length: n }, (_, i) => request({ id: `req_${at + n - i}` })), ...log];
  };
  return { add, asked };
}

const everything = { outcome: '', text: '', account: '' } as const;
const first = (log: Requests) => log.list?.[0]?.id;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('the log', () => {
  it('fetches a page, then only what is new, and tints it for a moment', async () => {
    const { add, asked } = program(300);
    const log = new Requests();
    await log.ask(everything);
    expect([log.list?.length, log.more, log.fresh.size]).toEqual([100, true, 0]);
    add(3);
    await log.load();
    expect([log.list?.length, first(log), log.fresh.size, asked.length]).toEqual([103, 'req_303', 3, 2]);
    vi.advanceTimersByTime(1200);
    expect(log.fresh.size).toBe(0);
  });

  it('fetches older pages up to the oldest', async () => {
    program(350);
    const log = new Requests();
    await log.ask(everything);
    await Promise.all([log.older(), log.older()]);
    expect([log.list?.length, log.more]).toEqual([300, true]);
    await log.older();
    expect([log.list?.length, log.more, log.list?.at(-1)?.id]).toEqual([350, false, 'req_1']);
  });

  it('closes the gap after many came, and begins anew after too many', async () => {
    const { add } = program(100);
    const log = new Requests();
    await log.ask(everything);
    add(350);
    await log.load();
    expect(log.list?.length).toBe(450);
    add(2000);
    await log.load();
    expect([log.list?.length, log.more, first(log)]).toEqual([500, true, 'req_2450']);
  });

  it('stands still while paused and counts', async () => {
    const { add } = program(50);
    const log = new Requests();
    await log.ask(everything);
    log.pause();
    add(2);
    await log.load();
    add(1);
    await log.load();
    expect([log.list?.length, log.waiting]).toEqual([50, 3]);
    log.resume();
    expect([log.list?.length, log.waiting, first(log)]).toEqual([53, 0, 'req_53']);
  });

  it('keeps thousands and lets go of the oldest while it follows', async () => {
    const { add } = program(5000);
    const log = new Requests();
    await log.ask(everything);
    while (log.more) await log.older();
    add(10);
    await log.load();
    expect([log.list?.length, first(log), log.more]).toEqual([5000, 'req_5010', true]);
    await log.older();
    expect(log.list?.at(-1)?.id).toBe('req_1');
  });

  it('asks the program for what is looked for', async () => {
    const { asked } = program(1);
    await new Requests().ask({ outcome: 'failed', text: 'codex work', account: '3' });
    expect(asked[0]!.toString()).toBe('limit=100&status=failed&status=canceled&text=codex+work&account=3');
  });

  it('keeps what it has when the program does not answer', async () => {
    program(5);
    const log = new Requests();
    await log.ask(everything);
    serve({ 'GET /admin/requests': () => refusal(500, 'internal', 'broken') });
    await log.load();
    expect([log.list?.length, log.error?.code]).toEqual([5, 'internal']);
  });

  it('follows only while somebody looks', async () => {
    const { asked } = program(5);
    const log = new Requests();
    log.refresh();
    expect(asked).toHaveLength(0);
    log.refresh.cancel();
    const leave = log.watch();
    log.refresh();
    expect(asked).toHaveLength(1);
    leave();
  });
});

describe('a pace', () => {
  it('acts at once, then once in a while however often it is asked, and at last for the last asking', () => {
    const act = vi.fn();
    const ask = paced(act, 400);
    for (let i = 0; i < 100; i++) {
      ask();
      vi.advanceTimersByTime(10);
    }
    expect(act).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(400);
    expect(act).toHaveBeenCalledTimes(4);
    vi.advanceTimersByTime(5000);
    expect(act).toHaveBeenCalledTimes(4);
  });
});
