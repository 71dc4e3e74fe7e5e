// The admin API in memory, for working on the page and for a smoke test without the real program. It knows the routes and shapes, not
// the rules. Run it by hand: node e2e/fake-admin.mjs [port], then open /admin/dashboard/ and sign in with "fake-admin-token".
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Connections } from './fake-connect.mjs';
import {
  account,
  busyAccounts,
  busyChecks,
  busyKeys,
  busyRequests,
  inDays,
  key,
  minute,
  request,
  since,
  usageOf,
} from './scenes.mjs';

const page = fileURLToPath(new URL('../dist', import.meta.url));
const policy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
class Refusal extends Error {
  constructor(status, code, message, field) {
    super(message);
    Object.assign(this, { status, body: { error: { code, message, ...(field ? { field } : {}) } } });
  }
}

/** The state of one fake program. Scenes: "empty" as after installing, "busy" as in a working day. */
export class Program {
  constructor({ scene = 'empty', window = false, canStop = true } = {}) {
    const busy = scene === 'busy';
    this.window = window;
    this.session = false;
    this.broken = new Set(); // path prefixes that answer 500
    this.slow = 0; // milliseconds every answer takes
    this.codes = new Set(['one-time-code']);
    this.accounts = busy ? busyAccounts() : [];
    this.keys = busy ? busyKeys() : [];
    this.requests = busy ? busyRequests() : [];
    this.busy = busy;
    this.nextID = 100;
    this.finds = [];
    this.logins = [];
    this.connect = new Connections();
    this.pausedUntil = null;
    this.slowUntil = null;
    this.texts = new Map(); // a key's text to its id
    this.listeners = new Set();
    this.startedAt = Date.now() - (busy ? 252 * minute : 0);
    this.proxy = {
      running: true,
      can_stop: canStop,
      port: 8080,
      addresses: ['http://127.0.0.1:8080'],
      in_flight: busy ? 3 : 0,
      error: null,
    };
    this.portTaken = false;
    this.demo = false;
    this.checks = busyChecks();
    this.vault = { kind: 'keychain', ready: true, message: '' };
    this.settings = {
      port: 8080,
      log_level: 'info',
      default_model: 'claude-sonnet-4.5',
      aliases: [],
      language: '',
      theme: '',
      start_proxy: true,
      queue_wait_s: 15,
      fetch_images: true,
      break_repeats: false,
      listen_on: '',
      listen_confirmed: false,
      hosts: [],
      upstream_proxy: '',
      upstream_silence_s: 120,
      keep_responses: false,
      prices: [],
      usage_retention_days: 90,
      rollup_retention_days: 730,
      backup_every_hours: 24,
      backup_keep: 7,
      notice_acknowledged: true,
    };
  }

  startLogin({ service = 'amazonq', method = 'builder_id', name = '', account_id = 0 }) {
    const id = String(this.nextID++);
    const login = {
      id,
      state: 'waiting',
      name,
      service,
      method,
      user_code: `FAKE-${id}`,
      verification_uri: 'https://device.example/',
      verification_uri_complete: `https://device.example/?user_code=FAKE-${id}`,
      started_at: since(0),
      expires_at: new Date(Date.now() + 10 * minute).toISOString(),
      profiles: [],
      account_id,
      message: '',
    };
    this.logins.unshift(login);
    this.say('logins');
    return login;
  }

  /** Brings a sign-in to a state. */
  endLogin(id, state, fields = {}) {
    const login = Object.assign(
      this.logins.find((one) => one.id === id),
      { state, ...fields },
    );
    this.say('logins');
    return login;
  }

  /** Whose turn it is, as far as a fake can tell. */
  next() {
    const accounts = this.accounts.map(
      ({ id, name, status, status_reason, cooldown_until, current_rpm, in_flight }) => ({
        account_id: id,
        account: name,
        by: status === 'ready' ? '' : status,
        reason: status_reason,
        until: cooldown_until,
        current_rpm,
        in_flight,
      }),
    );
    const first = accounts.find(({ by }) => by === '');
    return {
      model: 'claude-sonnet-4.5',
      account_id: first?.account_id ?? 0,
      account: first?.account ?? '',
      ground: first ? 'turn' : '',
      wait_s: 0,
      refusal: '',
      retry_after_s: 0,
      waiting: 0,
      paused_until: this.pausedUntil,
      slow_until: this.slowUntil,
      accounts,
    };
  }

  say(noun) {
    for (const listener of this.listeners) listener.write(`event: changed\ndata: ${JSON.stringify({ noun })}\n\n`);
  }

  proxyState() {
    return { ...this.proxy, running_for_s: this.proxy.running ? Math.floor((Date.now() - this.startedAt) / 1000) : 0 };
  }

