import { SvelteMap, SvelteSet } from 'svelte/reactivity';

import * as api from '../api/accounts';
import * as settings from '../api/settings';
import type { Account, AccountCreate, AccountUpdate, BulkStart, ExportStart } from '../api/types.gen';
import { Resource } from './resource.svelte';
import { groupOf, groups, serves, type Group } from './status';

/** The accounts of the pool, and what can be done to them. */
export class Accounts {
  #all = new Resource<Account[]>(api.list);
  /** The accounts being checked right now. */
  checking = new SvelteSet<number>();
  /** Whether the user was told what may come of using accounts here; null is not known yet. */
  #told = new Resource<boolean>(async () => (await settings.get()).notice_acknowledged === true);
  #switching = new SvelteMap<number, boolean>();

  load = () => this.#all.load();
  loadNotice = () => this.#told.load();

  forget(): void {
    this.#all.forget();
    this.#told.forget();
  }

  get list(): Account[] | null {
    return this.#all.value;
  }

  get error() {
    return this.#all.error;
  }

  get at(): number {
    return this.#all.at;
  }

  /** How many accounts requests can go to, the degraded ones among them. */
  get serving(): number {
    return this.list?.filter(serves).length ?? 0;
  }

  get counts(): Record<Group, number> {
    const counts = Object.fromEntries(groups.map((group) => [group, 0])) as Record<Group, number>;
    for (const account of this.list ?? []) counts[groupOf(account)]++;
    return counts;
  }

  get told(): boolean | null {
    return this.#told.value ?? (this.#told.error ? false : null);
  }

  async acknowledge(): Promise<void> {
    await settings.put({ notice_acknowledged: true });
    this.#told.put(true);
  }

  find(id: number): Account | undefined {
    return this.list?.find((account) => account.id === id);
  }

  /** Where the switch of an account stands: already where the user put it, before the answer. */
  isOn(account: Account): boolean {
    return this.#switching.get(account.id) ?? account.is_active;
  }

  async setActive(id: number, on: boolean): Promise<Account> {
    this.#switching.set(id, on);
    try {
      return this.#take(await api.update(id, { is_active: on }));
    } finally {
      this.#switching.delete(id);
    }
  }

  async check(id: number): Promise<Account> {
    this.checking.add(id);
    try {
      return this.#take(await api.check(id));
    } finally {
      this.checking.delete(id);
    }
  }

  add = async (draft: AccountCreate) => this.#take(await api.add(draft));
  edit = async (id: number, edit: AccountUpdate) => this.#take(await api.update(id, edit));
  /** Ends a cool-down or a suspension by the user's word. */
  clear = async (id: number) => this.#take(await api.clear(id));

  /** What other tools on this computer are signed in to. */
  finds = api.finds;

  async takeFinds(ids: string[]) {
    const rows = await api.takeFinds(ids);
    await this.load();
    return rows;
  }

  /** Reads many accounts from text, and adds the valid ones if it is told to write. */
  async bulk(wanted: BulkStart) {
    const rows = await api.bulk(wanted);
    if (wanted.write) await this.load();
    return rows;
  }

  /** Seals accounts for another machine. They are signed out here, and the answer is the only thing that has them. */
  async move(wanted: ExportStart) {
    const sealed = await api.move(wanted);
    await this.load();
    return sealed;
  }

  async remove(id: number): Promise<void> {
    await api.remove(id);
    this.#all.put((this.list ?? []).filter((account) => account.id !== id));
  }

  #take(account: Account): Account {
    const list = this.list ?? [];
    const there = list.some((other) => other.id === account.id);
    this.#all.put(there ? list.map((other) => (other.id === account.id ? account : other)) : [...list, account]);
    return account;
  }
}
