// Client keys against a real AMQ2API: limits that hold, new texts, and an end.
import { expect, inspect, openPage, step } from './browser.mjs';

const looks = [
  { language: 'en', theme: 'light' },
  { language: 'en', theme: 'dark' },
  { language: 'zh-CN', theme: 'light' },
  { language: 'zh-CN', theme: 'dark' },
];
const longName = (stamp) =>
  `${stamp} A name of one hundred characters, which nobody would choose and which must break nothing at all`
    .padEnd(100, '.')
    .slice(0, 100);

/** What a person at the admin API can do, as a function of a method, a path and a body. */
export const adminOf =
  ({ url, token }) =>
  async (method, path, body) => {
    const answer = await fetch(`${url}/admin/${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };

/** Opens the page signed in, in English and light. */
export async function enter(browser, real, options) {
  const admin = adminOf(real);
  await admin('PUT', 'settings', { language: 'en', theme: 'light' });
  const page = await openPage(browser, options);
  const { body } = await admin('POST', 'session/handover', {});
  await page.goto(`${real.url}/admin/dashboard/#code=${body.code}`);
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
  const goto = async (place) => {
    await page.goto(`${real.url}/admin/dashboard/#/${place}`);
    await page.locator('main h1').waitFor();
  };
  return { page, goto, admin };
}

/** Looks at what is there in both themes and languages, and in the smallest window. */
export async function inspectAll(page, admin, name) {
  const wear = async (look) => {
    await admin('PUT', 'settings', look);
    await page.locator(`html[data-theme=${look.theme}][lang=${look.language}]`).waitFor();
  };
  // What fades is nobody's colour.
  await page.locator('[data-sonner-toast]').first().waitFor({ state: 'detached' });
  try {
    for (const look of looks) {
      await wear(look);
      await inspect(page, `${name}-${look.theme}-${look.language}`);
    }
    await page.setViewportSize({ width: 940, height: 620 });
    await inspect(page, `${name}-940-zh`);
    await wear(looks[0]);
    await inspect(page, `${name}-940`);
  } finally {
    await wear(looks[0]);
    await page.setViewportSize({ width: 1200, height: 760 });
  }
}

/** What a tool would do with a key. */
export async function ask(url, key, model = 'claude-sonnet-4.5') {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  return { status: response.status, limit: response.headers.get('x-amq2api-limit') };
}

export async function keys(browser, real) {
  const { page, goto, admin } = await enter(browser, real);
  const dialog = page.getByRole('dialog');
  const field = (label) => dialog.getByLabel(label, { exact: true });
  const part = (name) => dialog.locator('summary').filter({ hasText: name });
  const row = (name) => page.locator('tbody tr').filter({ hasText: name });
  const menu = async (name, item) => {
    await row(name)
      .getByRole('button', { name: `Actions for ${name}` })
      .click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  const stamp = Date.now().toString(36);
  const name = `Limited ${stamp}`;
  const long = longName(stamp);
  const { body: accounts } = await admin('GET', 'accounts');

  await step('a form of a key is short, and unfolds', async () => {
    await goto('keys');
    await page.keyboard.press('n');
    await part('Requests').getByText('60 per minute, 10,000 per day').waitFor();
    await inspectAll(page, admin, 'key-form-folded');
    for (const title of ['Requests', 'Tokens and budget', 'Models and APIs', 'Accounts', 'Description and note'])
      await part(title).click();
    await inspectAll(page, admin, 'key-form-unfolded');
  });

  let text = '';
  await step('a key is made with limits and a scope', async () => {
    await field('Name').fill(name);
    await dialog.getByRole('radio', { name: 'teal' }).check();
    await dialog.getByRole('radio', { name: 'In … days' }).click();
    await dialog.locator('[type=submit]').click();
    await dialog.getByText('Use a whole number of days, at least 1.').waitFor();
    await field('Days from now').fill('5');
    await field('Requests per day').fill('2');
    await field('Tokens per day').fill('2M');
    await field('Another name or pattern').fill('claude-sonnet-*');
    await page.keyboard.press('Enter');
    await dialog.getByRole('checkbox', { name: 'claude-sonnet-*' }).waitFor();
    await dialog.getByRole('checkbox', { name: 'Anthropic Messages' }).check();
    await dialog.getByRole('checkbox', { name: accounts[0].name, exact: true }).first().check();
    await dialog.getByLabel(/^Description/).fill('From the browser test');
    await dialog.locator('[type=submit]').click();
    text = await page.getByTestId('key').innerText();
    await dialog.getByRole('button', { name: 'Copy key' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await row(name)
      .getByText(/^Expires in [45] days$/)
      .waitFor();
    const made = (await admin('GET', 'api-keys')).body.find((key) => key.name === name);
    expect(made.tokens_per_day === 2_000_000 && made.requests_per_day === 2, 'the limits are others');
    expect(
      made.allowed_models[0] === 'claude-sonnet-*' && made.allowed_dialects[0] === 'anthropic',
      'the scope is another',
    );
    expect(made.accounts.length === 1 && made.colour === 'teal', 'the accounts or the colour are others');
  });

  await step('its scope holds, and its limit is reached where it can be seen', async () => {
    const other = await ask(real.url, text, 'claude-opus-4.5');
    expect(other.status === 403, `a model that is not allowed was answered ${other.status}`);
    for (let i = 0; i < 2; i++) {
      const { status } = await ask(real.url, text);
      expect(status === 200, `request ${i + 1} was answered ${status}`);
    }
    const over = await ask(real.url, text);
    expect(over.status === 429 && over.limit === 'rpd', `over the limit it was ${over.status} ${over.limit}`);
    await row(name).getByText('Used up today').waitFor({ timeout: 20_000 });
    await page.getByRole('radio', { name: /^Needs attention/ }).click();
    await row(name).waitFor();
    expect(page.url().includes('status=attention'), 'the filter is not in the address');
    await inspectAll(page, admin, 'keys-attention');
  });

  await step('its details say what was used, by which model and client', async () => {
    await row(name).getByRole('button', { name, exact: true }).click();
    await dialog.getByText('Requests today').waitFor();
    await dialog.getByRole('columnheader', { name: 'By model' }).waitFor();
    await dialog.getByText(`All models`).waitFor({ state: 'detached' });
    await inspectAll(page, admin, 'key-details');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  let fresh = '';
  await step('a new text works beside the old one for its grace, and without one ends it', async () => {
    await admin('PUT', `api-keys/${(await admin('GET', 'api-keys')).body.find((key) => key.name === name).id}`, {
      requests_per_day: 100,
    });
    await goto('keys');
    const rotate = async (grace) => {
      await menu(name, 'New text');
      await dialog.getByRole('radio', { name: grace }).click();
      await dialog.getByRole('button', { name: 'Make a new text' }).click();
      const made = await page.getByTestId('key').innerText();
      return made;
    };
    fresh = await rotate('1 hour');
    await dialog.getByText(/The old text works until/).waitFor();
    await inspectAll(page, admin, 'key-rotated');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.getByText('The key is not copied yet.').waitFor();
    await dialog.getByRole('button', { name: 'Keep open' }).click();
    await dialog.getByRole('button', { name: 'Copy key' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    for (const one of [text, fresh])
      expect((await ask(real.url, one)).status === 200, 'one of the two texts is refused');
    await menu(name, 'Details');
    await dialog.getByText(/The text before, amq-/).waitFor();
    await inspect(page, 'key-details-grace');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    const last = await rotate('Not at all');
    await dialog.getByText(/The old text no longer works/).waitFor();
    await dialog.getByRole('button', { name: 'Copy key' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    for (const one of [text, fresh]) expect((await ask(real.url, one)).status === 401, 'an old text still works');
    expect((await ask(real.url, last)).status === 200, 'the newest text is refused');
    fresh = last;
  });

  await step('a key is revoked and allowed again', async () => {
    await menu(name, 'Revoke');
    await page.getByRole('button', { name: 'Revoke key', exact: true }).click();
    await row(name).getByText('Revoked').waitFor();
    expect((await ask(real.url, fresh)).status === 401, 'a revoked key works');
    await menu(name, 'Allow again');
    await row(name).getByText('Revoked').waitFor({ state: 'detached' });
    expect((await ask(real.url, fresh)).status === 200, 'an allowed key is refused');
  });

  await step('several are deleted at once, after naming them', async () => {
    const { body: longest } = await admin('POST', 'api-keys', { name: long, description: long, colour: 'pink' });
    await row(long).waitFor();
    await inspectAll(page, admin, 'keys-long');
    await row(long).getByRole('button', { name: long, exact: true }).click();
    await inspectAll(page, admin, 'key-details-long');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    for (const one of [name, long]) await row(one).getByRole('checkbox').check();
    await page.getByText('2 keys selected').waitFor();
    await inspectAll(page, admin, 'keys-picked');
    await page.getByRole('toolbar').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByText(name).waitFor();
    await inspect(page, 'keys-delete-some');
    await page.getByRole('button', { name: 'Delete key', exact: true }).click();
    for (const one of [name, long]) await row(one).waitFor({ state: 'detached' });
    expect((await admin('GET', `api-keys/${longest.id}`)).status === 404, 'a key is still there');
    page.calm();
  });
  await page.context().close();
}
