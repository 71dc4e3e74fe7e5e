import { fireEvent, screen, waitFor, within } from '@testing-library/svelte';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { stage } from '../testing/stage';
import { account, key, nothing, overview, plan, proxy, refusal, request, serve, state, tool } from '../testing/wire';
import Accounts from './accounts/Accounts.svelte';
import Connect from './connect/Connect.svelte';
import Dashboard from './dashboard/Dashboard.svelte';
import Diagnostics from './diagnostics/Diagnostics.svelte';
import Keys from './keys/Keys.svelte';
import Requests from './requests/Requests.svelte';
import Settings from './settings/Settings.svelte';
import Shell from './shell/Shell.svelte';
import SignIn from './signin/SignIn.svelte';

const program = (routes: Parameters<typeof serve>[0] = {}) =>
  serve({
    'GET /admin/state': () => state(),
    'GET /admin/accounts': () => [account()],
    'GET /admin/api-keys': () => [key()],
    'GET /admin/stats/overview': () => overview(),
    'GET /admin/requests': () => [],
    'GET /admin/connect': () => [],
    'GET /admin/settings': () => ({ theme: '', language: 'en', prices: [] }),
    'PUT /admin/settings': () => ({ theme: '', language: 'en', prices: [], notice_acknowledged: true }),
    ...routes,
  });

const type = (label: RegExp | string, value: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value } });
const click = (name: RegExp | string) => fireEvent.click(screen.getByRole('button', { name }));
const dialog = () => within(screen.getByRole('dialog'));

beforeEach(() => {
  localStorage.clear();
  history.replaceState(null, '', '/admin/dashboard/');
});

describe('connecting a tool', () => {
  it('puts a key that is made into what is shown, and hides it only after it was copied or told twice', async () => {
    const calls = program({
      'POST /admin/api-keys': () => ({ ...key({ id: 2, name: 'Codex' }), key: 'amq-made' }),
    });
    const app = await stage(Connect);
    app.route.go('connect', { tool: 'codex' });
    await screen.findByRole('heading', { name: 'Codex' });
    expect((await screen.findByRole('region', { name: 'Step 3' })).textContent).toContain('export AMQ_KEY=amq-...');
    await click('Create a key for Codex');
    await screen.findByTestId('key');
    expect(calls.find(({ method }) => method === 'POST')).toMatchObject({ body: { name: 'Codex' } });
    expect(screen.getByRole('region', { name: 'Step 3' }).textContent).toContain('export AMQ_KEY=amq-made');
    await click('Hide');
    expect(screen.getByRole('alert').textContent).toContain('not copied');
    await click('Hide');
    expect(screen.queryByTestId('key')).toBeNull();
  });

  it('says why a test request failed, in the words its tool would read', async () => {
    const slow = { error: { type: 'rate_limit_error', message: 'Slow down for 42 s.' } };
    program({
      'POST /admin/playground/anthropic': () =>
        Response.json(slow, { status: 429, headers: { 'request-id': 'req_1' } }),
    });
    await stage(Connect);
    await screen.findByRole('button', { name: 'Test it' });
    await click('Test it');
    expect(await screen.findByText(/429.*Slow down for 42 s\./)).toBeTruthy();
  });

  const trial = { ok: true, status: 200, millis: 900, model: 'claude-sonnet-4.5', message: '' };
  const written = tool({
    state: 'ours',
    key_id: 7,
    key_name: 'Claude Code',
    connected_at: '2026-11-01T12:00:00Z',
    can_undo: true,
  });

  it('shows every line before it is written, then tries it and tells how long that took', async () => {
    const calls = program({
      'GET /admin/connect': () => [tool()],
      'POST /admin/connect/claude-code/plan': () => plan('claude-sonnet-4-5'),
      'POST /admin/connect/claude-code': () => written,
      'POST /admin/connect/claude-code/verify': () => trial,
    });
    await stage(Connect);
    await screen.findByText('Not connected', { selector: 'p' });
    await click('Connect Claude Code');
    expect(await screen.findByText('{ "ANTHROPIC_MODEL": "claude-sonnet-4-5" }')).toBeTruthy();
    expect(screen.getByText('2 added, 1 removed')).toBeTruthy();
    await click('Write and test');
    expect(await screen.findByText('It works: answered in 0.9 s by claude-sonnet-4.5')).toBeTruthy();
    expect(calls.find(({ method, path }) => method === 'POST' && path === '/admin/connect/claude-code')).toMatchObject({
      body: { model: 'claude-sonnet-4-5', digests: ['before claude-sonnet-4-5'] },
    });
    expect(screen.getByRole('link', { name: 'Claude Code' }).getAttribute('href')).toBe('#/keys?id=7');
    expect(screen.getByText(/^Start Claude Code anew/)).toBeTruthy();
  });

  it('tells why a file cannot be read, and offers nothing that would write it', async () => {
    program({
      'GET /admin/connect': () => [
        tool({ state: 'broken', reason: 'invalid', detail: 'line 3, column 14: expected a comma' }),
      ],
    });
    await stage(Connect);
    await screen.findByText('line 3, column 14: expected a comma');
    expect(screen.getByText('File cannot be read', { selector: 'p' })).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Look again' })).toBeTruthy();
    expect(screen.queryByRole('button', { name: /^(Connect|Write|Undo)/ })).toBeNull();
  });

  it('asks before everything is put back, and names the tools', async () => {
    const calls = program({
      'GET /admin/connect': () => [written, tool({ ...written, id: 'codex', name: 'Codex' })],
      'DELETE /admin/connect': () => [tool(), tool({ id: 'codex', name: 'Codex' })],
    });
    await stage(Connect);
    await fireEvent.click(await screen.findByRole('button', { name: 'Put everything back' }));
    const question = within(await screen.findByRole('alertdialog'));
    expect(question.getByText(/the settings of Claude Code and Codex,/)).toBeTruthy();
    expect(calls.some(({ method }) => method === 'DELETE')).toBe(false);
    await fireEvent.click(question.getByRole('button', { name: 'Put everything back' }));
    await screen.findByText('Not connected', { selector: 'p' });
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Put everything back' })).toBeNull());
  });
});

