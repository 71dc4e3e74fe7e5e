import type { Account } from '$lib/api/types.gen';
import type { Accounts } from '$lib/state/accounts.svelte';
import { accountReason } from '$lib/state/words';
import { m } from '$words';

import { done, failed } from '../toast';

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

/** What the rows of the table offer: confirm, call, tell. */
export class AccountActions {
  /** The account a dialog is about. */
  subject = $state.raw<Account | null>(null);
  editing = $state(false);
  /** Whether the editing is about the credentials. */
  replacing = $state(false);
  removing = $state(false);
  busy = $state(false);
  #accounts: Accounts;

  constructor(accounts: Accounts) {
    this.#accounts = accounts;
  }

  check = (account: Account) => check(this.#accounts, account);

  edit(account: Account, credentials: boolean): void {
    this.subject = account;
    this.replacing = credentials;
    this.editing = true;
  }

  async setActive(account: Account, on: boolean): Promise<void> {
    try {
      await this.#accounts.setActive(account.id, on);
    } catch (error) {
      failed(m.accounts_not_switched({ name: account.name }), error);
    }
  }

  async clear(account: Account): Promise<void> {
    try {
      await this.#accounts.clear(account.id);
      done(m.accounts_cleared({ name: account.name }));
    } catch (error) {
      failed(m.accounts_not_cleared({ name: account.name }), error);
    }
  }

  askToRemove(account: Account): void {
    this.subject = account;
    this.removing = true;
  }

  async remove(): Promise<void> {
    const account = this.subject;
    if (!account || this.busy) return;
    this.busy = true;
    try {
      await this.#accounts.remove(account.id);
      this.removing = false;
      done(m.accounts_removed({ name: account.name }));
    } catch (error) {
      failed(m.accounts_not_removed({ name: account.name }), error);
    } finally {
      this.busy = false;
    }
  }
}
