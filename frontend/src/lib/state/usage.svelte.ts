import * as api from '../api/usage';
import type { Overview, Request } from '../api/types.gen';
import { Resource } from './resource.svelte';

const shown = 50;

/** What went through the proxy: the numbers of the dashboard and the latest requests. */
export class Usage {
  #overview = new Resource<Overview>(api.overview);
  #requests = new Resource<Request[]>(() => this.#latest());
  #seen: Set<string> | null = null;
  /** The requests that were not there the time before. */
  fresh = $state.raw<ReadonlySet<string>>(new Set());

  load = async () => void (await Promise.all([this.#overview.load(), this.#requests.load()]));

  forget(): void {
    this.#overview.forget();
    this.#requests.forget();
    this.#seen = null;
  }

  get overview(): Overview | null {
    return this.#overview.value;
  }

  get requests(): Request[] | null {
    return this.#requests.value;
  }

  get error() {
    return this.#overview.error ?? this.#requests.error;
  }

  /** When both were there for the last time; 0 while one never was. */
  get at(): number {
    return Math.min(this.#overview.at, this.#requests.at);
  }

  async #latest(): Promise<Request[]> {
    const requests = await api.requests(shown);
    const seen = this.#seen;
    this.fresh = new Set(seen ? requests.filter(({ id }) => !seen.has(id)).map(({ id }) => id) : []);
    this.#seen = new Set(requests.map(({ id }) => id));
    return requests;
  }
}
