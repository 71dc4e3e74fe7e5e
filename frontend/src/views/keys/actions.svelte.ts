import { SvelteSet } from 'svelte/reactivity';

import type { Key } from '$lib/api/types.gen';
import type { Keys } from '$lib/state/keys.svelte';
import { m } from '$words';

import { done, failed } from '../toast';

type About = { name: string };

/** What the table offers for one key or for those that are picked: confirm, call, tell. */
export class KeyActions {
  /** The keys a dialog is about. */
  subjects = $state.raw<Key[]>([]);
  editing = $state(false);
  rotating = $state(false);
  revoking = $state(false);
  deleting = $state(false);
  ending = $state(false);
  busy = $state(false);
  picked = new SvelteSet<number>();
  #keys: Keys;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  get subject(): Key | null {
    return this.subjects[0] ?? null;
  }

  edit = (key: Key) => this.#about([key], () => (this.editing = true));
  askToRotate = (key: Key) => this.#about([key], () => (this.rotating = true));
  askToRevoke = (keys: Key[]) => this.#about(keys, () => (this.revoking = true));
  askToEnd = (key: Key) => this.#about([key], () => (this.ending = true));
  askToDelete = (keys: Key[]) => this.#about(keys, () => (this.deleting = true));

  pick(id: number, on: boolean): void {
    if (on) this.picked.add(id);
    else this.picked.delete(id);
  }

  async revoke(): Promise<void> {
    const some = { one: m.keys_revoked, more: m.keys_revoked_some, not: m.keys_not_revoked };
    await this.#each(({ id }) => this.#keys.revoke(id), some);
    this.revoking = false;
  }

  /** Ends the text that a rotation replaced. */
  async endPrevious(): Promise<void> {
    const some = { one: m.keys_old_ended, more: m.keys_revoked_some, not: m.keys_old_not_ended };
    await this.#each(({ id }) => this.#keys.endPrevious(id), some);
    this.ending = false;
  }

  async remove(): Promise<void> {
    const some = { one: m.keys_deleted, more: m.keys_deleted_some, not: m.keys_not_deleted };
    await this.#each(({ id }) => this.#keys.remove(id), some);
    this.deleting = false;
  }

  async allowAgain(key: Key): Promise<void> {
    this.subjects = [key];
    const some = { one: m.keys_allowed, more: m.keys_revoked_some, not: m.keys_not_allowed };
    await this.#each(({ id }) => this.#keys.allow(id), some);
  }

  #about(keys: Key[], open: () => void): void {
    this.subjects = keys;
    open();
  }

  /** Does it to one after the other. What fails is told once, and the rest goes on. */
  async #each(
    intent: (key: Key) => Promise<unknown>,
    tell: { one: (about: About) => string; more: (about: { n: number }) => string; not: (about: About) => string },
  ): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    const left: { key: Key; error: unknown }[] = [];
    for (const key of this.subjects) {
      await intent(key).catch((error: unknown) => left.push({ key, error }));
      this.picked.delete(key.id);
    }
    this.busy = false;
    const worked = this.subjects.length - left.length;
    const name = this.subject?.name ?? '';
    if (worked > 0) done(this.subjects.length === 1 ? tell.one({ name }) : tell.more({ n: worked }));
    if (left.length === 1) failed(tell.not({ name: left[0]!.key.name }), left[0]!.error);
    else if (left.length > 1) failed(m.keys_some_failed({ n: left.length }), left[0]!.error);
  }
}
