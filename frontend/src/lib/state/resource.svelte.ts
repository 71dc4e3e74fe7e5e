import { ApiError } from '../api/client';

/** Something fetched whole from the admin API. It keeps the last good value while a newer one is on its way or fails to come. */
export class Resource<T> {
  value = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** When the value was fetched, in milliseconds; 0 is never. */
  at = $state(0);

  #fetch: () => Promise<T>;
  #running: Promise<void> | null = null;
  #again = false;
  #overtaken = false;

  constructor(fetch: () => Promise<T>) {
    this.#fetch = fetch;
  }

  /** Fetches. Never rejects; a failure is in error. Asked for while it runs, it runs once more, so that the newest is seen. */
  load(): Promise<void> {
    if (this.#running) this.#again = true;
    else this.#running = this.#run().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Takes over a value that an intent answered with; a load under way is repeated, since it may be older. */
  put(value: T): void {
    this.value = value;
    this.at = Date.now();
    if (this.#running) this.#again = this.#overtaken = true;
  }

  forget(): void {
    this.value = null;
    this.error = null;
    this.at = 0;
    this.#overtaken = this.#running !== null; // what is on its way was asked for by somebody who has left
  }

  async #run(): Promise<void> {
    do {
      this.#again = this.#overtaken = false;
      await this.#once();
    } while (this.#again);
  }

  async #once(): Promise<void> {
    try {
      const value = await this.#fetch();
      if (this.#overtaken) return;
      this.value = value;
      this.error = null;
      this.at = Date.now();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!this.#overtaken) this.error = error;
    }
  }
}
