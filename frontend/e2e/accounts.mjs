// Accounts come in, are looked at, worked on and moved out. Against a demo a person confirms on the simulated Amazon's own page; what
// takes long there, or cannot be brought about, is shown by the fake.
import { expect, inspect, openPage, step } from './browser.mjs';
import { listen } from './fake-admin.mjs';
import { account } from './scenes.mjs';

const stamp = Date.now().toString(36);
const named = (name) => `${name} ${stamp}`;
const passphrase = 'a passphrase of the test';

export async function accounts(browser, { url, token }) {
  const admin = async (method, path, body) => {
    const answer = await fetch(`${url}/admin/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return answer.status === 204 ? null : await answer.json();
  };
  if (!(await admin('GET', 'state')).demo) return;
  const before = await admin('GET', 'settings');
  await admin('PUT', 'settings', { notice_acknowledged: true, theme: 'light', language: 'en' });

  const page = await openPage(browser, { provokes: /400/ });
  const { code } = await admin('POST', 'session/handover', {});
  await page.goto(`${url}/admin/dashboard/#code=${code}`);
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  const dialog = page.getByRole('dialog');
  const button = (name, within = page) => within.getByRole('button', { name, exact: true });
  const row = (name) => page.locator('tbody tr').filter({ has: page.getByRole('button', { name, exact: true }) });
  const goto = async (query = '') => {
    await page.goto(`${url}/admin/dashboard/#/accounts${query}`);
    await page.getByRole('heading', { name: 'Accounts', exact: true }).waitFor();
  };
  const add = async (way) => {
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('n');
    await page.getByRole('tab', { name: way }).click();
  };
  /** Opens the address by a click and decides there, as a person would. */
  const decide = async (decision) => {
    const opened = page.context().waitForEvent('page');
    await button('Open in browser').click();
    const amazon = await opened;
    expect((await amazon.getByLabel('Code').inputValue()) === (await userCode()), 'the page has another code');
    await amazon.getByRole('button', { name: decision }).click();
    await amazon.getByRole('status').waitFor();
    await amazon.close();
  };
  const userCode = () => page.getByTestId('user-code').innerText();

  await step('a browser sign-in shows its address before anything opens, and ends with an account', async () => {
    await goto();
    await add('Browser sign-in');
    await dialog.getByLabel('Name').fill(named('Builder'));
    await button('Get a code').click();
    const shown = await page.getByTestId('address').innerText();
    expect(shown.includes(await userCode()), `the address ${shown} is not that of the code`);
    expect(page.context().pages().length === 1, 'a page opened by itself');
    await inspect(page, 'sign-in-code');
    await button('Copy code').click();
    expect(
      (await page.evaluate(() => navigator.clipboard.readText())) === (await userCode()),
      'another code is copied',
    );
    await decide('Approve');
    await dialog.getByText(`${named('Builder')} is signed in.`).waitFor({ timeout: 20_000 });
    await inspect(page, 'sign-in-done');
    await button('Done').click();
    await row(named('Builder')).getByText('Ready').waitFor();
  });

  await step('a declined sign-in says so and offers a new code', async () => {
    await add('Browser sign-in');
    await button('Get a code').click();
    const first = await userCode();
    await decide('Deny');
    await dialog.getByText('The sign-in was declined in the browser.').waitFor({ timeout: 20_000 });
    await inspect(page, 'sign-in-denied');
    await button('Get a new code').click();
    await page.getByTestId('user-code').waitFor();
    expect((await userCode()) !== first, 'the code is the old one');
  });

  await step('closing asks, the sign-in goes on, and is found again', async () => {
    const code = await userCode();
    await page.keyboard.press('Escape');
    await dialog.getByText('The sign-in still waits for you.').waitFor();
    await inspect(page, 'sign-in-leave');
    await button('Let it go on').click();
    const strip = page.getByRole('list', { name: 'Sign-ins under way' });
    await strip.getByText(code).waitFor();
    await inspect(page, 'sign-in-under-way');
    await button('Show', strip).click();
    expect((await userCode()) === code, 'another sign-in is shown');
    await button('Cancel the sign-in').click();
    await strip.waitFor({ state: 'detached' });
  });

  await step('a company sign-in wants its start URL, and a region that can be one', async () => {
    await add('Browser sign-in');
    await page.getByRole('radio', { name: 'Company' }).click();
    await dialog.getByLabel('Sign-in region').fill('somewhere');
    await button('Get a code').click();
    await dialog.getByText('This is needed.').or(dialog.getByRole('alert')).first().waitFor();
    await inspect(page, 'sign-in-company');
    await dialog.getByLabel('Start URL').fill('https://company.awsapps.com/start');
    await dialog.getByLabel('Sign-in region').fill('eu-central-1');
    await dialog.getByLabel('Name').fill(named('Company'));
    await button('Get a code').click();
    await decide('Approve');
    await dialog.getByText(`${named('Company')} is signed in.`).waitFor({ timeout: 20_000 });
    await button('Done').click();
  });

  await step('rows are looked at before they are written, and their secrets do not stay', async () => {
    await add('Many at once');
    const secrets = [`aorGood${stamp}`, `aorBad${stamp}`];
    await dialog
      .getByRole('textbox', { name: 'Accounts as text' })
      .fill(
        [
          'name,refresh_token,client_id,client_secret',
          `${named('Seat')},${secrets[0]},client,secret`,
          `Twice,${secrets[0]},client,secret`,
          `Nothing,,client,secret`,
        ].join('\n'),
      );
    await button('Preview').click();
    await dialog.getByText('Can be added: 1 · Here already: 1 · Broken: 1').waitFor();
    await inspect(page, 'bulk-preview');
    const there = await admin('GET', 'accounts');
    expect(!there.some(({ name }) => name === named('Seat')), 'a preview has written');
    await button('Add 1 account').click();
    await dialog.getByText('Added: 1 · Here already: 1 · Broken: 1').waitFor();
    await inspect(page, 'bulk-report');
    expect(!(await page.content()).includes(secrets[0]), 'a secret is still in the page');
    await button('Done').click();
    await row(named('Seat')).waitFor();
  });

  await step('an account whose token is refused signs in again where it is', async () => {
    await row(named('Seat'))
      .getByRole('button', { name: /Actions/ })
      .click();
    await page.getByRole('menuitem', { name: 'Check now' }).click();
    await button('Sign in again', row(named('Seat'))).click();
    await inspect(page, 'sign-in-again');
    await button('Get a code').click();
    await decide('Approve');
    await dialog.getByText(`${named('Seat')} is signed in.`).waitFor({ timeout: 20_000 });
    await button('Done').click();
    await row(named('Seat')).getByText('Ready').waitFor();
  });

  await step('an account opens beside the list by keyboard, steps, and closes back to its row', async () => {
    await goto('?sort=name');
    const names = await page.locator('tbody th button').allInnerTexts();
    await page.locator('tbody th button').first().focus();
    await page.keyboard.press('Enter');
    const panel = (name) => page.getByRole('complementary', { name });
    await panel(names[0]).waitFor();
    await page.keyboard.press('j');
    await panel(names[1]).waitFor();
    await inspect(page, 'account-panel');
    await page.keyboard.press('k');
    await panel(names[0]).waitFor();
    await page.keyboard.press('Escape');
    await panel(names[0]).waitFor({ state: 'detached' });
    const focused = await page.evaluate(() => document.activeElement?.textContent?.trim());
    expect(focused === names[0], `the focus is on ${focused}`);
  });

  await step('notes are edited beside the list', async () => {
    await row(named('Seat'))
      .getByRole('button', { name: named('Seat'), exact: true })
      .click();
    await page.getByRole('textbox', { name: 'Notes', exact: true }).fill('From the browser test');
    await button('Save').click();
    await page.getByText(`${named('Seat')} saved`).waitFor();
    const kept = (await admin('GET', 'accounts')).find(({ name }) => name === named('Seat'));
    expect(kept.notes === 'From the browser test', `the notes are ${kept.notes}`);
    await page.keyboard.press('Escape');
  });

  await step('several are disabled at once, which can be undone', async () => {
    await goto(`?q=${encodeURIComponent(stamp)}`);
    await page.getByLabel('Choose all that are shown').check();
    const bar = page.getByRole('toolbar');
    await bar.getByText('3 selected').waitFor();
    await inspect(page, 'accounts-chosen');
    await button('Disable', bar).click();
    await page.getByText('3 accounts disabled').waitFor();
    expect((await page.locator('tbody').getByRole('switch', { checked: true }).count()) === 0, 'one is still on');
    await button('Undo').click();
    await page.locator('tbody').getByRole('switch', { checked: false }).first().waitFor({ state: 'detached' });
    expect((await page.locator('tbody').getByRole('switch', { checked: true }).count()) === 3, 'not all are on again');
  });

  let sealed = '';
  await step('accounts are sealed for another machine, and the text is not closed away', async () => {
    const bar = page.getByRole('toolbar');
    await button('Export', bar).click();
    await dialog.getByText('This signs 3 accounts out here.').waitFor();
    await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await dialog.getByLabel('Passphrase again').fill('another one entirely');
    await button('Sign out here and seal').click();
    await dialog.getByText('The two differ.').waitFor();
    await inspect(page, 'export');
    await dialog.getByLabel('Passphrase again').fill(passphrase);
    await button('Sign out here and seal').click();
    sealed = await page.getByTestId('sealed').innerText({ timeout: 30_000 });
    expect(sealed.startsWith('-----BEGIN AGE ENCRYPTED FILE-----'), 'this is not sealed');
    await page.keyboard.press('Escape');
    await dialog.getByText('neither downloaded nor copied').waitFor();
    await inspect(page, 'export-not-kept');
    const saving = page.waitForEvent('download');
    await button('Download').click();
    expect((await saving).suggestedFilename() === 'amq2api-accounts.age', 'the file has another name');
    await button('Done').click();
    await dialog.waitFor({ state: 'detached' });
    expect(!(await page.content()).includes('BEGIN AGE'), 'the sealed text is still in the page');
  });

  await step('they are removed after their number is confirmed', async () => {
    await button('Remove', page.getByRole('toolbar')).click();
    await page.getByRole('alertdialog').getByText('Remove 3 accounts?').waitFor();
    await inspect(page, 'remove-several');
    await button('Remove 3 accounts').click();
    await page.getByText('3 accounts removed').waitFor();
  });

  await step('the sealed text comes in with its passphrase only', async () => {
    await goto();
    await add('Many at once');
    await dialog.getByRole('textbox', { name: 'Accounts as text' }).fill(sealed);
    await dialog.getByLabel('Passphrase', { exact: true }).fill('not the passphrase');
    await button('Preview').click();
    await dialog.getByText(/does not open/).waitFor({ timeout: 30_000 });
    await inspect(page, 'import-wrong-passphrase');
    await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await button('Preview').click();
    await dialog.getByText('Can be added: 3').waitFor({ timeout: 30_000 });
    await button('Add 3 accounts').click();
    await dialog.getByText('Added: 3').waitFor({ timeout: 30_000 });
    expect(!(await page.content()).includes('BEGIN AGE'), 'the sealed text is still in the page');
    await button('Done').click();
    await row(named('Builder')).waitFor();
    page.calm();
  });

  for (const { id, name } of await admin('GET', 'accounts'))
    if (name.endsWith(stamp)) await admin('DELETE', `accounts/${id}`);
  await admin('PUT', 'settings', { theme: before.theme, language: before.language });
  await page.context().close();
}

const longName = 'W'.repeat(40) + ' ' + 'long name '.repeat(6).slice(0, 59);
const standings = [
  {},
  { status: 'cooling_down', status_kind: 'throttled', cooldown_until: new Date(Date.now() + 90_000).toISOString() },
  { status: 'needs_sign_in', status_kind: 'credential', status_reason: 'Sign in again.', sign_in_again: true },
  { status: 'disabled', is_active: false },
];

/** Two hundred accounts in every standing, among them one with a name of a hundred characters. */
function crowd() {
  return Array.from({ length: 200 }, (_, i) =>
    account(i + 1, {
      name: i === 0 ? longName : `Seat ${String(i + 1).padStart(3, '0')}`,
      email: `seat-${i + 1}@a-company-with-a-long-name.example`,
      quota: {
        plan: 'Pro',
        unit: 'credit',
        used: i * 5,
        limit: 1000,
        left: 1000 - i * 5,
        resets_at: new Date(Date.now() + 86_400_000).toISOString(),
        overage: false,
        at: new Date().toISOString(),
      },
      ...standings[i % standings.length],
    }),
  );
}

const looks = [
  { theme: 'light', language: 'en' },
  { theme: 'dark', language: 'zh-CN' },
];

async function open(browser, change, options = {}) {
  const fake = await listen({ scene: 'busy' });
  Object.assign(fake.program, { session: true });
  change(fake.program);
  const page = await openPage(browser, options);
  const { hostname } = new URL(fake.url);
  await page.context().addCookies([{ name: 'fake_session', value: '1', domain: hostname, path: '/admin' }]);
  const goto = (query = '') => page.goto(`${fake.url}/admin/dashboard/#/accounts${query}`);
  await goto();
  await page.locator('header h1').waitFor();
  const end = async () => {
    page.calm();
    await page.context().close();
    fake.close();
  };
  return { page, goto, program: fake.program, end };
}

export async function accountStates(browser) {
  for (const look of looks) {
    const tag = `${look.theme}-${look.language}`;
    const crowded = (program) => {
      Object.assign(program.settings, look);
      program.accounts = crowd();
      program.slowUntil = new Date(Date.now() + 1_800_000).toISOString();
    };

    await step(`two hundred accounts, in ${tag}`, async () => {
      const { page, end } = await open(browser, crowded);
      await page.locator('tbody th button').first().waitFor();
      const drawn = await page.locator('tbody th').count();
      expect(drawn < 60, `${drawn} rows are drawn`);
      await inspect(page, `crowd-${tag}`);
      await page.locator('table').evaluate((table) => (table.parentElement.scrollTop = 1e6));
      await page.getByRole('button', { name: 'Seat 200', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Seat 200', exact: true }).click();
      await page.getByRole('complementary', { name: 'Seat 200' }).waitFor();
      await inspect(page, `crowd-end-${tag}`);
      await end();
    });

    await step(`long names in the smallest window, in ${tag}`, async () => {
      const { page, end } = await open(browser, crowded, { size: [940, 620] });
      await page.locator('tbody th button').first().click();
      await inspect(page, `crowd-940-${tag}`);
      await page.keyboard.press('Escape');
      await page.locator('thead input').check();
      await inspect(page, `crowd-chosen-940-${tag}`);
      await page.getByRole('toolbar').getByRole('button').nth(3).click();
      await page.getByRole('dialog').waitFor();
      await inspect(page, `crowd-export-940-${tag}`);
      await end();
    });

    await step(`a code that has expired, in ${tag}`, async () => {
      const { page, program, end } = await open(browser, (program) => Object.assign(program.settings, look));
      await page.locator('header button').last().click();
      await page.locator('[type=submit]').click();
      await page.getByTestId('user-code').waitFor();
      const first = program.logins[0];
      program.endLogin(first.id, 'expired');
      await page.getByTestId('user-code').waitFor({ state: 'detached' });
      await inspect(page, `sign-in-expired-${tag}`);
      await page.getByRole('dialog').getByRole('button').last().click();
      await page.getByTestId('user-code').waitFor();
      expect(program.logins.length === 2, 'there is no new code');
      const profiles = ['A', 'B'].map((name) => ({
        name: `Profile ${name}`,
        arn: `arn:aws:codewhisperer:us-east-1:1:profile/${name}`,
      }));
      program.endLogin(program.logins[0].id, 'choosing', { profiles });
      await page.getByRole('radio', { name: 'Profile B' }).check();
      await inspect(page, `sign-in-profiles-${tag}`);
      await page.getByRole('dialog').getByRole('button').last().click();
      await page.getByRole('radio', { name: 'Profile B' }).waitFor({ state: 'detached' });
      await end();
    });

    await step(`what other tools have, in ${tag}`, async () => {
      const find = (id, fields) => ({
        id,
        tool: 'Kiro IDE',
        path: `/home/me/.aws/sso/cache/${id}.json`,
        name: 'Kiro',
        service: 'kiro',
        method: 'builder_id',
        start_url: '',
        sign_in_region: 'us-east-1',
        expires_at: null,
        state: 'valid',
        message: '',
        shares: true,
        ...fields,
      });
      const { page, end } = await open(browser, (program) => {
        Object.assign(program.settings, look);
        program.finds = [find('one'), find('two', { state: 'duplicate', message: 'It is here already.' })];
      });
      await page.locator('header button').last().click();
      await page.getByRole('tab').nth(1).click();
      const boxes = page.getByRole('dialog').getByRole('checkbox');
      expect(await boxes.nth(1).isDisabled(), 'what is here already can be chosen');
      await boxes.first().check();
      await inspect(page, `other-tools-${tag}`);
      await page.getByRole('dialog').getByRole('button').last().click();
      await page.getByRole('dialog').getByRole('region').waitFor();
      await inspect(page, `other-tools-taken-${tag}`);
      await end();
    });

    await step(`a paused pool, in ${tag}`, async () => {
      const { page, end } = await open(browser, (program) => {
        Object.assign(program.settings, look);
        program.pausedUntil = new Date(Date.now() + 600_000).toISOString();
      });
      const banner = page.locator('main [role=status]').filter({ has: page.getByRole('button') });
      await banner.waitFor();
      await inspect(page, `pool-paused-${tag}`);
      await banner.getByRole('button').click();
      await banner.waitFor({ state: 'detached' });
      await end();
    });
  }
}
