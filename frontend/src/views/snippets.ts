/** What to type to reach the proxy, per tool and shell. Code, so the same in every language. */
export type Tool = 'claude' | 'openai' | 'curl';

export interface Target {
  /** The base URL of the Anthropic dialect. */
  address: string;
  key: string;
}

export function snippet(tool: Tool, { address, key }: Target, powershell: boolean): string {
  switch (tool) {
    case 'claude':
      return powershell
        ? `$env:ANTHROPIC_BASE_URL = "${address}"\n$env:ANTHROPIC_AUTH_TOKEN = "${key}"\nclaude`
        : `export ANTHROPIC_BASE_URL=${address}\nexport ANTHROPIC_AUTH_TOKEN=${key}\nclaude`;
    case 'openai':
      return `from openai import OpenAI\nclient = OpenAI(base_url="${address}/v1", api_key="${key}")`;
    case 'curl':
      return powershell
        ? `Invoke-RestMethod ${address}/v1/messages -Method Post -ContentType application/json -Headers @{ "x-api-key" = "${key}" } \`\n  -Body '{"model":"claude-sonnet-4.5","max_tokens":200,"messages":[{"role":"user","content":"hi"}]}'`
        : `curl ${address}/v1/messages -H 'x-api-key: ${key}' -H 'content-type: application/json' \\\n  -d '{"model":"claude-sonnet-4.5","max_tokens":200,"messages":[{"role":"user","content":"hi"}]}'`;
  }
}
