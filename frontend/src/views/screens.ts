import type { Component } from 'svelte';

import type { Screen } from '$lib/state/route.svelte';
import { m } from '$words';

import Dashboard from './dashboard/Dashboard.svelte';

export const titles: Record<Screen, () => string> = {
  dashboard: m.nav_dashboard,
  accounts: m.nav_accounts,
  keys: m.nav_keys,
  requests: m.nav_requests,
  usage: m.nav_usage,
  connect: m.nav_connect,
  playground: m.nav_playground,
  diagnostics: m.nav_diagnostics,
  settings: m.nav_settings,
};

/** What comes with the page: the screens that are looked at all day. */
export const present: Partial<Record<Screen, Component>> = {
  dashboard: Dashboard,
};

type Module = { default: Component };
export type Fetch = () => Promise<Module>;

/** What is fetched when it is first looked at. */
export const fetched: Partial<Record<Screen, Fetch>> = {
  accounts: () => import('./accounts/Accounts.svelte'),
  keys: () => import('./keys/Keys.svelte'),
  requests: () => import('./requests/Requests.svelte'),
  usage: () => import('./usage/Usage.svelte'),
  connect: () => import('./connect/Connect.svelte'),
  playground: () => import('./playground/Playground.svelte'),
  diagnostics: () => import('./diagnostics/Diagnostics.svelte'),
  settings: () => import('./settings/Settings.svelte'),
};

export const fetchPalette = () => import('./palette/Palette.svelte');

/** Fetches everything in quiet moments, so that a program that is stopped or updated later leaves the page whole. */
export function warm(afterMs = 2000): () => void {
  const timer = setTimeout(() => {
    for (const fetch of [...Object.values(fetched), fetchPalette]) void fetch().catch(() => {});
  }, afterMs);
  return () => clearTimeout(timer);
}
