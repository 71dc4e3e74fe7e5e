import type { Account } from '$lib/api/types.gen';
import { standingOf } from '$lib/state/status';
import { m } from '$words';

import type { AccountActions } from './actions.svelte';
import type { Adding } from './adding.svelte';

/** The one thing to do about how an account stands; null where there is nothing, or only time helps. */
export function fittingAction(account: Account, actions: AccountActions, adding: Adding) {
  switch (standingOf(account)) {
    case 'needs_sign_in':
      return { label: m.accounts_sign_in_again(), act: () => signIn(account, actions, adding) };
    case 'degraded':
    case 'exhausted':
      return { label: m.accounts_check(), act: () => void actions.check(account) };
    case 'cooling_down':
      return { label: m.accounts_end_wait(), act: () => void actions.clear(account) };
    default:
      return null;
  }
}

/** Signs an account in again in the way it was: in a browser, or with what somebody pastes. */
export function signIn(account: Account, actions: AccountActions, adding: Adding): void {
  if (account.sign_in_again) adding.again(account);
  else actions.edit(account, true);
}
