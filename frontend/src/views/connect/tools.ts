import type { Dialect } from '$lib/api/trial';
import { aider, claudeCode, cline, codex, continueCLI, openCode, qwenCode } from './agents';
import { cursor, vsCode, zed } from './editors';
import { aiSDK, anthropicSDK, curl, openaiSDK, shell } from './libraries';
import type { Step, Target } from './setup';

/** How much is known of it: our tests run it, nobody has tried it here, or it cannot work from this computer. */
export type Standing = 'checked' | 'unchecked' | 'extension' | 'sdk' | 'unreachable' | 'plain';

export interface Tool {
  id: string;
  /** As its makers write it; a key made for it gets this name. */
  name: string;
  /** For programs of one's own, and for everything at once. */
  sdk?: true;
  standing: Standing;
  /** Its API, for a test; none if a test from here would say nothing. */
  dialect?: Dialect;
  /** What the program calls it in its records; none if others are called so too. */
  client?: string;
  steps: (target: Target) => Step[];
}

export const tools: Tool[] = [
  agent('claude-code', 'Claude Code', 'anthropic', claudeCode),
  agent('codex', 'Codex', 'responses', codex),
  agent('opencode', 'opencode', 'openai', openCode),
  agent('cline', 'Cline', 'openai', cline),
  agent('continue', 'Continue', 'openai', continueCLI),
  { ...agent('qwen-code', 'Qwen Code', 'openai', qwenCode), standing: 'unchecked' },
  { ...agent('aider', 'aider', 'openai', aider), standing: 'unchecked' },
  { id: 'vscode', name: 'VS Code', standing: 'extension', dialect: 'openai', steps: vsCode },
  { id: 'zed', name: 'Zed', standing: 'unchecked', dialect: 'openai', client: 'Zed', steps: zed },
  { id: 'cursor', name: 'Cursor', standing: 'unreachable', client: 'Cursor', steps: cursor },
  library('anthropic-sdk', 'Anthropic SDK', 'anthropic', anthropicSDK, 'sdk'),
  library('openai-sdk', 'OpenAI SDK', 'openai', openaiSDK, 'sdk'),
  library('ai-sdk', 'AI SDK', 'openai', aiSDK, 'checked'),
  library('curl', 'curl', 'anthropic', curl, 'plain'),
  { id: 'shell', name: 'Shell', sdk: true, standing: 'plain', dialect: 'anthropic', steps: shell },
];

function agent(id: string, name: string, dialect: Dialect, steps: Tool['steps']): Tool {
  return { id, name, standing: 'checked', dialect, client: name, steps };
}

function library(id: string, name: string, dialect: Dialect, steps: Tool['steps'], standing: Standing): Tool {
  return { id, name, sdk: true, standing, dialect, client: name, steps };
}

export const find = (id: string): Tool => tools.find((tool) => tool.id === id) ?? tools[0]!;

/** The tools as they are listed: those on the program's computer, the others, and what programs of one's own are written with. */
export function groupsOf(isHere: (id: string) => boolean) {
  const here = tools.filter(({ id }) => isHere(id));
  const rest = tools.filter(({ id }) => !isHere(id));
  const groups = [
    { group: 'here' as const, tools: here },
    { group: 'others' as const, tools: rest.filter(({ sdk }) => !sdk) },
    { group: 'libraries' as const, tools: rest.filter(({ sdk }) => sdk) },
  ];
  return groups.filter(({ tools }) => tools.length > 0);
}

/** The tool to begin with: the first one on this computer that can be connected. */
export const toBegin = (stands: (id: string) => { writable: boolean; installed: boolean } | undefined): Tool =>
  tools.find(({ id, sdk }) => !sdk && stands(id)?.writable && stands(id)?.installed) ?? tools[0]!;
