import { m } from '$words';

import type { Deed, Remark, Tab, Value } from './setup';
import type { Standing, Tool } from './tools';

export const groupWords = {
  here: m.connect_group_here,
  others: m.connect_group_others,
  libraries: m.connect_group_libraries,
};

export const deedWords: Record<Deed, (tool: { tool: string }) => string> = {
  install: m.connect_step_install,
  terminal: m.connect_step_terminal,
  file: m.connect_step_file,
  start: m.connect_step_start,
  code: m.connect_step_code,
  forever: m.connect_step_forever,
  profile: m.connect_step_profile,
  cline_extension: m.connect_step_cline_extension,
  continue_extension: m.connect_step_continue_extension,
  zed_key: m.connect_step_zed_key,
  cursor: m.connect_step_cursor,
  anthropic_call: m.connect_step_anthropic_call,
  openai_call: m.connect_step_openai_call,
  aider_context: m.connect_step_aider_context,
};

export const remarkWords: Record<Remark, () => string> = {
  claude_model: m.connect_remark_claude_model,
  codex_context: m.connect_remark_codex_context,
  codex_key: m.connect_remark_codex_key,
  merge: m.connect_remark_merge,
  shell_scope: m.connect_remark_shell_scope,
  cursor_hosts: m.connect_remark_cursor_hosts,
};

export const valueWords: Record<Value['name'], () => string> = {
  address: m.connect_value_address,
  key: m.connect_value_key,
  model: m.connect_value_model,
  context: m.connect_value_context,
};

/** Names of shells and languages are the same everywhere. */
export const tabLabels: Record<Tab, string> = {
  posix: 'bash, zsh',
  fish: 'fish',
  powershell: 'PowerShell',
  unix: 'macOS, Linux',
  windows: 'Windows',
  python: 'Python',
  typescript: 'TypeScript',
  compatible: 'openai-compatible',
  anthropic: 'anthropic',
};

/** What is known of a tool; nothing where there is nothing to know. */
export function standingNote({ standing, name }: Tool): string {
  const notes: Record<Standing, () => string> = {
    checked: () => m.connect_checked({ tool: name }),
    unchecked: () => m.connect_unchecked({ tool: name }),
    extension: () => m.connect_extension(),
    sdk: () => m.connect_sdk(),
    unreachable: () => m.connect_unreachable(),
    plain: () => '',
  };
  return notes[standing]();
}

/** The mark on its card. */
export const standingBadge = (standing: Standing) =>
  standing === 'unreachable'
    ? m.connect_badge_unreachable()
    : standing === 'unchecked' || standing === 'extension'
      ? m.connect_badge_unchecked()
      : '';
