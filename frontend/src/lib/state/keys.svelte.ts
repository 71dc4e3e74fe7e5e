import * as api from '../api/keys';
import type { Key, KeyCreate, KeyStats, KeyUpdate, NewKey } from '../api/types.gen';
import { Resource } from './resource.svelte';

/** The keys clients show, and what can be done to them. */
export class Keys {
  #all = new Resource<Key[]>(api.list);

  load = () => this.#all.load();
  forget = () => this.#all.forget();

  get list(): Key[] | null {
    return this.#all.value;
  }

  get error() {
    return this.#all.error;
  }

  get at(): number {
    return this.#all.at;
  }

  find(id: number): Key | undefined {
    return this.list?.find((key) => key.id === id);
  }

  /** Makes a key. The answer is the only one that has its text: it goes to the caller and is not kept here. */
  async create(draft: KeyCreate): Promise<NewKey> {
    return this.#takeWithoutText(await api.create(draft));
  }

  /** Gives a key a new text, which goes to the caller and is not kept here; the old one works for the grace, in seconds. */
  rotate = async (id: number, grace: number) => this.#takeWithoutText(await api.rotate(id, grace));

  /** What each key has of the requests since a date. */
  shares = (from: string) => new Resource<KeyStats>(() => api.stats(from));

  edit = async (id: number, edit: KeyUpdate) => this.#take(await api.update(id, edit));
  endPrevious = (id: number) =>
    this.#ahead(id, { previous_prefix: '', previous_until: null }, () => api.endPrevious(id));
  revoke = (id: number) => this.#ahead(id, { is_active: false }, () => api.revoke(id));
  allow = (id: number) => this.#ahead(id, { is_active: true }, () => api.update(id, { is_active: true }));

  async remove(id: number): Promise<void> {
    await api.remove(id);
    this.#all.put((this.list ?? []).filter((key) => key.id !== id));
  }

  /** Shows what will be before the answer; what fails is fetched again, and so as it was. */
  async #ahead(id: number, expected: Partial<Key>, intent: () => Promise<Key>): Promise<Key> {
    const before = this.find(id);
    if (before) this.#take({ ...before, ...expected });
    try {
      return this.#take(await intent());
    } catch (error) {
      if (before) this.#take(before);
      void this.load();
      throw error;
    }
  }

  #takeWithoutText(made: NewKey): NewKey {
    const { key: _text, ...shown } = made;
    this.#take(shown);
    return made;
  }

  #take(key: Key): Key {
    const list = this.list ?? [];
    const there = list.some((other) => other.id === key.id);
    this.#all.put(there ? list.map((other) => (other.id === key.id ? key : other)) : [...list, key]);
    return key;
  }
}
