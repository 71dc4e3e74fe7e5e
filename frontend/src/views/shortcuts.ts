import { inWindow, onMac } from '$lib/desktop';
import { screens, type Screen } from '$lib/state/route.svelte';

export type Command =
  | 'palette'
  | 'new'
  | 'filter'
  | 'help'
  | 'proxy'
  | 'copy'
  | 'next'
  | 'previous'
  | 'open'
  | 'select'
  | 'enable'
  | 'check'
  | 'pause'
  | 'close'
  | `go:${Screen}`;

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
const modifiedKeys: Record<string, Command> = { KeyK: 'palette', KeyN: 'new', KeyF: 'filter', Comma: 'go:settings' };
const singleKeys: Record<string, Command> = {
  n: 'new',
  '/': 'filter',
  '?': 'help',
  j: 'next',
  k: 'previous',
  ArrowDown: 'next',
  ArrowUp: 'previous',
  Enter: 'open',
  x: 'select',
  e: 'enable',
  r: 'check',
  p: 'pause',
  ' ': 'pause',
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

const pressed = 'button, a, summary, [role=switch], [role=radio], [role=checkbox], [role=tab]';

/** Whether the key belongs to what has the focus: a button is pressed by Enter and Space, a choice moves with arrows. */
function isSpokenFor({ key }: Press, element: Element | null): boolean {
  if (key === 'Enter' || key === ' ') return element?.matches(pressed) ?? false;
  return key.startsWith('Arrow') && (element?.matches('[role=radio], [role=tab], [role=slider]') ?? false);
}

/** What lies over the screen and takes its keys; not what is only fading out, which has been left already. */
const layers =
  ':is([role=dialog], [role=alertdialog], [role=menu], [role=listbox]):not([data-state=closed], [data-state=closed] *)';

/** Runs what the press asks for, if it is offered and no dialog is in the way. */
export function onCommand(event: KeyboardEvent, offers: Partial<Record<Command, () => void>>): void {
  if (event.defaultPrevented || document.querySelector(layers)) return;
  const focused = document.activeElement;
  if (isSpokenFor(event, focused)) return;
  const command = commandOf(event, takesText(focused));
  const offer = command && offers[command];
  if (!offer) return;
  event.preventDefault();
  offer();
}

export const helpGroups = ['everywhere', 'screens', 'rows', 'log'] as const;
export type HelpGroup = (typeof helpGroups)[number];

export interface Help {
  command: Command;
  keys: string[];
  group: HelpGroup;
}

/** Where single keys do something, of those that do not work everywhere. */
const actedOn: Partial<Record<Command, readonly Screen[]>> = {
  next: ['accounts', 'keys', 'requests'],
  previous: ['accounts', 'keys', 'requests'],
  open: ['accounts', 'keys', 'requests'],
  select: ['accounts', 'keys'],
  enable: ['accounts', 'keys'],
  check: ['accounts'],
  pause: ['requests'],
};

/** The keys as they work here; on a screen without those that do nothing there. */
export function keyList(screen: Screen | null = null): Help[] {
  const mod = onMac() ? '⌘' : 'Ctrl';
  const shift = onMac() ? '⇧' : 'Shift';
  const goto = inWindow() ? mod : onMac() ? '⌥' : 'Alt';
  const of = (group: HelpGroup, keys: [Command, ...string[]][]) =>
    keys.map(([command, ...rest]): Help => ({ command, keys: rest, group }));
  const all = [
    ...of('everywhere', [
      ['palette', mod, 'K'],
      ['new', ...(inWindow() ? [mod, 'N'] : ['N'])],
      ['filter', '/'],
      ['proxy', mod, shift, 'P'],
      ['copy', mod, shift, 'C'],
      ['help', '?'],
      ['close', 'Esc'],
    ]),
    ...screens.map((screen, i): Help => ({ command: `go:${screen}`, keys: [goto, String(i + 1)], group: 'screens' })),
    ...of('rows', [
      ['next', 'J'],
      ['previous', 'K'],
      ['open', onMac() ? '↩' : 'Enter'],
      ['select', 'X'],
      ['enable', 'E'],
      ['check', 'R'],
    ]),
    ...of('log', [['pause', 'P']]),
  ];
  return all.filter(({ command }) => !screen || (actedOn[command]?.includes(screen) ?? true));
}

/** The keys of one command; none if it has none. */
export const keysOf = (command: Command): string[] => keyList().find((help) => help.command === command)?.keys ?? [];
