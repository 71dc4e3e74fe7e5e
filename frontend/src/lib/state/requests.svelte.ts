import { ApiError } from '../api/client';
import type { Request } from '../api/types.gen';
import * as api from '../api/usage';
import { paced } from './pace';
import { classes, newer, older, type Narrowing } from './requestlog';

const pageSize = 100;
/** How many pages are fetched to close the gap to what is known; beyond, the log begins anew. */
const catchUp = 5;
/** The most that are kept while nobody looks further down. */
const most = 5000;
const refreshMs = 400;
const freshMs = 1200;

/**
 * The log of requests, newest first. Only what is new is fetched while it follows what happens, and older pages as they are wanted. Paused
 * it stands still and counts what comes.
 */
export class Requests {
  list = $state.raw<Request[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** Whether there are older ones than those in the list. */
  more = $state(false);
  fetchingOlder = $state(false);
  paused = $state(false);
  /** Those that came a moment ago. */
  fresh = $state.raw<ReadonlySet<string>>(new Set());
  #held = $state.raw<Request[]>([]);
  #asked: Narrowing = { outcome: '', text: '', account: '' };
  #round = 0;
  #watching = 0;
  #running: Promise<void> | null = null;
  #again = false;
  #fading: ReturnType<typeof setTimeout> | undefined;

  /** Something happened: what is new is fetched, if anybody looks. */
  refresh = paced(() => {
    if (this.#watching > 0) void this.load();
  }, refreshMs);

  /** Follows what happens until the answer is called. */
  watch(): () => void {
    this.#watching++;
    return () => this.#watching--;
  }

  /** Narrows the log. What is shown stays until the new list is there. */
  ask(asked: Narrowing): Promise<void> {
    const { outcome, text, account } = this.#asked;
    const same = asked.outcome === outcome && asked.text === text && asked.account === account;
    if (same && this.list) return this.load();
    this.#asked = asked;
    this.#round++;
    this.#held = [];
    this.paused = false;
    return this.#begin(this.#round);
  }

  /** Fetches what is new. Asked for while it runs, it runs once more. Never rejects. */
  load(): Promise<void> {
    if (this.#running) this.#again = true;
    else this.#running = this.#repeat().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Fetches the page after the oldest. */
  async older(): Promise<void> {
    const last = this.list?.at(-1);
    if (!last || !this.more || this.fetchingOlder) return;
    const round = this.#round;
    this.fetchingOlder = true;
    try {
      const { items, more } = await this.#page(last.id, 2 * pageSize);
      if (round !== this.#round || !this.list) return;
      this.list = [...this.list, ...older(items, this.list)];
      this.more = more;
    } catch (error) {
      this.#fail(error);
    } finally {
      this.fetchingOlder = false;
    }
  }

  forget(): void {
    this.#round++;
    this.refresh.cancel();
    this.list = this.error = null;
    this.#held = [];
    this.paused = this.more = false;
  }

  find = (id: string) => this.list?.find((request) => request.id === id);
  fetch = (id: string) => api.request(id);

  /** How many came since the pause. */
  get waiting(): number {
    return this.#held.length;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.#show(this.#held);
    this.#held = [];
  }

  async #repeat(): Promise<void> {
    do {
      this.#again = false;
      await (this.list ? this.#follow(this.#round) : this.#begin(this.#round));
    } while (this.#again);
  }

  async #begin(round: number): Promise<void> {
    try {
      const { items, more } = await this.#page('', pageSize);
      if (round !== this.#round) return;
      this.list = items;
      this.more = more;
      this.error = null;
    } catch (error) {
      if (round === this.#round) this.#fail(error);
    }
  }

  async #follow(round: number): Promise<void> {
    const known = this.#held.length > 0 ? this.#held : this.list!;
    let come: Request[] = [];
    try {
      for (let page = 0; page < catchUp; page++) {
        const { items, more } = await this.#page(come.at(-1)?.id ?? '', pageSize);
        if (round !== this.#round) return;
        const ahead = newer(items, known);
        come = [...come, ...(ahead ?? items)];
        if (ahead || !more) return this.#take(come);
      }
    } catch (error) {
      return this.#fail(error);
    }
    this.#held = [];
    this.list = come;
    this.more = true;
  }

  #take(come: Request[]): void {
    this.error = null;
    if (come.length === 0) return;
    if (this.paused) this.#held = [...come, ...this.#held].slice(0, most);
    else this.#show(come);
  }

  #show(come: Request[]): void {
    const all = [...come, ...(this.list ?? [])];
    this.list = all.slice(0, most);
    this.more ||= all.length > most;
    this.fresh = new Set(come.map(({ id }) => id));
    clearTimeout(this.#fading);
    this.#fading = setTimeout(() => (this.fresh = new Set()), freshMs);
  }

  #page(before: string, limit: number) {
    const { outcome, text, account } = this.#asked;
    return api.requestPage({ status: classes[outcome], text, account, before, limit });
  }

  #fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.error = error;
  }
}
