import type { Account, Settings } from '$lib/api/types.gen';

/** The models that are known here: what the accounts have, and what the settings call them. */
export function knownModels(accounts: readonly Account[], settings: Settings | null): string[] {
  const names = new Set(accounts.flatMap(({ models }) => models ?? []));
  if (settings?.default_model) names.add(settings.default_model);
  for (const { name } of settings?.aliases ?? []) if (!name.endsWith('*')) names.add(name);
  return [...names].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