describe('the dashboard', () => {
  it('leads through the first steps, one at a time', async () => {
    const calls = program({
      'GET /admin/accounts': () => [],
      'GET /admin/api-keys': () => [],
      'PUT /admin/settings': () => ({ theme: '', language: 'en', notice_acknowledged: true }),
    });
    await stage(Dashboard);
    await screen.findByText('Set up AMQ2API');
    expect(screen.queryByText('Requests / min')).toBeNull();
    await click('Continue');
    await fireEvent.click(screen.getByRole('checkbox'));
    await click('Continue');
    await screen.findByRole('button', { name: 'Add account' });
    expect(calls.at(-1)).toMatchObject({ path: '/admin/settings', body: { notice_acknowledged: true } });
    expect(screen.queryByRole('button', { name: /^Create a key/ })).toBeNull();
  });

  it('shows what to type once there is an account, where nothing can be written, and then waits for a request', async () => {
    program({
      'POST /admin/playground/anthropic': () => ({ content: [{ type: 'text', text: 'Hello to you there, friend.' }] }),
    });
    await stage(Dashboard);
    await screen.findByText('Set up your tool');
    expect((await screen.findByRole('region', { name: 'Step 2' })).textContent).toContain(
      'ANTHROPIC_BASE_URL=http://127.0.0.1:8080',
    );
    await click('I have done this');
    expect(screen.getByText('Waiting for the first request')).toBeTruthy();
    await click('Test it');
    await screen.findByText('Everything works');
    await click('Go to the dashboard');
    expect(await screen.findByText('Requests / min')).toBeTruthy();
  });

  it('writes into the settings of the tool that is there, and is done when that was answered', async () => {
    program({
      'GET /admin/connect': () => [tool({ installed: false }), tool({ id: 'codex', name: 'Codex' })],
      'POST /admin/connect/codex/plan': () => plan('claude-sonnet-4-5'),
      'POST /admin/connect/codex': () => tool({ id: 'codex', name: 'Codex', state: 'ours', key_id: 7 }),
      'POST /admin/connect/codex/verify': () => ({
        ok: true,
        status: 200,
        millis: 900,
        model: 'claude-sonnet-4.5',
        message: '',
      }),
    });
    await stage(Dashboard);
    await screen.findByText('{ "ANTHROPIC_MODEL": "claude-sonnet-4-5" }');
    await click('Write and test');
    await screen.findByText('Everything works');
    expect(screen.getByText(/^Codex can work with your account now/)).toBeTruthy();
  });

  it('leaves the set-up when it is skipped, and shows it again when it is asked for', async () => {
    program();
    const app = await stage(Dashboard);
    await screen.findByText('Set up your tool');
    await click('Skip the set-up');
    expect(screen.queryByText('Set up your tool')).toBeNull();
    app.route.go('dashboard', { setup: 'again' });
    expect(await screen.findByText('Set up your tool')).toBeTruthy();
  });

  it('shows numbers once there was a request, and opens one to say why it failed', async () => {
    program({
      'GET /admin/stats/overview': () => overview({ requests_today: 10, errors_today: 1, input_tokens_today: 18_400 }),
      'GET /admin/requests': () => [request({ status: 429, fault: 'throttled', message: 'Slow down for 42 s.' })],
    });
    await stage(Dashboard);
    expect(screen.getByText('18.4K')).toBeTruthy();
    expect(screen.getByText('1 error')).toBeTruthy();
    await click(/claude-sonnet-4.5/);
    expect(screen.getByText('Slow down for 42 s.')).toBeTruthy();
  });

  it('says that tools cannot reach a stopped proxy, and starts it', async () => {
    const calls = program({
      'GET /admin/state': () => state({ proxy: proxy({ running: false, addresses: [] }) }),
      'POST /admin/proxy/start': () => proxy(),
    });
    await stage(Dashboard);
    expect(screen.getByText(/Tools cannot reach the endpoint/)).toBeTruthy();
    await click('Start proxy');
    await waitFor(() => expect(screen.queryByText(/Tools cannot reach/)).toBeNull());
    expect(calls.at(-1)).toMatchObject({ path: '/admin/proxy/start', body: { port: 0 } });
  });

  it('explains a port in use and shows the ways out', async () => {
    const error = { code: 'port_in_use', message: '', port: 8080, self_held: true, free_port: 8317 };
    const calls = program({
      'GET /admin/state': () => state({ proxy: proxy({ running: false, addresses: [], error }) }),
      'POST /admin/proxy/start': () => proxy({ port: 8317, addresses: ['http://127.0.0.1:8317'] }),
    });
    await stage(Dashboard);
    expect(screen.getByText(/Another AMQ2API/)).toBeTruthy();
    await click('Who holds it?');
    expect(screen.getByText(/ss -ltnp/)).toBeTruthy();
    await click('Use port 8317');
    await waitFor(() => expect(screen.queryByText('Proxy could not start')).toBeNull());
    expect(calls.findLast(({ method }) => method === 'POST')!.body).toEqual({ port: 8317 });
  });

  it('says why it could not be loaded, and tries again', async () => {
    program({ 'GET /admin/accounts': () => refusal(500, 'internal', 'The database is locked.') });
    await stage(Dashboard);
    expect(screen.getByText('The database is locked.')).toBeTruthy();
    program();
    await click('Try again');
    await waitFor(() => expect(screen.getByText('Set up AMQ2API')).toBeTruthy());
  });
});

