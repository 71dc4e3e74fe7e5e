// What holds the screens together: navigation, palette, shortcuts, the long log, and a program that goes away.
import { expect, inspect, openPage, step } from './browser.mjs';
import { listen } from './fake-admin.mjs';
import { request } from './scenes.mjs';

const screens = ['', 'accounts', 'keys', 'requests', 'usage', 'connect', 'playground', 'diagnostics', 'settings'];

async function inside(browser, { url, token }, options = {}) {
  const page = await openPage(browser, options);
  await page.goto(`${url}/admin/dashboard/`);
  await page.getByLabel('Admin token').fill(token);
  await page.keyboard.press('Enter');
  // The sign-in has a heading too.
  await page.getByRole('navigation', { name: 'Screens' }).waitFor();
  return page;
}

const heading = (page, name) => page.getByRole('heading', { name, level: 1 }).waitFor();

async function palette(page, text) {
  // Dialogs on their way out still count; on a slow machine two may be.
  await page.waitForFunction(() => !document.querySelector('[role=dialog]'));
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.type(text);
}

/** Against a real program, where every screen has what it asks for. */
export async function shell(browser, real) {
  const page = await inside(browser, real, { provokes: /404/ });
  const goto = (screen) => page.goto(`${real.url}/admin/dashboard/#/${screen}`);

  await step('the screens stand in groups', async () => {
    const nav = page.getByRole('navigation', { name: 'Screens' });
    for (const [group, count] of [
      ['Operate', 2],
      ['Observe', 3],
      ['Use', 2],
    ])
      expect((await nav.getByRole('group', { name: group }).getByRole('link').count()) === count, `${group} is odd`);
    await page.setViewportSize({ width: 940, height: 620 });
    expect((await nav.getByRole('group', { name: 'Operate' }).count()) === 1, 'the rail has no groups');
    expect(!(await nav.getByText('Operate').isVisible()), 'the rail has words');
    await page.setViewportSize({ width: 1200, height: 760 });
  });

  await step('each screen has its shortcut', async () => {
    const names = ['Dashboard', 'Accounts', 'API keys', 'Requests', 'Usage', 'Connect', 'Playground', 'Diagnostics'];
    for (const [i, name] of [...names, 'Settings'].entries()) {
      await page.keyboard.press(`Alt+${i + 1}`);
      await heading(page, name);
    }
    await page.keyboard.press('Alt+1');
    await page.keyboard.press('Control+,');
    await heading(page, 'Settings');
  });

  await step('the palette does everything by keyboard', async () => {
    await palette(page, 'usag');
    await inspect(page, 'palette-light');
    await page.keyboard.press('Enter');
    await heading(page, 'Usage');
    await palette(page, 'create key');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Create an API key' }).waitFor();
    await page.keyboard.press('Escape');
    await palette(page, 'dark');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await palette(page, '');
    await page.getByRole('option').first().getByText('light theme').waitFor();
    await inspect(page, 'palette-dark');
    await page.keyboard.type('qqqqq');
    await page.getByText('Nothing goes by this name.').waitFor();
    await inspect(page, 'palette-nothing');
    await page.keyboard.press('Escape');
    await palette(page, 'req_nowhere123');
    await page.keyboard.press('Enter');
    await page.getByText('There is no request req_nowhere123 on record.').waitFor();
    await palette(page, 'models');
    await page.keyboard.press('Enter');
    await heading(page, 'Settings');
    await page.locator('#settings-models').waitFor();
    await page.waitForFunction(() => !document.querySelector('[role=dialog]'));
    page.calm();
  });

  await step('the help lists the keys in groups, and not while something is typed', async () => {
    await goto('accounts');
    await heading(page, 'Accounts');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await help.getByRole('heading', { name: 'Rows of a list' }).waitFor();
    await inspect(page, 'help');
    await page.keyboard.press('Escape');
    await help.waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('?jkx');
    expect((await page.getByRole('searchbox').inputValue()) === '?jkx', 'letters were taken for shortcuts');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
  });

  await step('a row is walked to, switched by a letter, and switched back', async () => {
    await goto('accounts');
    await page.keyboard.press('j');
    await page.locator('[data-account][aria-expanded=true]').waitFor();
    await page.keyboard.press('e');
    await page.locator('tbody [role=switch][aria-checked=false]').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('tbody [role=switch][aria-checked=true]').first().waitFor();
    await inspect(page, 'row-undone');
    await goto('keys');
    await page.locator('[data-row]').first().waitFor();
    await page.keyboard.press('j');
    await page.locator('[data-row]:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
  });

  for (const [theme, word] of [
    ['light', 'light'],
    ['dark', 'dark'],
  ])
    await step(`each screen changes its language where it stands, in ${theme}`, async () => {
      if ((await page.evaluate(() => document.documentElement.dataset.theme)) !== theme) {
        await palette(page, word);
        await page.keyboard.press('Enter');
      }
      for (const screen of screens) {
        await goto(screen);
        const title = page.locator('main h1');
        const before = await title.textContent();
        await palette(page, 'language');
        await page.keyboard.press('Enter');
        await page.waitForFunction((old) => document.querySelector('main h1')?.textContent !== old, before);
        await inspect(page, `live-zh-${theme}-${screen || 'dashboard'}`);
        await palette(page, 'english');
        await page.keyboard.press('Enter');
        await page.waitForFunction(() => document.documentElement.lang === 'en');
      }
    });

  await step('text of twice the size scrolls no screen sideways', async () => {
    for (const screen of screens) {
      await goto(screen);
      await page.locator('main h1').waitFor();
      await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
      await inspect(page, `zoom-${screen || 'dashboard'}`);
    }
    await page.evaluate(() => (document.documentElement.style.fontSize = ''));
    page.calm();
  });
  await page.context().close();
}

const long = 'N'.repeat(100);

/** States that only the fake can be brought into. */
export async function shellStates(browser) {
  const busy = async (tune, options = {}) => {
    const fake = await listen({ scene: 'busy', ...options });
    tune?.(fake.program);
    return { ...fake, page: await inside(browser, fake, { provokes: /ERR_|404|Failed to fetch/ }) };
  };

  await step('5,000 requests are walked through without a pause', async () => {
    const rows = Array.from({ length: 5000 }, (_, i) => request(i / 60, { id: `req_${5000 - i}` }));
    const { page, program, url, close } = await busy((program) => (program.requests = rows));
    await page.goto(`${url}/admin/dashboard/#/requests`);
    const log = page.getByRole('region', { name: 'Requests' });
    await log.getByRole('listitem').first().waitFor();
    const height = () => log.locator('ul').evaluate((list) => list.offsetHeight / 32);
    for (let i = 0; i < 200 && (await height()) < 4999; i++) {
      await log.evaluate((list) => (list.scrollTop = list.scrollHeight));
      await page.waitForTimeout(30);
    }
    expect((await height()) >= 4999, `only ${await height()} rows were fetched`);
    expect((await log.getByRole('listitem').count()) < 80, 'rows that nobody sees are drawn');
    await inspect(page, 'log-5000');
    program.requests.unshift(request(0, { id: 'req_5001' }), request(0, { id: 'req_5002' }));
    program.say('requests');
    await page.getByRole('button', { name: '2 new' }).click();
    expect((await log.evaluate((list) => list.scrollTop)) === 0, 'the top is not shown');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.waitForFunction(() => location.hash.includes('req_5002'));
    await inspect(page, 'log-detail');
    await page.reload();
    await page.locator('main aside').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('main aside').waitFor({ state: 'detached' });
    await page.context().close();
    close();
  });

  await step('names of a hundred letters break nothing', async () => {
    const { page, url, close } = await busy((program) => {
      for (const list of [program.accounts, program.keys]) for (const one of list) one.name = long;
      for (const one of program.requests)
        Object.assign(one, { account: long, key: long, client: long, model_used: long });
    });
    await page.setViewportSize({ width: 940, height: 620 });
    for (const screen of ['', 'accounts', 'keys', 'requests']) {
      await page.goto(`${url}/admin/dashboard/#/${screen}`);
      await page.getByText(long).first().waitFor();
      await inspect(page, `long-${screen || 'dashboard'}`);
    }
    await palette(page, 'NNNN');
    await inspect(page, 'long-palette');
    await page.context().close();
    close();
  });

  await step('a screen that cannot be fetched says so, and can be loaded again', async () => {
    const { page, url, close } = await busy();
    await page.route(/Connect-.*\.js/, (route) => route.abort());
    await page.reload();
    await heading(page, 'Dashboard');
    await page.keyboard.press('Alt+6');
    await page.getByText('This screen could not be loaded.').waitFor();
    await inspect(page, 'screen-missing');
    await page.unroute(/Connect-.*\.js/);
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByText('This screen could not be loaded.').waitFor({ state: 'detached' });
    await heading(page, 'Connect');
    expect(page.url().startsWith(url), 'the page went elsewhere');
    await page.context().close();
    close();
  });

  await step('a program that stops under the page leaves every screen whole until it is back', async () => {
    const { page, url, close } = await busy();
    await page.waitForTimeout(2500); // what is fetched in quiet moments
    close();
    await page.getByText('the page goes on by itself').waitFor();
    for (const [keys, name] of [
      ['Alt+2', 'Accounts'],
      ['Alt+7', 'Playground'],
      ['Alt+9', 'Settings'],
    ]) {
      await page.keyboard.press(keys);
      await heading(page, name);
      await inspect(page, `stopped-${name}`);
    }
    const back = await listen({ scene: 'busy', port: Number(new URL(url).port) });
    back.program.session = true;
    await page.getByText('the page goes on by itself').waitFor({ state: 'detached' });
    await page.context().close();
    back.close();
  });
}
