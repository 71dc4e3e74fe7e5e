// The states of the page that only the fake can be brought into.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

import { expect, inspect, openPage, step } from './browser.mjs';
import { listen } from './fake-admin.mjs';

const looks = [
  { theme: 'light', language: 'en' },
  { theme: 'dark', language: 'zh-CN' },
];

/** Opens the page on a fake brought into a state, signed in by a one-time code. */
async function open(browser, options, { tune, ...pageOptions } = {}) {
  const fake = await listen(options);
  tune?.(fake.program);
  const page = await openPage(browser, pageOptions);
  await page.goto(`${fake.url}/admin/dashboard/${options.window ? '' : '#code=one-time-code'}`);
  await page.locator('main h1').waitFor();
  return {
    ...fake,
    page,
    goto: (screen) => page.goto(`${fake.url}/admin/dashboard/#/${screen}`),
    end: async () => {
      await page.context().close();
      fake.close();
    },
  };
}

/** At no width may a column be squeezed until its words wrap. */
async function rowsKeepTheirHeight(page) {
  for (const width of [940, 1000, 1024, 1060, 1160]) {
    await page.setViewportSize({ width, height: 760 });
    const heights = await page.locator('tbody tr').evaluateAll((rows) => rows.map((row) => row.offsetHeight));
    expect(Math.max(...heights) <= 56, `at ${width} px rows are ${heights} high`);
  }
  await page.setViewportSize({ width: 1200, height: 760 });
}

const stopped = (program) => Object.assign(program.proxy, { running: false, addresses: [] });

// What the first paint loads, and everything together.
const firstBudget = 200 * 1024;
const scriptBudget = 300 * 1024;

