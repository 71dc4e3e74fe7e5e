// Real clients with nothing but what Connect wrote into an empty home: no variable and no option says where to call, or with which key.
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const hello = "hi from the test";
const suffix = " (connected)";

// isConnected tells these scenarios from those that are set up by hand.
export const isConnected = (client) => client.endsWith(suffix);

// connections are scenarios by client. run runs a command in a home.
export function connections(folder, demo, run) {
  const bin = (name) => join(folder, "node_modules/.bin", name);
  const scenarios = {
    "Claude Code": [
      "claude-code",
      "anthropic",
      join(folder, "node_modules/@anthropic-ai/claude-code-linux-x64/claude"),
      ["-p", hello],
    ],
    Codex: [
      "codex",
      "responses",
      bin("codex"),
      ["exec", "--skip-git-repo-check", hello],
    ],
    opencode: [
      "opencode",
      "openai",
      join(folder, "node_modules/opencode-linux-x64/bin/opencode"), // its launcher needs an install script
      ["run", hello],
    ],
    Cline: [
      "cline",
      "openai",
      "bash",
      ["-c", 'git init -q . && exec "$@"', "-", bin("cline"), "--json", hello],
    ],
    Continue: ["continue", "openai", bin("cn"), ["-p", hello]],
    "Qwen Code": ["qwen-code", "openai", bin("qwen"), ["-p", hello]],
  };
  return Object.fromEntries(
    Object.entries(scenarios).map(([name, [tool, dialect, command, args]]) => [
      name + suffix,
      {
        text: {
          dialect,
          expect: [/\[simulated\] You asked: "/],
          run: () => connected(demo, tool, (home) => run(command, args, home)),
        },
      },
    ]),
  );
}

// connected connects a tool, runs it, and puts everything back. What went wrong on the way stands in the text.
async function connected(demo, tool, run) {
  const admin = async (method, path, body) => {
    const answer = await fetch(`${demo.base}/admin/connect${path}`, {
      method,
      headers: {
        authorization: `Bearer ${demo.token}`,
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok)
      throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
  const home = dirname(
    (await admin("GET", "")).find(({ id }) => id === "shell").files[0].path,
  );
  const plan = await admin("POST", `/${tool}/plan`, {});
  const written = await admin("POST", `/${tool}`, {
    model: plan.model,
    digests: plan.files.map(({ digest }) => digest),
  });
  const tried = await admin("POST", `/${tool}/verify`);
  mkdirSync(join(home, "work"), { recursive: true });
  const ran = await run(home);
  const undone = await admin("DELETE", `/${tool}`);
  const left = written.files.filter(
    ({ path }) =>
      existsSync(path) && readFileSync(path, "utf8").includes(demo.base),
  );
  if (
    written.state !== "ours" ||
    !tried.ok ||
    undone.can_undo ||
    left.length > 0
  )
    return {
      text: JSON.stringify({ written, tried, undone, left }),
      code: ran.code,
    };
  return ran;
}
