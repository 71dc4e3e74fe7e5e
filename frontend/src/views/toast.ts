import { toast } from 'svelte-sonner';

import { explain } from '$lib/state/words';
import { m } from '$words';

export interface Offer {
  label: string;
  act: () => void;
}

/** Tells the result of an action, and offers what is likely to come next. */
export function done(text: string, offer?: Offer): void {
  toast(text, offer ? { action: { label: offer.label, onClick: offer.act } } : {});
}

/** Tells what was done and offers to take it back for five seconds. */
export function doneUndoable(text: string, undo: () => void): void {
  toast(text, { action: { label: m.common_undo(), onClick: undo }, duration: 5000 });
}

/** Tells that an action failed and why: an error, or a reason already in words. */
export function failed(text: string, why?: unknown, offer?: Offer): void {
  const description = typeof why === 'string' ? why : why === undefined ? '' : explain(why);
  toast.error(text, {
    ...(description ? { description } : {}),
    ...(offer ? { action: { label: offer.label, onClick: offer.act } } : {}),
    duration: 8000,
  });
}
