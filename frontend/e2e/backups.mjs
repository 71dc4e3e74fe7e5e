// Backups, prices and what is kept, against a real AMQ2API.
import { readFileSync } from 'node:fs';

import { expect, inspect, step } from './browser.mjs';
import { ask, enter, inspectAll } from './keys.mjs';

export async function backups(browser, real) {
  const { page, goto, admin } = await enter(browser, real);
  const button = (name) => page.getByRole('button', { name, exact: true });
  const part = (name) => page.getByRole('region', { name, exact: true }).first();
  const rowOf = (backup) => part('Backups').locator('tbody tr', { has: page.locator(`td[title="${backup}"]`) });
  const before = (await admin('GET', 'settings')).body;

  await step('a part of the settings is found by its words in either language', async () => {
    await goto('settings');
    await page.keyboard.press('/');
    await page.keyboard.type('备份');
    await part('Backups').waitFor();
    await part('Network').waitFor({ state: 'hidden' });
    await inspect(page, 'settings-found');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('nothing has these words');
    await page.getByText('No part of the settings has these words.').waitFor();
    await inspect(page, 'settings-not-found');
    await page.locator('main').getByRole('button', { name: 'Clear the filters' }).click();
    await part('Network').waitFor();
  });

  let name = '';
  await step('a backup is made and downloaded', async () => {
    await goto('settings?part=backups');
    await button('Back up now').click();
    await page.getByText(/is made$/).waitFor();
    const made = (await admin('GET', 'backups')).body.backups.find(({ reason }) => reason === 'manual');
    name = made.name;
    const row = rowOf(name);
    await row.getByText('By hand').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      row.getByRole('link', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename() === name, `it is called ${download.suggestedFilename()}`);
    const head = readFileSync(await download.path()).subarray(0, 15);
    expect(head.toString() === 'SQLite format 3', 'it is no database');
    await page.locator('[data-sonner-toast]').waitFor({ state: 'detached' });
    await inspectAll(page, admin, 'settings-backups');
  });

  await step('a restore is planned, told on every screen, and taken back', async () => {
    await rowOf(name).getByRole('button', { name: 'Restore' }).click();
    await page.getByText(/Nothing changes now/).waitFor();
    await inspectAll(page, admin, 'backup-restore');
    await button('Restore at the next start').click();
    await page.getByText('at the next start', { exact: true }).waitFor();
    expect((await admin('GET', 'backups')).body.restore === name, 'the program does not know of it');
    await goto('accounts');
    await page.getByText(`The backup ${name} takes the place`).waitFor();
    await inspectAll(page, admin, 'restore-planned');
    await button('Take back').click();
    await page.getByText(`The backup ${name} takes the place`).waitFor({ state: 'detached' });
    expect((await admin('GET', 'backups')).body.restore === '', 'the program still wants to restore it');
  });

  await step('the schedule and what is kept are changed, and refused where they cannot be meant', async () => {
    await goto('settings?part=backups');
    await page.getByLabel('Of these, keep').fill('0');
    await part('Backups').getByRole('button', { name: 'Save' }).click();
    await page.getByText(/at least 1/i).waitFor();
    await page.getByLabel('Of these, keep').fill('3');
    await part('Backups').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).first().waitFor();
    expect((await admin('GET', 'settings')).body.backup_keep === 3, 'it was not saved');
    await page.getByLabel('Keep single requests, in days').fill('800');
    await part('Usage and prices').getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText(/Sums must be kept at least as long/).waitFor();
    await inspect(page, 'settings-retention-wrong');
  });

  await step('prices are checked line by line, and then requests have a cost', async () => {
    const { body: key } = await admin('POST', 'api-keys', { name: `Priced ${Date.now().toString(36)}` });
    expect((await ask(real.url, key.key)).status === 200, 'the request failed');
    const recorded = async () => (await admin('GET', 'stats/usage?by=hour')).body.total.requests > 0;
    for (let i = 0; i < 50 && !(await recorded()); i++) await page.waitForTimeout(200);
    await goto('usage?range=24h');
    await page.getByText('No prices in the settings').click();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
    const line = (i) => ({
      model: page.getByRole('textbox', { name: 'Model', exact: true }).nth(i),
      input: page.getByRole('textbox', { name: 'Input', exact: true }).nth(i),
      output: page.getByRole('textbox', { name: 'Output', exact: true }).nth(i),
    });
    // The names of models in the aliases are called the same; the lines of prices come after them.
    const first = await line(0)
      .model.count()
      .then(() => page.getByRole('textbox', { name: 'Model', exact: true }).count());
    for (let i = 0; i < 2; i++) await button('Add a price').click();
    for (const [i, typed] of [
      [0, { model: 'claude-*', input: '300', output: '1500' }],
      [1, { model: 'Claude-*', input: 'much', output: '2' }],
    ]) {
      await line(first + i).model.fill(typed.model);
      await line(i).input.fill(typed.input);
      await line(i).output.fill(typed.output);
    }
    await button('Save prices').click();
    await page.getByText(/This model is there twice\. Use an amount/).waitFor();
    await inspectAll(page, admin, 'settings-prices-wrong');
    await button('Remove the price').nth(1).click();
    await button('Save prices').click();
    await page.getByText('Saved', { exact: true }).first().waitFor();
    await goto('usage?range=24h');
    await page.locator('td', { hasText: /^\$\d/ }).first().waitFor();
    await inspectAll(page, admin, 'usage-cost');
    const { body: form } = await admin('GET', `api-keys/${key.id}`);
    expect(form.cost_month >= 0, 'the key has no cost');
  });

  await step('usage is narrowed to a row, in the address and in the table', async () => {
    await goto('usage?range=24h&by=model');
    const row = page.getByRole('region', { name: 'Split' }).locator('tbody button').first();
    const model = await row.innerText();
    await row.click();
    await page.getByRole('button', { name: /Show all again$/ }).waitFor();
    expect(page.url().includes(`model=${encodeURIComponent(model)}`), `the address is ${page.url()}`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV', exact: true }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines.length === 2 && lines[1].startsWith(model), `the table has ${lines.length} lines`);
    await inspectAll(page, admin, 'usage-narrowed');
    await page.getByRole('button', { name: /Show all again$/ }).click();
    await page.getByRole('button', { name: /Show all again$/ }).waitFor({ state: 'detached' });
  });

  await step('what was not recorded is said in words', async () => {
    const gap = { from: '2026-11-20T10:00:00Z', to: '2026-11-20T10:05:00Z', requests: 7 };
    await page.route('**/admin/stats/usage?*', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), gaps: [gap] } });
    });
    await goto('dashboard');
    await goto('usage');
    await page.getByText(/7 requests could not be recorded/).waitFor();
    await inspectAll(page, admin, 'usage-gap');
    await page.unroute('**/admin/stats/usage?*');
  });

  await step('a capture is told above the requests, and stopped there', async () => {
    await admin('POST', 'captures', { minutes: 5 });
    await goto('requests');
    await page.getByText(/A conversation is being kept with everything said in it\. Ends in \d/).waitFor();
    await inspectAll(page, admin, 'requests-capturing');
    await button('Stop').click();
    await page.getByText(/A conversation is being kept/).waitFor({ state: 'detached' });
    const { body } = await admin('GET', 'state');
    expect(!body.capturing, 'it still captures');
  });

  await step('the safe mode is told on every screen, with the ways out', async () => {
    const data = {
      safe_mode: true,
      message: '',
      aside: 'a.db.damaged-1',
      offer: name,
      restore: '',
      restore_failure: '',
    };
    await page.route('**/admin/state', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), data } });
    });
    await goto('keys');
    await page.reload();
    await page.getByText(/Safe mode: the database was damaged/).waitFor();
    await inspectAll(page, admin, 'safe-mode');
    await button(`Restore the backup ${name}`).click();
    await page.waitForTimeout(300);
    expect((await admin('GET', 'backups')).body.restore === name, 'the backup is not wanted');
    await admin('DELETE', `backups/${name}/restore`);
    await button('Go on with the empty one').click();
    await page.getByRole('alertdialog').waitFor();
    await inspect(page, 'safe-mode-leave');
    await button('Cancel').click();
    await page.unroute('**/admin/state');
  });

  await step('a backup is deleted', async () => {
    await goto('settings?part=backups');
    await page.reload();
    await rowOf(name).getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The backup is deleted').waitFor();
    const { backups: left } = (await admin('GET', 'backups')).body;
    expect(!left.some((one) => one.name === name), 'it is still there');
    page.calm();
  });

  const { prices, backup_keep, backup_every_hours } = before;
  await admin('PUT', 'settings', {
    prices,
    backup_keep,
    backup_every_hours,
    language: before.language,
    theme: before.theme,
  });
  await page.context().close();
}
