import { describe, expect, it } from 'vitest';

import { request } from '../../testing/wire';
import { curl, narrow } from './requestlog';

const ids = (list: { id: string }[]) => list.map(({ id }) => id).join(' ');

describe('the log of requests', () => {
  const list = [
    request({ id: 'a', client: 'claude-cli', account: 'Work', model_used: 'claude-sonnet-4.5' }),
    request({ id: 'b', client: 'codex', account: 'Home', status: 429, fault: 'throttled' }),
    request({ id: 'c', client: 'codex', account: 'Work', status: 200, fault: 'unavailable' }),
  ];

  it('is narrowed by outcome and by every word, whatever the case', () => {
    expect(ids(narrow(list, { outcome: '', text: '' }))).toBe('a b c');
    expect(ids(narrow(list, { outcome: 'failed', text: '' }))).toBe('b c');
    expect(ids(narrow(list, { outcome: 'good', text: 'work' }))).toBe('a');
    expect(ids(narrow(list, { outcome: '', text: ' CODEX  work ' }))).toBe('c');
    expect(ids(narrow(list, { outcome: '', text: '429' }))).toBe('b');
    expect(ids(narrow(list, { outcome: 'good', text: 'nobody' }))).toBe('');
  });

  it('makes a curl of the same kind in each dialect', () => {
    const address = 'http://127.0.0.1:8080';
    expect(curl(request({ dialect: 'anthropic', model_asked: 'm', streaming: true }), address)).toContain(
      `curl -N ${address}/v1/messages`,
    );
    expect(curl(request({ dialect: 'openai', streaming: false }), address)).toContain(
      `curl ${address}/v1/chat/completions`,
    );
    expect(curl(request({ dialect: 'responses' }), address)).toContain(`"input":"hi"`);
    expect(curl(request({ model_asked: `it's` }), address)).toContain(String.raw`it'\''s`);
  });
});