export async function states(browser) {
  await step('the script stays within its budget', async () => {
    const assets = new URL('../dist/assets/', import.meta.url);
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
    const sizeOf = (names) =>
      names.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, assets))).length, 0);
    const index = readFileSync(new URL('../dist/index.html', import.meta.url), 'utf8');
    const first = sizeOf(scripts.filter((name) => index.includes(name)));
    expect(first > 0 && first < firstBudget, `the first paint loads ${first} bytes of script, compressed`);
    expect(sizeOf(scripts) < scriptBudget, `there are ${sizeOf(scripts)} bytes of script, compressed`);
  });

  for (const look of looks) {
    const tuned = (more) => ({
      tune: (program) => {
        Object.assign(program.settings, look);
        more?.(program);
      },
    });
    const tag = `${look.theme}-${look.language}`;

    await step(`after installing, in ${tag}`, async () => {
      const { page, goto, end } = await open(browser, {}, tuned(stopped));
      await page.locator('ol').waitFor();
      await inspect(page, `first-run-${tag}`);
      for (const screen of ['accounts', 'keys']) {
        await goto(screen);
        await inspect(page, `${screen}-empty-${tag}`);
      }
      await end();
    });

    await step(`a working day with trouble, in ${tag}`, async () => {
      const trouble = (program) => {
        program.demo = true;
        program.portTaken = true;
        program.vault = { kind: 'keychain', ready: false, message: 'The keychain is locked.' };
        program.start({});
      };
      const { page, end } = await open(browser, { scene: 'busy' }, tuned(trouble));
      const panel = page.locator('section[aria-labelledby=port-trouble]');
      await panel.getByRole('button').last().click();
      await panel.locator('code').waitFor();
      await inspect(page, `port-in-use-${tag}`);
      await panel.getByRole('button').first().click();
      await panel.waitFor({ state: 'detached' });
      await page.locator('code', { hasText: '8317' }).first().waitFor();
      await end();
    });

    await step(`a working day, in ${tag}`, async () => {
      const { page, goto, end } = await open(browser, { scene: 'busy' }, tuned());
      await page.locator('main ul button').nth(2).click();
      await inspect(page, `busy-dashboard-${tag}`);
      for (const screen of ['accounts', 'keys']) {
        await goto(screen);
        await page.locator('tbody tr').first().waitFor();
        await inspect(page, `busy-${screen}-${tag}`);
        await rowsKeepTheirHeight(page);
      }
      await end();
    });

    await step(`what cannot be loaded, in ${tag}`, async () => {
      const broken = (program) => program.broken.add('/admin/accounts');
      const { page, program, goto, end } = await open(
        browser,
        { scene: 'busy' },
        { ...tuned(broken), provokes: /500/ },
      );
      await inspect(page, `dashboard-error-${tag}`);
      await goto('accounts');
      await inspect(page, `accounts-error-${tag}`);
      program.broken.clear();
      await page.locator('main').getByRole('button').last().click();
      await page.locator('tbody tr').first().waitFor();
      await end();
    });
  }

  await step('slow answers show a skeleton of the same place', async () => {
    const { page, program, end } = await open(browser, { scene: 'busy' });
    program.slow = 1500;
    await page.reload();
    await page.getByRole('status', { name: 'Loading' }).waitFor();
    await inspect(page, 'loading');
    await page.getByRole('heading', { name: 'Recent requests' }).waitFor();
    await end();
  });

  await step('a lost program is told, and the page goes on when it is back', async () => {
    const { page, url, close } = await open(browser, { scene: 'busy' }, { provokes: /ERR_/ });
    await page.getByRole('heading', { name: 'Recent requests' }).waitFor();
    await page.evaluate(() => (globalThis.stillThere = true));
    close();
    await page.getByText('AMQ2API does not answer.').waitFor();
    await inspect(page, 'lost-contact');
    const back = await listen({ scene: 'busy', port: Number(new URL(url).port) });
    back.program.session = true;
    await page.getByText('AMQ2API does not answer.').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => globalThis.stillThere), 'the page was reloaded');
    await page.context().close();
    back.close();
  });

  await step('a session that ends leads back to the sign-in, which says so', async () => {
    const { page, program, end } = await open(browser, { scene: 'busy' }, { provokes: /401/ });
    await page.getByRole('heading', { name: 'Recent requests' }).waitFor();
    program.session = false;
    program.say('requests');
    await page.getByText('Your session has ended.').waitFor();
    await inspect(page, 'session-ended');
    await end();
  });

  await step('inside the window there is no sign-in, and the clipboard is the window own', async () => {
    const host = `window.runtime = {
      copied: [],
      ClipboardSetText(text) { this.copied.push(text); return Promise.resolve(true); },
      BrowserOpenURL(url) { this.opened = url; },
      EventsOn(name, callback) { this.emit = callback; return () => {}; },
    };`;
    const { page, program, end } = await open(browser, { scene: 'busy', window: true }, { init: host });
    await page.keyboard.press('Control+Shift+C');
    await page.getByText(/^Copied http/).waitFor();
    expect((await page.evaluate(() => globalThis.runtime.copied[0])) === 'http://127.0.0.1:8080', 'nothing was copied');
    stopped(program);
    await page.evaluate(() => globalThis.runtime.emit('proxy'));
    await page.getByText('Tools cannot reach the endpoint.').waitFor();
    await page.getByRole('button', { name: 'Start proxy' }).click();
    await page.getByText('Proxy running').waitFor();
    await page.getByRole('button', { name: 'Preferences' }).click();
    expect((await page.getByRole('menuitem', { name: 'Sign out' }).count()) === 0, 'the window can sign out');
    await page.getByRole('menuitem', { name: 'Open in a browser' }).click();
    await page.waitForFunction(() => globalThis.runtime.opened?.includes('/admin/dashboard/#code='));
    await page.getByRole('switch', { name: 'Proxy' }).click();
    await page.getByText('Proxy stopped').first().waitFor();
    await inspect(page, 'window-stopped');
    await end();
  });

  await step('who asks for less motion gets none', async () => {
    const { page, end } = await open(browser, { scene: 'busy' }, { reducedMotion: 'reduce' });
    await page.getByRole('heading', { name: 'Recent requests' }).waitFor();
    const moving = await page.evaluate(
      () => document.getAnimations().filter((one) => one.playState === 'running').length,
    );
    expect(moving === 0, `${moving} animations run`);
    await end();
  });
}
