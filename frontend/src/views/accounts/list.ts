import type { Account } from '$lib/api/types.gen';
import { groupOf, groups, type Group } from '$lib/state/status';

export const columns = ['name', 'status', 'quota', 'rpm', 'last_used', 'priority'] as const;
export type Column = (typeof columns)[number];

/** What the list is sorted by; null is as the program gives it. */
export interface Order {
  column: Column;
  falling: boolean;
}

/** Reads name or -name, as the address has it. */
export function orderOf(text: string): Order | null {
  const falling = text.startsWith('-');
  const column = columns.find((known) => known === text.slice(falling ? 1 : 0));
  return column ? { column, falling } : null;
}

/** What the next click on a column's head asks for: rising, falling, as it was. */
export function nextOrder(now: Order | null, column: Column): string {
  if (now?.column !== column) return column;
  return now.falling ? '' : `-${column}`;
}

/** How much of the quota is used, from 0 to 1; null is unknown. */
export function quotaShare({ quota }: Account): number | null {
  if (!quota || quota.used === null || quota.limit === null || quota.limit <= 0) return null;
  return quota.used / quota.limit;
}

const keys: Record<Column, (account: Account) => string | number> = {
  name: ({ name }) => name.toLowerCase(),
  status: (account) => groups.indexOf(groupOf(account)),
  quota: (account) => quotaShare(account) ?? -1,
  rpm: ({ current_rpm }) => current_rpm,
  last_used: ({ last_used }) => (last_used === null ? 0 : Date.parse(last_used)),
  priority: ({ priority, weight }) => priority * 10_000 + weight,
};

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, undefined, { numeric: true });
  return Number(a) - Number(b);
}

/** Accounts of a group whose words fit what is looked for, in an order. What ties keeps its place. */
export function arrange(accounts: readonly Account[], group: Group | 'all', text: string, order: Order | null) {
  const wanted = text.trim().toLowerCase();
  const fits = ({ name, email, notes, profile_arn }: Account) =>
    [name, email, notes, profile_arn].some((words) => words.toLowerCase().includes(wanted));
  const shown = accounts.filter((account) => (group === 'all' || groupOf(account) === group) && fits(account));
  if (!order) return shown;
  const key = keys[order.column];
  const sign = order.falling ? -1 : 1;
  return shown.sort((a, b) => sign * compare(key(a), key(b)));
}

/** Which rows of so many are drawn, where a part of the list is seen: from, and the first that is not. */
export function visible(count: number, top: number, room: number, height: number, spare = 8): [number, number] {
  const from = Math.max(0, Math.min(Math.floor(top / height), count) - spare);
  return [from, Math.min(count, from + Math.ceil(room / height) + 2 * spare)];
}
