import * as api from '../api/usage';
import type { Request } from '../api/types.gen';
import { Resource } from './resource.svelte';

/** The most the program gives at once. */
const most = 500;

/** The log of requests, newest first. It follows what happens until it is paused; what comes meanwhile is counted. */
export class Requests {
  #latest = new Resource<Request[]>(() => api.requests(most));
  #held = $state.raw<Request[] | null>(null);

  load = () => this.#latest.load();

  forget(): void {
    this.#latest.forget();
    this.#held = null;
  }

  get list(): Request[] | null {
    return this.#held ?? this.#latest.value;
  }

  get error() {
    return this.#latest.error;
  }

  get at(): number {
    return this.#latest.at;
  }

  get paused(): boolean {
    return this.#held !== null;
  }

  /** How many came since the pause. */
  get waiting(): number {
    const latest = this.#latest.value ?? [];
    const newest = this.#held?.[0]?.id;
    if (!this.paused) return 0;
    const at = latest.findIndex(({ id }) => id === newest);
    return at < 0 ? latest.length : at;
  }

  pause(): void {
    this.#held ??= this.#latest.value ?? [];
  }

  resume(): void {
    this.#held = null;
  }
}
