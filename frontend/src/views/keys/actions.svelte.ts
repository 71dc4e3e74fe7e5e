import type { Key } from '$lib/api/types.gen';
import type { Keys } from '$lib/state/keys.svelte';
import { m } from '$words';

import { done, failed } from '../toast';

/** What the rows of the table offer: confirm, call, tell. */
export class KeyActions {
  /** The key a dialog is about. */
  subject = $state.raw<Key | null>(null);
  editing = $state(false);
  revoking = $state(false);
  deleting = $state(false);
  busy = $state(false);
  #keys: Keys;

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  edit(key: Key): void {
    this.subject = key;
    this.editing = true;
  }

  askToRevoke(key: Key): void {
    this.subject = key;
    this.revoking = true;
  }

  askToDelete(key: Key): void {
    this.subject = key;
    this.deleting = true;
  }

  async revoke(): Promise<void> {
    const worked = await this.#confirmed((key) => this.#keys.revoke(key.id), m.keys_revoked, m.keys_not_revoked);
    if (worked) this.revoking = false;
  }

  async remove(): Promise<void> {
    const worked = await this.#confirmed((key) => this.#keys.remove(key.id), m.keys_deleted, m.keys_not_deleted);
    if (worked) this.deleting = false;
  }

  async allowAgain(key: Key): Promise<void> {
    this.subject = key;
    await this.#confirmed(() => this.#keys.edit(key.id, { is_active: true }), m.keys_allowed, m.keys_not_allowed);
  }

  async #confirmed(
    intent: (key: Key) => Promise<unknown>,
    worked: (about: { name: string }) => string,
    didNot: (about: { name: string }) => string,
  ): Promise<boolean> {
    const key = this.subject;
    if (!key || this.busy) return false;
    this.busy = true;
    try {
      await intent(key);
      done(worked({ name: key.name }));
      return true;
    } catch (error) {
      failed(didNot({ name: key.name }), error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
