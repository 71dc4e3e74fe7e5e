// Hostile texts in every place that a stranger can write into: other tools' names, keys, and what Amazon and clients say. A program of its own
// stores them and a browser shows them on every screen. None may become more than text.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, openPage, step } from './browser.mjs';

/** How a text would have to be misused for its trick to work, as a page that does so. */
const misuses = {
  html: (text) => `<div>${text}</div>`,
  attribute: (text) => `<input value="${text}">`,
  quoted: (text) => `<input value='${text}'>`,
  address: (text) => `<a href="${text}">go</a>`,
  image: (text) => `<img src="${text}">`,
  style: (text) => `<p style="${text}">x</p>`,
  script: (text) => `<script>const said = "${text}";</script>`,
  template: (text) => `<script>new Function('return \`' + ${JSON.stringify(text)} + '\`')();</script>`,
};

/** Thirty texts and the misuse each is made for. HIT runs a script, AWAY is the address of a canary. */
const payloads = [
  ['html', '<script>HIT</script>'],
  ['html', '<img src=x onerror=HIT>'],
  ['html', '<img src=AWAY>'],
  ['html', '<svg onload=HIT>'],
  ['html', '<svg><animate onbegin=HIT attributeName=x>'],
  ['html', '<iframe srcdoc="<script>parent.HIT</script>">'],
  ['html', '<iframe src=AWAY></iframe>'],
  ['html', '<object data=AWAY></object>'],
  ['html', '<embed src=AWAY>'],
  ['html', '<body onload=HIT>'],
  ['html', '<video><source onerror=HIT></video>'],
  ['html', '<details open ontoggle=HIT>'],
  ['html', '<input autofocus onfocus=HIT>'],
  ['html', '<link rel=stylesheet href=AWAY>'],
  ['html', '<style>@import "AWAY";</style>'],
  ['html', '<meta http-equiv=refresh content="0;url=AWAY">'],
  ['html', '<base href=AWAY><img src=y>'],
  ['html', '<form action=AWAY><button>x</button></form>'],
  ['html', '<a href="javascript:HIT">x</a>'],
  ['html', '<svg><a href="javascript:HIT"><text y=20>x</text></a></svg>'],
  ['html', '</textarea></title><script>HIT</script>'],
  ['html', '<scr\u0000ipt></scr\u0000ipt><img src=x onerror=HIT>'],
  ['attribute', '" autofocus onfocus=HIT x="'],
  ['quoted', "' autofocus onfocus=HIT x='"],
  ['address', 'javascript:HIT'],
  ['address', 'jAvAsCrIpT:HIT'],
  ['address', 'AWAY'],
  ['image', 'AWAY'],
  ['style', 'background:url(AWAY)'],
  ['script', '"-HIT-"'],
  ['template', '${HIT}'],
];

/** Everything that could happen, as a list that grows. */
async function watch(page, own) {
  const seen = [];
  const context = page.context();
  await context.exposeBinding('hit', () => void seen.push('a script ran'));
  await context.exposeBinding('blocked', (_, what) => void seen.push(`the policy had to stop ${what}`));
  await context.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (event) => globalThis.blocked(event.violatedDirective)),
  );
  context.on('request', (request) => {
    if (!own(request.url())) seen.push(`a request to ${request.url()}`);
  });
  context.on('page', () => seen.push('another window'));
  page.on('framenavigated', (frame) => {
    if (!own(frame.url())) seen.push(`a navigation to ${frame.url()}`);
  });
  page.on('dialog', () => seen.push('a dialog'));
  return seen;
}

