import type { SseEvent } from './sse';

export const dialects = ['anthropic', 'openai', 'responses'] as const;
export type Dialect = (typeof dialects)[number];

export interface Text {
  kind: 'text';
  text: string;
}

export interface Thinking {
  kind: 'thinking';
  text: string;
}

export interface Call {
  kind: 'call';
  id: string;
  name: string;
  /** JSON as the model wrote it; not whole while it comes. */
  input: string;
}

export type Part = Text | Thinking | Call;

/** What a model said, in whichever dialect. */
export interface Answer {
  parts: Part[];
  model: string;
  /** The dialect's own word for why it ended; empty while it has not. */
  stop: string;
  input: number;
  output: number;
  /** The sentence of an error that came instead of an end. */
  error: string;
  /** The stream came to the end that its dialect has. */
  ended: boolean;
}

export const emptyAnswer = (): Answer => ({
  parts: [],
  model: '',
  stop: '',
  input: 0,
  output: 0,
  error: '',
  ended: false,
});

/** Takes events and whole bodies into an answer. One reader reads one answer. */
export interface AnswerReader {
  readonly answer: Answer;
  take(event: SseEvent): void;
  whole(body: unknown): void;
}

/** Adds to the last part if it is of the same kind, else begins one. */
export function say(answer: Answer, kind: 'text' | 'thinking', text: string | undefined | null): void {
  if (!text) return;
  const last = answer.parts.at(-1);
  if (last?.kind === kind) last.text += text;
  else answer.parts.push({ kind, text });
}

export function call(answer: Answer, id: string, name: string, input = ''): Call {
  const made: Call = { kind: 'call', id, name, input };
  answer.parts.push(made);
  return made;
}

/** JSON, or undefined: an upstream may send anything. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The sentence in an error of any of the APIs, the admin API among them; empty if the body is none. */
export function sentenceOf(body: unknown): string {
  const error = (body as { error?: { message?: unknown } | null } | undefined)?.error;
  return typeof error?.message === 'string' ? error.message : '';
}

/** A copy that does not change when the reader goes on. */
export const snapshot = (answer: Answer): Answer => ({ ...answer, parts: answer.parts.map((part) => ({ ...part })) });
