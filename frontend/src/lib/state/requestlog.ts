import type { Request } from '../api/types.gen';

export const outcomes = ['good', 'failed'] as const;
export type Outcome = (typeof outcomes)[number];

/** What the log is narrowed to; empty is everything. */
export interface Narrowing {
  outcome: Outcome | '';
  text: string;
  /** The id of the account that served. */
  account: string;
}

export const hasFailed = ({ fault, status }: Pick<Request, 'fault' | 'status'>) => fault !== '' || status >= 400;

/** How requests end, as the admin API names it. */
export const classes: Record<Outcome | '', readonly string[]> = {
  '': [],
  good: ['succeeded'],
  failed: ['failed', 'canceled'],
};

/** What stands in front of the newest that is known; null if none of it is known, so that something may lie between. */
export function newer(page: readonly Request[], known: readonly Request[]): Request[] | null {
  if (known.length === 0) return [...page];
  const at = page.findIndex(({ id }) => id === known[0]!.id);
  return at < 0 ? null : page.slice(0, at);
}

/** What follows the oldest that is known, without what is known already. */
export function older(page: readonly Request[], known: readonly Request[]): Request[] {
  const there = new Set(known.map(({ id }) => id));
  return page.filter(({ id }) => !there.has(id));
}

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