  state() {
    return {
      version: '0.1.0',
      demo: this.demo,
      capturing: false,
      data: { safe_mode: false, message: '', aside: '', offer: '', restore: '', restore_failure: '' },
      proxy: this.proxyState(),
      started_at: new Date(this.startedAt).toISOString(),
      vault: this.vault,
    };
  }

  start({ port = 0 }) {
    if (port) this.proxy.port = port;
    if (this.portTaken && this.proxy.port === 8080) {
      this.proxy = {
        ...this.proxy,
        running: false,
        addresses: [],
        error: { code: 'port_in_use', message: 'Port 8080 is in use.', port: 8080, self_held: false, free_port: 8317 },
      };
    } else {
      this.startedAt = Date.now();
      this.proxy = { ...this.proxy, running: true, addresses: [`http://127.0.0.1:${this.proxy.port}`], error: null };
    }
    this.say('proxy');
    return this.proxyState();
  }

  stop() {
    if (!this.proxy.can_stop)
      throw new Refusal(403, 'forbidden', 'A headless AMQ2API is stopped by stopping its process.');
    this.proxy = { ...this.proxy, running: false, addresses: [] };
    this.say('proxy');
    return this.proxyState();
  }

  overview() {
    const traffic = Array.from({ length: 60 }, (_, i) => {
      const wave = this.busy ? Math.round(24 + 12 * Math.sin(i / 6) + 4 * Math.sin(i * 1.7)) : 0;
      const failed = this.busy && i > 32 && i < 37 ? 8 : this.busy && i % 11 === 3 ? 1 : 0;
      return {
        at: new Date(Math.floor(Date.now() / minute) * minute - (59 - i) * minute).toISOString(),
        succeeded: Math.max(0, wave - failed),
        failed,
      };
    });
    const done = this.requests.length;
    if (!this.busy) traffic[59].succeeded = done;
    return {
      requests_last_minute: this.busy ? 37 : done,
      requests_today: this.busy ? 2914 : done,
      errors_today: this.busy ? 38 : 0,
      input_tokens_today: this.busy ? 2_740_000 : done * 12,
      output_tokens_today: this.busy ? 281_000 : done * 40,
      first_event_p50_ms: done ? 900 : null,
      first_event_p95_ms: done ? 2400 : null,
      traffic,
    };
  }

  usage(by, from) {
    if (this.busy) return usageOf(by, from);
    return { ...usageOf(by, from), rows: [], total: { ...usageOf(by, from).total, requests: 0 } };
  }

  find(list, id) {
    const found = this[list].find((one) => one.id === Number(id));
    if (!found) throw new Refusal(404, 'not_found', `There is nothing with the id ${id}.`);
    return found;
  }

  change(list, id, fields) {
    const found = Object.assign(this.find(list, id), fields, { updated_at: since(0) });
    this.say(list === 'keys' ? 'api-keys' : list);
    return found;
  }

  remove(list, id) {
    const found = this.find(list, id);
    this[list] = this[list].filter((one) => one !== found);
    this.say(list === 'keys' ? 'api-keys' : list);
  }

  addAccount({ refresh_token, client_secret, ...draft }) {
    if (!refresh_token || !client_secret)
      throw new Refusal(400, 'invalid', 'refresh_token is missing.', 'refresh_token');
    if (this.accounts.some(({ name }) => name === draft.name))
      throw new Refusal(400, 'invalid', 'There is an account of this name already.', 'name');
    const added = account(this.nextID++, draft);
    this.accounts.push(added);
    this.say('accounts');
    return added;
  }

  createKey({ expires_days, ...draft }) {
    const text = `amq-Fake0nlyForTests${String(this.nextID).padStart(16, '0')}`;
    const made = key(this.nextID++, {
      ...draft,
      key_prefix: text.slice(0, 8),
      expires_at: expires_days ? inDays(expires_days) : null,
    });
    this.keys.push(made);
    this.texts.set(text, made.id);
    this.say('api-keys');
    return { ...made, key: text };
  }

  editKey(id, { expires_days, ...edit }) {
    const expiry = expires_days === undefined ? {} : { expires_at: expires_days ? inDays(expires_days) : null };
    return this.change('keys', id, { ...edit, ...expiry });
  }

  /** What a tool would do: one request through the proxy. */
  serve(keyText) {
    if (!this.keys.some(({ id, is_active }) => is_active && id === this.texts.get(keyText))) {
      throw new Refusal(401, 'authentication_error', 'This key is unknown, revoked or expired.');
    }
    this.requests.unshift(
      request(0, { id: `req_${this.nextID++}`, at: since(0), input_tokens: 12, output_tokens: 40, duration_ms: 800 }),
    );
    this.say('requests');
    return { type: 'message', content: [{ type: 'text', text: 'Hello from the fake.' }] };
  }
}

