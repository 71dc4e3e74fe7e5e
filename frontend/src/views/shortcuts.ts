import { inWindow, onMac } from '$lib/desktop';
import { screens, type Screen } from '$lib/state/route.svelte';

export type Command =
  'new' | 'filter' | 'help' | 'proxy' | 'copy' | 'next' | 'previous' | 'pause' | 'close' | `go:${Screen}`;

/** The parts of a key press that decide what it means. */
export type Press = Pick<
  KeyboardEvent,
  'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing' | 'keyCode'
>;

/**
 * What a key press asks for, or null. A browser keeps Ctrl 1 and Ctrl N for itself, so Alt 1 and N do the same. Single keys count only
 * where nothing is typed.
 */
export function commandOf(press: Press, typing: boolean, mac = onMac()): Command | null {
  if (press.isComposing || press.keyCode === 229) return null;
  const mod = mac ? press.metaKey : press.ctrlKey;
  if (mod && !press.altKey) return press.shiftKey ? shifted(press) : modified(press);
  if (press.altKey && !press.shiftKey && !mod) return digit(press);
  if (typing || mod || press.altKey || press.metaKey || press.ctrlKey) return null;
  return single(press.key);
}

const shiftedKeys: Record<string, Command> = { KeyP: 'proxy', KeyC: 'copy' };
const modifiedKeys: Record<string, Command> = { KeyN: 'new', KeyF: 'filter', Comma: 'go:settings' };
const singleKeys: Record<string, Command> = {
  n: 'new',
  '/': 'filter',
  '?': 'help',
  j: 'next',
  k: 'previous',
  p: 'pause',
  Escape: 'close',
};

const shifted = (press: Press) => shiftedKeys[press.code] ?? null;
const modified = (press: Press) => digit(press) ?? modifiedKeys[press.code] ?? null;
const single = (key: string) => singleKeys[key] ?? null;

function digit(press: Press): Command | null {
  const screen = screens[Number(/^Digit([1-9])$/.exec(press.code)?.[1] ?? 0) - 1];
  return screen ? `go:${screen}` : null;
}

/** Whether an element takes letters: then a single key is a letter. */
function takesText(element: Element | null): boolean {
  return (
    element instanceof HTMLElement &&
    (element.isContentEditable || element.matches('input, textarea, select, [role=menu] *'))
  );
}

/** Runs what the press asks for, if it is offered and no dialog is in the way. */
export function onCommand(event: KeyboardEvent, offers: Partial<Record<Command, () => void>>): void {
  if (event.defaultPrevented || document.querySelector('[role=dialog], [role=alertdialog], [role=menu]')) return;
  const command = commandOf(event, takesText(document.activeElement));
  const offer = command && offers[command];
  if (!offer) return;
  event.preventDefault();
  offer();
}

export interface Help {
  command: Command;
  keys: string[];
}

/** The keys as they work here. */
export function keyList(): Help[] {
  const mod = onMac() ? '⌘' : 'Ctrl';
  const shift = onMac() ? '⇧' : 'Shift';
  const goto = inWindow() ? mod : onMac() ? '⌥' : 'Alt';
  return [
    ...screens.map((screen, i): Help => ({ command: `go:${screen}`, keys: [goto, String(i + 1)] })),
    { command: 'new', keys: inWindow() ? [mod, 'N'] : ['N'] },
    { command: 'filter', keys: ['/'] },
    { command: 'next', keys: ['J'] },
    { command: 'previous', keys: ['K'] },
    { command: 'pause', keys: ['P'] },
    { command: 'proxy', keys: [mod, shift, 'P'] },
    { command: 'copy', keys: [mod, shift, 'C'] },
    { command: 'help', keys: ['?'] },
  ];
}
