// What people do with the page, against any AMQ2API: a real one or the fake.
import { expect, inspect, openPage, step } from './browser.mjs';

const screens = [
  ['dashboard', ''],
  ['accounts', 'accounts'],
  ['keys', 'keys'],
  ['requests', 'requests'],
  ['usage', 'usage'],
  ['playground', 'playground'],
  ['diagnostics', 'diagnostics'],
  ['settings', 'settings'],
];
// A name that must stay text.
const accountName = `Work <img src=x onerror="alert(1)">`;
const stamp = Date.now().toString(36);
const keyName = `Browser test ${stamp}`;

export async function flows(browser, { url, token }) {
  const home = `${url}/admin/dashboard/`;
  const page = await openPage(browser, { provokes: /401|404/ });
  const button = (name) => page.getByRole('button', { name, exact: true });
  const field = (label) => page.getByRole('dialog').getByLabel(label);
  const goto = async (screen) => {
    await page.goto(`${home}#/${screen}`);
    await page.locator('main h1').waitFor();
  };

  await step('a stranger is asked for the admin token, whatever language the system claims', async () => {
    const trapped = await openPage(browser, {
      init: "Object.defineProperty(navigator, 'language', { configurable: true, get: () => 'C' }); Object.defineProperty(navigator, 'languages', { configurable: true, get: () => ['C'] });",
    });
    await trapped.goto(home);
    await trapped.getByRole('heading', { name: 'Sign in' }).waitFor();
    await inspect(trapped, 'sign-in');
    await trapped.getByRole('radio', { name: '中文' }).click();
    await trapped.getByRole('heading', { name: '登录' }).waitFor();
    await inspect(trapped, 'sign-in-zh');
    await trapped.context().close();
  });

  await step('a wrong token is refused at its field, the right one signs in', async () => {
    await page.goto(home);
    await page.getByLabel('Admin token').fill('not the token');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await inspect(page, 'sign-in-refused');
    await page.getByLabel('Admin token').fill(token);
    await button('Sign in').click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    page.calm();
  });

  for (const language of ['English', '简体中文']) {
    for (const theme of ['light', 'dark']) {
      await step(`the screens in ${language}, ${theme}`, async () => {
        await choose(page, language, theme);
        for (const [name, hash] of screens) {
          await goto(hash);
          await inspect(page, `${name}-${theme}-${language === 'English' ? 'en' : 'zh'}`);
        }
      });
    }
  }
  await choose(page, 'English', 'light');

  await step('the screens fit the smallest window', async () => {
    await page.setViewportSize({ width: 940, height: 620 });
    for (const [name, hash] of screens) {
      await goto(hash);
      await inspect(page, `${name}-940`);
    }
    await page.setViewportSize({ width: 1200, height: 760 });
  });

  await step('an account is added after its notice, and its name stays text', async () => {
    await goto('accounts');
    await page.locator('header').getByRole('button', { name: 'Add account' }).click();
    await page.getByText('Before you add an account').or(page.getByRole('tablist')).waitFor();
    if (await page.getByText('Before you add an account').isVisible()) {
      await inspect(page, 'terms');
      await page.getByRole('checkbox', { name: 'I understand' }).click();
      await button('Continue').click();
    }
    await page.getByRole('tab', { name: 'Paste' }).click();
    await field('Name').waitFor();
    await page.locator('[type=submit]').click();
    await page.getByText('This is needed.').first().waitFor();
    await inspect(page, 'add-account-incomplete');
    await field('Name').fill(accountName);
    await field('Refresh token').fill('aorAAAAAG-browser-test');
    await field('Client ID').fill('browser-test-client');
    await field('Client secret').fill('browser-test-secret');
    expect((await field('Requests per minute').inputValue()) === '30', 'the suggested pace is not 30');
    await page.locator('[type=submit]').click();
    await page.getByText(`${accountName} added`).waitFor();
    await row(page, accountName).waitFor();
    await inspect(page, 'account-added');
  });

  await step('the account is edited, switched off and on, and filtered', async () => {
    await menu(page, accountName, 'Edit');
    await inspect(page, 'edit-account');
    await field('Notes').fill('From the browser test');
    await button('Save').click();
    await row(page, accountName).getByText('From the browser test').waitFor();
    await row(page, accountName).getByRole('switch').click();
    await row(page, accountName).getByText('Disabled').waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('browser test');
    expect((await page.locator('tbody tr').count()) === 1, 'the filter shows more than one account');
    await page.keyboard.press('Escape');
    await row(page, accountName).getByRole('switch').click();
    await row(page, accountName).getByText('Disabled').waitFor({ state: 'detached' });
  });

  await step('a check tells how it went', async () => {
    const { path } = await answerTo(page, '/check', () => menu(page, accountName, 'Check now'));
    expect(path.startsWith('/admin/accounts/'), 'the check went elsewhere');
    await page
      .getByText(/^The credential of|is not ready|could not be checked/)
      .first()
      .waitFor();
    await inspect(page, 'account-checked');
  });

  await step('the account is removed after naming it', async () => {
    await menu(page, accountName, 'Remove');
    await page.getByRole('alertdialog').getByText(`Remove ${accountName}?`).waitFor();
    await inspect(page, 'remove-account');
    await button('Remove account').click();
    await row(page, accountName).waitFor({ state: 'detached' });
    page.calm();
  });

  let key = '';
  await step('a key is shown once, and not closed away before it is copied', async () => {
    await goto('keys');
    await page.keyboard.press('n');
    await inspect(page, 'create-key');
    await field('Name').fill(keyName);
    await page.getByRole('radio', { name: '30 days' }).click();
    await page.locator('[type=submit]').click();
    key = await page.getByTestId('key').innerText();
    expect(/^amq-\S{20,}$/.test(key), `this is no key: ${key.slice(0, 4)}`);
    await inspect(page, 'key-shown-once');
    await page.keyboard.press('Escape');
    await page.getByText('The key is not copied yet.').waitFor();
    await inspect(page, 'key-not-copied');
    await button('Copy key').click();
    expect((await page.evaluate(() => navigator.clipboard.readText())) === key, 'the key is not on the clipboard');
    await button('Done').click();
    await row(page, keyName).waitFor();
    expect(!(await page.content()).includes(key), 'the key is still in the page');
  });

  await step('a request with the key appears on the dashboard by itself', async () => {
    await goto('');
    const answer = await send(url, key);
    expect(answer === 200, `the request was answered ${answer}`);
    // The first request ends the first steps, which are then closed.
    await button('Go to the dashboard')
      .or(page.getByRole('heading', { name: 'Recent requests' }))
      .first()
      .waitFor();
    if (await button('Go to the dashboard').isVisible()) await button('Go to the dashboard').click();
    await page.getByRole('heading', { name: 'Recent requests' }).waitFor();
    await page.locator('main ul button').first().click();
    await page.getByText(keyName).or(page.locator('dt').first()).first().waitFor();
    await inspect(page, 'dashboard-after-a-request');
  });

  await step('the key is edited and revoked, and refused from then on', async () => {
    await goto('keys');
    await menu(page, keyName, 'Edit');
    await page.getByRole('dialog').getByText('60 per minute, 10,000 per day').click();
    await field('Requests per minute').fill('many');
    await button('Save').click();
    await page.getByText('Use a whole number. 0 is no cap.').waitFor();
    // A message of an earlier step may be fading.
    await page.locator('[data-sonner-toast]').first().waitFor({ state: 'detached' });
    await inspect(page, 'edit-key');
    await field('Requests per minute').fill('5');
    await field('Requests per day').fill('7');
    await button('Save').click();
    await row(page, keyName).getByText('/ 7', { exact: true }).waitFor();
    await menu(page, keyName, 'Revoke');
    await inspect(page, 'revoke-key');
    await button('Revoke key').click();
    await row(page, keyName).getByText('Revoked').waitFor();
    const answer = await send(url, key);
    expect(answer === 401, `a revoked key was answered ${answer}`);
    await menu(page, keyName, 'Delete');
    await button('Delete key').click();
    await row(page, keyName).waitFor({ state: 'detached' });
    page.calm();
  });

  await step('the keyboard reaches screens, help and the address', async () => {
    await page.locator('[role=dialog], [role=alertdialog], [role=menu]').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+1');
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    await page.keyboard.press('Alt+2');
    await page.getByRole('heading', { name: 'Accounts' }).waitFor();
    await everythingIsReached(page);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await inspect(page, 'help');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+Shift+C');
    await page.getByText(/^Copied http/).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(/^http:\/\/(127\.0\.0\.1|localhost):\d+$/.test(copied), `copied ${copied}`);
  });

  await step('the proxy stops only after a warning, and only where it can', async () => {
    await goto('');
    const state = await (await page.request.get(`${url}/admin/state`)).json();
    const proxySwitch = page.getByRole('switch', { name: 'Proxy' });
    if (!state.proxy.can_stop) {
      expect((await proxySwitch.count()) === 0, 'there is a switch that cannot work');
      return;
    }
    await proxySwitch.click();
    await inspect(page, 'stop-proxy');
    await button('Stop proxy').click();
    await page.getByText('Proxy stopped').or(page.getByText('No contact')).first().waitFor();
    await inspect(page, 'proxy-stopped');
    await button('Start proxy').click();
    await page.getByText('Proxy running').waitFor();
  });

  await step('a one-time code signs another browser in, once', async () => {
    const handover = await page.request.post(`${url}/admin/session/handover`, { headers: { 'X-AMQ2API': '1' } });
    const { code } = await handover.json();
    const other = await openPage(browser, { provokes: /401/ });
    await other.goto(`${home}#code=${code}`);
    await other.getByRole('heading', { name: 'Dashboard' }).waitFor();
    expect(!other.url().includes('code'), 'the code is still in the address');
    await other.context().clearCookies();
    await other.goto('about:blank');
    await other.goto(`${home}#code=${code}`);
    await other.getByRole('alert').waitFor();
    await inspect(other, 'code-used-up');
    await other.context().close();
  });

  await step('signing out ends the session', async () => {
    await button('Preferences').click();
    await inspect(page, 'preferences');
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect((await page.request.get(`${url}/admin/accounts`)).status() === 401, 'the session still works');
    page.calm();
  });
  await page.context().close();
}

