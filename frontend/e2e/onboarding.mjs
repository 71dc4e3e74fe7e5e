// The first start, by keyboard alone, of a real program with nothing in it. Its Amazon is the one the demo simulates, where an account is
// signed in beforehand, so that its credentials can be pasted.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, inspect, openPage, step } from './browser.mjs';
import { addAccount, callAdmin, signIn, start } from './program.mjs';

const patience = 60_000;

export async function onboarding(browser, { url: demo, token }) {
  const program = process.env.AMQ2API_PROGRAM;
  if (!program) return;

  /** On a program of its own with nothing in it. */
  const alone = async (run) => {
    const credentials = await signIn(browser, demo, token);
    const empty = await start(program, credentials.amazon);
    const page = await openPage(browser, { provokes: /404/ });
    try {
      await run(page, empty, credentials);
      page.calm();
    } finally {
      await page.context().close();
      await empty.stop();
    }
  };

  await step('the first start leads to a tool that works by keyboard alone, and goes on after a reload', () =>
    alone(firstStart),
  );
  await step('a tool is set up by hand just as well, and its first request is noticed', () => alone(byHand));

  await step('the first start can be skipped, and shown again from the help and the settings', async () => {
    const { code } = await (await callAdmin(demo, token)('POST', 'session/handover', {})).json();
    const page = await openPage(browser, { provokes: /404/ });
    await page.goto(`${demo}/admin/dashboard/#code=${code}`);
    await page.locator('main h1').waitFor();
    await page.goto(`${demo}/admin/dashboard/#/settings`);
    await page.getByRole('button', { name: 'Show the steps' }).click();
    await page.getByRole('heading', { name: 'Set up your tool' }).waitFor();
    await inspect(page, 'onboarding-again');
    await page.getByRole('button', { name: 'Close the set-up' }).click();
    await page.getByRole('heading', { name: 'Set up AMQ2API' }).waitFor({ state: 'detached' });
    await page.locator('main h1').click();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByRole('button', { name: 'Show the steps' }).click();
    await page.getByRole('heading', { name: 'Set up AMQ2API' }).waitFor();
    page.calm();
    await page.context().close();
  });
}

async function firstStart(page, { url, token, home }, { refreshToken, clientId, clientSecret }) {
  const admin = callAdmin(url, token);
  const { code } = await (await admin('POST', 'session/handover', {})).json();
  const heading = (name) => page.getByRole('heading', { name, level: 3 });
  const current = (name) => page.locator('li[aria-current=step]').getByRole('heading', { name }).waitFor();
  const looks = (name) => inLooks(page, admin, name);
  const reload = async (name) => {
    await page.reload();
    await current(name);
  };

  await page.goto(`${url}/admin/dashboard/#code=${code}`);
  await current('Language and theme');
  await looks('onboarding-1-look');
  await press(page, 'Continue');

  await current('Before you add an account');
  await focused(page, heading('Before you add an account'));
  await reload('Before you add an account');
  await looks('onboarding-2-terms');
  await reach(page, page.getByRole('checkbox'));
  await page.keyboard.press('Space');
  await press(page, 'Continue');

  await current('Add an Amazon Q account');
  await reload('Add an Amazon Q account');
  await looks('onboarding-3-account');
  await press(page, 'Add account');
  await choosePaste(page);
  const field = (label) => page.getByRole('dialog').getByLabel(label, { exact: true });
  await type(page, field('Name'), 'My account');
  await type(page, field('Refresh token'), refreshToken);
  await type(page, field('Client ID'), clientId);
  await type(page, field('Client secret'), clientSecret);
  await page.keyboard.press('Enter');

  await current('Set up your tool');
  // The toast that tells of it would be judged in the middle of its fade.
  await page.locator('[data-sonner-toast]').first().waitFor({ state: 'detached' });
  const settings = join(home, '.claude', 'settings.json');
  await page.locator('ins', { hasText: 'ANTHROPIC_BASE_URL' }).waitFor();
  expect(!existsSync(settings), 'it was written before it was allowed');
  await looks('onboarding-4-tool');
  await press(page, 'Write and test');

  await heading('Everything works').waitFor({ timeout: patience });
  const { env } = JSON.parse(readFileSync(settings, 'utf8'));
  expect(env.ANTHROPIC_BASE_URL === url, `it leads to ${env.ANTHROPIC_BASE_URL}`);
  await page.locator('[data-sonner-toast]').first().waitFor({ state: 'detached' });
  await looks('onboarding-5-end');
  await press(page, 'Go to the dashboard');
  await page.getByRole('heading', { name: 'Recent requests' }).waitFor();
  const shown = await page.locator('body').innerHTML();
  expect(!shown.includes(env.ANTHROPIC_AUTH_TOKEN), 'the key is on the page');
}

