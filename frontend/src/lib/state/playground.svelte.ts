import { dialects, type Call, type Dialect } from '../dialects/answer';
import { bodyOf, type Result, type Turn, type Wishes } from '../dialects/question';
import { Exchange } from './exchange.svelte';
import { attach, type Attached } from './pictures';

type Asked = Extract<Turn, { by: 'user' }>;

/** A conversation with a model, and the question that is being written. It lasts as long as the page. */
export class Playground {
  dialect = $state<Dialect>('anthropic');
  /** The id of the key whose scope and limits hold; 0 is none. */
  key = $state(0);
  model = $state('');
  system = $state('');
  prompt = $state('');
  pictures = $state.raw<readonly Attached[]>([]);
  tool = $state(false);
  stream = $state(true);
  thinking = $state(false);
  /** As typed; empty leaves it to the model. */
  maxTokens = $state('');
  view = $state<'answer' | 'raw' | 'request'>('answer');
  exchanges = $state.raw<readonly Exchange[]>([]);
  #next = 0;

  get last(): Exchange | undefined {
    return this.exchanges.at(-1);
  }

  get running(): boolean {
    return this.last?.state === 'running';
  }

  /** The number of tokens wished for; 0 is none in particular, NaN what is no such number. */
  get most(): number {
    const typed = this.maxTokens.trim();
    return typed === '' ? 0 : /^[1-9]\d{0,5}$/.test(typed) ? Number(typed) : NaN;
  }

  get ready(): boolean {
    return !this.running && !Number.isNaN(this.most) && (this.prompt.trim() !== '' || this.pictures.length > 0);
  }

  /** The calls that wait for their results. */
  get calls(): Call[] {
    if (this.last?.state !== 'done') return [];
    return this.last.answer.parts.filter((part) => part.kind === 'call');
  }

  /** Begins from a request that somebody looked at. */
  preset(dialect: string, model: string): void {
    this.dialect = dialects.find((known) => known === dialect) ?? this.dialect;
    this.model = model || this.model;
  }

  async attach(file: File): Promise<void> {
    this.pictures = [...this.pictures, await attach(file, this.pictures)];
  }

  detach(id: number): void {
    this.pictures = this.pictures.filter((picture) => picture.id !== id);
  }

  send(standard: string, inWindow: boolean): void {
    if (!this.ready) return;
    const pictures = this.pictures.map(({ media, data }) => ({ media, data }));
    this.#ask({ by: 'user', text: this.prompt.trim(), pictures, results: [] }, standard, inWindow);
    this.prompt = '';
    this.pictures = [];
  }

  /** Answers the calls, so that the model goes on. */
  give(results: Result[], standard: string, inWindow: boolean): void {
    if (!this.running) this.#ask({ by: 'user', text: '', pictures: [], results }, standard, inWindow);
  }

  /** Asks the last question once more, with the wishes of now. */
  retry(standard: string, inWindow: boolean): void {
    const { last } = this;
    if (!last || this.running) return;
    this.exchanges = this.exchanges.slice(0, -1);
    this.#ask(last.asked, standard, inWindow);
  }

  stop(): void {
    this.last?.stop();
  }

  /** Begins a new conversation; what is written and wished stays. */
  clear(): void {
    this.stop();
    this.exchanges = [];
    this.view = 'answer';
  }

  forget(): void {
    this.clear();
    Object.assign(this, { key: 0, model: '', system: '', prompt: '', pictures: [], maxTokens: '' });
  }

  wishes(standard: string): Wishes {
    const { system, stream, thinking, tool } = this;
    const maxTokens = Number.isNaN(this.most) ? 0 : this.most;
    return { model: this.model.trim() || standard, system: system.trim(), stream, thinking, tool, maxTokens };
  }

  #ask(asked: Asked, standard: string, inWindow: boolean): void {
    const body = bodyOf(this.dialect, this.wishes(standard), [...this.exchanges.flatMap(turnsOf), asked]);
    const exchange = new Exchange(this.#next++, this.dialect, asked, JSON.stringify(body, null, 2));
    this.exchanges = [...this.exchanges, exchange];
    void exchange.run(this.key, inWindow);
  }
}

/** What of an exchange the model is reminded of: of one that broke off only its text, and nothing where there is none. */
function turnsOf({ asked, answer, state }: Exchange): Turn[] {
  const parts = state === 'done' ? answer.parts : answer.parts.filter(({ kind }) => kind === 'text');
  return parts.some(({ kind }) => kind !== 'thinking') ? [asked, { by: 'model', parts }] : [];
}
