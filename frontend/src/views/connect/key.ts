import type { App } from '$lib/state/app.svelte';

import type { Tool } from './tools';
import { freeName } from './used';

/** Makes a key with the tool's name and shows its text until it is hidden. Throws ApiError. */
export async function makeKey(app: App, tool: Tool): Promise<void> {
  app.fresh.show(tool.id, await app.keys.create({ name: freeName(tool, app.keys.list ?? []) }));
}
