/** The set-up of coding agents that run in a terminal. */
import { fish, json, posix, powershell, quoted } from './quoting';
import { contextWindow, inFile, inShells, single, type Form, type Step, type Target } from './setup';

const install = (code: string): Step => ({ deed: 'install', forms: single(code) });
const npm = (name: string) => install(`npm install -g ${name}`);

/** The same command in each shell, with its words quoted as that needs. */
const worded = (command: (word: (text: string) => string) => string): Form[] => [
  { tab: 'posix', code: command(posix) },
  { tab: 'fish', code: command(fish) },
  { tab: 'powershell', code: command(powershell) },
];

export function claudeCode({ root, model, key }: Target): Step[] {
  const env = { ANTHROPIC_BASE_URL: root, ANTHROPIC_AUTH_TOKEN: key, ANTHROPIC_MODEL: model };
  return [
    npm('@anthropic-ai/claude-code'),
    { deed: 'terminal', forms: inShells(Object.entries(env), 'claude'), remark: 'claude_model' },
    { deed: 'forever', forms: inFile('.claude/settings.json', json({ env })), remark: 'merge' },
  ];
}

export function codex({ root, model, key }: Target): Step[] {
  const config = `model = ${quoted(model)}
model_provider = "amq2api"
model_context_window = ${contextWindow}

[model_providers.amq2api]
name = "AMQ2API"
base_url = ${quoted(`${root}/v1`)}
wire_api = "responses"
env_key = "AMQ_KEY"`;
  return [
    npm('@openai/codex'),
    { deed: 'file', forms: inFile('.codex/config.toml', config), remark: 'codex_context' },
    { deed: 'start', forms: inShells([['AMQ_KEY', key]], 'codex'), remark: 'codex_key' },
  ];
}

export function openCode({ root, model, key }: Target): Step[] {
  const config = {
    $schema: 'https://opencode.ai/config.json',
    provider: {
      amq: {
        npm: '@ai-sdk/openai-compatible',
        name: 'AMQ2API',
        options: { baseURL: `${root}/v1`, apiKey: key },
        models: { [model]: { name: model, limit: { context: contextWindow, output: 32_000 } } },
      },
    },
    model: `amq/${model}`,
  };
  return [
    npm('opencode-ai'),
    { deed: 'file', forms: inFile('.config/opencode/opencode.json', json(config)), remark: 'merge' },
    { deed: 'start', forms: single('opencode') },
  ];
}

export function cline({ root, model, key }: Target): Step[] {
  const sign = (word: (text: string) => string) =>
    `cline auth -p openai -k ${word(key)} -m ${word(model)} -b ${word(`${root}/v1`)}\ncline -P openai -m ${word(model)} "say hi to me"`;
  return [npm('cline'), { deed: 'terminal', forms: worded(sign) }];
}

export const continueConfig = ({ root, model, key }: Target) => `name: AMQ2API
version: 1.0.0
schema: v1
models:
  - name: ${quoted(model)}
    provider: openai
    model: ${quoted(model)}
    apiBase: ${quoted(`${root}/v1`)}
    apiKey: ${quoted(key)}
    roles: [chat, edit, apply]
    capabilities: [tool_use, image_input]
    defaultCompletionOptions:
      contextLength: ${contextWindow}`;

export function continueCLI(target: Target): Step[] {
  return [
    npm('@continuedev/cli'),
    { deed: 'file', forms: inFile('.continue/config.yaml', continueConfig(target)), remark: 'merge' },
    { deed: 'start', forms: single('cn') },
  ];
}

export function qwenCode({ root, model, key }: Target): Step[] {
  const variables: [string, string][] = [
    ['OPENAI_API_KEY', key],
    ['OPENAI_BASE_URL', `${root}/v1`],
    ['OPENAI_MODEL', model],
  ];
  return [npm('@qwen-code/qwen-code'), { deed: 'terminal', forms: inShells(variables, 'qwen --auth-type openai') }];
}

export function aider({ root, model, key }: Target): Step[] {
  const variables: [string, string][] = [
    ['OPENAI_API_BASE', `${root}/v1`],
    ['OPENAI_API_KEY', key],
  ];
  const known = {
    [`openai/${model}`]: { max_input_tokens: contextWindow, litellm_provider: 'openai', mode: 'chat' },
  };
  const run = worded((word) => `aider --model ${word(`openai/${model}`)}`);
  return [
    install('python -m pip install aider-install\naider-install'),
    { deed: 'aider_context', forms: inFile('.aider.model.metadata.json', json(known)), remark: 'merge' },
    {
      deed: 'terminal',
      forms: inShells(variables).map((form, i) => ({ ...form, code: `${form.code}\n${run[i]!.code}` })),
    },
  ];
}