describe('adding an account', () => {
  async function openForm() {
    await fireEvent.click(screen.getAllByRole('button', { name: 'Add account' })[0]!);
    await acknowledge();
    await fireEvent.click(screen.getByRole('tab', { name: 'Paste' }));
  }

  async function acknowledge() {
    await fireEvent.click(await screen.findByRole('checkbox', { name: /I understand/ }));
    await click('Continue');
    await screen.findByRole('tablist');
  }

  it('tells the terms once before the first, and goes on only when they are acknowledged', async () => {
    program({ 'GET /admin/accounts': () => [] });
    await stage(Accounts);
    await fireEvent.click(screen.getAllByRole('button', { name: 'Add account' })[0]!);
    expect(await dialog().findByText(/Amazon may suspend the account/)).toBeTruthy();
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Continue' }).disabled).toBe(true);
    await acknowledge();
    expect(screen.getByRole('button', { name: 'Get a code' })).toBeTruthy();
  });

  it('tells them also where the only account came from the environment', async () => {
    program({ 'GET /admin/accounts': () => [account({ source: 'environment' })] });
    await stage(Accounts);
    await click('Add account');
    expect(await screen.findByText('Before you add an account')).toBeTruthy();
  });

  it('suggests 30 requests a minute and sends what was pasted', async () => {
    const calls = program({
      'GET /admin/accounts': () => [],
      'POST /admin/accounts': () => account({ id: 5, name: 'Work' }),
    });
    await stage(Accounts);
    await openForm();
    await type('Name', ' Work ');
    const pasted = JSON.stringify({ refreshToken: 'r', clientId: 'c', clientSecret: 's' });
    await fireEvent.paste(screen.getByLabelText('Refresh token'), { clipboardData: { getData: () => pasted } });
    await fireEvent.submit(document.querySelector('form')!);
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(calls.find(({ method }) => method === 'POST')!.body).toEqual({
      name: 'Work',
      refresh_token: 'r',
      client_id: 'c',
      client_secret: 's',
      profile_arn: '',
      sign_in_region: 'us-east-1',
      requests_per_minute: 30,
      max_concurrent: 4,
      notes: '',
    });
  });

  it('asks for what is missing before sending anything, and puts a refusal at its field', async () => {
    const calls = program({
      'GET /admin/accounts': () => [],
      'POST /admin/accounts': () => refusal(400, 'invalid', 'There is an account of this name already.', 'name'),
    });
    await stage(Accounts);
    await openForm();
    await fireEvent.submit(document.querySelector('form')!);
    await waitFor(() => expect(screen.getAllByText('This is needed.')).toHaveLength(4));
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    expect(calls.some(({ method }) => method === 'POST')).toBe(false);
    for (const label of ['Name', 'Refresh token', 'Client ID', 'Client secret']) await type(label, 'x');
    await fireEvent.submit(document.querySelector('form')!);
    await waitFor(() => expect(screen.getByText('There is an account of this name already.')).toBeTruthy());
    expect(screen.getByLabelText<HTMLInputElement>('Name').getAttribute('aria-invalid')).toBe('true');
  });
});

