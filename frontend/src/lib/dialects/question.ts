import type { Call, Dialect, Part } from './answer';

export interface Picture {
  /** image/png and the like. */
  media: string;
  /** Base64. */
  data: string;
}

export interface Result {
  id: string;
  text: string;
  failed: boolean;
}

/** One turn of a conversation, in no dialect yet. */
export type Turn =
  { by: 'user'; text: string; pictures: Picture[]; results: Result[] } | { by: 'model'; parts: readonly Part[] };

export interface Wishes {
  model: string;
  system: string;
  stream: boolean;
  /** 0 leaves it to the model; Anthropic's API wants a number, so there it is a large one. */
  maxTokens: number;
  thinking: boolean;
  tool: boolean;
}

/** The tool that is offered: harmless, and known from everybody's documentation. */
export const exampleTool = {
  name: 'get_weather',
  description: 'Show the weather of a place.',
  schema: {
    type: 'object',
    properties: { city: { type: 'string', description: 'The name of the place' } },
    required: ['city'],
  },
};

const usualMaxTokens = 8192;
const thinkingBudget = 4096;

export const clientPaths: Record<Dialect, string> = {
  anthropic: '/v1/messages',
  openai: '/v1/chat/completions',
  responses: '/v1/responses',
};

/** The body that a client of the dialect would send. */
export function bodyOf(dialect: Dialect, wishes: Wishes, turns: readonly Turn[]): object {
  return { anthropic, openai, responses }[dialect](wishes, turns);
}

const dataUrl = ({ media, data }: Picture) => `data:${media};base64,${data}`;

/** A model's arguments as an object; what is cut or odd becomes none. */
function inputOf({ input }: Call): object {
  try {
    const parsed: unknown = JSON.parse(input || '{}');
    return typeof parsed === 'object' && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

const calls = (parts: readonly Part[]) => parts.filter((part) => part.kind === 'call');
const text = (parts: readonly Part[]) =>
  parts
    .filter((part) => part.kind === 'text')
    .map((part) => part.text)
    .join('');

function anthropic(wishes: Wishes, turns: readonly Turn[]): object {
  const { name, description, schema } = exampleTool;
  const budget = thinkingBudget;
  const most = wishes.maxTokens || usualMaxTokens;
  return {
    model: wishes.model,
    max_tokens: wishes.thinking ? Math.max(most, budget + 1) : most,
    ...(wishes.system && { system: wishes.system }),
    ...(wishes.thinking && { thinking: { type: 'enabled', budget_tokens: budget } }),
    ...(wishes.tool && { tools: [{ name, description, input_schema: schema }] }),
    ...(wishes.stream && { stream: true }),
    messages: turns.map((turn) =>
      turn.by === 'user'
        ? { role: 'user', content: anthropicContent(turn) }
        : {
            role: 'assistant',
            content: [
              ...(text(turn.parts) ? [{ type: 'text', text: text(turn.parts) }] : []),
              ...calls(turn.parts).map((one) => ({
                type: 'tool_use',
                id: one.id,
                name: one.name,
                input: inputOf(one),
              })),
            ],
          },
    ),
  };
}

type UserTurn = Extract<Turn, { by: 'user' }>;

function anthropicContent({ text, pictures, results }: UserTurn): unknown {
  if (pictures.length + results.length === 0) return text;
  return [
    ...results.map(({ id, text, failed }) => ({
      type: 'tool_result',
      tool_use_id: id,
      content: text,
      ...(failed && { is_error: true }),
    })),
    ...pictures.map(({ media, data }) => ({ type: 'image', source: { type: 'base64', media_type: media, data } })),
    ...(text ? [{ type: 'text', text }] : []),
  ];
}

function openai(wishes: Wishes, turns: readonly Turn[]): object {
  const { name, description, schema } = exampleTool;
  return {
    model: wishes.model,
    ...(wishes.maxTokens > 0 && { max_completion_tokens: wishes.maxTokens }),
    ...(wishes.thinking && { reasoning_effort: 'medium' }),
    ...(wishes.tool && { tools: [{ type: 'function', function: { name, description, parameters: schema } }] }),
    ...(wishes.stream && { stream: true, stream_options: { include_usage: true } }),
    messages: [
      ...(wishes.system ? [{ role: 'system', content: wishes.system }] : []),
      ...turns.flatMap((turn) => (turn.by === 'user' ? openaiUser(turn) : [openaiModel(turn.parts)])),
    ],
  };
}

function openaiUser({ text, pictures, results }: UserTurn): object[] {
  const content =
    pictures.length === 0
      ? text
      : [
          ...pictures.map((one) => ({ type: 'image_url', image_url: { url: dataUrl(one) } })),
          ...(text ? [{ type: 'text', text }] : []),
        ];
  return [
    ...results.map((one) => ({ role: 'tool', tool_call_id: one.id, content: one.text })),
    ...(content.length > 0 ? [{ role: 'user', content }] : []),
  ];
}

function openaiModel(parts: readonly Part[]): object {
  const called = calls(parts).map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: input || '{}' },
  }));
  return { role: 'assistant', content: text(parts) || null, ...(called.length > 0 && { tool_calls: called }) };
}

function responses(wishes: Wishes, turns: readonly Turn[]): object {
  const { name, description, schema } = exampleTool;
  return {
    model: wishes.model,
    store: false,
    ...(wishes.system && { instructions: wishes.system }),
    ...(wishes.maxTokens > 0 && { max_output_tokens: wishes.maxTokens }),
    ...(wishes.thinking && { reasoning: { effort: 'medium', summary: 'auto' } }),
    ...(wishes.tool && { tools: [{ type: 'function', name, description, parameters: schema }] }),
    ...(wishes.stream && { stream: true }),
    input: turns.flatMap((turn) => (turn.by === 'user' ? responsesUser(turn) : responsesModel(turn.parts))),
  };
}

function responsesUser({ text, pictures, results }: UserTurn): object[] {
  const content = [
    ...pictures.map((one) => ({ type: 'input_image', image_url: dataUrl(one) })),
    ...(text ? [{ type: 'input_text', text }] : []),
  ];
  return [
    ...results.map((one) => ({ type: 'function_call_output', call_id: one.id, output: one.text })),
    ...(content.length > 0 ? [{ role: 'user', content }] : []),
  ];
}

function responsesModel(parts: readonly Part[]): object[] {
  const said = text(parts);
  return [
    ...(said ? [{ role: 'assistant', content: [{ type: 'output_text', text: said }] }] : []),
    ...calls(parts).map(({ id, name, input }) => ({
      type: 'function_call',
      call_id: id,
      name,
      arguments: input || '{}',
    })),
  ];
}

/** The same request for a terminal. The key is a placeholder. */
export function curlOf(dialect: Dialect, body: string, address: string): string {
  const streams = (JSON.parse(body) as { stream?: boolean }).stream;
  return [
    `curl ${streams ? '-N ' : ''}${address}${clientPaths[dialect]}`,
    `-H "authorization: Bearer $AMQ2API_KEY"`,
    `-H 'content-type: application/json'`,
    `-d '${body.replaceAll("'", String.raw`'\''`)}'`,
  ].join(' \\\n  ');
}
