import { ApiError } from '../api/client';
import { postInWindow } from '../desktop';
import * as api from '../api/playground';
import type { RequestDetail } from '../api/types.gen';
import { emptyAnswer, parse, snapshot, type Answer, type AnswerReader } from '../dialects/answer';
import type { Turn } from '../dialects/question';
import { readerOf } from '../dialects/readers';
import { SseReader, type SseEvent } from '../dialects/sse';
import type { Dialect } from '../dialects/answer';

export interface Heard extends SseEvent {
  /** Milliseconds after the question was sent. */
  at: number;
}

/** What answered; empty or 0 is not known. */
export interface Head {
  status: number;
  requestId: string;
  model: string;
  account: string;
}

/** How long what came is kept back, so that a fast answer is drawn a few times a second and not for every word. */
const drawMs = 40;
/** The log learns of a request a little after its end. */
const recordTries = 6;
const recordMs = 400;

const unescaped = (text: string) => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** One question to a model and what became of it. */
export class Exchange {
  state = $state<'running' | 'done' | 'failed' | 'stopped'>('running');
  answer = $state.raw<Answer>(emptyAnswer());
  events = $state.raw<readonly Heard[]>([]);
  head = $state.raw<Head>({ status: 0, requestId: '', model: '', account: '' });
  /** The body of an answer in one piece, or of an error. */
  body = $state('');
  /** Milliseconds until the first word, and in all; 0 is not known. */
  firstMs = $state(0);
  tookMs = $state(0);
  /** Why the question never reached a model. */
  refused = $state.raw<ApiError | null>(null);
  record = $state.raw<RequestDetail | null>(null);

  #stop = new AbortController();
  #began = performance.now();
  #reader: AnswerReader;
  #heard: Heard[] = [];
  #drawing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: number,
    readonly dialect: Dialect,
    readonly asked: Extract<Turn, { by: 'user' }>,
    /** The JSON that is sent. */
    readonly sent: string,
  ) {
    this.#reader = readerOf(dialect);
  }

  /** Asks, and returns when the answer is over. Never rejects. */
  async run(key: number, inWindow: boolean): Promise<void> {
    try {
      const question = { dialect: this.dialect, key, body: this.sent, ...(inWindow && { post: postInWindow }) };
      const response = await api.ask(question, this.#stop.signal);
      this.#headOf(response);
      await this.#read(response);
      this.#end(this.answer.ended ? 'done' : 'failed');
    } catch (cause) {
      if (cause instanceof ApiError) this.refused = cause;
      this.#end(this.#stop.signal.aborted ? 'stopped' : 'failed');
    }
    void this.#learn();
  }

  stop(): void {
    this.#stop.abort();
  }

  #headOf({ status, headers }: Response): void {
    const header = (name: string) => unescaped(headers.get(name) ?? '');
    this.head = {
      status,
      requestId: header('request-id'),
      model: header('x-amq2api-model'),
      account: header('x-amq2api-account'),
    };
  }

  async #read(response: Response): Promise<void> {
    if (!/^text\/event-stream/.test(response.headers.get('content-type') ?? ''))
      return this.#whole(await response.text());
    const frames = new SseReader();
    const body = response.body?.getReader();
    for (let next = await body?.read(); next?.value; next = await body?.read()) {
      for (const event of frames.push(next.value)) this.#take(event);
    }
    this.#draw();
  }

  #whole(text: string): void {
    const body = parse(text);
    this.#reader.whole(body);
    this.body = text;
    this.#draw();
  }

  #take(event: SseEvent): void {
    const at = performance.now() - this.#began;
    this.#heard.push({ ...event, at });
    this.#reader.take(event);
    if (this.firstMs === 0 && this.#reader.answer.parts.length > 0) this.firstMs = at;
    this.#drawing ??= setTimeout(() => this.#draw(), drawMs);
  }

  #draw(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.answer = snapshot(this.#reader.answer);
    this.events = [...this.#heard];
  }

  #end(state: 'done' | 'failed' | 'stopped'): void {
    this.#draw();
    this.tookMs = performance.now() - this.#began;
    this.state = state;
  }

  /** Reads the log for what headers cannot say: the account that was tried, and who counted the tokens. */
  async #learn(): Promise<void> {
    const { requestId } = this.head;
    for (let i = 0; requestId && i < recordTries; i++) {
      await new Promise((resolve) => setTimeout(resolve, recordMs));
      const record = await api.recorded(requestId).catch((cause: unknown) => {
        if (cause instanceof ApiError && cause.status === 404) return null;
        return undefined;
      });
      if (record) this.record = record;
      if (record !== null) return;
    }
  }
}