describe('the accounts', () => {
  it('are filtered by the address, and an empty result can be cleared', async () => {
    history.replaceState(null, '', '#/accounts?status=waiting&q=side');
    program({
      'GET /admin/accounts': () => [account(), account({ id: 2, name: 'Side project', status: 'exhausted' })],
    });
    await stage(Accounts);
    expect(screen.queryByText('Personal')).toBeNull();
    expect(screen.getByText('Side project')).toBeTruthy();
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'zzz' } });
    await click('Clear the filters');
    expect(screen.getByText('Personal')).toBeTruthy();
    expect(location.hash).toBe('#/accounts');
  });

  it('offer to sign in again where the sign-in expired, keeping what is left empty', async () => {
    const expired = account({
      status: 'needs_sign_in',
      status_kind: 'credential',
      status_reason: 'The token is refused.',
    });
    const calls = program({
      'GET /admin/accounts': () => [expired],
      'PUT /admin/accounts/1': () => account(),
      'POST /admin/accounts/1/check': () => account(),
    });
    await stage(Accounts);
    await click('Sign in again');
    expect(dialog().getByText('The token is refused.')).toBeTruthy();
    await type('Refresh token', 'new');
    await fireEvent.submit(document.querySelector('form')!);
    await waitFor(() => expect(screen.getByText('The credential of Personal works')).toBeTruthy());
    expect(calls.find(({ method }) => method === 'PUT')!.body).toEqual({ refresh_token: 'new' });
  });

  it('put the switch back where the change is refused, and say so', async () => {
    program({ 'PUT /admin/accounts/1': () => refusal(500, 'internal', 'The database is locked.') });
    await stage(Accounts);
    await fireEvent.click(screen.getByRole('switch', { name: 'Use Personal' }));
    await waitFor(() => expect(screen.getByText('Personal could not be switched.')).toBeTruthy());
    expect(screen.getByRole('switch').getAttribute('aria-checked')).toBe('true');
  });
});

