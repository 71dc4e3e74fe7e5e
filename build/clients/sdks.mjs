// The official SDKs, each scenario in a few lines of what their users write. A scenario runs in this process, and prints what it got.
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { picture } from "./picture.mjs";

const hello = "hi from the test";
const echoed = [/You asked: "hi from the test/];
const wide = picture.toString("base64");
const sees = [/an image: png, 3 x 2/];
const noModel = [/404/, /There is no model/];
const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
};
const model = "claude-sonnet-4-5";

// sdks are scenarios by client and feature. The packages are loaded when a scenario runs.
export function sdks(folder, demo) {
  const require = createRequire(join(folder, "package.json"));
  const load = (name) => import(pathToFileURL(require.resolve(name)).href);
  return {
    "Anthropic SDK": scenarios("anthropic", anthropic(load, demo)),
    "OpenAI SDK (chat)": scenarios("openai", chat(load, demo)),
    "OpenAI SDK (responses)": scenarios("responses", responses(load, demo)),
    "AI SDK (anthropic)": scenarios(
      "anthropic",
      ai(
        load,
        demo,
        "@ai-sdk/anthropic",
        "createAnthropic",
        (p) => p(model),
        (p) => p("no-such-model"),
      ),
    ),
    "AI SDK (openai)": scenarios(
      "responses",
      ai(
        load,
        demo,
        "@ai-sdk/openai",
        "createOpenAI",
        (p) => p.responses(model),
        (p) => p.responses("no-such-model"),
      ),
    ),
    "AI SDK (compatible)": scenarios(
      "openai",
      ai(
        load,
        demo,
        "@ai-sdk/openai-compatible",
        "createOpenAICompatible",
        (p) => p(model),
        (p) => p("no-such-model"),
      ),
    ),
  };
}

function scenarios(dialect, features) {
  return Object.fromEntries(
    Object.entries(features).map(([feature, [ask, expect, silent]]) => [
      feature,
      { run: () => report(ask), expect, dialect: silent ? "" : dialect },
    ]),
  );
}

async function report(ask) {
  try {
    return { text: String(await ask()), code: 0 };
  } catch (error) {
    return {
      text: `${error.status ?? error.statusCode ?? ""} ${error.message}`,
      code: 1,
    };
  }
}

