import type { ConnectNoteCode, ConnectReasonCode, ConnectState, ConnectTool } from '$lib/api/types.gen';
import { m } from '$words';

interface Look {
  mark: 'ok' | 'warn' | 'bad' | 'idle' | 'hollow';
  word: () => string;
}

const unreadable = { mark: 'bad', word: m.connect_state_unreadable } as const;
const unwritable = { mark: 'bad', word: m.connect_state_unwritable } as const;

const looks: Record<ConnectState, Look> = {
  missing: { mark: 'hollow', word: m.connect_state_missing },
  ours: { mark: 'ok', word: m.connect_state_ours },
  other: { mark: 'idle', word: m.connect_state_other },
  drifted: { mark: 'warn', word: m.connect_state_drifted },
  broken: unreadable,
  locked: unwritable,
};

/** Those that say more than their state. */
const nearer: Partial<Record<ConnectReasonCode, Look>> = {
  by_hand: { mark: 'idle', word: m.connect_state_by_hand },
  unsuited: unwritable,
  too_large: unwritable,
  unreadable,
};

/** How a tool stands, by shape and by word. */
export const stateLook = ({ state, reason }: ConnectTool): Look => nearer[reason] ?? looks[state];

/** A file of the tool has to be mended by a person before anything can be written. */
export const isStuck = ({ state }: ConnectTool) => state === 'broken' || state === 'locked';

/** Only the tool itself has its key, so that its request cannot be tried from here. */
export const keyElsewhere = ({ state, key_id }: ConnectTool) => state === 'ours' && key_id === 0;

type Named = (tool: { tool: string }) => string;

const reasons: Record<ConnectReasonCode, Named> = {
  other_address: m.connect_reason_other_address,
  by_hand: m.connect_reason_by_hand,
  changed: m.connect_reason_changed,
  gone: m.connect_reason_gone,
  address_changed: m.connect_reason_address_changed,
  key_refused: m.connect_reason_key_refused,
  invalid: m.connect_reason_invalid,
  unsuited: m.connect_reason_unsuited,
  too_large: m.connect_reason_too_large,
  unreadable: m.connect_reason_unreadable,
  unwritable: m.connect_reason_unwritable,
  no_file: m.connect_reason_no_file,
};

/** What a state means and what to do. */
export function stateReason(tool: ConnectTool): string {
  const named = { tool: tool.name };
  const reason = (tool.reason as string) === '' ? undefined : reasons[tool.reason];
  if (reason) return reason(named);
  if (keyElsewhere(tool)) return m.connect_note_key_by_hand(named);
  if (tool.state === 'ours') return m.connect_reason_ours(named);
  return tool.installed ? m.connect_reason_missing(named) : m.connect_reason_not_found(named);
}

export const noteWords: Record<ConnectNoteCode, (named: { tool: string; detail: string }) => string> = {
  replaces: () => m.connect_note_replaces(),
  key_made: m.connect_note_key_made,
  key_renewed: m.connect_note_key_renewed,
  key_kept: () => m.connect_note_key_kept(),
  key_by_hand: m.connect_note_key_by_hand,
  linked: () => m.connect_note_linked(),
  others_read: () => m.connect_note_others_read(),
  restart: m.connect_note_restart,
  new_terminals: () => m.connect_note_new_terminals(),
  overridden: m.connect_note_overridden,
};
