import * as api from '../api/keys';
import type { Key, KeyCreate, KeyUpdate, NewKey } from '../api/types.gen';
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
    const made = await api.create(draft);
    const { key: _text, ...shown } = made;
    this.#take(shown);
    return made;
  }

  edit = async (id: number, edit: KeyUpdate) => this.#take(await api.update(id, edit));
  revoke = async (id: number) => this.#take(await api.revoke(id));

  async remove(id: number): Promise<void> {
    await api.remove(id);
    this.#all.put((this.list ?? []).filter((key) => key.id !== id));
  }

  #take(key: Key): Key {
    const list = this.list ?? [];
    const there = list.some((other) => other.id === key.id);
    this.#all.put(there ? list.map((other) => (other.id === key.id ? key : other)) : [...list, key]);
    return key;
  }
}
