import * as api from '../api/backups';
import type { Backup, Backups as List } from '../api/types.gen';
import { Resource } from './resource.svelte';

/** The copies of the database. */
export class Backups {
  #list = new Resource<List>(api.list);
  /** One is being made. */
  making = $state(false);

  load = () => this.#list.load();
  forget = () => this.#list.forget();

  get list(): List | null {
    return this.#list.value;
  }

  get error() {
    return this.#list.error;
  }

  address = api.address;

  async make(): Promise<Backup> {
    this.making = true;
    try {
      const made = await api.make();
      await this.load();
      return made;
    } finally {
      this.making = false;
    }
  }

  /** Wishes for one to take the database's place at the next start. */
  restore = (name: string) => this.#then(() => api.restore(name));
  callOff = (name: string) => this.#then(() => api.callOff(name));
  remove = (name: string) => this.#then(() => api.remove(name));
  letDamageGo = () => this.#then(() => api.letDamageGo());

  async #then(intent: () => Promise<unknown>): Promise<void> {
    await intent();
    await this.load();
  }
}
