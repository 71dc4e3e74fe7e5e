import type { Account } from '$lib/api/types.gen';

/** Amazon Q's Claude models, for as long as no account has said what it has. */
const usual = ['claude-sonnet-4.5', 'claude-haiku-4.5', 'claude-sonnet-4', 'claude-opus-4.5'];

/** The way clients write a model: Claude names with hyphens, which most of them know by heart; others as they are. */
export const asClientsWrite = (model: string) => (/^claude-/.test(model) ? model.replaceAll('.', '-') : model);

/** What a tool can be set to: the models of the accounts, the one that stands in for unknown names first. */
export function choices(accounts: readonly Account[], standard: string): string[] {
  const had = accounts.flatMap(({ models }) => models);
  const all = [standard, ...(had.length > 0 ? had.toSorted() : usual)].filter((model) => model !== '');
  return [...new Set(all.map(asClientsWrite))];
}
