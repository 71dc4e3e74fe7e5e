// Tools' own files, written by a real program with a home of its own: looked at before, tried after, put back.
import { mkdirSync, readFileSync, writeFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';

import { expect, inspect, openPage, step } from './browser.mjs';
import { addAccount, callAdmin, signIn, start } from './program.mjs';

const patience = 30_000;
const before = `{
  // Mine.
  "theme": "dark",
  "env": { "EDITOR": "vim" }
}
`;

export async function connecting(browser, { url: demo, token: demoToken }) {
  const binary = process.env.AMQ2API_PROGRAM;
  if (!binary) return;
  const credentials = await signIn(browser, demo, demoToken);
  const own = await start(binary, credentials.amazon);
  const { url, token, home } = own;
  const admin = callAdmin(url, token);
  const ask = async (method, path) => (await admin(method, path)).json();
  await addAccount(admin, credentials);
  mkdirSync(join(home, '.claude'));
  const settings = join(home, '.claude', 'settings.json');
  writeFileSync(settings, before);
  const inFile = () => readFileSync(settings, 'utf8');

  const page = await openPage(browser, { provokes: /404|409/ });
  const button = (name) => page.locator('main').getByRole('button', { name, exact: true });
  const says = (text) => page.locator('main section section').getByText(text, { exact: true }).waitFor();
  const goto = async (id) => {
    await page.goto(`${url}/admin/dashboard/#/connect?tool=${id}`);
    await page.locator(`main a[aria-current=true][href$="tool=${id}"]`).waitFor();
  };
  /** As a person who comes back from an editor. */
  const comeBack = () => page.evaluate(() => dispatchEvent(new Event('focus')));
  const { code } = await (await admin('POST', 'session/handover', {})).json();
  await page.goto(`${url}/admin/dashboard/#code=${code}`);
  await page.locator('main h1').waitFor();

  await step(
    'Claude Code is connected by keyboard: every line is shown before, and the test is a real one',
    async () => {
      await goto('claude-code');
      await says('Not connected');
      await button('Connect Claude Code').focus();
      await page.keyboard.press('Enter');
      await page.locator('ins', { hasText: 'ANTHROPIC_BASE_URL' }).waitFor();
      await inspect(page, 'connecting-plan');
      expect(inFile() === before, 'it was written before it was allowed');
      await button('Write and test').focus();
      await page.keyboard.press('Enter');
      await page.getByText(/^It works: answered in/).waitFor({ timeout: patience });
      await says('Connected');
      await inspect(page, 'connecting-done');
      const text = inFile();
      for (const kept of ['// Mine.', '"theme": "dark"', '"EDITOR": "vim"', url])
        expect(text.includes(kept), `the file lacks ${kept}: ${text}`);
      const key = /amq-[0-9A-Za-z]{36}/.exec(text)?.[0];
      expect(key, 'the file has no key');
      expect(!(await page.locator('body').innerHTML()).includes(key), 'the key is on the page');
      const [request] = await ask('GET', 'requests?limit=1');
      expect(request.status === 200, `the last request ended with ${request.status}`);
    },
  );

  await step('what somebody took out since is found out, shown, and written again', async () => {
    writeFileSync(settings, before);
    await comeBack();
    await says('Changed since');
    await button('Show the difference').click();
    await page.locator('ins', { hasText: 'ANTHROPIC_BASE_URL' }).waitFor();
    await inspect(page, 'connecting-drifted');
    await button('Write again').click();
    await page.getByText(/^It works: answered in/).waitFor({ timeout: patience });
    expect(inFile().includes(url), 'it still leads elsewhere');
  });

  await step('a file that changes between the look and the writing is not written', async () => {
    await button('Change the model').click();
    await button('Write and test').waitFor();
    const mine = inFile().replace('vim', 'nano');
    writeFileSync(settings, mine);
    await button('Write and test').click();
    await page.getByText('A file was changed while you looked').waitFor();
    expect(inFile() === mine, 'it was written');
    await button('Cancel').click();
  });

  await step('undone, only what is not ours is left, and the key is worth nothing', async () => {
    const key = /amq-[0-9A-Za-z]{36}/.exec(inFile())[0];
    await button('Undo').click();
    await page.getByText('Claude Code has the settings it had before.').waitFor();
    await says('Not connected');
    expect(inFile() === before.replace('vim', 'nano'), `the file is ${inFile()}`);
    const { status } = await fetch(`${url}/v1/models`, { headers: { 'x-api-key': key } });
    expect(status === 401, `the key is answered with ${status}`);
  });

  await step('of a tool that keeps its key itself nothing is tried, and where the key goes is told', async () => {
    await goto('zed');
    await button('Connect Zed').click();
    await button('Write').click();
    await says('Connected');
    await page.getByText('Zed keeps its key where nothing can be written.').first().waitFor();
    await page.getByText('Files', { exact: true }).waitFor();
    expect((await button('Test it').count()) === 0, 'it offers to test');
    await inspect(page, 'connecting-zed');
    await button('Undo').click();
    await says('Not connected');
    await goto('claude-code');
  });

  await step('a file with a mistake in it is told of and never written', async () => {
    writeFileSync(settings, '{ "theme": "dark", ');
    await comeBack();
    await says('File cannot be read');
    await inspect(page, 'connecting-broken');
    expect((await button('Connect Claude Code').count()) === 0, 'it offers to write');
    writeFileSync(settings, before);
    await button('Look again').click();
    await says('Not connected');
  });

  await step('the palette connects a tool, and everything is put back in one go after a question', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('connect claude');
    await page.getByRole('option', { name: 'Connect Claude Code' }).first().waitFor();
    await page.keyboard.press('Enter');
    await button('Write and test').click();
    await page.getByText(/^It works: answered in/).waitFor({ timeout: patience });
    await goto('codex');
    await button('Connect Codex').click();
    await button('Write and test').click();
    await page.getByText(/^It works: answered in/).waitFor({ timeout: patience });
    await button('Put everything back').click();
    const question = page.getByRole('alertdialog');
    await question.getByText('Claude Code and Codex').waitFor();
    await inspect(page, 'connecting-put-back');
    await question.getByRole('button', { name: 'Put everything back' }).click();
    await page.getByText('Your tools have the settings they had before.').waitFor();
    expect(inFile() === before, 'the file is not as it was');
    expect(!existsSync(join(home, '.codex', 'config.toml')), 'the file that was made is still there');
    page.calm();
  });

  await page.context().close();
  await own.stop();
}
