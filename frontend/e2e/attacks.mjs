// Web pages that attack: every way a page can reach a server on this computer, from every kind of origin, in a browser whose user is signed
// in. None may read an answer, change anything, or cost a call upstream.
import { createServer } from 'node:http';

import { expect, openPage, step } from './browser.mjs';

const refusal = 'AMQ2API answers programs on this computer only, not web pages.';

/** The ways, run inside the attacking page. Each returns what it could read: nothing, or the refusal, is what is wanted. */
const ways = {
  'fetch GET': ({ to }) => read(fetch(`${to}/admin/accounts`)),
  'fetch with the cookie': ({ to }) => read(fetch(`${to}/admin/accounts`, { credentials: 'include' })),
  'fetch no-cors': ({ to }) => read(fetch(`${to}/admin/settings`, { mode: 'no-cors', credentials: 'include' })),
  'fetch HEAD': ({ to }) => read(fetch(`${to}/admin/api-keys`, { method: 'HEAD', credentials: 'include' })),
  'fetch the models': ({ to }) => read(fetch(`${to}/v1/models`, { headers: { 'x-api-key': 'amq-guess' } })),
  'fetch the metrics': ({ to }) => read(fetch(`${to}/metrics`, { credentials: 'include' })),
  'fetch health': ({ to }) => read(fetch(`${to}/health`)),
  'POST text as JSON': ({ to }) => read(post(`${to}/admin/api-keys`, 'text/plain', '{"name":"attack"}')),
  'POST JSON': ({ to }) => read(post(`${to}/admin/api-keys`, 'application/json', '{"name":"attack"}')),
  'POST JSON with our header': ({ to }) =>
    read(post(`${to}/admin/api-keys`, 'application/json', '{"name":"attack"}', { 'X-AMQ2API': '1' })),
  'POST a form': ({ to }) => read(post(`${to}/admin/api-keys`, 'application/x-www-form-urlencoded', 'name=attack')),
  'POST without a type': ({ to }) =>
    read(fetch(`${to}/admin/captures`, { method: 'POST', body: new Blob(['{}']), mode: 'no-cors' })),
  'POST a message': ({ to }) =>
    read(
      post(
        `${to}/v1/messages`,
        'text/plain',
        '{"model":"claude-sonnet-4-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}',
      ),
    ),
  'POST a message with a key': ({ to }) =>
    read(
      post(
        `${to}/v1/chat/completions`,
        'application/json',
        '{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}',
        { Authorization: 'Bearer amq-guess' },
      ),
    ),
  PUT: ({ to }) => read(fetch(`${to}/admin/settings`, { method: 'PUT', body: '{"port":1}', credentials: 'include' })),
  DELETE: ({ to }) => read(fetch(`${to}/admin/accounts/1`, { method: 'DELETE', credentials: 'include' })),
  'another method in a header': ({ to }) =>
    read(post(`${to}/admin/accounts/1`, 'text/plain', '', { 'X-HTTP-Method-Override': 'DELETE' })),
  XMLHttpRequest: ({ to }) =>
    new Promise((done) => {
      const request = new XMLHttpRequest();
      request.open('GET', `${to}/admin/accounts`);
      request.withCredentials = true;
      request.onloadend = () => done(request.responseText || null);
      request.send();
    }),
  beacon: ({ to }) => void navigator.sendBeacon(`${to}/admin/api-keys`, '{"name":"attack"}'),
  'keep-alive fetch': ({ to }) =>
    read(fetch(`${to}/admin/accounts/1/clear`, { method: 'POST', keepalive: true, mode: 'no-cors' })),
  EventSource: ({ to }) =>
    new Promise((done) => {
      const events = new EventSource(`${to}/admin/events`, { withCredentials: true });
      events.onopen = () => done('the events are open');
      events.onmessage = (event) => done(event.data);
      events.onerror = () => (events.close(), done(null));
    }),
  WebSocket: ({ to }) =>
    new Promise((done) => {
      const socket = new WebSocket(`${to.replace('http', 'ws')}/admin/events`);
      socket.onopen = () => done('the socket is open');
      socket.onerror = () => done(null);
    }),
  image: ({ to }) => element('img', { src: `${to}/admin/dashboard/favicon.svg` }),
  script: ({ to }) => element('script', { src: `${to}/admin/accounts` }),
  style: ({ to }) => element('link', { rel: 'stylesheet', href: `${to}/admin/dashboard/` }),
  module: ({ to }) => element('script', { type: 'module', src: `${to}/admin/state` }),
  'embedded object': ({ to }) => element('object', { data: `${to}/admin/dashboard/` }),
  'audio and its range': ({ to }) => element('audio', { src: `${to}/admin/captures`, preload: 'auto' }),
  preload: ({ to }) =>
    element('link', { rel: 'preload', as: 'fetch', crossOrigin: 'use-credentials', href: `${to}/admin/accounts` }),
  frame: ({ to }) =>
    new Promise((done) => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.onload = () => {
        try {
          done(frame.contentDocument?.body.textContent || null);
        } catch {
          done(null);
        }
      };
      setTimeout(done, 1500, null);
      frame.src = `${to}/admin/dashboard/`;
    }),
  'form in a frame': ({ to }) => form(`${to}/admin/api-keys`, 'text/plain', '{"name":"attack","a":"', '"}'),
  'form for the models': ({ to }) =>
    form(`${to}/v1/messages`, 'application/x-www-form-urlencoded', 'model', 'claude-sonnet-4-5'),
  'form with a file': ({ to }) => form(`${to}/admin/accounts/bulk`, 'multipart/form-data', 'text', '[]'),
  'worker from us': ({ to }) =>
    new Promise((done) => {
      try {
        const worker = new Worker(`${to}/admin/accounts`);
        worker.onmessage = () => done('the worker runs');
        worker.onerror = () => done(null);
      } catch {
        done(null);
      }
    }),
};