function anthropic(load, { base, key }) {
  const client = async () =>
    new (await load("@anthropic-ai/sdk")).default({
      baseURL: base,
      apiKey: key,
      maxRetries: 0,
    });
  const body = (content) => ({
    model,
    max_tokens: 20000,
    messages: [{ role: "user", content }],
  });
  const tools = [
    {
      name: "run_weather",
      description: "Tells the weather.",
      input_schema: parameters,
    },
  ];
  const words = (message) =>
    message.content.map((block) => block.text ?? "").join("");
  return {
    text: [
      async () => words(await (await client()).messages.create(body(hello))),
      echoed,
    ],
    streaming: [
      async () => (await client()).messages.stream(body(hello)).finalText(),
      echoed,
    ],
    tools: [
      async () => {
        const c = await client();
        const first = await c.messages.create({
          ...body("run the weather"),
          tools,
        });
        const call = first.content.find((block) => block.type === "tool_use");
        const second = await c.messages.create({
          ...body("run the weather"),
          tools,
          messages: [
            { role: "user", content: "run the weather" },
            { role: "assistant", content: first.content },
            {
              role: "user",
              content: [
                {
                  type: "tool_result",
                  tool_use_id: call.id,
                  content: "sunny-42",
                },
              ],
            },
          ],
        });
        return `${first.stop_reason} ${call.name} ${JSON.stringify(call.input)} ${words(second)}`;
      },
      [/tool_use run_weather \{"city":/, /starting with: sunny-42/],
    ],
    "forced tool": [
      async () => {
        const answer = await (
          await client()
        ).messages.create({
          ...body("run it"),
          tools,
          tool_choice: { type: "tool", name: "run_weather" },
        });
        return answer.content.find((block) => block.type === "tool_use")?.name;
      },
      [/^run_weather$/],
    ],
    image: [
      async () =>
        words(
          await (
            await client()
          ).messages.create(
            body([
              {
                type: "image",
                source: { type: "base64", media_type: "image/png", data: wide },
              },
              { type: "text", text: "what?" },
            ]),
          ),
        ),
      sees,
    ],
    "stop sequence": [
      async () => {
        const answer = await (
          await client()
        ).messages.create({ ...body(hello), stop_sequences: ["from"] });
        return `${answer.stop_reason} ${answer.stop_sequence} ${words(answer)}`;
      },
      [/^stop_sequence from .*You asked: "hi $/],
    ],
    "token limit": [
      async () =>
        (
          await (
            await client()
          ).messages.create({ ...body(hello), max_tokens: 5 })
        ).stop_reason,
      [/^max_tokens$/],
    ],
    "token count": [
      async () =>
        `${(await (await client()).messages.countTokens({ model, messages: body(hello).messages })).input_tokens} tokens`,
      [/^[1-9]\d* tokens$/],
      true,
    ],
    models: [
      async () =>
        (await (await client()).models.list()).data.map((one) => one.id).join(),
      [/claude-sonnet-4\.5/],
      true,
    ],
    error: [
      async () =>
        (await client()).messages.create({
          ...body(hello),
          model: "no-such-model",
        }),
      noModel,
    ],
  };
}

function chat(load, { base, key }) {
  const client = async () =>
    new (await load("openai")).default({
      baseURL: `${base}/v1`,
      apiKey: key,
      maxRetries: 0,
    });
  const body = (content) => ({ model, messages: [{ role: "user", content }] });
  const tools = [
    {
      type: "function",
      function: {
        name: "run_weather",
        description: "Tells the weather.",
        parameters,
      },
    },
  ];
  const words = (answer) => answer.choices[0].message.content;
  return {
    text: [
      async () =>
        words(await (await client()).chat.completions.create(body(hello))),
      echoed,
    ],
    streaming: [
      async () => {
        const stream = (await client()).chat.completions.stream({
          ...body(hello),
          stream_options: { include_usage: true },
        });
        const answer = await stream.finalChatCompletion();
        return `${words(answer)} ${answer.usage.total_tokens} tokens`;
      },
      [...echoed, / [1-9]\d* tokens$/],
    ],
    tools: [
      async () => {
        const c = await client();
        const first = await c.chat.completions.create({
          ...body("run the weather"),
          tools,
        });
        const call = first.choices[0].message.tool_calls[0];
        const messages = [
          { role: "user", content: "run the weather" },
          first.choices[0].message,
          { role: "tool", tool_call_id: call.id, content: "sunny-42" },
        ];
        const second = await c.chat.completions.create({
          model,
          tools,
          messages,
        });
        return `${first.choices[0].finish_reason} ${call.function.name} ${call.function.arguments} ${words(second)}`;
      },
      [/tool_calls run_weather \{"city":/, /starting with: sunny-42/],
    ],
    image: [
      async () =>
        words(
          await (
            await client()
          ).chat.completions.create(
            body([
              {
                type: "image_url",
                image_url: { url: `data:image/png;base64,${wide}` },
              },
              { type: "text", text: "what?" },
            ]),
          ),
        ),
      sees,
    ],
    "stop sequence": [
      async () =>
        words(
          await (
            await client()
          ).chat.completions.create({ ...body(hello), stop: ["from"] }),
        ),
      [/You asked: "hi $/],
    ],
    "token limit": [
      async () =>
        (
          await (
            await client()
          ).chat.completions.create({ ...body(hello), max_tokens: 5 })
        ).choices[0].finish_reason,
      [/^length$/],
    ],
    models: [
      async () =>
        (await (await client()).models.list()).data.map((one) => one.id).join(),
      [/claude-sonnet-4\.5/],
      true,
    ],
    error: [
      async () =>
        (await client()).chat.completions.create({
          ...body(hello),
          model: "no-such-model",
        }),
      noModel,
    ],
  };
}

function responses(load, { base, key }) {
  const client = async () =>
    new (await load("openai")).default({
      baseURL: `${base}/v1`,
      apiKey: key,
      maxRetries: 0,
    });
  const tools = [
    {
      type: "function",
      name: "run_weather",
      description: "Tells the weather.",
      parameters,
      strict: false,
    },
  ];
  return {
    text: [
      async () =>
        (await (await client()).responses.create({ model, input: hello }))
          .output_text,
      echoed,
    ],
    streaming: [
      async () =>
        (
          await (
            await client()
          ).responses
            .stream({ model, input: hello })
            .finalResponse()
        ).output_text,
      echoed,
    ],
    tools: [
      async () => {
        const c = await client();
        const first = await c.responses.create({
          model,
          input: "run the weather",
          tools,
        });
        const call = first.output.find((item) => item.type === "function_call");
        const second = await c.responses.create({
          model,
          previous_response_id: first.id,
          tools,
          input: [
            {
              type: "function_call_output",
              call_id: call.call_id,
              output: "sunny-42",
            },
          ],
        });
        return `${call.name} ${call.arguments} ${second.output_text}`;
      },
      [/run_weather \{"city":/, /starting with: sunny-42/],
    ],
    image: [
      async () =>
        (
          await (
            await client()
          ).responses.create({
            model,
            input: [
              {
                role: "user",
                content: [
                  {
                    type: "input_image",
                    image_url: `data:image/png;base64,${wide}`,
                  },
                  { type: "input_text", text: "what?" },
                ],
              },
            ],
          })
        ).output_text,
      sees,
    ],
    "stored response": [
      async () => {
        const c = await client();
        const { id } = await c.responses.create({ model, input: hello });
        const again = await c.responses.retrieve(id);
        await c.responses.delete(id);
        const gone = await c.responses
          .retrieve(id)
          .catch((error) => error.status);
        return `${again.output_text} ${gone}`;
      },
      [...echoed, / 404$/],
    ],
    "token limit": [
      async () =>
        (
          await (
            await client()
          ).responses.create({ model, input: hello, max_output_tokens: 5 })
        ).incomplete_details.reason,
      [/^max_output_tokens$/],
    ],
    error: [
      async () =>
        (await client()).responses.create({
          model: "no-such-model",
          input: hello,
        }),
      noModel,
    ],
  };
}

function ai(load, { base, key }, name, create, choose, wrong) {
  const provider = async () =>
    (await load(name))[create]({
      name: "amq",
      baseURL: `${base}/v1`,
      apiKey: key,
    });
  const sdk = () => load("ai");
  return {
    text: [
      async () =>
        (
          await (
            await sdk()
          ).generateText({ model: choose(await provider()), prompt: hello })
        ).text,
      echoed,
    ],
    streaming: [
      async () => {
        const { textStream } = (await sdk()).streamText({
          model: choose(await provider()),
          prompt: hello,
        });
        let text = "";
        for await (const piece of textStream) text += piece;
        return text;
      },
      echoed,
    ],
    tools: [
      async () => {
        const { generateText, tool, stepCountIs } = await sdk();
        const { z } = await load("zod");
        const weather = tool({
          description: "Tells the weather.",
          inputSchema: z.object({ city: z.string() }),
          execute: () => "sunny-42",
        });
        return (
          await generateText({
            model: choose(await provider()),
            prompt: "run the weather",
            tools: { run_weather: weather },
            stopWhen: stepCountIs(3),
          })
        ).text;
      },
      [/starting with: .*sunny-42/],
    ],
    image: [
      async () =>
        (
          await (
            await sdk()
          ).generateText({
            model: choose(await provider()),
            messages: [
              {
                role: "user",
                content: [
                  { type: "image", image: picture, mediaType: "image/png" },
                  { type: "text", text: "what?" },
                ],
              },
            ],
          })
        ).text,
      sees,
    ],
    error: [
      async () =>
        (await sdk()).generateText({
          model: wrong(await provider()),
          prompt: hello,
          maxRetries: 0,
        }),
      [/There is no model/],
    ],
  };
}