/** A page of the log, as the program answers it, and whether another follows. */
function pageOf(requests, search) {
  const words = (search.get('text') ?? '').toLowerCase().split(' ').filter(Boolean);
  const ends = search.getAll('status');
  const fits = (one) =>
    (ends.length === 0 || ends.includes(one.fault === '' ? 'succeeded' : 'failed')) &&
    words.every((word) => JSON.stringify(one).toLowerCase().includes(word));
  const found = requests.filter(fits);
  const from = found.findIndex(({ id }) => id === search.get('before')) + 1;
  const limit = Number(search.get('limit') ?? 50);
  return { page: found.slice(from, from + limit), more: from + limit < found.length };
}

/** Every route: method and path with {id}, to what answers. */
function routes(program) {
  const active = (fields) => ('is_active' in fields ? { status: fields.is_active ? 'ready' : 'disabled' } : {});
  const visible = ({ refresh_token: _r, client_secret: _s, client_id: _c, ...fields }) => fields;
  return {
    'GET /admin/state': () => program.state(),
    'POST /admin/proxy/start': (body) => program.start(body ?? {}),
    'POST /admin/proxy/stop': () => program.stop(),
    'GET /admin/accounts': () => program.accounts,
    'POST /admin/accounts': (body) => [201, program.addAccount(body)],
    'GET /admin/accounts/login': () => program.logins,
    'POST /admin/accounts/login': (body) => [201, program.startLogin(body)],
    'POST /admin/accounts/login/{id}/profile': (_, id) => program.endLogin(id, 'done'),
    'DELETE /admin/accounts/login/{id}': (_, id) => program.endLogin(id, 'cancelled'),
    'GET /admin/accounts/import': () => program.finds,
    'POST /admin/accounts/import': ({ ids }) =>
      ids.map((id) => ({ row: 0, name: id, state: 'added', message: '', field: '', account_id: program.nextID++ })),
    'GET /admin/accounts/next': () => program.next(),
    'POST /admin/accounts/resume': () => {
      program.pausedUntil = null;
      return program.next();
    },
    'GET /admin/accounts/{id}': (_, id) => program.find('accounts', id),
    'PUT /admin/accounts/{id}': (body, id) => program.change('accounts', id, { ...visible(body), ...active(body) }),
    'DELETE /admin/accounts/{id}': (_, id) => [204, program.remove('accounts', id)],
    'POST /admin/accounts/{id}/check': (_, id) =>
      program.change('accounts', id, {
        status: 'ready',
        status_kind: '',
        status_reason: '',
        health_check_error: '',
        last_health_check: since(0),
      }),
    'POST /admin/accounts/{id}/clear': (_, id) =>
      program.change('accounts', id, { status: 'ready', status_kind: '', status_reason: '', cooldown_until: null }),
    'GET /admin/api-keys': () => program.keys,
    'POST /admin/api-keys': (body) => [201, program.createKey(body)],
    'GET /admin/api-keys/{id}': (_, id) => program.find('keys', id),
    'PUT /admin/api-keys/{id}': (body, id) => program.editKey(id, body),
    'DELETE /admin/api-keys/{id}': (_, id) => [204, program.remove('keys', id)],
    'POST /admin/api-keys/{id}/revoke': (_, id) => program.change('keys', id, { is_active: false }),
    'GET /admin/stats/accounts/{id}/quota': () => [],
    'GET /admin/stats/accounts': () => ({
      total_accounts: program.accounts.length,
      active_accounts: program.accounts.length,
      healthy_accounts: program.accounts.length,
      total_requests: 0,
      total_tokens: 0,
    }),
    'GET /admin/stats/api-keys': () => ({
      total_keys: program.keys.length,
      active_keys: program.keys.length,
      total_requests: 0,
    }),
    'GET /admin/stats/overview': () => program.overview(),
    'GET /admin/selftest': () => program.checks,
    'GET /admin/captures': () => [],
    'GET /admin/recording': () => ({
      on: false,
      until: null,
      key_id: 0,
      requests: 0,
      bytes: 0,
      full: false,
      missed: 0,
    }),
    'GET /admin/backups': () => ({
      folder: '/home/lin/.local/share/amq2api/backups',
      backups: [],
      failure: '',
      restore: '',
    }),
    'GET /admin/upstream-proxy': () => ({ url: '', has_password: false }),
    'GET /admin/settings': () => program.settings,
    'PUT /admin/settings': (body) => {
      Object.assign(program.settings, body);
      program.say('settings');
      return program.settings;
    },
    'POST /admin/session/handover': () => [201, { code: 'one-time-code', expires_at: inDays(1) }],
  };
}

async function bodyOf(incoming) {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text ? JSON.parse(text) : undefined;
}

