import * as api from '../api/accounts';
import type { QuotaReading, Request, UsageStats } from '../api/types.gen';
import { Resource } from './resource.svelte';
import { midnight } from './statistics.svelte';

const days = 14;

/** What one account did: its latest faults, and the requests and the quota of the last two weeks. */
export class AccountRecord {
  #faults: Resource<Request[]>;
  #usage: Resource<UsageStats>;
  #quota: Resource<QuotaReading[]>;

  constructor(id: number) {
    this.#faults = new Resource(() => api.faults(id));
    this.#usage = new Resource(() => api.usage(id, midnight(days - 1)));
    this.#quota = new Resource(() => api.quota(id));
  }

  load = async () => void (await Promise.all([this.#faults.load(), this.#usage.load()]));

  /** Asked for apart: it changes when the provider tells it, and not with every request. */
  loadQuota = () => this.#quota.load();

  get faults() {
    return this.#faults;
  }

  get quota() {
    return this.#quota;
  }

  get usage() {
    return this.#usage;
  }
}
