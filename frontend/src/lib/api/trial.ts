import { ApiError } from './client';
import { ask } from './playground';

export const dialects = ['anthropic', 'openai', 'responses'] as const;
export type Dialect = (typeof dialects)[number];

/** How a test request went. */
export interface Trial {
  text: string;
  /** Milliseconds until the whole answer was there. */
  duration: number;
  /** Empty if the program did not say. */
  account: string;
  model: string;
}

const question = 'Say hello in five words.';

/** The smallest request of each dialect. */
export function requestOf(dialect: Dialect, model: string): object {
  const messages = [{ role: 'user', content: question }];
  switch (dialect) {
    case 'anthropic':
      return { model, max_tokens: 200, messages, stream: false };
    case 'openai':
      return { model, messages, stream: false };
    case 'responses':
      return { model, input: question, store: false, stream: false };
  }
}

interface Answer {
  content?: { type: string; text?: string }[];
  choices?: { message?: { content?: string | null } }[];
  output?: { content?: { type: string; text?: string }[] }[];
  error?: { type?: string; code?: string | null; message?: string };
}

/** The words of an answer, in whichever dialect it is. */
export function wordsOf(answer: Answer): string {
  const blocks = answer.content ?? answer.output?.flatMap(({ content }) => content ?? []) ?? [];
  const spoken = blocks.map(({ text }) => text ?? '').join('');
  return spoken || (answer.choices?.[0]?.message?.content ?? '');
}

/**
 * Sends a real request through the dialect of a tool and answers with what came back. Throws ApiError: "refused" with the client's own words
 * if the request failed, else why there was no answer.
 */
export async function send(dialect: Dialect, model: string): Promise<Trial> {
  const begun = performance.now();
  const body = JSON.stringify(requestOf(dialect, model));
  const response = await ask({ dialect, key: 0, body }, new AbortController().signal);
  const answer = read(await response.text().catch(() => ''), response.status);
  if (!response.ok) throw new ApiError('refused', answer.error?.message ?? '', response.status);
  return {
    text: wordsOf(answer),
    duration: performance.now() - begun,
    account: named(response.headers.get('x-amq2api-account')),
    model: named(response.headers.get('x-amq2api-model')),
  };
}

function read(text: string, status: number): Answer {
  try {
    return JSON.parse(text) as Answer;
  } catch {
    throw new ApiError('not_json', text.slice(0, 200), status);
  }
}

/** Names in headers are percent-encoded beyond ASCII. */
function named(header: string | null): string {
  try {
    return decodeURIComponent(header ?? '');
  } catch {
    return header ?? '';
  }
}
