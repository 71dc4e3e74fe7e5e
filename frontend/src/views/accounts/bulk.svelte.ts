import type { BulkRow } from '$lib/api/types.gen';
import type { Accounts } from '$lib/state/accounts.svelte';
import { explain, fieldOf } from '$lib/state/words';
import { m } from '$words';

import { isSealed, unwrapped } from './rows';

/** The longest text that the program takes. */
const longest = 4_000_000;

/** Accounts as text on their way in: read, looked at, written, and then forgotten here. */
export class Bulk {
  passphrase = $state('');
  rows = $state.raw<BulkRow[] | null>(null);
  /** Whether the rows say what was done, rather than what would be. */
  written = $state(false);
  busy = $state(false);
  failure = $state('');
  /** Whether the failure is about the passphrase. */
  blamesPassphrase = $state(false);
  #text = $state('');
  #accounts: Accounts;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  get text(): string {
    return this.#text;
  }

  /** Another text makes what was said of the last one worthless. */
  set text(text: string) {
    this.#text = unwrapped(text);
    this.rows = null;
    this.failure = '';
  }

  get sealed(): boolean {
    return isSealed(this.#text);
  }

  get valid(): number {
    return (this.rows ?? []).filter(({ state }) => state === 'valid').length;
  }

  async read(file: File): Promise<void> {
    if (file.size <= longest) this.text = await file.text();
    else this.failure = m.accounts_bulk_too_long();
  }

  preview = () => this.#send(false);

  /** Adds what is valid, and lets go of the secrets. */
  async write(): Promise<void> {
    if (!(await this.#send(true))) return;
    this.#text = '';
    this.passphrase = '';
    this.written = true;
  }

  restart(): void {
    this.text = '';
    this.passphrase = '';
    this.written = false;
  }

  async #send(write: boolean): Promise<boolean> {
    this.busy = true;
    this.failure = '';
    try {
      this.rows = await this.#accounts.bulk({ text: this.#text, passphrase: this.passphrase, write });
      return true;
    } catch (error) {
      this.failure = explain(error);
      this.blamesPassphrase = fieldOf(error) === 'passphrase';
      return false;
    } finally {
      this.busy = false;
    }
  }
}
