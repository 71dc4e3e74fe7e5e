import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Live } from './live.svelte';

/** A stand-in for the browser's EventSource that the test drives. */
class Source extends EventTarget {
  static CLOSED = 2;
  static all: Source[] = [];
  readyState = 1;
  constructor(readonly url: string) {
    super();
    Source.all.push(this);
  }
  close = vi.fn();
  say(noun: string) {
    this.dispatchEvent(new MessageEvent('changed', { data: JSON.stringify({ noun }) }));
  }
}

const reaction = () => ({ changed: vi.fn(), resumed: vi.fn(), lost: vi.fn(), beat: vi.fn() });

beforeEach(() => {
  Source.all = [];
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Source);
});
afterEach(() => vi.useRealTimers());

describe('live updates', () => {
  it('gather a burst of changes into one reaction', () => {
    const react = reaction();
    const stop = new Live(react).start();
    Source.all[0]!.say('requests');
    Source.all[0]!.say('requests');
    Source.all[0]!.say('accounts');
    vi.advanceTimersByTime(250);
    expect(react.changed.mock.calls).toEqual([[new Set(['requests', 'accounts'])]]);
    stop();
    expect(Source.all[0]!.close).toHaveBeenCalled();
  });

  it('say when contact is lost, and fetch everything when it is back', () => {
    const react = reaction();
    const live = new Live(react);
    live.start();
    Source.all[0]!.dispatchEvent(new Event('error'));
    Source.all[0]!.dispatchEvent(new Event('error'));
    expect([live.connected, react.lost.mock.calls.length]).toEqual([false, 1]);
    Source.all[0]!.dispatchEvent(new Event('open'));
    expect([live.connected, react.resumed.mock.calls.length]).toEqual([true, 1]);
  });

  it('try again after a refusal, which ends a browser own attempts', () => {
    new Live(reaction()).start();
    Source.all[0]!.readyState = Source.CLOSED;
    Source.all[0]!.dispatchEvent(new Event('error'));
    vi.advanceTimersByTime(3000);
    expect(Source.all).toHaveLength(2);
  });

  it('come as events of the window inside the app, where streams are not dependable', () => {
    const off = vi.fn();
    let emit!: (noun: string) => void;
    const on = vi.fn((_: string, callback: (noun: string) => void) => {
      emit = callback;
      return off;
    });
    vi.stubGlobal('runtime', { EventsOn: on });
    const react = reaction();
    const stop = new Live(react).start();
    emit('proxy');
    vi.advanceTimersByTime(250);
    expect(Source.all).toHaveLength(0);
    expect(on.mock.calls[0]![0]).toBe('changed');
    expect(react.changed).toHaveBeenCalledWith(new Set(['proxy']));
    stop();
    expect(off).toHaveBeenCalled();
  });

  it('count the last minute again now and then, but not in a hidden page', () => {
    const react = reaction();
    new Live(react).start();
    vi.advanceTimersByTime(15_000);
    expect(react.beat).toHaveBeenCalledTimes(1);
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('hidden');
    vi.advanceTimersByTime(15_000);
    expect(react.beat).toHaveBeenCalledTimes(1);
  });
});
