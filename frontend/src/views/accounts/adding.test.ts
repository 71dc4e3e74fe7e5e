import { describe, expect, it } from 'vitest';

import type { Login } from '$lib/api/types.gen';
import { Accounts } from '$lib/state/accounts.svelte';
import { Logins } from '$lib/state/logins.svelte';

import { account, refusal, serve } from '../../testing/wire';
import { AccountActions } from './actions.svelte';
import { Adding } from './adding.svelte';
import { Bulk } from './bulk.svelte';

const login = (fields: Partial<Login> = {}): Login => ({
  id: 'one',
  state: 'waiting',
  name: '',
  service: 'amazonq',
  method: 'builder_id',
  user_code: 'ABCD-EFGH',
  verification_uri: 'https://device.example/',
  verification_uri_complete: 'https://device.example/?user_code=ABCD-EFGH',
  started_at: '2026-11-01T12:00:00Z',
  expires_at: '2026-11-01T12:10:00Z',
  profiles: [],
  account_id: 0,
  message: '',
  said: null,
  ...fields,
});

describe('a sign-in', () => {
  it('is not closed away without a question while somebody is waited for', async () => {
    let state = 'waiting';
    serve({ 'POST /admin/accounts/login': () => login(), 'GET /admin/accounts/login': () => [login({ state })] });
    const logins = new Logins();
    const adding = new Adding(logins);
    adding.add();
    expect(adding.mayClose()).toBe(true);
    await adding.start({ service: 'amazonq' });
    expect([adding.mayClose(), adding.asking]).toEqual([false, true]);
    state = 'done';
    await logins.load();
    expect([adding.mayClose(), adding.asking]).toEqual([true, false]);
  });

  it('asks for the same again when its code has expired, and for the form where that is not known', async () => {
    let n = 0;
    const calls = serve({ 'POST /admin/accounts/login': () => login({ id: `login-${n++}`, state: 'expired' }) });
    const wanted = {
      method: 'identity_center',
      start_url: 'https://company.example/start',
      sign_in_region: 'eu-west-1',
    };
    const adding = new Adding(new Logins());
    await adding.start(wanted);
    await adding.renew();
    expect(calls.map(({ body }) => body)).toEqual([wanted, wanted]);
    expect(adding.login?.id).toBe('login-1');
    const logins = new Logins();
    expect(logins.asked(login({ method: 'identity_center' }))).toBeUndefined();
    expect(logins.asked(login({ method: 'identity_center', account_id: 7 }))).toEqual({
      account_id: 7,
      service: 'amazonq',
    });
  });

  it('says why it could not be cancelled, and stays', async () => {
    serve({
      'POST /admin/accounts/login': () => login(),
      'DELETE /admin/accounts/login/one': () => refusal(409, 'conflict', 'It is approved already.'),
    });
    const adding = new Adding(new Logins());
    adding.add();
    await adding.start({});
    await adding.cancel();
    expect([adding.open, adding.failure]).toEqual([true, 'It is approved already.']);
  });
});

describe('many accounts as text', () => {
  const row = (state: string) => ({ row: 1, name: 'Seat', state, message: '', field: '', account_id: 0 });

  it('are let go of once they are written, and not before', async () => {
    const calls = serve({
      'POST /admin/accounts/bulk': ({ write }: { write: boolean }) => [row(write ? 'added' : 'valid')],
      'GET /admin/accounts': () => [account()],
    });
    const bulk = new Bulk(new Accounts());
    bulk.text = 'refresh_token\nsecret';
    await bulk.preview();
    expect([bulk.valid, bulk.text, bulk.written]).toEqual([1, 'refresh_token\nsecret', false]);
    await bulk.write();
    expect([bulk.text, bulk.passphrase, bulk.written]).toEqual(['', '', true]);
    expect(
      calls.filter(({ method }) => method === 'POST').map(({ body }) => (body as { write: boolean }).write),
    ).toEqual([false, true]);
  });

  it('are judged anew when the text changes', async () => {
    serve({ 'POST /admin/accounts/bulk': () => [row('valid')] });
    const bulk = new Bulk(new Accounts());
    bulk.text = 'one';
    await bulk.preview();
    bulk.text = 'another';
    expect([bulk.rows, bulk.valid]).toEqual([null, 0]);
  });
});

describe('what is done to many', () => {
  it('leaves those alone that are so already, and removes all that can be', async () => {
    const all = [account({ id: 1 }), account({ id: 2, is_active: false }), account({ id: 3 })];
    const calls = serve({
      'GET /admin/accounts': () => all,
      'PUT /admin/accounts/1': () => account({ id: 1, is_active: false }),
      'PUT /admin/accounts/3': () => refusal(500, 'internal', 'The database is locked.'),
      'DELETE /admin/accounts/1': () => new Response(null, { status: 204 }),
      'DELETE /admin/accounts/2': () => refusal(500, 'internal', 'The database is locked.'),
    });
    const accounts = new Accounts();
    await accounts.load();
    const actions = new AccountActions(accounts);
    await actions.setAllActive(all, false);
    expect(calls.filter(({ method }) => method === 'PUT').map(({ path }) => path)).toEqual([
      '/admin/accounts/1',
      '/admin/accounts/3',
    ]);
    expect(accounts.find(3)?.is_active).toBe(true);
    actions.choose(all, true);
    actions.askToRemove(all.slice(0, 2));
    await actions.remove();
    expect(actions.busy).toBe(false);
    expect([...actions.chosen]).toEqual([2, 3]);
  });
});
