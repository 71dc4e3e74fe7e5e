import { admitted, ApiError, call } from './client';
import type { RequestDetail } from './types.gen';

export interface Question {
  dialect: string;
  /** The id of the key whose scope and limits hold; 0 is none. */
  key: number;
  /** JSON. */
  body: string;
  /** How to post where fetch gives no answer before it is whole. */
  post?: Post;
}

export type Post = (path: string, body: string, signal: AbortSignal) => Promise<Response>;

/**
 * Asks a model and answers as fetch does: with the head, while the body still comes. A refusal by the admin API, or no answer at all, is
 * an ApiError; whoever aborts gets an AbortError.
 */
export async function ask({ dialect, key, body, post = fetched }: Question, signal: AbortSignal): Promise<Response> {
  const path = `/admin/playground/${dialect}${key ? `?key=${key}` : ''}`;
  return admitted(await reached(post(path, body, signal)));
}

const fetched: Post = (path, body, signal) =>
  fetch(path, {
    method: 'POST',
    headers: { 'X-AMQ2API': '1', 'Content-Type': 'application/json' },
    credentials: 'same-origin',
    body,
    signal,
  });

const aborted = (cause: unknown) => cause instanceof DOMException && cause.name === 'AbortError';

async function reached(response: Promise<Response>): Promise<Response> {
  try {
    return await response;
  } catch (cause) {
    throw aborted(cause) ? cause : new ApiError('unreachable', String(cause), 0);
  }
}

/** One request as the log has it, once it is there. */
export const recorded = (id: string) => call<RequestDetail>('GET', `/admin/requests/${encodeURIComponent(id)}`);
