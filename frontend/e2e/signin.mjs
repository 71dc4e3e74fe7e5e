// A sign-in by device code, in a demo: the person confirms the code on the simulated Amazon's own page, in the same browser.
import { expect, inspect, openPage, step } from './browser.mjs';

const patience = 30_000;

export async function signIn(browser, { url, token }) {
  const admin = async (method, path, body) => {
    const answer = await fetch(`${url}/admin/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  };
  const { body: program } = await admin('GET', 'state');
  if (!program.demo) return;

  const settled = async (id) => {
    for (const end = Date.now() + patience; Date.now() < end; await new Promise((next) => setTimeout(next, 250))) {
      const { body } = await admin('GET', `accounts/login/${id}`);
      if (!['waiting', 'finishing'].includes(body.state)) return body;
    }
    throw new Error('the sign-in came to no end');
  };
  const decide = async (login, decision) => {
    const page = await openPage(browser);
    await page.goto(login.verification_uri_complete);
    expect((await page.getByLabel('Code').inputValue()) === login.user_code, 'the page shows another code');
    await page.getByRole('button', { name: decision }).click();
    await page.getByRole('status').waitFor();
    await page.context().close();
  };
  const start = async (wanted) => (await admin('POST', 'accounts/login', wanted)).body;

  await step('nobody signs in before the notice is acknowledged', async () => {
    await admin('PUT', 'settings', { notice_acknowledged: false });
    const { status, body } = await admin('POST', 'accounts/login', { name: 'Too early' });
    expect(status === 409 && body.error.field === 'notice_acknowledged', `it answered ${status}`);
    await admin('PUT', 'settings', { notice_acknowledged: true });
  });

  await step('a Builder ID signs in with a code that is approved in the browser', async () => {
    const login = await start({ name: 'Signed in' });
    await decide(login, 'Approve');
    const done = await settled(login.id);
    expect(done.state === 'done' && done.account_id > 0, `it is ${done.state}: ${done.message}`);
    const { body: account } = await admin('POST', `accounts/${done.account_id}/check`);
    expect(account.is_healthy && account.method === 'builder_id', `the account is ${account.status}`);
    expect(account.quota?.left > 0 && account.models.length > 0, 'its quota and models are not known');
    expect(
      account.ends.some(({ what }) => what === 'registration'),
      'it does not say when its registration ends',
    );
    const page = await openPage(browser);
    const { body: code } = await admin('POST', 'session/handover', {});
    await page.goto(`${url}/admin/dashboard/#code=${code.code}`);
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    await page.goto(`${url}/admin/dashboard/#/accounts`);
    await page.getByText('Signed in', { exact: true }).first().waitFor();
    await inspect(page, 'account-signed-in');
    await page.context().close();
    await admin('DELETE', `accounts/${done.account_id}`).catch(() => {});
  });

  await step('a company signs in and gets its profile', async () => {
    const login = await start({
      name: 'Company',
      start_url: 'https://acme.awsapps.com/start',
      sign_in_region: 'eu-central-1',
    });
    await decide(login, 'Approve');
    const done = await settled(login.id);
    expect(done.state === 'done', `it is ${done.state}: ${done.message}`);
    const { body: account } = await admin('GET', `accounts/${done.account_id}`);
    expect(
      account.method === 'identity_center' && account.profile_arn.startsWith('arn:aws:codewhisperer:'),
      account.profile_arn,
    );
    expect(account.sign_in_region === 'eu-central-1', account.sign_in_region);
    await admin('DELETE', `accounts/${done.account_id}`).catch(() => {});
  });

  await step('a sign-in that is denied leaves nothing behind', async () => {
    const before = (await admin('GET', 'accounts')).body.length;
    const login = await start({ name: 'Denied' });
    await decide(login, 'Deny');
    const done = await settled(login.id);
    expect(done.state === 'denied' && done.message !== '', `it is ${done.state}`);
    expect((await admin('GET', 'accounts')).body.length === before, 'an account was added');
  });
}
