import type { Key } from '$lib/api/types.gen';

import type { Tool } from './tools';

/** A key made for a tool bears its name; the second one a number after it. */
const isNamed = (key: Key, tool: Tool) =>
  key.name.toLowerCase() === tool.name.toLowerCase() ||
  (key.name.startsWith(`${tool.name} `) && /^\d+$/.test(key.name.slice(tool.name.length + 1)));

/** When a tool last used a key: one that bears its name, since not every tool says who it is, or one it called with last. Null is never. */
export function lastUsed(tool: Tool, keys: readonly Key[]): string | null {
  const times = keys
    .filter((key) => isNamed(key, tool) || (tool.client !== undefined && key.last_client === tool.client))
    .flatMap(({ last_used }) => last_used ?? []);
  return times.toSorted().at(-1) ?? null;
}

/** A name for a tool's next key that none has yet. */
export function freeName(tool: Tool, keys: readonly Key[]): string {
  const taken = new Set(keys.map(({ name }) => name));
  if (!taken.has(tool.name)) return tool.name;
  let n = 2;
  while (taken.has(`${tool.name} ${n}`)) n++;
  return `${tool.name} ${n}`;
}
