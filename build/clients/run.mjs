// Runs real clients against a demo of the program: text, one tool round trip, a picture where they take one, and an error.
//
//   run.mjs [--sdk | --connect] [CLIENT...]
//
// With --connect only those that Connect has set up are run.
//
// The demo's simulated model repeats what it was asked, calls a tool when it is asked to run something, says what the tool returned, and
// what pictures it was shown. So what a client prints tells whether everything went through in both directions.
import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { agents } from "./agents.mjs";
import { connections, isConnected } from "./connect.mjs";
import { picture } from "./picture.mjs";
import { sdks } from "./sdks.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const out = join(root, "build/out/clients");
const limit = 120_000; // milliseconds a client may take

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// start runs the demo and resolves once it has introduced itself.
async function start() {
  const port = await freePort();
  const program = spawn(
    join(root, "build/bin/amq2api-headless"),
    ["demo", "--headless"],
    {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        PORT: String(port),
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  let said = "";
  const introduced = new Promise((done, fail) => {
    program.once("exit", (code) =>
      fail(new Error(`the demo ended with ${code}: ${said}`)),
    );
    program.stdout.on("data", (text) => {
      said += text;
      const key = /x-api-key: (\S+)'/.exec(said);
      const token = /Bearer (\S+)'/.exec(said);
      if (key && token) done({ key: key[1], token: token[1] });
    });
  });
  const { key, token } = await introduced;
  return {
    base: `http://127.0.0.1:${port}`,
    key,
    token,
    stop: () => program.kill("SIGTERM"),
  };
}

// run runs a command in an empty home and an empty folder, and resolves to what it printed.
function run({ command, args, env, files = {}, input = "" }) {
  const home = mkdtempSync(join(tmpdir(), "amq2api-client-"));
  const work = join(home, "work");
  mkdirSync(work);
  writeFileSync(join(work, "picture.png"), picture);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  return follow(command, args(home), work, home, env(home), input).finally(() =>
    rmSync(home, { recursive: true, force: true, maxRetries: 3 }),
  );
}

// follow resolves to what a command printed.
function follow(command, args, work, home, env, input) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: work,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        TERM: "dumb",
        CI: "1",
        ...env,
      },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    let text = "";
    child.stdout.on("data", (piece) => (text += piece));
    child.stderr.on("data", (piece) => (text += piece));
    child.stdin.end(input);
    const timer = setTimeout(() => stopAll(child.pid), limit);
    child.once("error", (error) => (text += String(error)));
    child.once("close", (code) => {
      clearTimeout(timer);
      stopAll(child.pid);
      done({ text, code });
    });
  });
}

function stopAll(group) {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // it has ended
  }
}

async function served(demo, before) {
  const answer = await fetch(`${demo.base}/admin/requests?limit=200`, {
    headers: { authorization: `Bearer ${demo.token}` },
  });
  const requests = await answer.json();
  return requests.slice(0, requests.length - before);
}

async function count(demo) {
  const answer = await fetch(`${demo.base}/admin/requests?limit=200`, {
    headers: { authorization: `Bearer ${demo.token}` },
  });
  return (await answer.json()).length;
}

// judge runs one scenario and says what is wrong, or nothing.
async function judge(demo, scenario) {
  const before = await count(demo);
  const { text, code } = scenario.run
    ? await scenario.run(demo)
    : await run(scenario);
  const plain = text
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "")
    .replace(/\s+/g, " ");
  const missing = scenario.expect.filter((part) => !part.test(plain));
  if (missing.length > 0)
    return `it does not say ${missing.join(", ")} (exit code ${code}):\n${text.slice(-1500)}`;
  for (let tries = 0; scenario.dialect && tries < 50; tries++) {
    const requests = await served(demo, before);
    if (requests.some((request) => request.dialect === scenario.dialect))
      return "";
    await new Promise((done) => setTimeout(done, 100));
  }
  return scenario.dialect
    ? `no request came in the dialect ${scenario.dialect}`
    : "";
}

// compare insists that what ran is what the README's table is checked against: table.json beside this file.
function compare(table) {
  const promised = JSON.parse(readFileSync(join(here, "table.json"), "utf8"));
  for (const [client, features] of Object.entries(table)) {
    if (isConnected(client)) continue;
    const want = JSON.stringify(promised[client]);
    if (JSON.stringify(Object.keys(features)) !== want)
      throw new Error(
        `table.json has ${want} for ${client}, the run ${Object.keys(features)}`,
      );
  }
}

async function main() {
  const asked = process.argv.slice(2);
  const sdkOnly = asked.includes("--sdk");
  const connectOnly = asked.includes("--connect");
  const names = asked.filter((name) => !name.startsWith("--"));
  const demo = await start();
  const table = {};
  let failed = 0;
  try {
    const folder = join(out, "agents");
    const clients = {
      ...(connectOnly ? {} : sdks(join(out, "sdk"), demo)),
      ...(connectOnly || sdkOnly ? {} : agents(folder, demo)),
      ...(sdkOnly
        ? {}
        : connections(folder, demo, (command, args, home) =>
            follow(command, args, join(home, "work"), home, {}, ""),
          )),
    };
    for (const [name, scenarios] of Object.entries(clients)) {
      if (
        names.length > 0 &&
        !names.some((part) => name.toLowerCase().includes(part.toLowerCase()))
      )
        continue;
      table[name] = {};
      for (const [feature, scenario] of Object.entries(scenarios)) {
        const started = Date.now();
        const wrong = await judge(demo, scenario);
        table[name][feature] = wrong === "";
        console.log(
          `${wrong === "" ? "ok  " : "FAIL"}  ${name}: ${feature} (${((Date.now() - started) / 1000).toFixed(1)} s)`,
        );
        if (wrong !== "") {
          failed++;
          console.log(wrong.replace(/^/gm, "      "));
        }
      }
    }
  } finally {
    demo.stop();
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "table.json"), JSON.stringify(table, null, 2) + "\n");
  compare(table);
  if (Object.keys(table).length === 0) throw new Error("no such client");
  if (failed > 0) process.exitCode = 1;
}

await main();