/** What the ways share, as source for the page. */
const kit = `
  const bounded = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 3000, null))]);
  async function read(answer) {
    try {
      const response = await bounded(answer);
      if (!response || response.type === 'opaque') return null;
      return response.status + ' ' + (await response.text());
    } catch { return null; }
  }
  const post = (url, type, body, headers = {}) =>
    fetch(url, { method: 'POST', credentials: 'include', headers: { 'Content-Type': type, ...headers }, body });
  const element = (name, members) => new Promise((done) => {
    const one = Object.assign(document.createElement(name), members);
    one.onload = () => done(name === 'object' ? null : 'it was loaded');
    one.oncanplay = () => done('it plays');
    one.onerror = () => done(null);
    setTimeout(done, 1500, null);
    document.body.append(one);
  });
  const form = (url, type, name, value) => new Promise((done) => {
    const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { name: 'f' + Math.random() }));
    const one = document.body.appendChild(Object.assign(document.createElement('form'), { action: url, method: 'post', enctype: type, target: frame.name }));
    one.append(Object.assign(document.createElement('input'), { name, value }));
    frame.onload = () => { try { done(frame.contentDocument?.body.textContent || null); } catch { done(null); } };
    setTimeout(done, 1500, null);
    one.submit();
  });
`;

/** Serves an empty page to anybody, as an attacker's server does. */
async function attacker() {
  const server = createServer((_, answer) =>
    answer.setHeader('Content-Type', 'text/html').end('<!doctype html><title>free prizes</title><body>'),
  );
  await new Promise((listening) => server.listen(0, listening));
  return { port: server.address().port, close: () => (server.closeAllConnections(), server.close()) };
}

