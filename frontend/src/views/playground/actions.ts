import type { App } from '$lib/state/app.svelte';
import type { Result } from '$lib/dialects/question';

import { knownModels } from '../models';

const fallback = 'claude-sonnet-4.5';

/** The model that is asked for where none is typed. */
export const standardModel = (app: App) => app.settings.values?.default_model ?? fallback;

/** What people can choose from: what the accounts have, and the names that the settings give to it. */
export const modelsOf = (app: App): string[] => [
  ...new Set([standardModel(app), ...knownModels(app.accounts.list ?? [], app.settings.values)]),
];

export const send = (app: App) => app.playground.send(standardModel(app), app.session.inWindow);
export const retry = (app: App) => app.playground.retry(standardModel(app), app.session.inWindow);
export const give = (app: App, results: Result[]) =>
  app.playground.give(results, standardModel(app), app.session.inWindow);