/** Starts the fake on a free port of the loopback, or the one given. Answers { url, program, close }. */
export async function listen({ token = 'fake-admin-token', port = 0, ...options } = {}) {
  const program = new Program(options);
  const table = routes(program);
  const sockets = new Set();

  function answer(response, status, body, headers = {}) {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  function sendFile(response, path) {
    const file = join(page, normalize('/' + (path || 'index.html')));
    if (!existsSync(file))
      return answer(response, 404, { error: { code: 'not_found', message: 'There is no such file.' } });
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': policy,
    });
    createReadStream(file).pipe(response);
  }

  const signedIn = (incoming) =>
    program.window || (program.session && (incoming.headers.cookie ?? '').includes('fake_session='));

  async function session(incoming, response) {
    if (incoming.method === 'GET')
      return answer(response, 200, { signed_in: Boolean(signedIn(incoming)), window: program.window });
    if (incoming.method === 'DELETE') {
      program.session = false;
      return answer(response, 204);
    }
    const proof = (await bodyOf(incoming)) ?? {};
    if (!(proof.code ? program.codes.delete(proof.code) : proof.token === token)) {
      throw new Refusal(
        401,
        'unauthenticated',
        'This is not the admin token. `amq2api admin-token` prints it; client keys (amq-...) do not work here.',
      );
    }
    program.session = true;
    answer(
      response,
      200,
      { signed_in: true, window: false },
      { 'set-cookie': 'fake_session=1; Path=/admin; HttpOnly; SameSite=Strict' },
    );
  }

  function events(response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    program.listeners.add(response);
    response.on('close', () => program.listeners.delete(response));
  }

  async function connect(incoming, response, pathname) {
    const said = program.connect.answer(incoming.method, pathname, await bodyOf(incoming));
    if (said === undefined) throw new Refusal(404, 'not_found', 'There is no such tool.');
    if (said === null) throw new Refusal(409, 'conflict', 'A file has changed since the plan. Nothing was written.');
    if (incoming.method !== 'GET' && !/plan|verify/.test(pathname)) program.say('connect');
    answer(response, 200, said);
  }

  async function handle(incoming, response) {
    const { pathname, searchParams } = new URL(incoming.url, 'http://fake');
    if (pathname.startsWith('/admin/dashboard/')) return sendFile(response, pathname.slice('/admin/dashboard/'.length));
    if (pathname === '/admin/session') return session(incoming, response);
    if (pathname.startsWith('/admin/') && !signedIn(incoming))
      throw new Refusal(401, 'unauthenticated', 'Sign in with the admin token.');
    if (pathname.startsWith('/admin/') && incoming.method !== 'GET' && incoming.headers['x-amq2api'] !== '1') {
      throw new Refusal(403, 'forbidden', 'A browser session needs the header X-AMQ2API: 1 to change something.');
    }
    if ([...program.broken].some((prefix) => pathname.startsWith(prefix)))
      throw new Refusal(500, 'internal', 'Something went wrong inside AMQ2API.');
    if (pathname === '/admin/events') return events(response);
    await new Promise((passed) => setTimeout(passed, program.slow));
    if (pathname === '/v1/messages') return answer(response, 200, program.serve(incoming.headers['x-api-key']));
    if (pathname === '/admin/stats/usage')
      return answer(response, 200, program.usage(searchParams.get('by') ?? 'day', searchParams.get('from')));
    if (pathname === '/admin/requests') {
      const { page, more } = pageOf(program.requests, searchParams);
      return answer(response, 200, page, more ? { link: '</admin/requests?before=older>; rel="next"' } : {});
    }
    const named = /^\/admin\/requests\/(req_\w+)$/.exec(pathname)?.[1];
    const known = program.requests.find((one) => one.id === named);
    if (known) return answer(response, 200, known);
    if (pathname.startsWith('/admin/connect')) return connect(incoming, response, pathname);
    const id = /\/(\d+)(?=\/|$)/.exec(pathname)?.[1];
    const route = table[`${incoming.method} ${id ? pathname.replace(/\/\d+(?=\/|$)/, '/{id}') : pathname}`];
    if (!route) throw new Refusal(404, 'not_found', `There is no admin route ${incoming.method} ${pathname}.`);
    const result = route(await bodyOf(incoming), id);
    if (Array.isArray(result) && typeof result[0] === 'number') answer(response, result[0], result[1]);
    else answer(response, 200, result);
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch((error) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'internal', String(error));
      answer(response, refusal.status, refusal.body);
    });
  });
  server.on('connection', (socket) => sockets.add(socket.on('close', () => sockets.delete(socket))));
  await new Promise((ready) => server.listen(port, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    token,
    program,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { url, token } = await listen({ port: Number(process.argv[2] ?? 8099), scene: process.argv[3] ?? 'busy' });
  console.log(`The fake is at ${url}/admin/dashboard/ with the token ${token}`);
}
