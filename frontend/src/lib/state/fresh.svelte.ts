import { SvelteMap } from 'svelte/reactivity';

import type { NewKey } from '../api/types.gen';

interface Fresh {
  made: NewKey;
  copied: boolean;
}

/**
 * The keys made for tools whose texts are still shown, by tool. A text is here and nowhere else: it goes when it is hidden, when the
 * session ends and when the page is left.
 */
export class FreshKeys {
  #of = new SvelteMap<string, Fresh>();

  show = (tool: string, made: NewKey) => void this.#of.set(tool, { made, copied: false });
  hide = (tool: string) => void this.#of.delete(tool);
  forget = () => this.#of.clear();

  of(tool: string): NewKey | undefined {
    return this.#of.get(tool)?.made;
  }

  /** Whether the text, or a snippet with it, was copied. */
  wasCopied = (tool: string) => this.#of.get(tool)?.copied ?? false;

  noteCopied(tool: string): void {
    const fresh = this.#of.get(tool);
    if (fresh && !fresh.copied) this.#of.set(tool, { ...fresh, copied: true });
  }
}