export async function attacks(browser, { url, token }) {
  const { port } = new URL(url);
  const stranger = await attacker();
  const admin = async (path, accept = 'application/json') => {
    const answer = await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${token}`, Accept: accept } });
    return answer.text();
  };
  const unchanged = async () =>
    JSON.stringify(
      await Promise.all(
        ['accounts', 'api-keys', 'settings', 'captures', 'requests'].map(async (noun) =>
          ids(await admin(`/admin/${noun}`)),
        ),
      ),
    );
  const refused = async () =>
    [...(await admin('/metrics', 'text/plain')).matchAll(/^amq2api_gate_refused_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );

  const victim = await openPage(browser, { provokes: /./ });
  await victim.goto(`${url}/admin/dashboard/`);
  await victim.getByLabel('Admin token').fill(token);
  await victim.keyboard.press('Enter');
  await victim.getByRole('heading', { name: 'Dashboard' }).waitFor();

  const before = await unchanged();
  const started = await refused();
  let tried = 0;

  await step('the same ways do work from our own page', async () => {
    const found = await victim.evaluate(run('fetch with the cookie', url));
    expect(found?.startsWith('200 ['), `our own page reads ${found}`);
    const posted = await victim.evaluate(
      `(async () => { ${kit}; return read(post('${url}/admin/session/handover', 'application/json', '{}', { 'X-AMQ2API': '1' })); })()`,
    );
    expect(/^20\d /.test(posted), `our own page posts and gets ${posted}`);
  });

  const pages = {
    'another site': [
      `http://evil.test:${stranger.port}/`,
      [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, `0.0.0.0:${port}`],
    ],
    'another port of this computer': [`http://127.0.0.1:${stranger.port}/`, [`127.0.0.1:${port}`, `localhost:${port}`]],
    'a page on localhost': [`http://localhost:${stranger.port}/`, [`localhost:${port}`, `0.0.0.0:${port}`]],
    'a rebound name': [
      `http://evil.test:${port}/`,
      [`evil.test:${port}`, `localhost.evil.test:${port}`, `127.0.0.1:${port}`],
    ],
    'a frame without an origin': [`http://evil.test:${stranger.port}/`, [`127.0.0.1:${port}`, `localhost:${port}`]],
  };
  for (const [kind, [address, targets]] of Object.entries(pages)) {
    await step(`${kind}: no way in`, async () => {
      for (const target of targets) {
        const { page, frame } = await lure(victim.context(), kind, address, port);
        for (const way of Object.keys(ways)) {
          const found = (await frame.evaluate(run(way, `http://${target}`))) ?? null;
          tried++;
          expect(
            found === null || found === '403 ' || found.includes(refusal),
            `${way} at ${target} reads ${String(found).slice(0, 200)}`,
          );
        }
        await page.close();
      }
    });
  }

  await step('nothing has changed, and it was we who refused', async () => {
    const after = await unchanged();
    expect(after === before, `before ${before}\nafter ${after}`);
    const count = (await refused()) - started;
    expect(count > tried / 2, `${count} refusals for ${tried} attacks`);
    console.log(
      `A14 browser | ${tried} attacks by ${Object.keys(ways).length} ways in Chromium: ${count} requests refused, 0 answers read, 0 changes`,
    );
  });
  await victim.context().close();
  stranger.close();
}

/** A way as source that runs in a page. */
const run = (way, to) => `(async () => { ${kit}; return (${ways[way]})({ to: '${to}' }); })()`;

/** Opens the attacker's page. A rebound name first shows the attacker's page, and is ours from then on. */
async function lure(context, kind, address, port) {
  const page = await context.newPage();
  page.on('dialog', (dialog) => void dialog.dismiss());
  const rebound = address.includes(`:${port}/`);
  if (rebound)
    await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' }), {
      times: 1,
    });
  await page.goto(address);
  if (kind !== 'a frame without an origin') return { page, frame: page.mainFrame() };
  await page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts allow-forms';
    frame.srcdoc = '<!doctype html><body>';
    const loaded = new Promise((done) => (frame.onload = done));
    document.body.append(frame);
    return loaded;
  });
  return { page, frame: page.frames()[1] };
}

/** The parts of an answer that only a change of ours moves: not the times and counters that run by themselves. */
function ids(text) {
  const value = JSON.parse(text);
  const list = Array.isArray(value) ? value : (value.requests ?? value.items);
  return list ? list.map(({ id, name }) => [id, name]) : value;
}
