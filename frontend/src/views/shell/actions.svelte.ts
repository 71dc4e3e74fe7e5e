import { copyText } from '$lib/desktop';
import type { App } from '$lib/state/app.svelte';
import { m } from '$words';

import { done, failed } from '../toast';

/** Copies; says so only where it failed, since the button shows the rest. */
export async function copy(text: string): Promise<boolean> {
  const worked = await copyText(text);
  if (!worked) failed(m.copy_failed());
  return worked;
}

/** Copies by keyboard, where no button shows that it worked. */
export async function copyAddress(address: string): Promise<void> {
  if (await copy(address)) done(m.copy_address_done({ address }));
}

/** The switch of the proxy: wherever it is moved, the same things happen. */
export class ProxySwitch {
  /** Asks before a stop that takes this page along. */
  asking = $state(false);
  #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  set(on: boolean): void {
    if (this.#app.proxy.pending) return;
    if (on) void this.start();
    else if (this.#app.session.inWindow) void this.stop();
    else this.asking = true;
  }

  /** Port 0 keeps the setting. */
  async start(port = 0): Promise<void> {
    try {
      const { error } = await this.#app.proxy.start(port);
      if (error && this.#app.route.screen !== 'dashboard') this.#tellWhere();
    } catch (error) {
      failed(m.proxy_start_failed(), error);
    }
  }

  async stop(): Promise<void> {
    this.asking = false;
    try {
      await this.#app.proxy.stop();
    } catch (error) {
      failed(m.proxy_stop_failed(), error);
    }
  }

  #tellWhere(): void {
    failed(m.proxy_start_failed(), undefined, {
      label: m.proxy_show_why(),
      act: () => this.#app.route.go('dashboard'),
    });
  }
}
