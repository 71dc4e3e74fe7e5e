import { createSubscriber } from 'svelte/reactivity';

/** The time, once a second, for as long as something on the screen shows it. */
export class Clock {
  #subscribe = createSubscriber((update) => {
    const ticking = setInterval(update, 1000);
    return () => clearInterval(ticking);
  });

  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}
