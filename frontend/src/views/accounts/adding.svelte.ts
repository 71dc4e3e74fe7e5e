import type { Account, Login, LoginStart } from '$lib/api/types.gen';
import { waitsForPerson, type Logins } from '$lib/state/logins.svelte';
import { explain } from '$lib/state/words';

export const ways = ['browser', 'tools', 'paste', 'bulk'] as const;
export type Way = (typeof ways)[number];

/** The dialog that brings accounts in: which way, for whom, and the sign-in it follows. */
export class Adding {
  open = $state(false);
  way = $state<Way>('browser');
  /** The account that is signed in again; null is a new one. */
  subject = $state.raw<Account | null>(null);
  /** The service that is suggested; empty is the account's own. */
  service = $state('');
  /** Whether closing was tried while somebody is waited for. */
  asking = $state(false);
  busy = $state(false);
  failure = $state('');
  #id = $state('');
  #logins: Logins;

  constructor(logins: Logins) {
    this.#logins = logins;
  }

  /** The sign-in that is shown. */
  get login(): Login | undefined {
    return this.#id ? this.#logins.find(this.#id) : undefined;
  }

  add(): void {
    this.#show(null, '', '');
  }

  again(account: Account, service = ''): void {
    this.#show(account, service, '');
  }

  /** Shows a sign-in that is under way already. */
  follow(login: Login, account: Account | null): void {
    this.#show(account, login.service, login.id);
  }

  mayClose = (): boolean => {
    const waits = this.login !== undefined && waitsForPerson(this.login);
    this.asking = waits && this.open;
    return !waits;
  };

  /** Closes and lets the sign-in go on. */
  leave(): void {
    this.asking = false;
    this.open = false;
  }

  /** Throws ApiError if it cannot begin. */
  async start(wanted: Partial<LoginStart>): Promise<void> {
    this.#id = (await this.#logins.start(wanted)).id;
    this.failure = '';
  }

  /** Asks for a new code, or goes back to the form where what was asked for is not known. */
  async renew(): Promise<void> {
    const wanted = this.login && this.#logins.asked(this.login);
    if (wanted) await this.#try(() => this.start(wanted));
    else this.restart();
  }

  /** Back to the form. */
  restart(): void {
    this.#id = '';
    this.failure = '';
  }

  async choose(profileARN: string): Promise<void> {
    await this.#try(() => this.#logins.choose(this.#id, profileARN));
  }

  async cancel(): Promise<void> {
    if (await this.#try(() => this.#logins.cancel(this.#id))) this.leave();
  }

  async #try(act: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    this.failure = '';
    try {
      await act();
      return true;
    } catch (error) {
      this.failure = explain(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #show(account: Account | null, service: string, login: string): void {
    this.subject = account;
    this.service = service;
    this.#id = login;
    this.way = 'browser';
    this.asking = false;
    this.failure = '';
    this.open = true;
  }
}
