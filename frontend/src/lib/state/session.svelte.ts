import { ApiError, whenSignedOut } from '../api/client';
import * as api from '../api/session';

/** The one-time code in #code=..., or nothing. */
export function codeIn(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('code') ?? '';
}

/** Whether this page may speak to the admin API. The app's own window always may. */
export class Session {
  state = $state<'unknown' | 'out' | 'in'>('unknown');
  inWindow = $state(false);
  /** True after a session that was there ended. */
  ended = $state(false);
  /** Why the last attempt to sign in failed. */
  error = $state.raw<ApiError | null>(null);

  constructor() {
    whenSignedOut(() => {
      // Several answers may be 401 at once; only the first finds the session open.
      if (this.state === 'in') this.ended = true;
      this.state = 'out';
    });
  }

  /** Uses a one-time code in the address up, or asks whether a session is there. */
  async open(): Promise<void> {
    const code = codeIn(location.hash);
    if (code) {
      history.replaceState(null, '', location.pathname + location.search);
      await this.#prove({ code });
      return;
    }
    try {
      this.#take(await api.get());
    } catch (error) {
      this.#fail(error);
    }
  }

  async signIn(token: string): Promise<void> {
    await this.#prove({ token: token.trim() });
  }

  async signOut(): Promise<void> {
    await api.signOut();
    this.ended = false;
    this.state = 'out';
  }

  /** A code that signs a browser in, once, within a minute. */
  async handover(): Promise<string> {
    return (await api.handover()).code;
  }

  async #prove(proof: { token?: string; code?: string }): Promise<void> {
    try {
      this.#take(await api.signIn(proof));
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(session: { signed_in: boolean; window: boolean }): void {
    this.inWindow = session.window;
    this.state = session.signed_in ? 'in' : 'out';
    this.error = null;
    if (session.signed_in) this.ended = false;
  }

  #fail(error: unknown): void {
    if (!(error instanceof ApiError)) throw error;
    this.error = error;
    this.state = 'out';
  }
}
