import { SvelteSet } from 'svelte/reactivity';

import type { Account } from '$lib/api/types.gen';
import type { Accounts } from '$lib/state/accounts.svelte';
import { accountReason, explain } from '$lib/state/words';
import { m } from '$words';

import { done, doneUndoable, failed } from '../toast';

/** Renews an account's token now, and tells how it went. */
export async function check(accounts: Accounts, account: Account): Promise<void> {
  try {
    const after = await accounts.check(account.id);
    if (after.is_healthy && after.health_check_error === '') done(m.accounts_checked({ name: after.name }));
    else failed(m.accounts_check_failed({ name: after.name }), accountReason(after));
  } catch (error) {
    failed(m.accounts_not_checked({ name: account.name }), error);
  }
}

/** How many calls of many go at once. */
const abreast = 4;

/** What the table offers for one account and for many: confirm, call, tell. */
export class AccountActions {
  /** The account a dialog is about. */
  subject = $state.raw<Account | null>(null);
  editing = $state(false);
  /** Whether the editing is about the credentials. */
  replacing = $state(false);
  /** The accounts that are about to be removed. */
  doomed = $state.raw<Account[]>([]);
  removing = $state(false);
  /** The accounts that are about to be moved to another machine. */
  leaving = $state.raw<Account[]>([]);
  moving = $state(false);
  busy = $state(false);
  /** The ids of the chosen ones. */
  chosen = new SvelteSet<number>();
  #accounts: Accounts;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  check = (account: Account) => check(this.#accounts, account);

  choose(accounts: readonly Account[], on: boolean): void {
    for (const { id } of accounts) {
      if (on) this.chosen.add(id);
      else this.chosen.delete(id);
    }
  }

  edit(account: Account, credentials: boolean): void {
    this.subject = account;
    this.replacing = credentials;
    this.editing = true;
  }

  async setActive(account: Account, on: boolean): Promise<void> {
    try {
      await this.#accounts.setActive(account.id, on);
      const { name } = account;
      const text = on ? m.accounts_enabled_one({ name }) : m.accounts_disabled_one({ name });
      doneUndoable(text, this.#undo([account], !on));
    } catch (error) {
      failed(m.accounts_not_switched({ name: account.name }), error);
    }
  }

  async setAllActive(accounts: readonly Account[], on: boolean): Promise<void> {
    const others = accounts.filter((account) => account.is_active !== on);
    const n = await this.#each(others, ({ id }) => this.#accounts.setActive(id, on));
    const text = on ? m.accounts_enabled_many({ n }) : m.accounts_disabled_many({ n });
    if (n > 0) doneUndoable(text, this.#undo(others, !on));
  }

  async checkAll(accounts: readonly Account[]): Promise<void> {
    let well = 0;
    const n = await this.#each(accounts, async ({ id }) => {
      const after = await this.#accounts.check(id);
      if (after.is_healthy && after.health_check_error === '') well++;
    });
    if (n > 0) done(m.accounts_checked_many({ n, well }));
  }

  async clear(account: Account): Promise<void> {
    try {
      await this.#accounts.clear(account.id);
      done(m.accounts_cleared({ name: account.name }));
    } catch (error) {
      failed(m.accounts_not_cleared({ name: account.name }), error);
    }
  }

  askToMove(accounts: Account[]): void {
    this.leaving = accounts;
    this.moving = true;
  }

  askToRemove(accounts: Account[]): void {
    this.doomed = accounts;
    this.removing = true;
  }

  async remove(): Promise<void> {
    const [doomed, first] = [this.doomed, this.doomed[0]];
    const n = await this.#each(doomed, async ({ id }) => {
      await this.#accounts.remove(id);
      this.chosen.delete(id);
    });
    if (n === 0 || !first) return;
    this.removing = false;
    done(doomed.length === 1 ? m.accounts_removed({ name: first.name }) : m.accounts_removed_many({ n }));
  }

  #undo = (accounts: readonly Account[], on: boolean) => () =>
    void this.#each(accounts, ({ id }) => this.#accounts.setActive(id, on));

  /** Does something to each, a few at a time, and says what failed; answers how many went well. */
  async #each(accounts: readonly Account[], act: (account: Account) => Promise<unknown>): Promise<number> {
    if (this.busy) return 0;
    this.busy = true;
    const waiting = [...accounts];
    const failures: { name: string; why: string }[] = [];
    const work = async () => {
      for (let one = waiting.shift(); one; one = waiting.shift()) {
        const { name } = one;
        await act(one).catch((error: unknown) => failures.push({ name, why: explain(error) }));
      }
    };
    await Promise.all(Array.from({ length: abreast }, work));
    this.busy = false;
    const [first] = failures;
    const names = failures.map(({ name }) => name).slice(0, 3);
    if (first) failed(m.accounts_failed_many({ n: failures.length, name: names.join(', ') }), first.why);
    return accounts.length - failures.length;
  }
}
