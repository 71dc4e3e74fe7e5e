import { chosen } from './ranking';

const memory = 'amq2api.palette';

/** What was chosen lately, by id. Ids name screens and actions, and accounts and keys by number: no secret. */
export function recall(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(memory) ?? '[]');
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === 'string') : [];
  } catch {
    return [];
  }
}

export function remember(id: string): void {
  try {
    localStorage.setItem(memory, JSON.stringify(chosen(recall(), id)));
  } catch {
    // A browser that refuses storage forgets.
  }
}
