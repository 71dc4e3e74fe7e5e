import { fish, posix, powershell } from './quoting';

/** What a set-up is written for. */
export interface Target {
  /** The program's address without a path: http://127.0.0.1:8080. Anthropic's clients add /v1 themselves. */
  root: string;
  /** As clients write it. */
  model: string;
  key: string;
}

/** Stands where the text of no key is known. */
export const placeholder = 'amq-...';

/** The tokens that fit into a conversation with Amazon Q's Claude models. */
export const contextWindow = 200_000;

export const shells = ['posix', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];
/** A file lies elsewhere on Windows. */
export const systems = ['unix', 'windows'] as const;
export type System = (typeof systems)[number];
export const languages = ['python', 'typescript'] as const;
export type Language = (typeof languages)[number];
export const packages = ['compatible', 'anthropic'] as const;
export type Package = (typeof packages)[number];

export type Tab = Shell | System | Language | Package;

/** One form of a snippet; those with the same choice stand behind tabs. */
export interface Form {
  /** Empty where there is only one. */
  tab: Tab | '';
  /** Where the code belongs, if that is a file. */
  file?: string;
  code: string;
}

/** A value to be typed into a form of the tool. */
export interface Value {
  name: 'address' | 'key' | 'model' | 'context';
  text: string;
}

/** What a step asks for, in words that the page has. */
export type Deed =
  | 'install'
  | 'terminal'
  | 'file'
  | 'start'
  | 'code'
  | 'forever'
  | 'profile'
  | 'cline_extension'
  | 'continue_extension'
  | 'zed_key'
  | 'cursor'
  | 'anthropic_call'
  | 'openai_call'
  | 'aider_context';

/** What must be known beside a step. */
export type Remark = 'claude_model' | 'codex_context' | 'merge' | 'shell_scope' | 'cursor_hosts' | 'codex_key';

export interface Step {
  deed: Deed;
  forms?: Form[];
  values?: Value[];
  remark?: Remark;
}

export const single = (code: string): Form[] => [{ tab: '', code }];

export type Variables = [name: string, value: string][];

const writers: Record<Shell, (name: string, value: string) => string> = {
  posix: (name, value) => `export ${name}=${posix(value)}`,
  fish: (name, value) => `set -gx ${name} ${fish(value)}`,
  powershell: (name, value) => `$env:${name} = ${powershell(value)}`,
};

/** Sets variables in each shell, then runs a command that all of them read alike. */
export const inShells = (variables: Variables, ...commands: string[]): Form[] =>
  shells.map((shell) => ({
    tab: shell,
    code: [...variables.map(([name, value]) => writers[shell](name, value)), ...commands].join('\n'),
  }));

/** One file: its path below the home folder, with slashes. */
export const inFile = (path: string, code: string, windows?: string): Form[] => [
  { tab: 'unix', file: `~/${path}`, code },
  { tab: 'windows', file: windows ?? `%USERPROFILE%\\${path.replaceAll('/', '\\')}`, code },
];

export const values = ({ root, key, model }: Target): Value[] => [
  { name: 'address', text: `${root}/v1` },
  { name: 'key', text: key },
  { name: 'model', text: model },
];
