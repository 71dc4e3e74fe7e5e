import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../api/client';
import type { ConnectPlan, ConnectTrial } from '../api/types.gen';
import type { Connect } from './connect.svelte';
import { Writing } from './writing.svelte';

const planned = (model: string, fields: Partial<ConnectPlan> = {}): ConnectPlan => ({
  files: [{ path: '/home/me/.codex/config.toml', exists: true, diff: '@@ -1 +1 @@\n-a\n+b\n', digest: model }],
  notes: ['key_made', 'restart'],
  detail: '',
  model,
  ...fields,
});
const trial: ConnectTrial = { ok: true, status: 200, millis: 900, model: 'claude-sonnet-4.5', message: '' };
const conflict = new ApiError('conflict', 'A file has changed.', 409);

const connect = {
  load: vi.fn(() => Promise.resolve()),
  plan: vi.fn((_: string, model: string) => Promise.resolve(planned(model))),
  write: vi.fn(() => Promise.resolve()),
  undo: vi.fn(() => Promise.resolve()),
  verify: vi.fn(() => Promise.resolve(trial)),
};
let writing: Writing;

beforeEach(() => {
  vi.clearAllMocks();
  writing = new Writing(connect as unknown as Connect, 'codex');
});

describe('connecting a tool', () => {
  it('shows what would be written, writes that, and keeps what is left to do', async () => {
    await writing.show('opus');
    expect(writing.plan?.model).toBe('opus');
    expect(connect.write).not.toHaveBeenCalled();
    expect(await writing.write()).toBe(true);
    expect(connect.write).toHaveBeenCalledWith('codex', planned('opus'));
    expect(writing.plan).toBeNull();
    expect(writing.after?.notes).toEqual(['restart']);
  });

  it('shows the new difference when a file has changed meanwhile, and says that nothing was written', async () => {
    await writing.show('opus');
    connect.write.mockRejectedValueOnce(conflict);
    expect(await writing.write()).toBe(false);
    expect([writing.overtaken, writing.plan?.model, writing.failure]).toEqual([true, 'opus', '']);
    await writing.show('haiku');
    expect(writing.overtaken).toBe(false);
  });

  it('has no plan left where a file cannot be written any more, and looks how the tool stands', async () => {
    await writing.show('opus');
    connect.write.mockRejectedValueOnce(conflict);
    connect.plan.mockRejectedValueOnce(conflict);
    expect(await writing.write()).toBe(false);
    expect(writing.plan).toBeNull();
    expect(writing.failure).toBe('A file has changed.');
    expect(connect.load).toHaveBeenCalled();
  });

  it('takes the answer to the last of several questions', async () => {
    let slow: (plan: ConnectPlan) => void = () => {};
    connect.plan.mockImplementationOnce(() => new Promise((answer) => (slow = answer)));
    const first = writing.show('opus');
    await writing.show('haiku');
    slow(planned('opus'));
    await first;
    expect(writing.plan?.model).toBe('haiku');
  });

  it('is busy until the last of them is answered, so that nothing older is written', async () => {
    let slow: (plan: ConnectPlan) => void = () => {};
    const first = writing.show('opus');
    connect.plan.mockImplementationOnce(() => new Promise((answer) => (slow = answer)));
    const second = writing.show('haiku');
    await first;
    expect(writing.busy).toBe('plan');
    slow(planned('haiku'));
    await second;
    expect(writing.busy).toBe('');
  });

  it('shows no plan that comes after it was left', async () => {
    let slow: (plan: ConnectPlan) => void = () => {};
    connect.plan.mockImplementationOnce(() => new Promise((answer) => (slow = answer)));
    const shown = writing.show('opus');
    writing.leave();
    slow(planned('opus'));
    await shown;
    expect(writing.plan).toBeNull();
  });

  it('tells whether the tool was answered, and forgets that when it is undone', async () => {
    expect(await writing.verify()).toBe(true);
    connect.verify.mockResolvedValueOnce({ ...trial, ok: false, status: 401, message: 'The key is refused.' });
    expect(await writing.verify()).toBe(false);
    expect(writing.trial?.message).toBe('The key is refused.');
    expect(await writing.undo()).toBe(true);
    expect(writing.trial).toBeNull();
    expect(writing.busy).toBe('');
  });
});
