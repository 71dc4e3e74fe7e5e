// The coding agents: how each is configured, and what it must print.
import { join } from "node:path";

const hello = "hi from the test";
const echoed = [/\[simulated\] You asked: "hi from the test/];
const runEcho = "run echo canary-$((40+2))";
const ran = [/The tool returned .*canary-42/];
const look = "what is in the file picture.png? read it";

// agents are scenarios by client and feature.
export function agents(folder, { base, key }) {
  const bin = (name) => join(folder, "node_modules/.bin", name);
  const openCode = join(folder, "node_modules/opencode-linux-x64/bin/opencode"); // its launcher needs an install script
  return {
    "Claude Code": claudeCode(
      join(folder, "node_modules/@anthropic-ai/claude-code-linux-x64/claude"),
      base,
      key,
    ),
    Codex: codex(bin("codex"), base, key),
    "opencode (compatible)": opencode(
      openCode,
      base,
      key,
      "@ai-sdk/openai-compatible",
      "openai",
    ),
    "opencode (anthropic)": opencode(
      openCode,
      base,
      key,
      "@ai-sdk/anthropic",
      "anthropic",
    ),
    "opencode (responses)": opencode(
      openCode,
      base,
      key,
      "@ai-sdk/openai",
      "responses",
    ),
    Cline: cline(bin("cline"), base, key),
    "Continue (openai)": continueCLI(bin("cn"), base, key, "openai", "openai"),
    "Continue (anthropic)": continueCLI(
      bin("cn"),
      base,
      key,
      "anthropic",
      "anthropic",
    ),
  };
}

function claudeCode(command, base, key) {
  const env = () => ({
    ANTHROPIC_BASE_URL: base,
    ANTHROPIC_AUTH_TOKEN: key,
    IS_SANDBOX: "1",
    DISABLE_AUTOUPDATER: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  });
  const ask = (prompt, more = []) => ({
    command,
    args: () => ["-p", prompt, "--model", "sonnet", ...more],
    env,
    dialect: "anthropic",
  });
  return {
    text: { ...ask(hello), expect: echoed },
    tools: { ...ask(runEcho, ["--allowedTools", "Bash"]), expect: ran },
    image: {
      ...ask(look, ["--allowedTools", "Read"]),
      expect: [/an image: png, 3 x 2/],
    },
    error: {
      command,
      args: () => ["-p", hello, "--model", "no-such-model"],
      env,
      expect: [/no-such-model/],
      dialect: "anthropic",
    },
  };
}

function codex(command, base, key) {
  const config = (model) => `model = "${model}"
model_provider = "amq2api"
[model_providers.amq2api]
name = "AMQ2API"
base_url = "${base}/v1"
env_key = "AMQ_KEY"
wire_api = "responses"
`;
  const ask = (prompt, model = "claude-sonnet-4-5", more = []) => ({
    command,
    args: () => [
      "exec",
      "--skip-git-repo-check",
      "--dangerously-bypass-approvals-and-sandbox",
      ...more,
      prompt,
    ],
    env: (home) => ({ AMQ_KEY: key, CODEX_HOME: join(home, ".codex") }),
    files: { ".codex/config.toml": config(model) },
    dialect: "responses",
  });
  return {
    text: { ...ask(hello), expect: echoed },
    tools: { ...ask(runEcho), expect: ran },
    image: {
      ...ask("what is this?", "claude-sonnet-4-5", ["-i", "picture.png", "--"]),
      expect: [/an image: png, 3 x 2/],
    },
    "GPT name": { ...ask(hello, "gpt-4o"), expect: echoed },
    error: { ...ask(hello, "no-such-model"), expect: [/There is no model/] },
  };
}

function opencode(command, base, key, npm, dialect) {
  const config = JSON.stringify({
    provider: {
      amq: {
        npm,
        name: "AMQ2API",
        options: { baseURL: `${base}/v1`, apiKey: key },
        models: {
          "claude-sonnet-4-5": { name: "sonnet" },
          "no-such-model": { name: "none" },
        },
      },
    },
  });
  const ask = (prompt, model = "claude-sonnet-4-5") => ({
    command,
    args: () => ["run", "--model", `amq/${model}`, prompt],
    env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: "1" }),
    files: { ".config/opencode/opencode.json": config },
    dialect,
  });
  return {
    text: { ...ask(hello), expect: echoed },
    tools: { ...ask(runEcho), expect: ran },
    error: { ...ask(hello, "no-such-model"), expect: [/There is no model/] },
  };
}

function cline(command, base, key) {
  const ask = (prompt, model = "claude-sonnet-4-5") => ({
    command: "bash",
    args: () => [
      "-c",
      'git init -q . && "$0" auth -p openai -k "$2" -m "$3" -b "$4" >/dev/null && exec "$0" -P openai -m "$3" --json -t 60 "$1"',
      command,
      prompt,
      key,
      model,
      `${base}/v1`,
    ],
    env: () => ({}),
    dialect: "openai",
  });
  return {
    text: { ...ask(hello), expect: [/\[simulated\]/] },
    tools: { ...ask(runEcho), expect: ran },
    error: { ...ask(hello, "no-such-model"), expect: [/There is no model/] },
  };
}

function continueCLI(command, base, key, provider, dialect) {
  const config = (model) => `name: test
version: 1.0.0
schema: v1
models:
  - name: sonnet
    provider: ${provider}
    model: ${model}
    apiBase: ${base}/v1
    apiKey: ${key}
    roles: [chat]
    capabilities: [tool_use]
`;
  const ask = (prompt, model = "claude-sonnet-4-5") => ({
    command,
    args: (home) => [
      "--config",
      join(home, "config.yaml"),
      "--auto",
      "-p",
      prompt,
    ],
    env: () => ({ CONTINUE_TELEMETRY_ENABLED: "0" }),
    files: { "config.yaml": config(model) },
    dialect,
  });
  return {
    text: { ...ask(hello), expect: [/\[simulated\] You asked: "/] },
    tools: { ...ask(runEcho), expect: [/canary-42/] },
    error: { ...ask(hello, "no-such-model"), expect: [/There is no model/] },
  };
}
