import type { Account } from '$lib/api/types.gen';
import { groupOf } from '$lib/state/status';

export const steps = ['look', 'terms', 'account', 'tool', 'call'] as const;
export type StepName = (typeof steps)[number];

/** Which steps are done. */
export type Facts = Record<StepName, boolean>;

/** The first step that is not done; what comes after it waits. */
export const current = (facts: Facts): StepName | 'end' => steps.find((step) => !facts[step]) ?? 'end';

/** An account with which one can go on: whatever it waits for comes by itself. */
export const canServe = (account: Account) => ['ready', 'waiting'].includes(groupOf(account));

/** What the program itself knows. */
export interface World {
  accounts: readonly Account[];
  termsKnown: boolean;
  /** A request has been answered. */
  called: boolean;
}

/** What only the user knows, and this browser remembers. */
export interface Told {
  looked: boolean;
  setUp: boolean;
}

/**
 * How far the set-up is. Whoever has an account has seen the page and its terms already; whoever has sent a request has set a tool up.
 */
export function factsOf({ accounts, termsKnown, called }: World, { looked, setUp }: Told): Facts {
  const started = accounts.length > 0;
  return {
    look: looked || started,
    terms: termsKnown || started,
    account: accounts.some(canServe),
    tool: setUp || called,
    call: called,
  };
}
