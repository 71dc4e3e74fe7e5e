import type { Request } from '../api/types.gen';

export const outcomes = ['good', 'failed'] as const;
export type Outcome = (typeof outcomes)[number];

/** What the log is narrowed to; empty is everything. */
export interface Narrowing {
  outcome: Outcome | '';
  text: string;
}

export const hasFailed = ({ fault, status }: Pick<Request, 'fault' | 'status'>) => fault !== '' || status >= 400;

export const outcomeOf = (request: Request): Outcome => (hasFailed(request) ? 'failed' : 'good');

/** The requests that fit: every word of the text is in one of the things people look for. */
export function narrow(requests: readonly Request[], { outcome, text }: Narrowing): Request[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return requests.filter((request) => {
    if (outcome && outcomeOf(request) !== outcome) return false;
    const there = searched(request).toLowerCase();
    return words.every((word) => there.includes(word));
  });
}

const searched = (r: Request) =>
  [r.id, r.key, r.client, r.dialect, r.model_asked, r.model_used, r.account, r.status, r.fault, r.message].join('\n');

/** A request of the same kind, for a terminal. What was said is not kept, so it asks something short. */
export function curl({ dialect, model_asked, streaming }: Request, address: string): string {
  const stream = streaming ? { stream: true } : {};
  const turn = { messages: [{ role: 'user', content: 'hi' }] };
  const [path, body] =
    dialect === 'anthropic'
      ? ['/v1/messages', { model: model_asked, max_tokens: 200, ...stream, ...turn }]
      : dialect === 'responses'
        ? ['/v1/responses', { model: model_asked, ...stream, input: 'hi' }]
        : ['/v1/chat/completions', { model: model_asked, ...stream, ...turn }];
  const quoted = JSON.stringify(body).replaceAll("'", String.raw`'\''`);
  return [
    `curl ${streaming ? '-N ' : ''}${address}${path}`,
    `-H "authorization: Bearer $AMQ2API_KEY"`,
    `-H 'content-type: application/json'`,
    `-d '${quoted}'`,
  ].join(' \\\n  ');
}