describe('a new key', () => {
  async function create() {
    await click('Create key');
    await type('Name', 'Continue');
    await fireEvent.submit(document.querySelector('form')!);
    await waitFor(() => expect(screen.getByTestId('key')).toBeTruthy());
  }
  const routes = { 'POST /admin/api-keys': () => ({ ...key({ id: 9, name: 'Continue' }), key: 'amq-only-once' }) };

  it('is shown once; closing without copying asks first', async () => {
    program(routes);
    await stage(Keys);
    await create();
    expect(screen.getByTestId('key').textContent).toBe('amq-only-once');
    await click('Done');
    expect(screen.getByText('The key is not copied yet.')).toBeTruthy();
    await click('Keep open');
    await click('Close');
    await click('Close anyway');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(document.body.innerHTML).not.toContain('amq-only-once');
  });

  it('closes at once after it was copied', async () => {
    const copied = vi.fn().mockResolvedValue(undefined);
    Object.defineProperty(navigator, 'clipboard', { configurable: true, value: { writeText: copied } });
    program(routes);
    await stage(Keys);
    await create();
    await click('Copy key');
    await waitFor(() => expect(copied).toHaveBeenCalledWith('amq-only-once'));
    await click('Done');
    await waitFor(() => expect(screen.queryByTestId('key')).toBeNull());
  });

  it('sends limits as numbers and no expiry unless one is chosen', async () => {
    const calls = program(routes);
    await stage(Keys);
    await create();
    expect(calls.find(({ method }) => method === 'POST')!.body).toEqual({
      name: 'Continue',
      description: '',
      note: '',
      colour: '',
      expires_at: null,
      requests_per_minute: 60,
      requests_per_day: 10000,
      max_concurrent: 0,
      tokens_per_day: 0,
      budget_tokens: 0,
      budget_cost: 0,
      time_zone: '',
      allowed_models: [],
      allowed_dialects: [],
      default_model: '',
      accounts: [],
    });
  });
});

describe('the shell', () => {
  it('has no switch where the program cannot be stopped, and tells demo and vault trouble', async () => {
    program({
      'GET /admin/state': () =>
        state({
          demo: true,
          proxy: proxy({ can_stop: false }),
          vault: { kind: 'file', ready: false, message: 'Wrong passphrase.', said: null },
        }),
    });
    await stage(Shell, { children: () => {} });
    expect(screen.queryByRole('switch')).toBeNull();
    expect(screen.getByText('Proxy running')).toBeTruthy();
    expect(screen.getByText(/Amazon is simulated/)).toBeTruthy();
    expect(screen.getByText(/Wrong passphrase/)).toBeTruthy();
  });

  it('asks before a stop that cuts the browser off, but not in the window', async () => {
    const calls = program({ 'POST /admin/proxy/stop': () => proxy({ running: false, addresses: [] }) });
    const app = await stage(Shell, { children: () => {} });
    await fireEvent.click(screen.getByRole('switch'));
    expect(screen.getByRole('alertdialog')).toBeTruthy();
    await click('Cancel');
    expect(calls.some(({ path }) => path === '/admin/proxy/stop')).toBe(false);
    app.session.inWindow = true;
    await fireEvent.click(screen.getByRole('switch'));
    await waitFor(() => expect(screen.getByText('Proxy stopped')).toBeTruthy());
  });

  it('speaks Chinese at once when asked to', async () => {
    program({ 'PUT /admin/settings': () => ({ theme: '', language: 'zh-CN' }) });
    const app = await stage(Shell, { children: () => {} });
    await app.look.chooseLanguage('zh-CN');
    await waitFor(() => expect(screen.getByText('代理运行中')).toBeTruthy());
  });
});