/** Walks with Tab and fails for what can be used but is not reached. */
async function everythingIsReached(page) {
  const usable = 'a[href], button:not([disabled]), input:not([disabled])';
  const wanted = await page.locator(usable).evaluateAll((all) => {
    const seen = all.filter((one) => one.checkVisibility() && one.tabIndex >= 0);
    for (const one of seen) one.addEventListener('focus', () => (one.dataset.reached = 'yes'));
    return seen.length;
  });
  for (let i = 0; i < wanted + 2; i++) await page.keyboard.press('Tab');
  const missed = await page
    .locator(usable)
    .evaluateAll((all) =>
      all
        .filter((one) => one.checkVisibility() && one.tabIndex >= 0 && !one.dataset.reached)
        .map((one) => one.outerHTML.slice(0, 90)),
    );
  expect(missed.length === 0, `Tab does not reach ${missed}`);
  await page.evaluate(() => document.activeElement?.blur());
}

const row = (page, name) => page.locator('tbody tr').filter({ hasText: name });

async function menu(page, name, item) {
  await row(page, name)
    .getByRole('button', { name: `Actions for ${name}` })
    .click();
  await page.getByRole('menuitem', { name: item }).click();
}

/** The path and status of the answer that an action leads to. */
async function answerTo(page, ending, act) {
  const [response] = await Promise.all([page.waitForResponse((one) => one.url().endsWith(ending)), act()]);
  return { path: new URL(response.url()).pathname, status: response.status() };
}

/** Chooses through the menu, whose words are in either language. */
export async function choose(page, language, theme) {
  const words = { light: /^(Light|浅色)$/, dark: /^(Dark|深色)$/ };
  await page.getByRole('button', { name: /^(Preferences|外观与帮助)$/ }).click();
  await page.getByRole('menuitemradio', { name: language }).click();
  await page.getByRole('menuitemradio', { name: words[theme] }).click();
  await page.keyboard.press('Escape');
  await page.locator(`html[data-theme=${theme}][lang=${language === 'English' ? 'en' : 'zh-CN'}]`).waitFor();
}

/** What a tool would do with the key; the answer's status. */
async function send(url, key) {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'claude-sonnet-4.5', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  return response.status;
}
