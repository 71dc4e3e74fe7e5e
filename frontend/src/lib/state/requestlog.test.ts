import { describe, expect, it } from 'vitest';

import { request } from '../../testing/wire';
import type { Request } from '../api/types.gen';
import { curl, newer, older } from './requestlog';

const ids = (list: { id: string }[]) => list.map(({ id }) => id).join(' ');

describe('the log of requests', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => request({ id })) as [Request, Request, Request, Request];

  it('takes of a page what is in front of the newest it knows', () => {
    expect(ids(newer([a, b, c], [c, d])!)).toBe('a b');
    expect(newer([c, d], [c, d])).toEqual([]);
    expect(ids(newer([a, b], [])!)).toBe('a b');
  });

  it('notices that something may lie between', () => expect(newer([a, b], [d])).toBeNull());

  it('takes of an older page what it lacks', () => expect(ids(older([b, c, d], [a, b]))).toBe('c d'));

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
