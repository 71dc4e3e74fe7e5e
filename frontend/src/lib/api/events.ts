import type { Change } from './types.gen';

export interface Listener {
  changed: (noun: string) => void;
  /** Whether changes arrive; said whenever it changes. */
  connected: (yes: boolean) => void;
}

const retryMs = 3000;

/**
 * Follows the server-sent events of the admin API until the answer is called. The browser reconnects after a lost connection by
 * itself, but gives up on a refusal, as while the program restarts; then this tries again.
 */
export function follow(listener: Listener): () => void {
  let retry: ReturnType<typeof setTimeout> | undefined;
  let source = open();

  function open(): EventSource {
    const made = new EventSource('/admin/events');
    made.addEventListener('open', () => listener.connected(true));
    made.addEventListener('changed', (event) => listener.changed((JSON.parse(event.data) as Change).noun));
    made.addEventListener('error', () => {
      listener.connected(false);
      if (made.readyState === EventSource.CLOSED) retry = setTimeout(() => (source = open()), retryMs);
    });
    return made;
  }

  return () => {
    clearTimeout(retry);
    source.close();
  };
}
