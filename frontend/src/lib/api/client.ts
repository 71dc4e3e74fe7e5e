import type { Failure, Said } from './types.gen';

/** A refusal by the admin API, or no answer at all (code "unreachable", status 0). */
export class ApiError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly field = '',
    /** What the message says, for the page's own words. */
    readonly said: Said | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

let signedOut: () => void = () => {};

/** Names who hears that an answer was 401: the session has ended. */
export function whenSignedOut(listener: () => void): void {
  signedOut = listener;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/**
 * Calls the admin API and answers with its JSON. The path begins with /admin/: it is the same on the listener and in the window.
 * Throws ApiError and nothing else.
 */
export async function call<T>(method: Method, path: string, body?: object): Promise<T> {
  return (await exchange<T>(method, path, body)).value;
}

/** One page of a list, and whether another follows. */
export async function page<T>(path: string): Promise<{ items: T[]; more: boolean }> {
  const { value, headers } = await exchange<T[]>('GET', path);
  return { items: value, more: /rel="?next/.test(headers.get('Link') ?? '') };
}

async function exchange<T>(method: Method, path: string, body?: object): Promise<{ value: T; headers: Headers }> {
  const response = await send(method, path, body);
  const { headers } = response;
  if (response.status === 204) return { value: undefined as T, headers };
  const text = await response.text().catch(() => '');
  if (response.ok) return { value: parse<T>(text, response.status), headers };
  const refused = refusal(text, response.status);
  if (response.status === 401 && path !== '/admin/session') signedOut();
  throw refused;
}

/**
 * Looks at an answer that comes bit by bit. It throws what the admin API itself refuses: that has no request id. What a model's API says,
 * errors too, is for the caller to read.
 */
export async function admitted(response: Response): Promise<Response> {
  if (response.ok || response.headers.has('request-id')) return response;
  const refused = refusal(await response.text().catch(() => ''), response.status);
  if (response.status === 401) signedOut();
  throw refused;
}

async function send(method: Method, path: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = {};
  if (method !== 'GET') headers['X-AMQ2API'] = '1';
  if (body) headers['Content-Type'] = 'application/json';
  try {
    return await fetch(path, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  } catch (cause) {
    throw new ApiError('unreachable', String(cause), 0);
  }
}

function parse<T>(text: string, status: number): T {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ApiError('not_json', text.slice(0, 200), status);
  }
}

function refusal(text: string, status: number): ApiError {
  try {
    const { error } = JSON.parse(text) as Failure;
    return new ApiError(error.code, error.message, status, error.field ?? '', error.said ?? null);
  } catch {
    return new ApiError('not_json', text.slice(0, 200), status);
  }
}
