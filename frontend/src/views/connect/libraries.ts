/** The set-up of SDKs, curl and the shell itself. */
import { fish, posix, powershell, quoted } from './quoting';
import { inShells, type Form, type Step, type Target } from './setup';

const both = (python: string, typescript: string): Form[] => [
  { tab: 'python', code: python },
  { tab: 'typescript', code: typescript },
];

export function anthropicSDK({ root, model, key }: Target): Step[] {
  const python = `from anthropic import Anthropic

client = Anthropic(base_url=${quoted(root)}, api_key=${quoted(key)})
message = client.messages.create(
    model=${quoted(model)},
    max_tokens=1000,
    messages=[{"role": "user", "content": "hi"}],
)
print(message.content[0].text)`;
  const typescript = `import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({ baseURL: ${quoted(root)}, apiKey: ${quoted(key)} });
const message = await client.messages.create({
  model: ${quoted(model)},
  max_tokens: 1000,
  messages: [{ role: "user", content: "hi" }],
});
console.log(message.content);`;
  return [
    { deed: 'install', forms: both('pip install anthropic', 'npm install @anthropic-ai/sdk') },
    { deed: 'code', forms: both(python, typescript) },
  ];
}

export function openaiSDK({ root, model, key }: Target): Step[] {
  const python = `from openai import OpenAI

client = OpenAI(base_url=${quoted(`${root}/v1`)}, api_key=${quoted(key)})
answer = client.chat.completions.create(
    model=${quoted(model)},
    messages=[{"role": "user", "content": "hi"}],
)
print(answer.choices[0].message.content)`;
  const typescript = `import OpenAI from "openai";

const client = new OpenAI({ baseURL: ${quoted(`${root}/v1`)}, apiKey: ${quoted(key)} });
const answer = await client.chat.completions.create({
  model: ${quoted(model)},
  messages: [{ role: "user", content: "hi" }],
});
console.log(answer.choices[0].message.content);`;
  return [
    { deed: 'install', forms: both('pip install openai', 'npm install openai') },
    { deed: 'code', forms: both(python, typescript) },
  ];
}

export function aiSDK({ root, model, key }: Target): Step[] {
  const base = quoted(`${root}/v1`);
  const ask = `const { text } = await generateText({ model: amq(${quoted(model)}), prompt: "hi" });\nconsole.log(text);`;
  const compatible = `import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText } from "ai";

const amq = createOpenAICompatible({ name: "amq2api", baseURL: ${base}, apiKey: ${quoted(key)} });
${ask}`;
  const anthropic = `import { createAnthropic } from "@ai-sdk/anthropic";
import { generateText } from "ai";

const amq = createAnthropic({ baseURL: ${base}, apiKey: ${quoted(key)} });
${ask}`;
  return [
    {
      deed: 'install',
      forms: [
        { tab: 'compatible', code: 'npm install ai @ai-sdk/openai-compatible' },
        { tab: 'anthropic', code: 'npm install ai @ai-sdk/anthropic' },
      ],
    },
    {
      deed: 'code',
      forms: [
        { tab: 'compatible', code: compatible },
        { tab: 'anthropic', code: anthropic },
      ],
    },
  ];
}

/** A POST of JSON from each shell. */
function post(url: string, headers: Record<string, string>, body: object): Form[] {
  const said = JSON.stringify(body);
  const line = (word: (text: string) => string) =>
    [
      `curl ${word(url)} \\`,
      ...Object.entries(headers).map(([name, value]) => `  -H ${word(`${name}: ${value}`)} \\`),
      `  -H 'content-type: application/json' \\`,
      `  -d ${word(said)}`,
    ].join('\n');
  const table = Object.entries(headers).map(([name, value]) => `${powershell(name)} = ${powershell(value)}`);
  return [
    { tab: 'posix', code: line(posix) },
    { tab: 'fish', code: line(fish) },
    {
      tab: 'powershell',
      code: `Invoke-RestMethod ${powershell(url)} -Method Post -ContentType 'application/json' \`
  -Headers @{ ${table.join('; ')} } \`
  -Body ${powershell(said)} | ConvertTo-Json -Depth 9`,
    },
  ];
}

export function curl({ root, model, key }: Target): Step[] {
  const messages = [{ role: 'user', content: 'hi' }];
  return [
    {
      deed: 'anthropic_call',
      forms: post(`${root}/v1/messages`, { 'x-api-key': key }, { model, max_tokens: 200, messages }),
    },
    {
      deed: 'openai_call',
      forms: post(`${root}/v1/chat/completions`, { authorization: `Bearer ${key}` }, { model, messages }),
    },
  ];
}

export function shell({ root, model, key }: Target): Step[] {
  const files = { posix: '~/.bashrc, ~/.zshrc', fish: '~/.config/fish/config.fish', powershell: '$PROFILE' };
  const forms = inShells([
    ['ANTHROPIC_BASE_URL', root],
    ['ANTHROPIC_AUTH_TOKEN', key],
    ['ANTHROPIC_MODEL', model],
    ['OPENAI_BASE_URL', `${root}/v1`],
    ['OPENAI_API_KEY', key],
  ]);
  return [
    {
      deed: 'profile',
      forms: forms.map((form) => ({ ...form, file: files[form.tab as keyof typeof files] })),
      remark: 'shell_scope',
    },
  ];
}
