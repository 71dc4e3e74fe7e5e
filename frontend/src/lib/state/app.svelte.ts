import { getContext, setContext } from 'svelte';

import { Accounts } from './accounts.svelte';
import { Backups } from './backups.svelte';
import { Clock } from './clock.svelte';
import { Connect } from './connect.svelte';
import { Diagnostics } from './diagnostics.svelte';
import { FreshKeys } from './fresh.svelte';
import { Keys } from './keys.svelte';
import { Live } from './live.svelte';
import { Logins } from './logins.svelte';
import { Look } from './look.svelte';
import { paced } from './pace';
import { Playground } from './playground.svelte';
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
  logins = new Logins();
  keys = new Keys();
  fresh = new FreshKeys();
  usage = new Usage();
  requests = new Requests();
  connect = new Connect();
  diagnostics = new Diagnostics();
  playground = new Playground();
  settings = new Settings();
  backups = new Backups();
  statistics = new Statistics();
  live = new Live({
    changed: (nouns) => this.#react(nouns),
    resumed: () => void this.load(),
    lost: () => void this.proxy.load(),
    beat: () => this.#beat(),
  });

  /** The numbers follow what happens once a second at most, however much happens. */
  #count = paced(() => void Promise.all([this.usage.load(), this.accounts.load(), this.keys.load()]), 1000);

  /** Fetches all there is to show. Failures stay with what failed. */
  async load(): Promise<void> {
    const look = this.look.load().catch(() => {});
    this.requests.refresh();
    await Promise.all([look, this.proxy.load(), this.accounts.load(), this.keys.load(), this.usage.load()]);
  }

  /** Drops what only someone signed in may see. */
  forget(): void {
    this.#count.cancel();
    this.playground.forget();
    this.fresh.forget();
    this.connect.forget();
    this.backups.forget();
    const { proxy, accounts, logins, keys, usage, requests, diagnostics, settings, statistics } = this;
    for (const noun of [proxy, accounts, logins, keys, usage, requests, diagnostics, settings, statistics])
      noun.forget();
  }

  #beat(): void {
    this.#count();
    this.requests.refresh();
  }

  #react(nouns: ReadonlySet<string>): void {
    if (nouns.has('requests')) this.#beat();
    if (nouns.has('proxy') || nouns.has('settings') || nouns.has('recording')) void this.proxy.load();
    if (nouns.has('settings')) void this.look.load().catch(() => {});
    if (nouns.has('settings') && this.settings.values) void this.settings.load();
    if (nouns.has('captures')) void this.proxy.load();
    if (nouns.has('captures') && this.diagnostics.captures.value) void this.diagnostics.loadCaptures();
    if (nouns.has('backups')) void this.proxy.load();
    if (nouns.has('backups') && this.backups.list) void this.backups.load();
    if (nouns.has('accounts')) void this.accounts.load();
    if (nouns.has('logins') && this.logins.list) void this.logins.load();
    if (nouns.has('api-keys')) void this.keys.load();
    if (['connect', 'api-keys', 'proxy'].some((noun) => nouns.has(noun)) && this.connect.list) void this.connect.load();
  }
}

const name = Symbol('app');

export const provideApp = (app: App): App => setContext(name, app);
export const useApp = (): App => getContext<App>(name);
