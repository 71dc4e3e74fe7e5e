import { getContext, setContext } from 'svelte';

import { Accounts } from './accounts.svelte';
import { Clock } from './clock.svelte';
import { Diagnostics } from './diagnostics.svelte';
import { Keys } from './keys.svelte';
import { Live } from './live.svelte';
import { Look } from './look.svelte';
import { Proxy } from './proxy.svelte';
import { Requests } from './requests.svelte';
import { Route } from './route.svelte';
import { Session } from './session.svelte';
import { Settings } from './settings.svelte';
import { Statistics } from './statistics.svelte';
import { Usage } from './usage.svelte';

/** Everything the page knows, one object per noun. */
export class App {
  look = new Look();
  route = new Route();
  clock = new Clock();
  session = new Session();
  proxy = new Proxy();
  accounts = new Accounts();
  keys = new Keys();
  usage = new Usage();
  requests = new Requests();
  diagnostics = new Diagnostics();
  settings = new Settings();
  statistics = new Statistics();
  live = new Live({
    changed: (nouns) => this.#react(nouns),
    resumed: () => void this.load(),
    lost: () => void this.proxy.load(),
    beat: () => this.#count(),
  });

  /** Fetches all there is to show. Failures stay with what failed. */
  async load(): Promise<void> {
    const look = this.look.load().catch(() => {});
    await Promise.all([look, this.proxy.load(), this.accounts.load(), this.keys.load(), this.usage.load()]);
  }

  /** Drops what only someone signed in may see. */
  forget(): void {
    const { proxy, accounts, keys, usage, requests, diagnostics, settings, statistics } = this;
    for (const noun of [proxy, accounts, keys, usage, requests, diagnostics, settings, statistics]) noun.forget();
  }

  #react(nouns: ReadonlySet<string>): void {
    if (nouns.has('requests')) this.#count();
    if (nouns.has('proxy') || nouns.has('settings')) void this.proxy.load();
    if (nouns.has('settings')) void this.look.load().catch(() => {});
    if (nouns.has('settings') && this.settings.values) void this.settings.load();
    if (nouns.has('captures') && this.diagnostics.captures.value) void this.diagnostics.loadCaptures();
    if (nouns.has('accounts')) void this.accounts.load();
    if (nouns.has('api-keys')) void this.keys.load();
  }

  #count(): void {
    void Promise.all([this.usage.load(), this.accounts.load(), this.keys.load()]);
  }
}

const name = Symbol('app');

export const provideApp = (app: App): App => setContext(name, app);
export const useApp = (): App => getContext<App>(name);