/** What is left when nothing may be written: snippets with a key, and a page that notices the first request. */
async function byHand(page, { url, token }, credentials) {
  const admin = callAdmin(url, token);
  await addAccount(admin, credentials);
  const { code } = await (await admin('POST', 'session/handover', {})).json();
  const current = (name) => page.locator('li[aria-current=step]').getByRole('heading', { name }).waitFor();

  await page.goto(`${url}/admin/dashboard/#code=${code}`);
  await current('Set up your tool');
  await reach(page, page.locator('summary', { hasText: 'By hand' }));
  await page.keyboard.press('Enter');
  await press(page, 'Create a key for Claude Code');
  const key = await page.getByTestId('key').innerText();
  await inLooks(page, admin, 'onboarding-4-by-hand');
  await reach(page, page.getByRole('button', { name: 'Copy: Step 2' }));
  await page.keyboard.press('Enter');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied.includes(`ANTHROPIC_AUTH_TOKEN=${key}`), 'another text was copied');
  expect(copied.includes(`ANTHROPIC_BASE_URL=http://127.0.0.1:${new URL(url).port}`), 'it leads elsewhere');
  await press(page, 'I have done this');

  await current('Send a test call');
  await page.reload();
  await current('Send a test call');
  await inLooks(page, admin, 'onboarding-5-call');
  // What the tool does with what was copied.
  const answer = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, 'user-agent': 'claude-cli/2.1.197' },
    body: JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 200, messages: [{ role: 'user', content: 'hi' }] }),
  });
  expect(answer.status === 200, `the first request was answered with ${answer.status}`);
  await page.getByRole('heading', { name: 'Everything works', level: 3 }).waitFor({ timeout: patience });
  expect(!(await page.locator('body').innerHTML()).includes(key), 'the key is still on the page');
}

/** Axe and a picture in both themes, in Chinese, and in the smallest window. */
async function inLooks(page, admin, name) {
  const looks = [
    ['en', 'dark'],
    ['zh-CN', 'light'],
    ['en', 'light'],
  ];
  for (const [language, theme] of looks) {
    await admin('PUT', 'settings', { language, theme });
    await page.locator(`html[lang="${language}"][data-theme=${theme}]`).waitFor();
    await inspect(page, `${name}-${theme}-${language}`);
  }
  await page.setViewportSize({ width: 940, height: 620 });
  await inspect(page, `${name}-940`);
  await page.setViewportSize({ width: 1200, height: 760 });
}

const isFocused = (element) => element.evaluate((node) => node === document.activeElement);

async function focused(page, element) {
  await element.waitFor();
  for (let tries = 0; tries < 20 && !(await isFocused(element)); tries++) await page.waitForTimeout(50);
  expect(await isFocused(element), 'the focus is elsewhere');
}

/** Goes to an element with Tab alone. */
async function reach(page, element) {
  await element.waitFor();
  for (let tabs = 0; tabs < 80; tabs++) {
    if (await isFocused(element)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${element}`);
}

async function press(page, name) {
  await reach(page, page.getByRole('button', { name, exact: true }).first());
  await page.keyboard.press('Enter');
}

async function type(page, field, text) {
  await reach(page, field);
  await page.keyboard.insertText(text);
}

/** Of the ways to add an account the one by paste. */
async function choosePaste(page) {
  const dialog = page.getByRole('dialog');
  const paste = dialog.getByRole('tab', { name: 'Paste', exact: true });
  await reach(page, dialog.getByRole('tab', { selected: true }));
  for (let moves = 0; moves < 4 && (await paste.getAttribute('aria-selected')) !== 'true'; moves++)
    await page.keyboard.press('ArrowRight');
  await dialog.getByLabel('Refresh token', { exact: true }).waitFor();
}
