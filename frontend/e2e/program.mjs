// Programs of one's own for tests that change what a shared one has, and what they need to be of use.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, openPage } from './browser.mjs';

const adminToken = 'browser-test-own-admin-token';
const patience = 60_000;

/** What a person at the admin API can do: a method, a path and a body to a response. */
export const callAdmin = (url, token) => (method, path, body) =>
  fetch(`${url}/admin/${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });

/** Signs somebody in at the demo's Amazon, as another tool would have, and answers with what that tool would keep. */
export async function signIn(browser, demo, token) {
  const admin = callAdmin(demo, token);
  await admin('PUT', 'settings', { notice_acknowledged: true });
  const login = await (await admin('POST', 'accounts/login', { name: 'Finds the simulator' })).json();
  await admin('DELETE', `accounts/login/${login.id}`);
  const amazon = new URL(login.verification_uri_complete).origin;
  const post = async (path, body) => {
    const answer = await fetch(amazon + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    expect(answer.ok, `${path} was answered with ${JSON.stringify(said)}`);
    return said;
  };
  const { clientId, clientSecret } = await post('/client/register', {
    clientName: 'Browser test',
    clientType: 'public',
    scopes: ['codewhisperer:completions', 'codewhisperer:analysis', 'codewhisperer:conversations'],
  });
  const device = await post('/device_authorization', {
    clientId,
    clientSecret,
    startUrl: 'https://view.awsapps.com/start',
  });
  const page = await openPage(browser);
  await page.goto(device.verificationUriComplete);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('status').waitFor();
  await page.context().close();
  const { refreshToken } = await post('/token', {
    clientId,
    clientSecret,
    deviceCode: device.deviceCode,
    grantType: 'urn:ietf:params:oauth:grant-type:device_code',
  });
  return { amazon, refreshToken, clientId, clientSecret };
}

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Starts a program with an empty profile and an empty home, whose Amazon is the given one. */
export async function start(program, amazon) {
  const profile = mkdtempSync(join(tmpdir(), 'amq2api-first-start-'));
  const passphrase = join(profile, 'passphrase');
  writeFileSync(passphrase, randomBytes(24).toString('base64'), { mode: 0o600 });
  const port = await freePort();
  const child = spawn(program, ['serve'], {
    env: {
      PATH: process.env.PATH,
      HOME: profile,
      PORT: String(port),
      DATABASE_PATH: join(profile, 'data', 'amq2api.db'),
      AMQ2API_VAULT: 'file',
      AMQ2API_VAULT_PASSPHRASE_FILE: passphrase,
      AMQ2API_ADMIN_TOKEN: adminToken,
      AMAZONQ_API_ENDPOINT: amazon,
      AMAZONQ_TOKEN_ENDPOINT: `${amazon}/token`,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  const ended = new Promise((done) => child.once('exit', done));
  const url = `http://127.0.0.1:${port}`;
  for (const end = Date.now() + patience; Date.now() < end; await new Promise((next) => setTimeout(next, 100))) {
    if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}: ${said}`);
    if (
      await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
  }
  return {
    url,
    token: adminToken,
    home: profile,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** Adds the account that signIn signed in. */
export async function addAccount(admin, { refreshToken, clientId, clientSecret }) {
  await admin('PUT', 'settings', { notice_acknowledged: true });
  const answer = await admin('POST', 'accounts', {
    name: 'My account',
    refresh_token: refreshToken,
    client_id: clientId,
    client_secret: clientSecret,
  });
  expect(answer.status === 201, `the account was answered with ${answer.status}: ${await answer.text()}`);
}
