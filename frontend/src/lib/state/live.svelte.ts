import { follow } from '../api/events';
import { followChanges } from '../desktop';

const batchMs = 250;
const beatMs = 15_000;

export interface Reaction {
  /** Something of these nouns changed. */
  changed: (nouns: ReadonlySet<string>) => void;
  /** Contact is back: anything may have changed. */
  resumed: () => void;
  /** Contact was lost. */
  lost: () => void;
  /** Time has passed: what counts the last minute is out of date. */
  beat: () => void;
}

/** Keeps the page current: the window's own events inside the app, server-sent events in a browser, and a slow beat in both. */
export class Live {
  connected = $state(true);
  #reaction: Reaction;
  #nouns = new Set<string>();
  #flushing: ReturnType<typeof setTimeout> | undefined;

  constructor(reaction: Reaction) {
    this.#reaction = reaction;
  }

  /** Starts; the answer stops it. */
  start(): () => void {
    const changed = (noun: string) => this.#note(noun);
    const connected = (yes: boolean) => this.#connect(yes);
    const stopFollowing = followChanges(changed) ?? follow({ changed, connected });
    const beating = setInterval(() => {
      if (document.visibilityState === 'visible') this.#reaction.beat();
    }, beatMs);
    return () => {
      stopFollowing();
      clearInterval(beating);
      clearTimeout(this.#flushing);
      this.#flushing = undefined;
      this.#nouns.clear();
      this.connected = true;
    };
  }

  #connect(yes: boolean): void {
    if (yes === this.connected) return;
    this.connected = yes;
    if (yes) this.#reaction.resumed();
    else this.#reaction.lost();
  }

  #note(noun: string): void {
    this.#nouns.add(noun);
    this.#flushing ??= setTimeout(() => this.#flush(), batchMs);
  }

  #flush(): void {
    this.#flushing = undefined;
    const nouns = new Set(this.#nouns);
    this.#nouns.clear();
    this.#reaction.changed(nouns);
  }
}