/** Listens for what must not come, and serves the pages that misuse texts. */
async function canary() {
  const stand = { hits: 0, pages: new Map() };
  const server = createServer((request, answer) => {
    if (request.url.startsWith('/canary')) stand.hits++;
    answer.setHeader('Content-Type', 'text/html').end(stand.pages.get(request.url) ?? '');
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  stand.url = `http://127.0.0.1:${server.address().port}`;
  stand.close = () => (server.closeAllConnections(), server.close());
  return stand;
}

/** Stands for Amazon: signs in whoever comes, and refuses every request with words of an attacker. */
async function amazon() {
  const stand = { says: '' };
  const server = createServer((request, answer) => {
    request.resume().on('end', () => {
      if (request.url.startsWith('/token')) {
        const tokens = {
          accessToken: 'aoa-injection',
          refreshToken: 'aor-injection',
          expiresIn: 3600,
          tokenType: 'Bearer',
        };
        answer.setHeader('Content-Type', 'application/json').end(JSON.stringify(tokens));
        return;
      }
      answer.writeHead(400, { 'Content-Type': 'application/x-amz-json-1.0' });
      answer.end(
        JSON.stringify({ __type: 'ValidationException', message: `Improperly formed request. ${stand.says}` }),
      );
    });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  stand.url = `http://127.0.0.1:${server.address().port}`;
  stand.close = () => (server.closeAllConnections(), server.close());
  return stand;
}

/** Starts a program with a profile of its own that takes this Amazon for the real one. */
async function start(binary, upstream) {
  const folder = mkdtempSync(join(tmpdir(), 'amq2api-injection-'));
  writeFileSync(join(folder, 'passphrase'), 'injection-passphrase', { mode: 0o600 });
  const probe = createServer();
  await new Promise((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address();
  await new Promise((closed) => probe.close(closed));
  const token = 'injection-admin-token-0123';
  const child = spawn(binary, ['serve'], {
    env: {
      DATABASE_PATH: join(folder, 'amq2api.db'),
      PORT: String(port),
      AMQ2API_VAULT: 'file',
      AMQ2API_VAULT_PASSPHRASE_FILE: join(folder, 'passphrase'),
      AMQ2API_ADMIN_TOKEN: token,
      AMAZONQ_API_ENDPOINT: upstream,
      AMAZONQ_TOKEN_ENDPOINT: `${upstream}/token`,
      HOME: folder,
    },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    const ended = new Promise((done) => child.on('exit', done));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (let i = 0; i < 150; i++) {
    const there = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (there) return { url, token, stop };
    await new Promise((later) => setTimeout(later, 100));
  }
  await stop();
  throw new Error('the program does not start');
}

export async function injection(browser, binary) {
  const stranger = await canary();
  const texts = payloads.map(([misuse, text], i) => ({
    misuse,
    text: text.replaceAll('HIT', 'hit()').replaceAll('AWAY', `${stranger.url}/canary`),
    mark: `#${i}`,
  }));
  await step(`${texts.length} hostile texts do harm where they are misused`, () => control(browser, stranger, texts));

  const upstream = await amazon();
  const program = await start(binary, upstream.url);
  const admin = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${program.token}`, 'Content-Type': 'application/json' };
    const answer = await fetch(`${program.url}${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };
  const kept = new Map();
  const keep = (...fields) => fields.forEach((field) => kept.set(field, (kept.get(field) ?? 0) + 1));
  const sent = stranger.hits;

  const recorded = async (wanted) => {
    for (let i = 0; ; i++) {
      const { body } = await admin('GET', '/admin/requests?limit=200');
      if (body.length >= wanted || i === 50) return body;
      await new Promise((later) => setTimeout(later, 100));
    }
  };
  await step('hostile texts are kept by the program', async () => {
    await admin('PUT', '/admin/settings', { notice_acknowledged: true });
    const first = await admin('POST', '/admin/accounts', credentials('first', ''));
    expect(first.status === 201, `the account was answered ${first.status} ${JSON.stringify(first.body)}`);
    const { body: key } = await admin('POST', '/admin/api-keys', { name: 'first', requests_per_minute: 0 });
    for (const { text, mark } of texts) {
      const shown = text.replaceAll('\u0000', '');
      const account = await admin('POST', '/admin/accounts', {
        ...credentials(`${mark} ${shown}`, shown),
      });
      if (account.status === 201) keep('account name', 'account notes');
      const made = await admin('POST', '/admin/api-keys', {
        name: `${mark} ${shown}`,
        description: shown,
        note: shown,
      });
      if (made.status === 201) keep('key name', 'key description');
      upstream.says = text;
      for (const model of ['claude-sonnet-4-5', `claude ${shown}`]) await send(program.url, key.key, model, shown);
    }
    const requests = JSON.stringify(await recorded(2 * texts.length));
    for (const { text } of texts) {
      const inJSON = JSON.stringify(text.replaceAll('\u0000', '')).slice(1, -1);
      if (requests.includes(`"model_asked":"claude ${inJSON}"`)) keep('model');
      if (requests.includes(`Improperly formed request. ${inJSON}`)) keep('upstream error');
      if (requests.includes(`"client":"${inJSON.slice(0, 4)}`)) keep('client');
    }
    const proxied = await admin('PUT', '/admin/settings', { upstream_proxy: `http://<img-onerror=hit()>"'.test:1` });
    if (proxied.status === 200) keep('proxy address');
    console.log(`      kept: ${[...kept].map(([field, n]) => `${field} ${n}`).join(', ')}`);
    for (const field of ['account name', 'account notes', 'key name', 'key description', 'model'])
      expect(kept.get(field) >= texts.length - 2, `only ${kept.get(field)} of ${field} were kept`);
    for (const field of ['client', 'upstream error'])
      expect(kept.get(field) > 5, `only ${kept.get(field)} of ${field} were kept`);
  });

  const page = await openPage(browser);
  const seen = await watch(page, (url) => url.startsWith(`${program.url}/`) || url === 'about:blank');
  const quiet = async (where) => {
    await page.waitForTimeout(50);
    const grown = await page
      .locator(
        'main script, main iframe, main object, main embed, main base, main meta, main form [action], main style, [onerror], [onload], [onfocus], [ontoggle], [href^="javascript:" i]',
      )
      .count();
    expect(grown === 0, `${where}: ${grown} elements have grown out of texts`);
    expect(seen.length === 0 && stranger.hits === sent, `${where}: ${seen.join(', ')}, ${stranger.hits - sent} hits`);
  };
  await step('no screen makes more of hostile texts than text', async () => {
    await page.goto(`${program.url}/admin/dashboard/`);
    await page.getByLabel('Admin token').fill(program.token);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    for (const screen of ['', 'accounts', 'keys', 'requests', 'usage', 'diagnostics', 'settings']) {
      await page.goto(`${program.url}/admin/dashboard/#/${screen}`);
      await page.locator('main h1').waitFor();
      await quiet(screen || 'dashboard');
    }
  });
  await step('nor do rows, menus, dialogs and details', async () => {
    for (const screen of ['accounts', 'keys']) {
      await page.goto(`${program.url}/admin/dashboard/#/${screen}`);
      await page.locator('tbody tr').nth(5).waitFor();
      const said = await page.locator('tbody').first().innerText();
      expect(said.includes('<img src=x onerror=hit()>'), `${screen} does not show the texts`);
      for (const { mark } of texts.slice(0, 6)) {
        await page
          .locator('tbody tr')
          .filter({ hasText: `${mark} ` })
          .first()
          .getByRole('button', { name: /^Actions for/ })
          .click();
        await page.getByRole('menuitem', { name: 'Edit', exact: true }).click();
        await page.getByRole('dialog').waitFor();
        await quiet(`${screen}, editing ${mark}`);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
    }
    for (const { id } of await recorded(0)) {
      await page.goto(`${program.url}/admin/dashboard/#/requests?id=${id}`);
      await page.locator('aside dd', { hasText: id }).waitFor();
      await quiet(`request ${id}`);
    }
    page.calm();
  });
  await step('nothing else left the page', async () => {
    await quiet('the end');
    console.log(
      `A31 | ${texts.length} texts in ${kept.size} fields (${[...kept.values()].reduce((sum, n) => sum + n, 0)} kept), through the program into Chromium: 0 script runs, 0 outgoing requests, 0 navigations`,
    );
  });
  await page.context().close();
  await program.stop();
  upstream.close();
  stranger.close();
}

/** Shows each text in a page that misuses it and has no policy. Every one must be noticed, or the eyes above see nothing. */
async function control(browser, stranger, texts) {
  const missed = [];
  const misused = async (i) => {
    const { misuse, text } = texts[i];
    const address = `${stranger.url}/control/${i}`;
    const context = await browser.newContext();
    const page = await context.newPage();
    const seen = await watch(page, (url) => url === address || url.endsWith('/x') || url.startsWith('about:'));
    stranger.pages.set(`/control/${i}`, `<!doctype html><body>${misuses[misuse](text)}`);
    await page.goto(address, { waitUntil: 'commit' }).catch(() => {});
    for (let waited = 0; waited < 100 && seen.length === 0; waited++) {
      await page.waitForTimeout(25);
      if (waited % 10 === 4) await press(page);
    }
    if (seen.length === 0) missed.push(text);
    await context.close();
  };
  for (let i = 0; i < texts.length; i += atOnce)
    await Promise.all(texts.slice(i, i + atOnce).map((_, n) => misused(i + n)));
  expect(missed.length === 0, `nobody notices ${missed.join(' and ')}`);
}

const atOnce = 6;

/** Presses what can be pressed, as a person would. */
const press = (page) =>
  page
    .locator('a text, a, button')
    .first()
    .click({ timeout: 200, force: true })
    .catch(() => {});

const credentials = (name, notes) => ({
  name: name.slice(0, 100),
  notes,
  refresh_token: `aor-${Math.random()}`,
  client_id: 'injection',
  client_secret: 'injection',
});

/** A request as a client sends it whose product is a hostile text. */
async function send(url, key, model, product) {
  const agent = product.replace(/[^ -~]/g, '');
  const answer = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'user-agent': agent },
    body: JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await answer.text();
}