describe('the sign-in', () => {
  it('says what is wrong with a token, and opens with the right one', async () => {
    program({
      'POST /admin/session': ({ token }: { token: string }) =>
        token === 'right'
          ? { signed_in: true, window: false }
          : refusal(401, 'unauthenticated', 'This is not the admin token.'),
    });
    const app = await stage(SignIn);
    app.session.state = 'out';
    await click('Sign in');
    expect(screen.getByText('Paste the admin token.')).toBeTruthy();
    await type('Admin token', 'wrong');
    await fireEvent.submit(document.querySelector('form')!);
    await waitFor(() => expect(screen.getByText('This is not the admin token.')).toBeTruthy());
    await type('Admin token', ' right ');
    await fireEvent.submit(document.querySelector('form')!);
    await waitFor(() => expect(app.session.state).toBe('in'));
  });
});

// Removing answers 204; the row goes without a reload.
describe('removing an account', () => {
  it('names it and asks first', async () => {
    const calls = program({ 'DELETE /admin/accounts/1': nothing });
    await stage(Accounts);
    await fireEvent.keyDown(screen.getByRole('button', { name: 'Actions for Personal' }), { key: 'Enter' });
    await waitFor(() => screen.getByRole('menuitem', { name: 'Remove' }));
    await fireEvent.keyDown(screen.getByRole('menuitem', { name: 'Check now' }), { key: 'End' });
    await fireEvent.keyDown(screen.getByRole('menuitem', { name: 'Remove' }), { key: 'Enter' });
    await waitFor(() => expect(screen.getByText('Remove Personal?')).toBeTruthy());
    expect(calls.some(({ method }) => method === 'DELETE')).toBe(false);
    await click('Remove account');
    await waitFor(() => expect(screen.getByText('No account yet')).toBeTruthy());
  });
});

describe('the requests', () => {
  const failed = request({ id: 'req_2', status: 429, fault: 'throttled', message: 'Slow down for 42 s.' });

  it('open beside the list, with what the doctor says of a failure', async () => {
    program({
      'GET /admin/requests': () => [request({ id: 'req_1' }), failed],
      'GET /admin/requests/req_2/doctor': () => ({
        explanation: 'The tools are too long.',
        findings: [{ rule: 'r', level: 'broken', place: 'tools.0', message: 'Too long.' }],
        figures: {},
        repro: '{}',
        request: failed,
      }),
    });
    const app = await stage(Requests);
    await waitFor(() => screen.getByText('Failed'));
    await fireEvent.click(screen.getAllByRole('button', { name: /429/ })[0]!);
    await waitFor(() => screen.getByText('Too long.'));
    expect(screen.queryByText('The tools are too long.')).toBeNull(); // it says no more than the findings
    expect(app.route.query('id')).toBe('req_2');
    await fireEvent.keyDown(window, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByText('Too long.')).toBeNull());
  });

  it('stand still while paused, and count what comes', async () => {
    let list = [request({ id: 'req_1' })];
    program({ 'GET /admin/requests': () => list });
    const app = await stage(Requests);
    await waitFor(() => screen.getByRole('button', { name: 'Pause' }));
    await click('Pause');
    list = [request({ id: 'req_3', status: 500, fault: 'internal' }), request({ id: 'req_2' }), ...list];
    await app.requests.load();
    await waitFor(() => screen.getByText('2 new'));
    expect(screen.queryByText('500')).toBeNull();
    await click('2 new');
    await waitFor(() => screen.getByText('500'));
  });
});

