import * as api from '../api/proxy';
import type { ProxyState, State } from '../api/types.gen';
import { Resource } from './resource.svelte';

/** What the sidebar says about the proxy. */
export type Standing = 'running' | 'starting' | 'stopping' | 'stopped' | 'failed';

/** The program as the shell of the page shows it, and the listener that clients reach. */
export class Proxy {
  #state = new Resource<State>(api.state);
  pending = $state<'starting' | 'stopping' | null>(null);

  load = () => this.#state.load();
  forget = () => this.#state.forget();

  get program(): State | null {
    return this.#state.value;
  }

  get error() {
    return this.#state.error;
  }

  get at(): number {
    return this.#state.at;
  }

  get listener(): ProxyState | null {
    return this.program?.proxy ?? null;
  }

  get standing(): Standing {
    if (this.pending) return this.pending;
    if (this.listener?.running) return 'running';
    return this.listener?.error ? 'failed' : 'stopped';
  }

  /** What the switch shows: where things are going, not only where they are. */
  get on(): boolean {
    return this.standing === 'running' || this.standing === 'starting';
  }

  get canSwitch(): boolean {
    return this.listener?.can_stop ?? false;
  }

  /** The base URL for Anthropic's clients; what it will be while the proxy is stopped. */
  get claudeAddress(): string {
    return this.listener?.addresses[0] ?? `http://127.0.0.1:${this.listener?.port ?? 8080}`;
  }

  get openaiAddress(): string {
    return this.claudeAddress + '/v1';
  }

  /** Seconds since the start, now. */
  upFor(now: number): number {
    return (this.listener?.running_for_s ?? 0) + Math.max(0, now - this.at) / 1000;
  }

  /** Opens a demo in a window of its own. */
  demo = () => api.demo();

  /** Starts the listener. Port 0 keeps the setting. A failure to listen is in the answer's error, other failures throw. */
  start = (port = 0) => this.#switch('starting', () => api.start(port));

  /** Stops the listener once the answers under way are done. */
  stop = () => this.#switch('stopping', api.stop);

  async #switch(pending: 'starting' | 'stopping', intent: () => Promise<ProxyState>): Promise<ProxyState> {
    this.pending = pending;
    try {
      const proxy = await intent();
      if (this.program) this.#state.put({ ...this.program, proxy });
      return proxy;
    } finally {
      this.pending = null;
    }
  }
}