describe('diagnostics', () => {
  it('show what is to mend first, whose turn it is and a capture that runs', async () => {
    program({
      'GET /admin/selftest': () => [
        { name: 'gate', verdict: 'ok', message: 'Web pages are refused.' },
        { name: 'files', verdict: 'fail', message: 'Others can read the database.', mend: 'Run chmod 600.' },
      ],
      'GET /admin/accounts/next': () => ({
        model: 'claude-sonnet-4.5',
        account_id: 1,
        account: 'Work',
        ground: 'turn',
        wait_s: 0,
        refusal: '',
        retry_after_s: 0,
        waiting: 0,
        paused_until: null,
        slow_until: null,
        accounts: [
          { account_id: 1, account: 'Work', by: '', reason: '', until: null, current_rpm: 0, in_flight: 0 },
          { account_id: 2, account: 'Home', by: 'suspended', reason: '', until: null, current_rpm: 0, in_flight: 0 },
        ],
      }),
      'GET /admin/captures': () => [
        {
          name: 'c',
          state: 'recording',
          until: new Date(Date.now() + 300_000).toISOString(),
          exchanges: 2,
          bytes: 10,
          at: '',
        },
      ],
    });
    await stage(Diagnostics);
    await waitFor(() => screen.getByText('Run chmod 600.'));
    expect(screen.getAllByRole('listitem')[0]!.textContent).toContain('Others can read');
    expect(screen.getByText(/Work would serve a request now/)).toBeTruthy();
    expect(screen.getByText('Suspended')).toBeTruthy();
    expect(screen.getByText(/Capturing: 2 requests so far/)).toBeTruthy();
  });
});

describe('the settings', () => {
  const chosen = {
    port: 8080,
    log_level: 'info',
    default_model: 'claude-sonnet-4.5',
    aliases: [{ name: 'gpt-4o', model: 'claude-sonnet-4.5' }],
    language: 'en',
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
    usage_retention_days: 90,
    rollup_retention_days: 730,
    prices: [],
    backup_every_hours: 24,
    backup_keep: 7,
    notice_acknowledged: true,
  };
  const routes = (put: (body: unknown) => unknown) => ({
    'GET /admin/settings': () => chosen,
    'GET /admin/upstream-proxy': () => ({ url: '', has_password: false }),
    'PUT /admin/settings': put,
  });

  it('ask before other computers are let in', async () => {
    const calls = program(routes(() => chosen));
    await stage(Settings);
    await waitFor(() => screen.getByLabelText('Listen on'));
    await type('Listen on', '*');
    await fireEvent.submit(screen.getByLabelText('Listen on').closest('form')!);
    expect(calls.some(({ method }) => method === 'PUT')).toBe(false);
    await click('Let them in');
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'PUT')?.body).toEqual({
        port: 8080,
        listen_on: '*',
        hosts: [],
        listen_confirmed: true,
      }),
    );
  });

  it('keep a change that is refused on the screen, with the reason at its field', async () => {
    program(routes(() => refusal(400, 'invalid', 'port is taken.', 'port')));
    await stage(Settings);
    await waitFor(() => screen.getByLabelText('Port'));
    await type('Port', '81');
    await fireEvent.submit(screen.getByLabelText('Port').closest('form')!);
    await waitFor(() => screen.getByText('port is taken.'));
    expect(screen.getByLabelText<HTMLInputElement>('Port').value).toBe('81');
  });

  it('send the aliases as they stand, without empty rows', async () => {
    const calls = program(routes(() => chosen));
    await stage(Settings);
    await waitFor(() => screen.getByText('Add an alias'));
    await click('Add an alias');
    await click('Add an alias');
    const names = screen.getAllByLabelText('Asked for');
    const models = screen.getAllByLabelText('Model');
    await fireEvent.input(names[1]!, { target: { value: 'gpt-5*' } });
    await fireEvent.input(models[1]!, { target: { value: 'claude-opus-4.5' } });
    await fireEvent.submit(names[0]!.closest('form')!);
    await waitFor(() =>
      expect(calls.find(({ method }) => method === 'PUT')?.body).toEqual({
        default_model: 'claude-sonnet-4.5',
        aliases: [...chosen.aliases, { name: 'gpt-5*', model: 'claude-opus-4.5' }],
      }),
    );
  });
});
